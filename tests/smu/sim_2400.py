"""The instrument of keithley2400.yaml behind pyvisa-sim, and every byte that reached it."""

from pathlib import Path
from typing import Any

import pytest
from pyvisa.constants import StatusCode
from pyvisa_sim.devices import Device
from pyvisa_sim.highlevel import SimVisaLibrary

from soakbench.config.smu_table import SmuTable
from soakbench.smu.keithley2400 import Keithley2400, connected
from soakbench.smu.visa import open_visa

YAML = Path(__file__).with_name("keithley2400.yaml")
TABLE = SmuTable(driver="keithley2400", resource="GPIB0::24::INSTR", compliance_ma=20)
ANSWER_MS = 60  # silence is silence; no need to wait for it long
DEVICE_CLEAR = b"<device clear>"
_REALLY_WRITE = Device.write


class FarEnd:
    """What the instrument has received, and what happens to its cable."""

    def __init__(self, definition: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.received = bytearray()
        self.silent_to: tuple[bytes, ...] = ()
        self.unplug_at: bytes | None = None
        monkeypatch.setenv("PYVISA_LIBRARY", f"{definition}@sim")
        far_end = self

        def write(device: Device, data: bytes) -> None:
            far_end.take(device, data)

        def clear(library: SimVisaLibrary, session: Any) -> StatusCode:
            far_end.take_clear(library.sessions[session].device)
            return StatusCode.success

        monkeypatch.setattr(Device, "write", write)
        monkeypatch.setattr(SimVisaLibrary, "clear", clear)

    def take(self, device: Device, data: bytes) -> None:
        """What was sent arrives, unless the cable is out."""
        if self.unplug_at is not None and self.unplug_at in data:
            raise OSError("[Errno 5] Input/output error")
        self.received += data
        if data.strip() not in self.silent_to:
            _REALLY_WRITE(device, data)

    def take_clear(self, device: Device) -> None:
        """GPIB's device clear: it forgets what it wanted to say, and listens again."""
        if self.unplug_at is not None:
            raise OSError("[Errno 5] Input/output error")
        self.received += DEVICE_CLEAR + b"\n"
        device._output_buffers.clear()
        self.silent_to = ()

    @property
    def commands(self) -> list[str]:
        """What was received, each command a text."""
        return self.received.decode().splitlines()


def changed_definition(folder: Path, changes: dict[str, str]) -> Path:
    """A copy of the definition, for pyvisa keeps what it has read."""
    text = YAML.read_text("utf-8")
    for old, new in changes.items():
        assert old in text, f"the definition no longer contains {old!r}"
        text = text.replace(old, new)
    path = folder / f"instrument-{len(list(folder.iterdir()))}.yaml"
    path.write_text(text, "utf-8")
    return path


def connect(table: SmuTable = TABLE) -> Keithley2400:
    """The driver, connected."""
    return connected(open_visa(table, ANSWER_MS), table)
