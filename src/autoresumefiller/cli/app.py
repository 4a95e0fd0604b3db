"""The commands put together; each is imported only when it is run or listed."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from autoresumefiller.cli.exit_codes import ExitCode, status_of
from autoresumefiller.cli.session import (
    Invocation,
    JsonOption,
    ServerStarter,
    VaultOption,
    YesOption,
)
from autoresumefiller.cli.terminal import Terminal
from autoresumefiller.errors import AutoResumeFillerError

# Name of the command -> its module, in the order of the help.
COMMANDS = {
    "init": "init",
    "export": "export",
    "import": "import_",
    "undo": "undo",
    "list": "list_",
    "show": "show",
    "verify": "verify",
    "delete": "delete",
    "cleanup": "cleanup",
    "profile": "profile",
    "config": "config",
    "doctor": "doctor",
    "salvage": "salvage",
}
_DEBUG = "AUTORESUMEFILLER_DEBUG"
_EPILOGUE = """\
New here? [bold]arf init[/bold] makes a place for your data, [bold]arf export[/bold] packs all of \
it into one file, and [bold]arf import FILE[/bold] puts it back, here or on another computer."""


class _LazyGroup(TyperGroup):
    """A group whose commands are modules that are imported when asked for."""

    def list_commands(self, _context: typer.Context) -> list[str]:  # type: ignore[override]  # the vendored Context is typer's
        return list(COMMANDS)

    def get_command(self, _context: typer.Context, name: str) -> Any:  # type: ignore[override]
        if name in COMMANDS and name not in self.commands:
            module = import_module(f"autoresumefiller.cli.{COMMANDS[name]}")
            command = get_command(module.app)
            command.name = name
            self.commands[name] = command
        return self.commands.get(name)

    def resolve_command(self, context: typer.Context, args: list[str]) -> Any:  # type: ignore[override]
        if args and args[0] not in COMMANDS:
            # "Did you mean ...?" looks among the commands that are there.
            for name in COMMANDS:
                self.get_command(context, name)
        return super().resolve_command(context, args)


app = typer.Typer(
    cls=_LazyGroup,
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
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # text streams of the interpreter
    invocation = Invocation(server=server)
    terminal = Terminal(json_lines=_wants_json(arguments))
    with invocation.interruption.watching():
        try:
            status = _invoke(arguments, program=program, invocation=invocation)
        except typer.TyperException as error:
            return _usage(terminal, error)
        except AutoResumeFillerError as error:
            terminal.error(error)
            return status_of(error)
        except (KeyboardInterrupt, typer.Abort):
            status = ExitCode.INTERRUPTED
        except BrokenPipeError:
            raise
        except Exception as error:
            if os.environ.get(_DEBUG):
                raise
            terminal.fault(error, how_to_see_more=f"{_DEBUG}=1")
            return ExitCode.FAILED
    if status == ExitCode.INTERRUPTED:
        terminal.interrupted(invocation.cancelled)
    elif invocation.interruption.came_too_late:
        terminal.note("Too late to cancel: it is done. 'arf undo' takes back an import.")
    return status


def _invoke(arguments: Sequence[str], *, program: str, invocation: Invocation) -> int:
    command = get_command(app)
    status = command.main(
        args=list(arguments), prog_name=program, standalone_mode=False, obj=invocation
    )
    return status if isinstance(status, int) else ExitCode.DONE


def _wants_json(arguments: Sequence[str]) -> bool:
    """Look for --json before anything is parsed: an error in the options is told in JSON too."""
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in own


def _usage(terminal: Terminal, error: typer.TyperException) -> int:
    context = getattr(error, "ctx", None)
    command = "arf" if context is None else context.command_path
    terminal.usage(error.format_message(), help_command=f"{command} --help")
    return ExitCode.USAGE
