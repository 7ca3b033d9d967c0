"""From a true value to what the board's converter reads: dividers, photodiode, noise, faults."""

import random
from enum import Enum
from typing import Protocol

from soakbench.config.bench import LightSensor, Thermistor
from soakbench.plan.thermistor import resistance_ohm

ADC_TOP = 4095  # 12 bits
_NOISE_LENGTH = 4096
_FULL_SCALE_U16 = 65535


class Fault(Enum):
    """What can happen to a thermistor: its wires, or what it says."""

    OPEN = "open"
    SHORT = "short"
    STUCK = "stuck"
    OFFSET = "offset"


class Sensor(Protocol):
    """Something on an ADC pin."""

    def level(self) -> float:
        """The ideal 12-bit code, not rounded."""


class ThermistorInput:
    """An NTC in its divider; `temp_c` is set by who knows, `fault` by who breaks it.

    One that was calibrated reads `offset_c` too low, so that it is right with the bench file's.
    """

    def __init__(self, part: Thermistor, offset_c: float = 0.0) -> None:
        self._part = part
        self._too_low_k = offset_c
        self.temp_c = 25.0
        self.fault: Fault | None = None
        self._offset_k = 0.0
        self._stuck_share = 0.0

    def set_fault(self, fault: Fault | None, offset_k: float) -> None:
        """Break it, or mend it; `offset_k` is what OFFSET adds."""
        self._stuck_share = self.share()
        self.fault = fault
        self._offset_k = offset_k if fault is Fault.OFFSET else 0.0

    def level(self) -> float:
        """The ideal 12-bit code, not rounded."""
        return ADC_TOP * self.share()

    def share(self) -> float:
        """Of what feeds the divider."""
        part = self._part
        if self.fault is Fault.STUCK:
            return self._stuck_share
        if self.fault is Fault.OPEN:
            share = 1.0
        elif self.fault is Fault.SHORT:
            share = 0.0
        else:
            read_c = self.temp_c + self._offset_k - self._too_low_k
            share = 1 / (1 + part.divider_ohm / resistance_ohm(part, read_c))
        return share if part.ntc_to == "ground" else 1 - share


class PhotodiodeInput:
    """A photodiode over its burden resistor, linear in light; `suns` is set by who knows."""

    def __init__(self, sensor: LightSensor) -> None:
        self._dark = ADC_TOP * sensor.dark_code / _FULL_SCALE_U16
        self._per_sun = (ADC_TOP - self._dark) / sensor.full_scale_suns
        self.suns = 0.0

    def level(self) -> float:
        """The ideal 12-bit code, not rounded."""
        return self._dark + self._per_sun * self.suns


class Converter:
    """The 12-bit converter: noise, rounding, and the scale of `ADC.read_u16`."""

    def __init__(self, noise_lsb: float, seed: int) -> None:
        # Drawn once: a Gaussian for each conversion would cost more than the conversion. The half
        # makes a rounding of what is cut off.
        draw = random.Random(seed)
        self._noise = [0.5 + draw.gauss(0, noise_lsb) for _ in range(_NOISE_LENGTH)]
        self._low, self._high = -min(self._noise), ADC_TOP - max(self._noise)

    def codes_u16(self, level: float, count: int, number: int) -> list[int]:
        """`count` conversions of a 12-bit `level`, as read_u16 gives them; `number` chooses the
        noise."""
        at = number * count % (_NOISE_LENGTH - count)
        noises = self._noise[at : at + count]
        if self._low <= level <= self._high:
            return [(code := int(level + noise)) << 4 | code >> 8 for noise in noises]
        codes = [min(max(int(level + noise), 0), ADC_TOP) for noise in noises]
        return [code << 4 | code >> 8 for code in codes]
