"""A Wire through PyVISA: GPIB, RS-232, whatever its VISA library reaches.

PyVISA is an extra of soakbench. It is imported when a source meter is opened, not before: benches
without one do not need it.
"""

import contextlib
from collections.abc import Generator
from typing import Any, NoReturn

from soakbench.config.smu_table import SERIAL, SmuTable
from soakbench.smu.errors import (
    SmuGarbledError,
    SmuLostError,
    SmuNotFoundError,
    SmuSilentError,
)

ANSWER_MS = 5000  # the longest reading, 10 periods of the mains with a zero of its own, takes 1.2 s
_OVERHEAD_MS = 10
_READING_BITS = 10 * 70  # of setting a voltage, asking for a reading and its answer
_BREAK = b"\x03"  # over RS-232, what a device clear is on GPIB
# What PyVISA and its libraries raise where a port or a library is missing or gone.
_TROUBLE = (OSError, ValueError, NotImplementedError)


def open_visa(table: SmuTable, answer_ms: int) -> "VisaWire":
    """Open the address of `table`; no answer for `answer_ms` is silence. SmuNotFoundError says
    what is missing."""
    pyvisa = _pyvisa()
    name = table.resource or ""
    try:
        manager = pyvisa.ResourceManager()
    except (pyvisa.errors.Error, *_TROUBLE) as error:
        raise SmuNotFoundError(f"there is no VISA library: {error}", hint=_INSTALL) from error
    try:
        resource = manager.open_resource(name, **_options(table, answer_ms))
    except (pyvisa.errors.Error, *_TROUBLE) as error:
        manager.close()
        raise SmuNotFoundError(
            f"{name} cannot be opened: {error}", hint=_where_to_look(name)
        ) from error
    return VisaWire(name, manager, resource, pyvisa)


_INSTALL = 'install it with: pip install "soakbench[smu]"'


def _pyvisa() -> Any:
    try:
        import pyvisa
    except ImportError as error:
        raise SmuNotFoundError("PyVISA is not installed", hint=_INSTALL) from error
    return pyvisa


def _options(table: SmuTable, answer_ms: int) -> dict[str, Any]:
    """On GPIB a command ends with LF, and the bus tells where an answer ends. Over RS-232 the
    manual has commands end with CR; the LF after it is white space before the next one."""
    options: dict[str, Any] = {"timeout": answer_ms, "write_termination": "\n"}
    if _is_serial(table.resource or ""):
        options |= {"write_termination": "\r\n", "read_termination": "\n", "baud_rate": table.baud}
    return options


def _where_to_look(name: str) -> str:
    """What is usually missing. VISA's own search is not asked: it calls into the whole network."""
    if _is_serial(name):
        return (
            "is the cable in, and nothing else using it? `soakbench ports` lists the serial ports;"
            ' /dev/ttyUSB0 is "ASRL/dev/ttyUSB0::INSTR" here, COM3 is "ASRL3::INSTR"'
        )
    if name.upper().startswith("GPIB"):
        return (
            "is it switched on, and the address that of its menu? GPIB needs the software of the"
            " adapter's maker (NI-VISA or the like) or linux-gpib, see docs/smu.md"
        )
    return "is it switched on, and the address right?"


def _is_serial(name: str) -> bool:
    return name.upper().startswith(SERIAL)


class VisaWire:
    """One open resource."""

    def __init__(self, name: str, manager: Any, resource: Any, pyvisa: Any) -> None:
        self.name = name
        self._manager = manager
        self._resource = resource
        self._errors = pyvisa.errors
        self._silent = pyvisa.constants.StatusCode.error_timeout
        self._input = pyvisa.constants.BufferOperation.discard_read_buffer
        self._is_serial = _is_serial(name)
        sent_ms = _READING_BITS * 1000 / resource.baud_rate if self._is_serial else 0
        self.overhead_ms = _OVERHEAD_MS + round(sent_ms)

    def write(self, command: str) -> None:
        """Send a command that has no answer."""
        with self._told():
            self._resource.write(command)

    def query(self, command: str) -> str:
        """Send a command and wait for its answer."""
        with self._told():
            answer: str = self._resource.query(command).strip()
        if not answer:
            raise self._silence()
        return answer

    def clear(self) -> None:
        """Device clear. A library that cannot do it is no reason not to go on."""
        with self._told(), contextlib.suppress(NotImplementedError):
            if self._is_serial:
                self._resource.write_raw(_BREAK)
                self._resource.flush(self._input)
            else:
                self._resource.clear()

    def close(self) -> None:
        """End the connection; one that is gone makes no trouble."""
        for part in (self._resource, self._manager):
            with contextlib.suppress(self._errors.Error, *_TROUBLE):
                part.close()

    @contextlib.contextmanager
    def _told(self) -> Generator[None]:
        """Errors of PyVISA and of what lies under it, as ours."""
        try:
            yield
        except self._errors.VisaIOError as error:
            if error.error_code == self._silent:
                raise self._silence() from error
            self._lost(error)
        except UnicodeDecodeError as error:
            raise SmuGarbledError(
                f"the source meter at {self.name} sends bytes that are no text",
                hint="check the baud rate and the cable",
            ) from error
        except (self._errors.Error, OSError) as error:
            self._lost(error)

    def _silence(self) -> SmuSilentError:
        serial = ", its RS-232 settings (see docs/smu.md)" if self._is_serial else ""
        return SmuSilentError(
            f"the source meter at {self.name} does not answer",
            hint=f"check that it is switched on, its cable, its address{serial};"
            " `soakbench smu check` tries it alone",
        )

    def _lost(self, error: Exception) -> NoReturn:
        raise SmuLostError(
            f"the connection to the source meter at {self.name} broke: {error}",
            hint="check its cable and that it is switched on, then try `soakbench smu check`",
        ) from error
