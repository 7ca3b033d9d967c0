"""Valid plans drawn from a seed, small enough to be rehearsed."""

import random

STATIONS = ("simulator", "hotplate_box")
GROUPS = (["A1", "A2", "A3", "A4"], ["B1", "B2"], ["B3", "B4"])
_MOST_PHASES = 4


def random_plan(seed: int) -> str:
    """One to three tracks at the simulator of the bench `twin`, each in its own groups of cells.

    All tracks that age there do so first and together, since one lamp is on or off for all.
    """
    chance = random.Random(seed)
    groups = list(GROUPS[: chance.randint(1, 3)])
    together = _ageing(chance)
    text = f'[plan]\nname = "random-{seed}"\nfast_for_s = {chance.choice([0, 30])}\n'
    for number, cells in enumerate(groups):
        text += f'\n[tracks.t{number}]\ncells = {cells!r}\nstation = "simulator"\n'
        text += f'load = "{chance.choice(["OC", "SC"])}"\n'
        for phase in _phases(chance, together, alone=not number):
            text += f"\n[[tracks.t{number}.phases]]\n{_keys(phase)}"
    return text.replace("'", '"')


def _phases(chance: random.Random, together: dict[str, object], alone: bool) -> list[dict]:
    """Light, then rest; the first track may take its cells to the hotplate and back, in rounds."""
    phases: list[dict] = [{"phase": "jv"}] if chance.random() < 0.5 else []
    phases.append(dict(together))
    rest = [chance.choice([_dark, _jv, _confirm]) for _ in range(chance.randint(0, _MOST_PHASES))]
    phases += [make(chance) for make in rest]
    if alone and chance.random() < 0.5:
        phases += [
            {"phase": "confirm", "message": "to the plate", "station": "hotplate_box"},
            {"phase": "thermal_recovery", "until": "1 min", "temperature": "40 °C"},
            {"phase": "confirm", "message": "and back", "station": "simulator"},
        ]
    if chance.random() < 0.5:
        phases.append(_dark(chance) | {"label": "again"})
        phases.append(_jv(chance))
        phases.append({"phase": "loop", "back_to": "again", "times": chance.randint(1, 3)})
    return phases


def _ageing(chance: random.Random) -> dict[str, object]:
    phase: dict[str, object] = {"phase": "ageing", "light": "1 sun"}
    unit = chance.choice(["min", "dose"])
    minutes = chance.randint(2, 5)
    phase["until"] = f"{minutes} min" if unit == "min" else f"{minutes / 60:.6f} sun_h"
    if unit == "min" and chance.random() < 0.5:
        phase["jv_at"] = [f"{at} min" for at in range(1, minutes) if chance.random() < 0.5]
    return phase


def _dark(chance: random.Random) -> dict[str, object]:
    phase: dict[str, object] = {"phase": "dark_recovery", "until": f"{chance.randint(1, 3)} min"}
    if chance.random() < 0.3:
        phase["load"] = chance.choice(["OC", "SC"])
    return phase


def _jv(_: random.Random) -> dict[str, object]:
    return {"phase": "jv"}


def _confirm(_: random.Random) -> dict[str, object]:
    return {"phase": "confirm", "message": "look"}


def _keys(phase: dict[str, object]) -> str:
    return "".join(f"{key} = {_value(value)}\n" for key, value in phase.items())


def _value(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
