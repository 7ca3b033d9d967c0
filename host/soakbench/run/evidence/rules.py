"""The rules of evidence: what contradicts the commanded condition, from when on, and why then.

One table. A reading is judged once `settle_s` have passed since the step began, the load or the
light switched. A finding opens after `samples` bad readings in a row that span `lasting_s`, and
begins with the first of them; it ends with the first of as many good ones, or as soon as the
condition it is about is over. Between `bad` and `good` nothing changes (hysteresis).
"""

from dataclasses import dataclass

IN_A_ROW = 3  # one reading may be disturbed, three are not

# Light that a cell must answer to. Below it, down to none, a cell's silence proves nothing.
LIT_SUNS = 0.05

# What a cell of 1 cm2 gives at SC in one sun at the least: 23.6 mA in the study, less once aged.
LEAST_UA_PER_CM2 = 20_000.0

# Less than this is the converter's own: ten of its steps over 4.7 Ohm.
SEEN_UA = 20.0

# Of a plan that names no light.
USUAL_SUNS = 1.0

# A lamp that a person switches on may come some minutes after its step has begun.
BY_HAND_S = 300.0


@dataclass(frozen=True)
class Rule:
    """One rule. `bad` and `good` are in `unit`; a share of 1 is of what was to be expected."""

    id: str
    what: str
    """A sentence about {subject}, with {value}, {limit}, {station} and {cells}."""
    todo: str
    why: str
    """The reason for the numbers."""
    unit: str = ""
    bad: float = 0.0
    good: float = 0.0
    settle_s: float = 0.0
    samples: int = IN_A_ROW
    lasting_s: float = 0.0
    deviation: bool = True
    """What a report must list."""


_LOOK_AT_RELAY = "look at its short relay and the relay's wires; its load is not known until then"

