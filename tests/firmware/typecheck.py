"""Type-checks what runs on the board against MicroPython's own modules; part of `make check`.

    python tests/firmware/typecheck.py

mypy does not find the stubs where pip puts them: single files beside the packages, and a standard
library in a folder of its own. Brought together in build/stubs they are what it calls a typeshed.
See docs/decisions/0005-firmware-types.md.
"""

import os
import shutil
import subprocess
import sys
from importlib.metadata import files
from pathlib import Path

ROOT = Path(__file__).parents[2]
STUBS = ROOT / "build" / "stubs"
DISTRIBUTIONS = ("micropython-rp2-stubs", "micropython-stdlib-stubs")
TYPESHED = ("stdlib", "stubs")  # its folders
CHECKED = ("firmware/main.py", "firmware/soakfw", "protocol/soakwire")
PATH = (ROOT / "firmware", ROOT / "protocol")
OPTIONS = (
    "--config-file=",  # pyproject's is the host's
    "--cache-dir=.mypy_cache/firmware",
    f"--custom-typeshed-dir={STUBS}",
    "--python-version=3.11",
    "--strict",
    # Values by field name are a bare `dict`: the tables have checked what is in it.
    "--allow-any-generics",
    "--no-warn-return-any",
    "--no-strict-bytes",  # the stubs say bytes where MicroPython takes any buffer
)


def copy_stubs() -> None:
    """Make a typeshed of both distributions' stubs: a chip's modules go to the standard library."""
    shutil.rmtree(STUBS, ignore_errors=True)
    for name in DISTRIBUTIONS:
        for file in files(name) or ():
            if file.suffix == ".pyi" or file.name == "VERSIONS":
                to = STUBS / (file if file.parts[0] in TYPESHED else "stdlib" / file)
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file.locate(), to)


def main() -> int:
    """mypy's exit code."""
    copy_stubs()
    path = os.pathsep.join(map(str, PATH))
    command = [sys.executable, "-m", "mypy", *OPTIONS, *CHECKED]
    return subprocess.run(command, cwd=ROOT, env=os.environ | {"MYPYPATH": path}).returncode


if __name__ == "__main__":
    sys.exit(main())
