"""The application: all commands, and the one place where errors become exit codes."""

import contextlib
import importlib.metadata
import inspect
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.text import Text
from typer.core import TyperGroup

from soakbench.cli.commands import (
    check,
    clear,
    confirm,
    daemon,
    demo,
    extend,
    note,
    pause,
    plan,
    ports,
    queue,
    rehearse,
    relays,
    resume,
    retime,
    run,
    schema,
    skip,
    status,
    stop,
    summary,
    twin,
    watch,
)
from soakbench.cli.commands.calibrate import hotplate, light, thermistor
from soakbench.cli.commands.jv import importing, recompute, show, table
from soakbench.cli.commands.smu import check as smu_check
from soakbench.cli.options import examples
from soakbench.cli.output import make_console
from soakbench.errors import SoakbenchError, leaves

EXIT_FAILED = 1


class _Group(TyperGroup):
    """Says what went wrong and what to do, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except SoakbenchError as error:
            report(error)
            raise typer.Exit(error.exit_code) from error
        except BaseExceptionGroup as group:
            known = next((e for e in leaves(group) if isinstance(e, SoakbenchError)), None)
            if known is None:
                raise
            report(known)
            raise typer.Exit(known.exit_code) from group
        except KeyboardInterrupt as interrupt:
            make_console(to_stderr=True).print("interrupted")
            raise typer.Exit(EXIT_FAILED) from interrupt


def report(error: SoakbenchError) -> None:
    """Print `error: ...` and `  hint: ...` on standard error."""
    console = make_console(to_stderr=True)
    text = Text("error: ", style="bad").append(str(error), style="none")
    if error.hint:
        text.append("\n  hint: ", style="warn").append(error.hint, style="none")
    console.print(text, soft_wrap=True)


app = typer.Typer(
    name="soakbench",
    cls=_Group,
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_show_locals=False,
    epilog=examples(
        "soakbench demo",
        "soakbench check paper-fig4 --bench twin",
        "soakbench run paper-fig4 --bench my-bench.toml",
    ),
)

_TRY, _RUN, _PREPARE = "Begin here", "Run and watch", "Prepare"
_COMMANDS = "Commands"


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"soakbench {importlib.metadata.version('soakbench')}")
        raise typer.Exit


ABOUT = """
Ageing and recovery of perovskite solar cells, run by a bench.

A small board holds each cell at open circuit (OC) or short circuit (SC), keeps the hotplate at its
temperature and logs light and temperatures. This program gives it the plan, keeps every record in
a database, and shows what is going on.

The bench file says what is wired to which pin; the plan file says which cells are aged and recover
where, and for how long. Examples of both come with soakbench, and so does a simulated bench: try
`soakbench demo` first.
"""


def _flowing(text: str | None) -> str:
    """A docstring's paragraphs as single lines, so that help fits any width of terminal."""
    paragraphs = inspect.cleandoc(text or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


@app.callback(help=_flowing(ABOUT))
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """What all commands share."""


CALIBRATE_ABOUT = """
Measure what the bench file must say about your bench, and put it there.

Each command shows what it has found and which lines it would change, and changes them only if you
agree. The old file stays beside the new one, with .bak at its end.
"""

calibrate = typer.Typer(
    no_args_is_help=True, rich_markup_mode="rich", help=_flowing(CALIBRATE_ABOUT)
)

SMU_ABOUT = """
The source meter that takes J-V curves: `[smu]` of the bench file.
"""

smu = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", help=_flowing(SMU_ABOUT))


queue_group = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode="rich",
    callback=queue.queue,
    help=_flowing(queue.queue.__doc__),
    epilog=queue.EXAMPLES,
)


jv = typer.Typer(
    invoke_without_command=True,
    callback=table.table,
    rich_markup_mode="rich",
    help=_flowing(table.table.__doc__),
    epilog=table.EXAMPLES,
)


def _add(
    panel: str,
    command: Callable[..., None],
    epilog: str,
    group: typer.Typer = app,
    settings: dict[str, Any] | None = None,
    name: str | None = None,
) -> None:
    help_text = _flowing(command.__doc__)
    group.command(
        name, rich_help_panel=panel, help=help_text, epilog=epilog, context_settings=settings
    )(command)


_add(_TRY, demo.demo, demo.EXAMPLES)
_add(_PREPARE, check.check, check.EXAMPLES)
_add(_PREPARE, plan.plan, plan.EXAMPLES)
_add(_PREPARE, rehearse.rehearse, rehearse.EXAMPLES)
app.add_typer(calibrate, name="calibrate", rich_help_panel=_PREPARE)
_add(_COMMANDS, hotplate.hotplate, hotplate.EXAMPLES, calibrate)
_add(_COMMANDS, thermistor.thermistor, thermistor.EXAMPLES, calibrate)
_add(_COMMANDS, light.light, light.EXAMPLES, calibrate)
app.add_typer(smu, name="smu", rich_help_panel=_PREPARE)
_add(_COMMANDS, smu_check.check, smu_check.EXAMPLES, smu)
_add(_PREPARE, schema.schema, schema.EXAMPLES)
_add(_PREPARE, ports.ports, ports.EXAMPLES)
_add(_PREPARE, twin.twin, twin.EXAMPLES)
_add(_RUN, run.run, run.EXAMPLES)
app.add_typer(queue_group, name="queue", rich_help_panel=_RUN)
_add(_COMMANDS, queue.remove, queue.REMOVE_EXAMPLES, queue_group)
_add(_COMMANDS, queue.resume, queue.RESUME_EXAMPLES, queue_group)
_add(_RUN, daemon.daemon, daemon.EXAMPLES)
_add(_RUN, status.status, status.EXAMPLES)
_add(_RUN, watch.watch, watch.EXAMPLES)
_add(_RUN, confirm.confirm, confirm.EXAMPLES)
_add(_RUN, clear.clear, clear.EXAMPLES)
_add(_RUN, pause.pause, pause.EXAMPLES)
_add(_RUN, resume.resume, resume.EXAMPLES)
_add(_RUN, skip.skip, skip.EXAMPLES)
_add(_RUN, extend.extend, extend.EXAMPLES, settings=extend.SETTINGS)
_add(_RUN, note.note, note.EXAMPLES)
_add(_RUN, stop.stop, stop.EXAMPLES)
_add(_RUN, summary.summary, summary.EXAMPLES)
app.add_typer(jv, name="jv", rich_help_panel=_RUN)
_add(_COMMANDS, importing.import_, importing.EXAMPLES, jv, name="import")
_add(_COMMANDS, show.show, show.EXAMPLES, jv)
_add(_COMMANDS, recompute.recompute, recompute.EXAMPLES, jv)
_add(_RUN, retime.retime, retime.EXAMPLES)
_add(_RUN, relays.relays, relays.EXAMPLES)


def main() -> None:
    """The `soakbench` command."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # a replaced stream may not be a text file
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    app()