SC_SHOWS_VOLTAGE = Rule(
    "sc_shows_voltage",
    "{subject} is at SC, yet it shows {value} (more than {limit})",
    _LOOK_AT_RELAY,
    "judged on the board. Over 5 Ohm of shunt and contacts 1.7 mA leave 8 mV; a cell that is not"
    " shorted shows 0.6 V and more",
    "mV",
    bad=100.0,
    samples=1,
)
SC_NO_CURRENT = Rule(
    "sc_no_current",
    "{subject} is at SC under light, yet it gives {value} (at least {limit} was to be expected)",
    "look at its contacts, its short relay and the shunt; a dead cell shows the same",
    "a tenth of what an aged cell gives in the light it has: no cell that is of use gives less. At"
    " least 20 uA, which the shunt can tell from none; a cell that is to give less than twice that"
    " is not judged",
    "share",
    bad=0.10,
    good=0.15,
    settle_s=30.0,
    lasting_s=10.0,
)
OC_NO_VOLTAGE = Rule(
    "oc_no_voltage",
    "{subject} is at OC under light, yet it shows {value} (less than {limit})",
    "look at its contacts and at its short relay, which may stick; a dead cell shows the same",
    "a good cell shows 0.6 V at a ten-thousandth of a sun already",
    "mV",
    bad=100.0,
    good=150.0,
    settle_s=30.0,
    lasting_s=10.0,
)
OC_CARRIES_CURRENT = Rule(
    "oc_carries_current",
    "{subject} is at OC, yet its shunt carries {value} (more than {limit})",
    _LOOK_AT_RELAY,
    "judged on the board. 20 uA is ten steps of the converter and about 1 % of the photocurrent of"
    " 0.07 cm2",
    "uA",
    bad=SEEN_UA,
    samples=1,
)
DARK_LUX = Rule(
    "dark_lux",
    "{value} at {subject} in a dark phase (at most {limit})",
    "close the box, cover the station or switch the room's light off",
    "the limit is the plan's (dark_max_lux). A box that is opened for a look is none: 20 s. The"
    " minute before belongs to who confirms first and closes the lid then",
    "lux",
    good=1.0,  # of the limit
    settle_s=60.0,
    lasting_s=20.0,
)
DARK_SUNS = Rule(
    "dark_suns",
    "{value} at {subject} in a dark phase (at most {limit})",
    "see that the shutter or the lamp is off and the station is covered",
    "ten times the noise of a photodiode that is made for 1.2 suns; used where no lux sensor is",
    "suns",
    bad=0.010,
    good=0.008,
    settle_s=60.0,
    lasting_s=20.0,
)
DARK_VOLTAGE = Rule(
    "dark_voltage",
    "{subject} shows {value} in a dark phase (at most {limit})",
    "light falls on the cell: cover it; its recovery is not one in the dark",
    "10 mV is light of far below a lux. The photovoltage of a perovskite cell fades for a minute,"
    " also after somebody has looked into the box",
    "mV",
    bad=10.0,
    good=8.0,
    settle_s=120.0,
    lasting_s=120.0,
)
DARK_CURRENT = Rule(
    "dark_current",
    "{subject} gives {value} in a dark phase (at most {limit})",
    "light falls on the cell: cover it; its recovery is not one in the dark",
    "as at OC: ten steps of the converter",
    "uA",
    bad=SEEN_UA,
    good=15.0,
    settle_s=120.0,
    lasting_s=20.0,
)
NO_LIGHT = Rule(
    "no_light",
    "{value} at {subject} while cells are to age there (less than {limit})",
    "see that the lamp burns and the shutter opens; no time counts until then",
    "a tenth of the light wanted: a lamp that warms up or drifts is the board's to judge"
    " (out_of_condition)",
    "share",
    bad=0.10,
    good=0.15,
    settle_s=60.0,
    lasting_s=20.0,
)
NO_LIGHT_AT_CELLS = Rule(
    "no_light_at_cells",
    "no cell at {subject} shows any light while they are to age there ({cells})",
    "see that the lamp burns and the shutter opens; there is no light sensor to tell",
    "where no light sensor is, only the cells can tell; one that shows something proves the light",
    settle_s=60.0,
    lasting_s=20.0,
)
NO_CONTACT = Rule(
    "no_contact",
    "{subject} was moved to {station} and shows nothing under light there: {value}"
    " (at least {limit} was to be expected)",
    "seat the cell anew and look at its contacts",
    "as sc_no_current and oc_no_voltage",
    settle_s=30.0,
    lasting_s=10.0,
)
REVERSED = Rule(
    "reversed",
    "{subject} shows the wrong polarity under light: {value}",
    "turn the cell round or exchange its two wires",
    "negative by half of what counts as nothing; a converter's offset is 0.2 mV",
    settle_s=30.0,
    lasting_s=10.0,
)
UNCHECKED = Rule(
    "move_unchecked",
    "{subject} was moved to {station}; its contact and polarity could not be checked there yet",
    "nothing; it is checked as soon as there is light and a reading",
    "in the dark a cell without contact shows what one with contact shows: nothing",
    samples=1,
    deviation=False,
)
CONVERTER_SILENT = Rule(
    "converter_silent",
    "converter {subject} does not answer: no evidence for {cells}",
    "look at its plug, its supply and the bus; the run goes on without it",
    "the board tells it after 4 failures in a row",
    samples=1,
)
LUX_SILENT = Rule(
    "lux_silent",
    "the lux sensor of {subject} does not answer: nothing proves the dark for {cells}",
    "look at the cable to the box; dark time counts again when it answers",
    "the board tells it after 4 failures in a row",
    samples=1,
)
HUMIDITY_SILENT = Rule(
    "humidity_silent",
    "the humidity sensor of {subject} does not answer",
    "look at its cable; the run goes on without it",
    "the board tells it after 4 failures in a row",
    samples=1,
)

RULES = {
    rule.id: rule
    for rule in (
        SC_SHOWS_VOLTAGE,
        SC_NO_CURRENT,
        OC_NO_VOLTAGE,
        OC_CARRIES_CURRENT,
        DARK_LUX,
        DARK_SUNS,
        DARK_VOLTAGE,
        DARK_CURRENT,
        NO_LIGHT,
        NO_LIGHT_AT_CELLS,
        NO_CONTACT,
        REVERSED,
        UNCHECKED,
        CONVERTER_SILENT,
        LUX_SILENT,
        HUMIDITY_SILENT,
    )
}

# A cell that shows so many times the least is well again.
ENOUGH = 1.5

# And one that shows so much of it below zero has the wrong polarity.
REVERSED_SHARE = 0.5
