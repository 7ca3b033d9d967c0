"""The results of calibrating sensors, for programs."""

from pydantic import BaseModel

from soakbench.calibration.light import LightFit, PositionMap
from soakbench.calibration.thermistor import Fitted


class PointResult(BaseModel):
    """One temperature; `residual_c` is what the new values leave of the error."""

    shown_c: float
    true_c: float
    error_c: float
    residual_c: float


class Uncertainty(BaseModel):
    """One standard error at a temperature."""

    temp_c: float
    error_c: float


class ThermistorResult(BaseModel):
    """`soakbench calibrate thermistor --json`. Values that were not sought are null."""

    station: str
    sensor: str
    kind: str
    offset_c: float | None
    r25_ohm: float | None
    beta_k: float | None
    steinhart_hart: list[float] | None
    points: list[PointResult]
    uncertainty: list[Uncertainty]
    warnings: list[str]
    stored: bool


class LightResult(BaseModel):
    """`soakbench calibrate light --json`. Values that were not measured are null."""

    station: str
    dark_code: int | None
    full_scale_suns: float | None
    shown_suns: float | None
    true_suns: float | None
    error: float | None
    positions: dict[str, float] | None
    drift: float | None
    warnings: list[str]
    stored: bool


def thermistor_result(
    station: str, key: str, found: Fitted, warnings: list[str], stored: bool
) -> ThermistorResult:
    """All of it."""
    part = found.thermistor
    alone = found.kind == "offset"
    curve = None if alone or part.steinhart_hart is None else list(part.steinhart_hart)
    return ThermistorResult(
        station=station,
        sensor=key,
        kind=found.kind,
        offset_c=found.offset_c if alone else None,
        r25_ohm=None if alone else part.r25_ohm,
        beta_k=None if alone else part.beta_k,
        steinhart_hart=curve,
        points=[
            PointResult(
                shown_c=point.shown_c,
                true_c=point.true_c,
                error_c=point.error_c,
                residual_c=residual_c,
            )
            for point, residual_c in zip(found.points, found.residuals_c, strict=True)
        ],
        uncertainty=[
            Uncertainty(temp_c=temp_c, error_c=error_c)
            for temp_c, error_c in found.uncertainty_c.items()
        ],
        warnings=warnings,
        stored=stored,
    )


def light_result(
    station: str,
    found: LightFit | None,
    true_suns: float | None,
    places: PositionMap | None,
    stored: bool,
) -> LightResult:
    """All of it."""
    both = (found, places)
    return LightResult(
        station=station,
        dark_code=found.dark_code if found else None,
        full_scale_suns=found.full_scale_suns if found and found.code is not None else None,
        shown_suns=found.shown_suns if found else None,
        true_suns=true_suns,
        error=found.error if found else None,
        positions=places.positions if places else None,
        drift=places.drift if places else None,
        warnings=[text for each in both if each is not None for text in each.warnings],
        stored=stored,
    )
