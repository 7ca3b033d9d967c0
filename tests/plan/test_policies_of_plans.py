"""What a plan may say about trouble, time-outs and sensors that confirm.

What it may not say is in findings/.
"""

from soakbench.assets import find_bench
from soakbench.config import load_bench, parse_plan
from soakbench.plan import check

PLAN = """
[plan]
name = "watched"
lamp_failure = "pause after 30 min"
operator_absence = "stop after 24 h"

[tracks.a]
cells = ["A1"]
station = "simulator"

[[tracks.a.phases]]
phase = "ageing"
until = "1 h"
timeout = "3 h"
on_timeout = "skip"

[[tracks.a.phases]]
phase = "confirm"
message = "Move"
station = "hotplate_box"
by_sensors = ["dark", "contact", "warm"]
steady = "2 min"

[[tracks.a.phases]]
phase = "thermal_recovery"
until = "1 h"
temperature = "50 °C"
"""


def test_the_plan_can_run():
    check(parse_plan(PLAN, "p.toml"), load_bench(find_bench("twin-sensed")))
