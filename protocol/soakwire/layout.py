"""Field tables: one description of a binary layout for packing, range checks and unpacking.

MicroPython's `struct.pack` wraps silently, so every value is checked against its field first.
A field is a tuple (name, struct code, unit, low, high). A unit that ends in "?" may be missing:
`None` travels as the code's sentinel, never as a plausible number.
"""

import struct

U8 = 255
U16 = 65535
U32 = 0xFFFFFFFF
I32 = 0x7FFFFFFF

MISSING = {"b": -128, "B": 255, "h": -32768, "H": 65535, "I": 0xFFFFFFFF}


class LayoutError(ValueError):
    """A value does not fit its field, or bytes do not fit their layout."""


class Layout:
    """A fixed-size, little-endian structure described by its field table.

    `size` is in bytes; what the fields leave over is padding, so that tables may grow.
    """

    def __init__(self, name: str, size: int, fields: list[tuple[str, str, str, int, int]]) -> None:
        self.name = name
        self.fields = fields
        used = "<" + "".join([f[1] for f in fields])
        spare = size - struct.calcsize(used)
        if spare < 0:
            raise LayoutError(f"{name}: fields need {-spare} bytes more than {size}")
        self.size = size
        self._used = size - spare
        self.format = used + "x" * spare

    def pack_into(self, buf: bytearray | memoryview, offset: int, values: list[int | None]) -> None:
        """Write `values`, in field order, at `offset`; LayoutError if one is out of range."""
        self.check(values)
        raw = self._with_sentinels(values) if None in values else values
        struct.pack_into(self.format, buf, offset, *raw)
        for at in range(offset + self._used, offset + self.size):
            buf[at] = 0  # MicroPython leaves padding as it was

    def check(self, values: list[int | None]) -> None:
        """LayoutError if there are too many or too few, or one is missing or out of range."""
        if len(values) != len(self.fields):
            raise LayoutError(f"{self.name}: {len(values)} values for {len(self.fields)} fields")
        for field, value in zip(self.fields, values):
            if value is None:
                if not field[2].endswith("?"):
                    raise LayoutError(f"{self.name}.{field[0]} must not be missing")
            elif value < field[3] or value > field[4]:
                name, _, unit, low, high = field
                raise LayoutError(f"{self.name}.{name} = {value} is outside {low}..{high} {unit}")

    def _with_sentinels(self, values: list[int | None]) -> list[int | None]:
        """A copy with what stands for a missing value."""
        return [
            MISSING[field[1]] if value is None else value
            for field, value in zip(self.fields, values)
        ]

    def pack(self, values: list[int | None]) -> bytes:
        """The packed bytes of `values` given in field order."""
        buf = bytearray(self.size)
        self.pack_into(buf, 0, values)
        return bytes(buf)

    def pack_named(self, values: dict[str, int | None]) -> bytes:
        """The packed bytes of `values` given by name; each field must be there, and no other."""
        names = [f[0] for f in self.fields]
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
        values: list[int | None] = []
        for field, value in zip(self.fields, struct.unpack_from(self.format, buf, offset)):
            missing = field[2].endswith("?") and value == MISSING[field[1]]
            values.append(None if missing else value)
        return values

    def unpack_named(
        self, buf: bytes | bytearray | memoryview, offset: int = 0
    ) -> dict[str, int | None]:
        """The values at `offset` by field name."""
        names = [f[0] for f in self.fields]
        return dict(zip(names, self.unpack_from(buf, offset)))

    def describe(self) -> str:
        """A canonical text of the table; the schema id is made of these."""
        fields = ["{}/{}/{}/{}/{}".format(*f) for f in self.fields]
        return "{}:{}:{}".format(self.name, self.size, ",".join(fields))
