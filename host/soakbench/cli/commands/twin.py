"""`soakbench twin`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from soakbench.assets import find_bench
from soakbench.cli.interrupt import interruption
from soakbench.cli.options import BenchOption, examples
from soakbench.cli.output import make_console
from soakbench.config import load_bench
from soakbench.twin import TwinHandle

EXAMPLES = examples("soakbench twin", "soakbench twin --bench twin --link /tmp/soakbench-port")


def twin(
    bench: BenchOption = "twin",
    link: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            dir_okay=False,
            show_default="a temporary place",
            help="Where the simulated board's port is to appear.",
        ),
    ] = None,
) -> None:
    """Run the simulated bench alone, for other programs.

    The shipped firmware runs in MicroPython on this computer, with simulated cells, lamp,
    hotplate and sensors. The port it prints can be opened like that of a board. Ctrl-C ends it.

    For a run there is no need of this: `soakbench run` and `soakbench daemon` start a simulated
    bench by themselves where the bench file says port = "twin".
    """
    path = find_bench(bench)
    load_bench(path)  # tells here what is wrong with the file
    asyncio.run(_serve(path, link, make_console()))


async def _serve(bench: Path, link: Path | None, console: Console) -> None:
    async with interruption() as interrupted, TwinHandle.start(bench, link=link) as handle:
        console.print(f"Simulated bench on port {handle.port}", markup=False, soft_wrap=True)
        console.print("Ctrl-C ends it.", style="quiet")
        await interrupted.wait()
