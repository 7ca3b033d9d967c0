"""Files that come with soakbench: the firmware, plans and benches.

An installed wheel has them in `soakbench/_share`, a checkout at its top.
"""

import difflib
from pathlib import Path

from soakbench.errors import ConfigError

_PACKAGE = Path(__file__).resolve().parent
_PLACES = (_PACKAGE / "_share", _PACKAGE.parent.parent)


def share_dir(name: str) -> Path:
    """The folder `firmware`, `plans` or `benches`. ConfigError if the installation is broken."""
    for place in _PLACES:
        folder = place / name
        if folder.is_dir():
            return folder
    raise ConfigError(
        f"the folder {name!r} that comes with soakbench is missing",
        "install it again: pip install --force-reinstall soakbench",
    )


def firmware_path() -> list[Path]:
    """Where the board's files are: `main.py` and `soakfw` in the first, `soakwire` in the last."""
    firmware = share_dir("firmware")
    if (firmware / "soakwire").is_dir():
        return [firmware]
    return [firmware, firmware.parent / "protocol"]


def find_plan(name: str) -> Path:
    """The plan file at a path or of a shipped name like `paper-fig4`; ConfigError if none."""
    return _find(name, "plans", "plan")


def find_bench(name: str) -> Path:
    """The bench file at a path or of a shipped name like `twin`; ConfigError if none."""
    return _find(name, "benches", "bench")


def find_faults(name: str) -> Path:
    """The fault script at a path or of a shipped name like `bad-night`; ConfigError if none."""
    return _find(name, "plans/faults", "fault")


def shipped(folder: str) -> list[str]:
    """The names of the files shipped in `plans`, `benches` or `plans/faults`."""
    return sorted(path.stem for path in share_dir(folder).glob("*.toml"))


def _find(name: str, folder: str, what: str) -> Path:
    given = Path(name).expanduser()
    if given.is_file():
        return given
    names = shipped(folder)
    if given.name == name and given.name.removesuffix(".toml") in names:
        return share_dir(folder) / f"{given.name.removesuffix('.toml')}.toml"
    near = difflib.get_close_matches(given.stem, names, n=1)
    guess = f' Did you mean "{near[0]}"?' if near else ""
    raise ConfigError(
        f"there is no {what} file {name}.{guess}",
        f"give the path of a file, or one that comes with soakbench: {', '.join(names)}",
    )
