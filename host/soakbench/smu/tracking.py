"""Perturb and observe: stay at the maximum power by trying both sides of it."""


class PerturbAndObserve:
    """Where to go next. Without time and instrument.

    One step on as long as the power rises, back as soon as it falls: it ends up swinging over the
    maximum by a step or two. A power that is missing moves nothing.
    """

    def __init__(self, start_v: float, step_v: float, most_v: float) -> None:
        self.voltage_v = start_v
        self._step_v = step_v
        self._most_v = most_v
        self._last_mw: float | None = None

    def observe(self, power_mw: float | None) -> None:
        """What `voltage_v` gave; `voltage_v` is the next one afterwards."""
        if power_mw is None:
            return
        if self._last_mw is not None and power_mw < self._last_mw:
            self._step_v = -self._step_v
        self._last_mw = power_mw
        if not 0 <= self.voltage_v + self._step_v <= self._most_v:
            self._step_v = -self._step_v
        self.voltage_v = round(self.voltage_v + self._step_v, 6)
