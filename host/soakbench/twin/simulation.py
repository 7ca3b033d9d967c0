"""The whole simulated bench: chip, wiring, cable, and what a hand may do to them.

It reads no clock either. `step(now)` does all that is possible at `now`; `due_ms` tells when to
come back if nothing happens before. The coordinator waits in between.
"""

import heapq
import logging
from collections.abc import Callable

from soakbench.errors import SoakbenchError
from soakbench.twin.board import Board
from soakbench.twin.chip import Chip
from soakbench.twin.port import Port
from soakbench.twin.pty_port import PACKET
from soakbench.twin.sensors import Fault
from soakbench.twin.stations import Contact, StationSim
from soakbench.twin.wires import SsrFault

_log = logging.getLogger(__name__)

_MS = 1000
_POWER_CUT_S = 1.0


class Simulation:
    """One bench; soakbench.twin.assembly puts its parts together.

    Faults and commands take effect at the time of the last `step`.
    """

    def __init__(self, board: Board, mcu: Chip, port: Port, usb_gap_ms: int) -> None:
        self.board = board
        self.mcu = mcu
        self.port = port
        self._usb_gap_ms = usb_gap_ms
        self.now_ms = 0
        self._later: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0
        self._replug_due: int | None = None
        self._pulled = False

    def start(self) -> None:
        """Plug the cable and give the board power."""
        self.port.plug()
        self._boot(self.mcu.power_on)

    def close(self) -> None:
        """End the child and take the port away."""
        self.mcu.power_off(self.now_ms)
        self.port.unplug()

    @property
    def due_ms(self) -> int | None:
        """When `step` has something to do even if no byte comes."""
        times = [self._later[0][0]] if self._later else []
        if self.mcu.due_ms is not None:
            times.append(self.mcu.due_ms)
        return min(times) if times else None

    def step(self, now_ms: int, quiet_until_ms: int | None = None) -> None:
        """Do what is due at `now_ms`. The host will do nothing before `quiet_until_ms`."""
        self.reach(now_ms)
        while self._later and self._later[0][0] <= self.now_ms:
            heapq.heappop(self._later)[2]()
        self.collect()
        self.port.look()
        if self.mcu.running:
            self._serve(quiet_until_ms)
        else:
            self.port.input.clear()
            self.board.advance(self.now_ms)
        if self.mcu.watch(self.now_ms):
            self.reset()

    def reach(self, now_ms: int) -> None:
        """It is `now_ms`, for a fault that comes before what the board does then."""
        self.now_ms = max(now_ms, self.now_ms)

    def collect(self) -> None:
        """Take what the chip has to say since it was answered."""
        alive = self.mcu.receive()
        text = self.mcu.output()
        if not alive:
            _log.warning("the firmware has ended: %s", text.decode(errors="replace"))
        self.port.send(text)
        self.port.flush()
        if self.mcu.reset_requested:
            self.reset()

    def _serve(self, quiet_until_ms: int | None) -> None:
        """Answer the chip if its wait is over."""
        mcu, port = self.mcu, self.port
        if mcu.wait is None:
            return
        input_waits = mcu.feed(port.input)
        until = mcu.wait.until_ms
        if until is not None and until <= self.now_ms:
            # Never later than asked for: if this computer was slow, the child catches up in
            # small steps and its timers keep their times.
            mcu.answer(until, port.room, self._quiet(until, quiet_until_ms))
        elif mcu.ends_wait(input_waits, port.room >= PACKET):
            mcu.answer(self.now_ms, port.room, self._quiet(self.now_ms, quiet_until_ms))

    def _quiet(self, at_ms: int, until_ms: int | None) -> int:
        """How long nothing comes from outside: not at all if more has come than the board takes."""
        if until_ms is None or self.port.input:
            return at_ms
        return min(until_ms, self._later[0][0]) if self._later else until_ms

    def settle(self) -> None:
        """Bring physics up to the present, before a look at it or a change that no pin made."""
        wait = self.mcu.wait
        if wait is not None:
            until = wait.until_ms
            self.board.advance(self.now_ms if until is None else min(until, self.now_ms))

    # What may happen to a bench

    def reset(self) -> None:
        """Reset the board. On USB its port goes away for a moment."""
        self._boot(self.mcu.reset)
        if self._usb_gap_ms:
            self._gap(self._usb_gap_ms)

    def power_cut(self, for_s: float = _POWER_CUT_S) -> None:
        """Take the board's power for `for_s` seconds. Its scratch registers are lost."""
        self.mcu.power_off(self.now_ms)
        self.board.bus.lose_power()
        self._gap(round(for_s * _MS) + self._usb_gap_ms)
        self._after(for_s, self._power_on)

    def _power_on(self) -> None:
        if not self.mcu.powered:
            self._boot(self.mcu.power_on)

    def _boot(self, start: Callable[[int], None]) -> None:
        """Start the chip. The observer hears of it before anything that the boot does."""
        self.settle()
        observer = self.board.observer
        if observer is not None:
            self.board.tell_light(self.now_ms)
            self.board.release_pins(self.now_ms)
            observer.boot(self.now_ms, self.mcu.boots + 1)
        start(self.now_ms)

    def cut(self, for_s: float | None = None) -> None:
        """Pull the cable, for `for_s` seconds or until `plug`."""
        self._pulled = True
        self.port.unplug()
        if for_s is not None:
            self._after(for_s, self.plug)

    def plug(self) -> None:
        """Put the cable back."""
        self._pulled = False
        self._connect()

    def hang(self) -> None:
        """Let the firmware's main loop be stuck; timers run, and the watchdog if started."""
        self.mcu.hang()

    def thermistor(
        self, station: str, sensor: str, fault: Fault | None, offset_k: float = 0.0
    ) -> None:
        """Break a thermistor (plate, guard or stage); None mends it."""
        known = self._station(station).inputs
        if sensor not in known:
            raise SoakbenchError(f"{station} has no {sensor} sensor, only: {', '.join(known)}")
        self.settle()
        self.board.set_thermistor(station, sensor, fault, offset_k)

    def ssr(self, station: str, fault: SsrFault | None) -> None:
        """Weld a heater's solid-state relay, or let it be dead; None mends it."""
        if self._station(station).heater is None:
            raise SoakbenchError(f"{station} has no heater")
        self.settle()
        self.board.set_ssr(station, fault)

    def lid(self, station: str, is_open: bool) -> None:
        """Open the lid over a heated plate, or close it."""
        if self._station(station).plate is None:
            raise SoakbenchError(f"{station} has no heater")
        self.settle()
        self.board.set_lid(station, is_open)

    def light_leak(self, station: str, lux: float) -> None:
        """Let this much more light into a station; 0 mends it."""
        self._station(station)
        self.settle()
        self.board.set_leak(station, lux)

    def relay_stuck(self, cell: str, stuck: bool) -> None:
        """Let a cell's short relay stay where it is."""
        relay = self.board.cells[cell].short if cell in self.board.cells else None
        if relay is None:
            raise SoakbenchError(f"no cell {cell} with a short relay")
        self.settle()
        self.board.settle_cells()
        relay.stick(stuck)

    def contact(self, cells: list[str], contact: Contact) -> None:
        """Put cells into their holders well or badly."""
        self._know_cells(cells)
        self.settle()
        for cell in cells:
            self.board.set_contact(cell, contact)

    def converter_silent(self, converter: str, silent: bool) -> None:
        """Let a converter not answer, or answer again."""
        address = self.board.converter_address(converter)
        if address is None:
            raise SoakbenchError(f"no converter {converter} on this bench")
        self.board.bus.silence(address, silent)

    def sensor_silent(self, station: str, sensor: str, silent: bool) -> None:
        """Let a station's sensor on the bus (lux or humidity) not answer, or answer again."""
        self._station(station)
        address = self.board.sensor_address(station, sensor)
        if address is None:
            raise SoakbenchError(f"{station} has no {sensor} sensor")
        self.board.bus.silence(address, silent)

    def i2c_hung(self) -> None:
        """A device holds SDA low until it has had nine clocks."""
        self._know_bus()
        self.board.bus.hang()

    def i2c_short(self, shorted: bool) -> None:
        """SDA touches ground; False mends it."""
        self._know_bus()
        self.board.bus.shorted = shorted

    def _know_bus(self) -> None:
        if not self.board.bus.fitted:
            raise SoakbenchError("this bench has no I2C bus")

    def adc_noise(self, lsb: float | None) -> None:
        """Make the converter noisier; None: as the bench file has it."""
        self.settle()
        self.board.set_noise(lsb)

    def lamp_level(self, level: float) -> None:
        """Every lamp gives this much of its light."""
        self.settle()
        self.board.set_lamp_level(level)

    def move(self, cells: list[str], station: str) -> None:
        """Put cells at another station."""
        self._station(station)
        self._know_cells(cells)
        self.settle()
        for cell in cells:
            self.board.move(cell, station)

    def _know_cells(self, cells: list[str]) -> None:
        for cell in cells:
            if cell not in self.board.cells:
                raise SoakbenchError(f"no cell {cell}, only: {', '.join(self.board.cells)}")

    def speed(self, factor: float) -> None:
        """Let physics run faster than the clock."""
        self.settle()
        self.board.set_speed(factor)

    def lamp(self, on: bool) -> None:
        """Every lamp dies, or burns again."""
        self.settle()
        self.board.set_lamp(on)

    def _station(self, name: str) -> StationSim:
        if name not in self.board.stations:
            raise SoakbenchError(f"no station {name}, only: {', '.join(self.board.stations)}")
        return self.board.stations[name]

    def _gap(self, for_ms: int) -> None:
        """Let the port be gone for a while, as when a USB device starts anew."""
        self.port.unplug()
        due = self.now_ms + for_ms
        self._replug_due = max(due, self._replug_due or 0)
        self._after(for_ms / _MS, self._end_gap)

    def _end_gap(self) -> None:
        if self._replug_due is not None and self.now_ms >= self._replug_due:
            self._replug_due = None
            self._connect()

    def _connect(self) -> None:
        """Both the cable and the board's USB have to be there."""
        if not self._pulled and self._replug_due is None and not self.port.plugged:
            self.port.plug()

    def _after(self, delay_s: float, action: Callable[[], None]) -> None:
        self._count += 1
        due_ms = self.now_ms + round(delay_s * _MS)
        heapq.heappush(self._later, (due_ms, self._count, action))
