"""`soakbench status`."""

from soakbench.api import ApiClient
from soakbench.cli.options import DataOption, JsonOption, examples
from soakbench.cli.output import make_console, print_json
from soakbench.cli.view.status import status_view

EXAMPLES = examples("soakbench status", "soakbench status --json")


def status(data: DataOption, json: JsonOption = False) -> None:
    """Show once what the bench is doing now.

    Asks the daemon that keeps the data directory: tracks and phases, temperatures, light, the
    load of every cell, and whether board, database and broker are well.
    """
    with ApiClient(data) as client:
        now = client.status()
    if json:
        print_json(now)
    else:
        make_console().print(status_view(now))
