"""A Typer group whose commands cost nothing until they are run.

Two savings, measured with ``python -X importtime``: the commands' modules are
imported one by one, and an option that was not given is not validated. Typer
validates with pydantic, whose import takes as long as all of `arf list`.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup
from typer.main import get_command


class LazyGroup(TyperGroup):
    """Imports a command when it is run, or all of them to list them.

    A subclass says which there are.

    Attributes:
        modules: Name of each command -> the module whose ``app`` is it, in the
            order of the help.

    """

    modules: ClassVar[Mapping[str, str]] = {}

    def list_commands(self, _context: typer.Context) -> list[str]:  # type: ignore[override]  # the vendored Context is typer's
        """Return the names in the order of the help."""
        return list(self.modules)

    def get_command(self, _context: typer.Context, name: str) -> Any:  # type: ignore[override]
        """Import a command."""
        if name in self.modules and name not in self.commands:
            command = get_command(import_module(self.modules[name]).app)
            command.name = name
            skip_validation_of_absent_options(command)
            self.commands[name] = command
        return self.commands.get(name)

    def resolve_command(self, context: typer.Context, args: list[str]) -> Any:  # type: ignore[override]
        """Find the command that the arguments name, or say which could be meant."""
        if args and args[0] not in self.modules:
            # "Did you mean ...?" looks among the commands that are there.
            for name in self.modules:
                self.get_command(context, name)
        return super().resolve_command(context, args)


def skip_validation_of_absent_options(command: Any) -> None:
    """Let a parameter that was not given be None without asking pydantic, in all of a command."""
    for parameter in command.params:
        if not parameter.required and not parameter.multiple and parameter.nargs == 1:
            parameter.process_value = _unless_absent(parameter.process_value)
    for subcommand in getattr(command, "commands", {}).values():
        skip_validation_of_absent_options(subcommand)


def _unless_absent(process_value: Any) -> Any:
    def process(context: typer.Context, value: Any) -> Any:
        return None if value is None else process_value(context, value)

    return process
