"""Each rule switched off in a copy of the firmware: at least one safety test must fail.

.venv/bin/python tests/safety/mutants.py            all, about five minutes
.venv/bin/python tests/safety/mutants.py S7 S10     some
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TESTS = [
    HERE / f"test_fw_{name}.py"
    for name in ("holds", "host_loss", "latch", "trips", "converted", "watched", "incidents")
]

# Rule, file, what is there, what is there instead.
MUTANTS = [
    ("S1", "stations.py", "target is not None and leased and not stale:", "target is not None:"),
    ("S1", "app.py", "runner.needs_host and not self._link.lease_left(now)", "False"),
    ("S1", "app.py", "heating or (runner is not None and runner.needs_host)", "heating"),
    ("S2", "program.py", "target > station.ceiling", "False"),
    ("S2", "checks.py", 'or not values["ceiling"]', ""),
    ("S3", "pulse.py", "left -= 1", "left -= 0"),
    ("S5", "limits.py", "BAD_SAMPLES = 4", "BAD_SAMPLES = 400"),
    ("S5", "guard.py", "faults |= FAULT_GUARD", "faults |= 0"),
    ("S6", "limits.py", "STALE_MS = 2000", "STALE_MS = 200000"),
    ("S6", "watch.py", "records.FAULT_STALE if", "0 if"),
    ("S6", "ads1115.py", "            user.lose()", "            pass"),
    ("S6", "ads1115.py", "if word == config else -1", ""),
    ("S7", "watch.py", "records.FAULT_NO_RISE if", "0 if"),
    ("S7", "limits.py", "RISE_DUTY = 800", "RISE_DUTY = 1001"),
    ("S8", "watch.py", "records.FAULT_TOO_COLD if", "0 if"),
    ("S9", "watch.py", "self.cut = target is not None and", "self.cut = False and"),
    ("S9", "hotplate.py", "duty = 0 if cut else", "duty ="),
    ("S9", "guard.py", "faults |= FAULT_OVER_TEMP", "faults |= 0"),
    ("S9", "guard.py", "faults |= FAULT_RUNAWAY", "faults |= 0"),
    ("S10", "watch.py", "records.FAULT_STUCK_ON if risen", "0 if risen"),
    ("S10", "watch.py", "records.FAULT_STUCK_ON if late", "0 if late"),
    ("S11", "watch.py", "records.FAULT_FROZEN if", "0 if"),
    ("S11", "converters.py", "self.still = raw == self._raw", "self.still = False"),
    ("S12", "watch.py", "records.FAULT_APART if", "0 if"),
    ("S13", "guard.py", "scratch.keep_trips(self._board", "(lambda *_: 0)(self._board"),
    ("S13", "guard.py", "if self._is_hot():", "if False:"),
    ("S13", "guard.py", "if not self._is_vouched(faults, vouch):", "if False:"),
    ("S13", "guard.py", "faults & self._present() or not self._reads_again(faults)", "False"),
    ("S13", "guard.py", "return not (faults & FAULT_FROZEN and plate.still)", "return True"),
    ("S13", "app.py", "(now, dt_ms) and self.runner:", "(now, dt_ms) < 0:"),
    ("S13", "stations.py", "None if self.guard.tripped else self.target", "self.target"),
    ("S13", "scratch.py", 'if board.boot_scratch[CAUSE] >> 24 != _MARK:', "if False:"),
    ("S14", "app.py", "board.fast_resets >= limits.FAST_RESETS", "False"),
    ("S15", "app.py", "self.bench.drop()", "pass"),
    ("S17", "program.py", "elif track.timed_out(dt_ms):", "elif False:"),
    ("S18", "app.py", "            self.bench.make_safe(self.now)", "            pass"),
]  # fmt: skip


def survives(folder: Path, file: str, old: str, new: str) -> bool:
    """Whether no test notices."""
    copy = folder / "firmware"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(ROOT / "firmware", copy, ignore=shutil.ignore_patterns("__pycache__"))
    path = copy / "soakfw" / file
    source = path.read_text("utf-8")
    if source.count(old) != 1:
        raise SystemExit(f"{file} has {source.count(old)} times: {old}")
    path.write_text(source.replace(old, new), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    command += ["-o", f"pythonpath={copy}", *map(str, TESTS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stdout + done.stderr)
    return done.returncode == 0


def main() -> int:
    wanted = set(sys.argv[1:])
    alive = 0
    with tempfile.TemporaryDirectory(prefix="soakbench-mutants-") as folder:
        for rule, file, old, new in MUTANTS:
            if wanted and rule not in wanted:
                continue
            survived = survives(Path(folder), file, old, new)
            alive += survived
            seen = "NOT NOTICED" if survived else "noticed"
            print(f"{rule:4} {file:12} {seen}: {old.strip()}", flush=True)
    print(f"{alive} mutants not noticed")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
