"""Where the daemon of a data directory listens: a Unix socket that only its owner can open."""

import hashlib
import os
import tempfile
from pathlib import Path

LONGEST = 100  # a socket's path may have 104 to 108 bytes, by system


def socket_path(data: Path) -> Path:
    """The socket of the daemon that keeps `data`."""
    path = data.absolute() / "api.sock"
    if len(os.fsencode(path)) <= LONGEST:
        return path
    digest = hashlib.sha256(os.fsencode(data.absolute())).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"soakbench-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{digest}.sock"
