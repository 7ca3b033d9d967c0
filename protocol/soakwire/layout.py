"""Field tables: one description of a binary layout for packing, range checks and unpacking.

MicroPython's `struct.pack` wraps silently, so every value is checked against its field first.
A table is a text: fields of name/code/unit/low/high with commas between them, where `code` is
struct's. Without a range it is the whole of an unsigned code; without a unit too, name/code will
do. A unit that ends in "?" may be missing: `None` travels as the code's sentinel, never as a
plausible number.

A board has room for the texts, not for two hundred fields as objects: what packing needs of a
table is worked out when it is first used (docs/decisions/0010-tables-as-text.md).
"""

import struct

U8 = 255
U16 = 65535
U32 = 0xFFFFFFFF
I32 = 0x7FFFFFFF

MISSING = {"b": -128, "B": 255, "h": -32768, "H": 65535, "I": 0xFFFFFFFF}
_WHOLE = {"B": U8, "H": U16, "I": U32}


class LayoutError(ValueError):
    """A value does not fit its field, or bytes do not fit their layout."""


def parse(table: str) -> list[tuple[str, str, str, int, int]]:
    """The fields of a table: (name, code, unit, low, high)."""
    fields = []
    for text in table.split(",") if table else ():
        name, code, unit, low, high = (text + "////").split("/")[:5]
        # The constant, not a number of our own: on the board each large one is an object.
        highest = int(high) if high and int(high) != U32 else _WHOLE[code]
        fields.append((name, code, unit, int(low or 0), highest))
    return fields


class Layout:
    """A fixed-size, little-endian structure described by its field table.

    `size` is in bytes; what the fields leave over is padding, so that tables may grow.
    """

    # Worked out when they are needed. Of the class, so that a table without them has no room.
    _fields: list[tuple[str, str, str, int, int]] | None = None
    _names: tuple[str, ...] | None = None
    _shape: tuple[str, int, tuple[int, ...], dict[int, int]] | None = None

    def __init__(self, name: str, size: int, table: str) -> None:
        self.name = name
        self.size = size
        self._table = table

    @property
    def fields(self) -> list[tuple[str, str, str, int, int]]:
        """(name, code, unit, low, high) of each. For the host: the board never asks for them."""
        if self._fields is None:
            self._fields = parse(self._table)
        return self._fields

    @property
    def format(self) -> str:
        """For `struct`, padding included."""
        return (self._shape or self._work_out())[0]

    def names(self) -> tuple[str, ...]:
        """The fields' names in order."""
        if self._names is None:
            names: list[str] = []
            for field in parse(self._table):
                # MicroPython keeps one copy of each keyword, however many tables have the name.
                names.extend(dict(**{field[0]: 0}))
            self._names = tuple(names)
        return self._names

    def forget(self) -> None:
        """What was worked out; for tables that are used once in a while."""
        self._names = None
        self._shape = None

    def _work_out(self) -> tuple[str, int, tuple[int, ...], dict[int, int]]:
        """Format, bytes used, low and high of each field in turn, sentinels by field number."""
        fields = parse(self._table)
        codes = "<" + "".join([field[1] for field in fields])
        used = struct.calcsize(codes)
        if used > self.size:
            raise LayoutError(f"{self.name}: fields need {used} bytes of {self.size}")
        limits = []
        missing = {}
        for number, (_, code, unit, low, high) in enumerate(fields):
            limits.append(low)
            limits.append(high)
            if unit.endswith("?"):
                missing[number] = MISSING[code]
        shape = (codes + "x" * (self.size - used), used, tuple(limits), missing)
        self._shape = shape
        return shape

    def pack_into(self, buf: bytearray | memoryview, offset: int, values: list[int | None]) -> None:
        """Write `values`, in field order, at `offset`; LayoutError if one is out of range."""
        self.check(values)
        code, used, _, missing = self._shape or self._work_out()
        if None in values:
            values = values[:]
            for number in missing:
                if values[number] is None:
                    values[number] = missing[number]
        struct.pack_into(code, buf, offset, *values)
        for at in range(offset + used, offset + self.size):
            buf[at] = 0  # MicroPython leaves padding as it was

    def check(self, values: list[int | None]) -> None:
        """LayoutError if there are too many or too few, or one is missing or out of range."""
        _, _, limits, missing = self._shape or self._work_out()
        if 2 * len(values) != len(limits):
            raise LayoutError(f"{self.name}: {len(values)} values for {len(limits) // 2} fields")
        at = 0
        for value in values:
            if value is None:
                if at // 2 not in missing:
                    raise LayoutError(f"{self.name}.{self.names()[at // 2]} must not be missing")
            elif value < limits[at] or value > limits[at + 1]:
                where = f"{self.name}.{self.names()[at // 2]}"
                raise LayoutError(f"{where} = {value} is outside {limits[at]}..{limits[at + 1]}")
            at += 2

    def pack(self, values: list[int | None]) -> bytes:
        """The packed bytes of `values` given in field order."""
        buf = bytearray(self.size)
        self.pack_into(buf, 0, values)
        return bytes(buf)

    def pack_named(self, values: dict[str, int | None]) -> bytes:
        """The packed bytes of `values` given by name; each field must be there, and no other."""
        names = self.names()
        for name in values:
            if name not in names:
                raise LayoutError(f"{self.name} has no field {name}")
        for name in names:
            if name not in values:
                raise LayoutError(f"{self.name}.{name} is not given")
        return self.pack([values[name] for name in names])

    def unpack_from(self, buf: bytes | bytearray | memoryview, offset: int = 0) -> list[int | None]:
        """The values at `offset` in field order, None for a missing one."""
        if offset + self.size > len(buf):
            raise LayoutError(f"{self.name} needs {self.size} bytes, {len(buf) - offset} are left")
        code, _, _, missing = self._shape or self._work_out()
        values: list[int | None] = list(struct.unpack_from(code, buf, offset))
        for number in missing:
            if values[number] == missing[number]:
                values[number] = None
        return values

    def unpack_named(
        self, buf: bytes | bytearray | memoryview, offset: int = 0
    ) -> dict[str, int | None]:
        """The values at `offset` by field name."""
        return dict(zip(self.names(), self.unpack_from(buf, offset)))
