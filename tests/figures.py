"""What tests have measured: told at the end of the run, however many processes it had."""

SAID: list[str] = []


def say(line: str) -> None:
    """To be read by whoever has run the tests."""
    SAID.append(line)
