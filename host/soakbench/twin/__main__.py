"""`python -m soakbench.twin BENCH.toml [--link PATH] [--seed N]`: one simulated bench.

When it is ready it prints {"ready": true, "port": "..."} on stdout; then it takes commands on
stdin (soakbench.twin.control). It ends when stdin does: a twin dies with its owner.
"""

import argparse
import json
import logging
import signal
import sys
import tempfile
from pathlib import Path

from soakbench.assets import firmware_path
from soakbench.clock import Clock
from soakbench.config import load_bench
from soakbench.errors import BenchFault, SoakbenchError
from soakbench.twin.assembly import in_micropython
from soakbench.twin.control import Control
from soakbench.twin.coordinator import RealTime
from soakbench.twin.pty_port import PtyPort
from soakbench.twin.simulation import Simulation


def main() -> int:
    """Run until stdin ends; the exit code is that of the error, if there is one."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        _run(_arguments())
    except SoakbenchError as e:
        print(f"error: {e}", file=sys.stderr)
        if e.hint:
            print(f"  hint: {e.hint}", file=sys.stderr)
        return e.exit_code
    except KeyboardInterrupt:
        return 0
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m soakbench.twin", description=__doc__)
    parser.add_argument("bench", type=Path, help="a bench file, e.g. benches/twin.toml")
    parser.add_argument("--link", type=Path, help="where the port is to be found")
    parser.add_argument("--seed", type=int, help="of the noise; default: the bench file's")
    parser.add_argument(
        "--firmware", type=Path, help="folder with main.py; default: the shipped firmware"
    )
    return parser.parse_args()


def _run(arguments: argparse.Namespace) -> None:
    bench = load_bench(arguments.bench)
    firmware = firmware_path()
    if arguments.firmware is not None:
        firmware = [arguments.firmware, *firmware]
    seed = bench.twin.seed if arguments.seed is None else arguments.seed
    with tempfile.TemporaryDirectory(prefix="soakbench-twin-") as folder:
        link = (arguments.link or Path(folder) / "port").absolute()
        simulation = in_micropython(bench, firmware, PtyPort(link), seed)
        try:
            _start(simulation)
            control = Control(simulation)
            _say(json.dumps({"ready": True, "port": str(link)}))
            RealTime(
                simulation, sys.stdin.fileno(), lambda line: _say(control.answer(line)), Clock()
            ).run()
        finally:
            simulation.close()


def _start(simulation: Simulation) -> None:
    try:
        simulation.start()
    except OSError as e:
        raise BenchFault(
            f"the simulated bench cannot start: {e}",
            "choose another --link, in a folder that exists and may be written",
        ) from e


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
