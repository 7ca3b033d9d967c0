"""`soakbench ports`."""

from rich.table import Table
from rich.text import Text

from soakbench.cli.options import JsonOption, examples
from soakbench.cli.output import make_console, print_json
from soakbench.link.ports import PortInfo, list_ports

EXAMPLES = examples("soakbench ports")


def ports(json: JsonOption = False) -> None:
    """List the serial ports of this computer.

    The name in the first column goes into the bench file, as port = "..." of its \\[bench]. Where
    there is a name under /dev/serial/by-id it is the one to use: it stays the same when the
    board is plugged in again.
    """
    found = list_ports()
    if json:
        print_json(found)
        return
    console = make_console()
    if not found:
        console.print("There are no serial ports. Is the board plugged in, with a data cable?")
        return
    console.print(_table(found))


def _table(found: list[PortInfo]) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="quiet")
    table.add_column("Port for the bench file", overflow="fold", style="name")
    table.add_column("Device", no_wrap=True)
    table.add_column("What it is", overflow="fold")
    for port in found:
        what = Text("" if port.description == "n/a" else port.description)
        if port.likely_board:
            what.append("  likely the board", style="ok")
        table.add_row(port.stable, port.device, what)
    return table
