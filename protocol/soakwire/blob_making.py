"""Making blobs: what the host does before it uploads them. The board only reads them."""

from soakwire.blobs import (
    CONFIG_CELL,
    CONFIG_CONVERTER,
    CONFIG_HEAD,
    CONFIG_STATION,
    MAX_BLOB,
    POINT,
    PROGRAM_HEAD,
    PROGRAM_STEP,
    PROGRAM_TRACK,
    Config,
    Program,
)
from soakwire.layout import LayoutError


def pack_config(config: Config) -> bytes:
    """The configuration blob. LayoutError names what does not fit."""
    parts = [CONFIG_HEAD.pack_named(config.head)]
    parts.extend([CONFIG_STATION.pack_named(station) for station in config.stations])
    parts.extend([CONFIG_CELL.pack_named(cell) for cell in config.cells])
    parts.extend([CONFIG_CONVERTER.pack_named(converter) for converter in config.converters])
    for table in config.tables:
        parts.extend([POINT.pack([point]) for point in table])
    return _joined(parts)


def pack_program(
    head: dict[str, int | None],
    tracks: list[dict[str, int | None]],
    steps: list[list[dict[str, int | None]]],
) -> bytes:
    """The program blob; `steps[t]` are the steps of track t. LayoutError names what is wrong."""
    parts = [PROGRAM_HEAD.pack_named(head)]
    parts.extend([PROGRAM_TRACK.pack_named(track) for track in tracks])
    for own in steps:
        parts.extend([PROGRAM_STEP.pack_named(step) for step in own])
    blob = _joined(parts)
    Program(blob)  # what the board would refuse is refused here
    return blob


def _joined(parts: list[bytes]) -> bytes:
    blob = b"".join(parts)
    if len(blob) > MAX_BLOB:
        raise LayoutError(f"blob of {len(blob)} bytes, at most {MAX_BLOB}")
    return blob
