"""The I2C bus: who does not answer is told so, and a bus that hangs is set free.

Imported only where a bench has a bus. A device that lost its clock in the middle of a byte holds
SDA low, and nobody can talk: after BAD_SAMPLES failures in a row the board looks at SDA, clocks
such a device out of it, and sets its own end up anew.
"""

from soakfw.limits import BAD_SAMPLES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from soakfw.board import Board


class Bus:
    """The bus of the configuration's `head`. Each transfer returns whether the device answered."""

    def __init__(self, board: "Board", head: dict) -> None:
        self._board = board
        self._sda = head["i2c_sda"]
        self._scl = head["i2c_scl"]
        self._at = (head["i2c_id"], self._sda, self._scl, head["i2c_khz"])
        self._i2c = board.i2c(*self._at)
        self.failures = 0  # in a row, whoever it was

    def read(self, address: int, register: int | None, into: bytearray) -> bool:
        """Fill `into` from `register` on; None where a device has no registers."""
        try:
            if register is None:
                self._i2c.readfrom_into(address, into)
            else:
                self._i2c.readfrom_mem_into(address, register, into)
        except OSError:
            return self._fail()
        self.failures = 0
        return True

    def write(self, address: int, register: int, data: bytes | bytearray) -> bool:
        """Write `data` to `register`; a command is a register without data."""
        try:
            self._i2c.writeto_mem(address, register, data)
        except OSError:
            return self._fail()
        self.failures = 0
        return True

    def _fail(self) -> bool:
        self.failures += 1
        if self.failures == BAD_SAMPLES:
            self.failures = 0
            self._board.free_i2c(self._sda, self._scl)
            self._i2c = self._board.i2c(*self._at)
        return False
