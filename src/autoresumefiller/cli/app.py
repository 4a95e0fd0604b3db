"""The commands put together; each is imported only when it is run or listed."""

import io
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.main import get_command

from autoresumefiller.cli.exit_codes import ExitCode, status_of
from autoresumefiller.cli.lazy_group import LazyGroup, spare_validation
from autoresumefiller.cli.session import (
    Invocation,
    JsonOption,
    ServerStarter,
    VaultOption,
    YesOption,
)
from autoresumefiller.cli.terminal import Terminal
from autoresumefiller.errors import AutoResumeFillerError

_NAMES = (
    "init",
    "export",
    "import",
    "undo",
    "list",
    "show",
    "verify",
    "delete",
    "cleanup",
    "profile",
    "config",
    "encrypt",
    "key",
    "doctor",
    "salvage",
    "serve",
)
# What Python keeps for itself as a name, or uses for a type, gets an underscore.
COMMANDS = {
    name: f"{__package__}.{name}_" if name in {"import", "list"} else f"{__package__}.{name}"
    for name in _NAMES
}
_DEBUG = "AUTORESUMEFILLER_DEBUG"
_STOPPED = (
    "Interrupted on the way out: it is done or not, never half. What is unfinished is finished, "
    "or undone, before anything else is done with the vault."
)
_EPILOGUE = """\
New here? [bold]arf init[/bold] makes a place for your data, [bold]arf export[/bold] packs all of \
it into one file, and [bold]arf import FILE[/bold] puts it back, here or on another computer."""


class _Commands(LazyGroup):
    modules = COMMANDS


app = typer.Typer(
    cls=_Commands,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    invoke_without_command=True,
    epilog=_EPILOGUE,
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - Typer calls it with the option's value
    if wanted:
        from autoresumefiller.version import __version__

        typer.echo(f"autoresumefiller {__version__}")
        raise typer.Exit


@app.callback()
def main_options(
    context: typer.Context,
    *,
    vault: VaultOption = None,
    json: JsonOption = False,
    yes: YesOption = False,
    version: Annotated[  # noqa: ARG001 - its callback does the work
        bool,
        typer.Option(
            "--version", help="Print the version and end.", is_eager=True, callback=_print_version
        ),
    ] = False,
) -> None:
    """Keep your profile, resumes, cover letters and settings safe, and take them anywhere.

    One file holds everything and proves that it is whole; an import happens
    completely or not at all.
    """
    invocation = context.ensure_object(Invocation)
    invocation.vault, invocation.json, invocation.yes = vault, json, yes
    if context.invoked_subcommand is None:
        if json:
            context.fail("There is no command")
        typer.echo(context.get_help())
        raise typer.Exit(ExitCode.USAGE)


def run(arguments: Sequence[str], *, program: str, server: ServerStarter | None = None) -> int:
    """Run one command line and return its exit status; errors are told, never raised.

    Args:
        arguments: Without the program's name.
        program: The name to show in help.
        server: What `arf serve` runs; the neighbour that this package may not import.

    """
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal's encoding lacks is escaped, not a crash.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    invocation = Invocation(server=server)
    terminal = Terminal(json_lines=_wants_json(arguments))
    with invocation.interruption.watching():
        status = _run_and_tell(arguments, terminal, program=program, invocation=invocation)
    if status == ExitCode.INTERRUPTED:
        # Asked twice: where it was stopped is not known, so nothing is claimed.
        late = invocation.interruption.came_too_late or invocation.interruption.came_twice
        terminal.interrupted(_STOPPED if late else invocation.cancelled)
    elif invocation.interruption.came_too_late:
        terminal.note("It was too late to cancel: everything is done.")
    return status


def _run_and_tell(
    arguments: Sequence[str], terminal: Terminal, *, program: str, invocation: Invocation
) -> int:
    """Run the command, tell of its error if it has one, return its status."""
    try:
        return _invoke(arguments, program=program, invocation=invocation)
    except typer.TyperException as error:
        return _usage(terminal, error)
    except AutoResumeFillerError as error:
        terminal.error(error)
        return status_of(error)
    except (KeyboardInterrupt, typer.Abort):
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:
        if _came_of_an_interrupt(error):
            return ExitCode.INTERRUPTED
        if os.environ.get(_DEBUG):
            raise
        terminal.fault(error, how_to_see_more=f"{_DEBUG}=1")
        return ExitCode.FAILED


def _invoke(arguments: Sequence[str], *, program: str, invocation: Invocation) -> int:
    command = get_command(app)
    spare_validation(command)
    status = command.main(
        args=list(arguments), prog_name=program, standalone_mode=False, obj=invocation
    )
    return status if isinstance(status, int) else ExitCode.DONE


def _came_of_an_interrupt(error: BaseException | None) -> bool:
    """Whether it was raised while an interrupt was on its way out.

    One that hits the start of a thread, say, makes Python fail to wait for that thread.
    """
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__context__
    return False


def _wants_json(arguments: Sequence[str]) -> bool:
    """Look for --json before anything is parsed: an error in the options is told in JSON too."""
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in own


def _usage(terminal: Terminal, error: typer.TyperException) -> int:
    context = getattr(error, "ctx", None)
    command = "arf" if context is None else context.command_path
    # Of a value that fits no choice, the words in front are a library's, not ours.
    message = error.format_message().replace(": Value error, ", ": ")
    terminal.usage(message, help_command=f"{command} --help")
    return ExitCode.USAGE
