"""What can run but should be known first."""

from collections.abc import Iterator

from soakbench.config import BenchConfig, PlanConfig
from soakbench.config.phases import Environment
from soakbench.plan.course import course
from soakbench.plan.isos_claim import claim_problems


def warnings(plan: PlanConfig, bench: BenchConfig) -> list[str]:
    """In words, for `plan` that has passed `check` on `bench`."""
    return [
        *_empty_warnings(plan),
        *_latching_warnings(plan, bench),
        *map(plan.source.described, claim_problems(plan, bench)),
    ]


def _empty_warnings(plan: PlanConfig) -> Iterator[str]:
    for name, track in plan.tracks.items():
        if not track.cells:
            yield (
                f"track {name} has no cells: its phases only light or heat the station, and every"
                " cell stays at its power_off load"
            )


def _latching_warnings(plan: PlanConfig, bench: BenchConfig) -> Iterator[str]:
    """S16: a latching contact stays where it is in a power cut, whatever `power_off` says."""
    for name, track in plan.tracks.items():
        apart: dict[str, list[str]] = {}  # load → cells that a power cut would leave at it
        for step in course(track):
            for cell, load in step.loads.items():
                config = bench.cells[cell]
                latching = config.short_relay is not None and config.short_relay.latching
                if not (latching and isinstance(step.phase, Environment)):
                    continue
                if load != config.power_off and cell not in apart.setdefault(load, []):
                    apart[load].append(cell)
        for at, cells in apart.items():
            power_off = "SC" if at == "OC" else "OC"
            yield (
                f"track {name}: latching relays at {', '.join(cells)}. A power cut while these are"
                f" at {at} leaves them there; only a stop, or the board once it is back, takes"
                f" them to their power_off load {power_off}. If light can fall on them without"
                " power, choose power_off and phases so that this does no harm, or use relays that"
                " need current to stay (safety rules R9, S16)"
            )
