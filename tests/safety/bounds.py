"""What the safety tests have seen: rule, case, worst value, bound. For both interpreters."""

SEEN = {}  # (rule, case) -> (worst, bound, unit)
CALM = {}  # rule-free stretches: case -> (hours, false trips)


def within(rule, case, seen, bound, unit="ms"):
    """Assert that `seen` keeps to its bound, and remember it."""
    worst = max(seen, SEEN[(rule, case)][0]) if (rule, case) in SEEN else seen
    SEEN[(rule, case)] = (worst, bound, unit)
    assert seen <= bound, (rule, case, seen, bound)


def calm(case, hours, trips):
    """Assert that nothing tripped in a stretch of normal operation, and remember it."""
    CALM[case] = (hours, len(trips))
    assert not trips, (case, trips)


def add(seen, calm_stretches):
    """What another process has seen."""
    for key, (worst, bound, unit) in seen.items():
        known = SEEN.get(key, (worst, bound, unit))[0]
        SEEN[key] = (max(worst, known), bound, unit)
    CALM.update(calm_stretches)


def _number(rule):
    return rule[0], int(rule[1:])


def table():
    """The lines of the report: rule, what was provoked, worst time seen, bound; false trips."""
    lines = []
    for rule, case in sorted(SEEN, key=lambda key: (_number(key[0]), key[1])):
        worst, bound, unit = SEEN[(rule, case)]
        lines.append(f"{rule:4} {case:58} {worst:>7} of {bound:>7} {unit}")
    for case in sorted(CALM):
        hours, trips = CALM[case]
        lines.append(f"     {case:58} {hours:7.1f} h, {trips} false trips")
    return lines
