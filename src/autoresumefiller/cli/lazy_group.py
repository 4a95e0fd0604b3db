"""A Typer group whose commands cost nothing until they are run.

Two savings, measured with ``python -X importtime``: the commands' modules are
imported one by one, and Typer is kept from validating what needs no validation:
it does that with pydantic, whose import takes as long as all of `arf list`.
"""

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup
from typer.main import get_command


def _place(typed: str) -> Path:
    """Take what was typed as the vault's place; blank is refused here, `Path` makes it "."."""
    from autoresumefiller.vault.location import resolve

    return resolve(typed)


_PLAIN: Mapping[str, Callable[[str], object]] = {"vault": _place}


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
            spare_validation(command)
            self.commands[name] = command
        return self.commands.get(name)

    def resolve_command(self, context: typer.Context, args: list[str]) -> Any:  # type: ignore[override]
        """Find the command that the arguments name, or say which could be meant."""
        if args and args[0] not in self.modules:
            # "Did you mean ...?" looks among the commands that are there.
            for name in self.modules:
                self.get_command(context, name)
        return super().resolve_command(context, args)


def spare_validation(command: Any) -> None:
    """Take values as they are where nothing can be wrong with them, in all of a command.

    That is one that was not given, text where text is asked for, and the vault,
    whose place has rules of its own.
    """
    # Asked for through a context, because only that brings --help along.
    for parameter in command.get_params(typer.Context(command)):
        parameter.get_runtime_param = partial(_Sparing, parameter.get_runtime_param)
    for subcommand in getattr(command, "commands", {}).values():
        spare_validation(subcommand)


class _Sparing:
    """Typer's runtime coercion of a parameter, built only for what needs it."""

    def __init__(self, build: Callable[[], Any]) -> None:
        self._build = build

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the value in the parameter's type."""
        several = param.multiple or param.nargs == -1
        if value is None:
            return () if several else None
        if param.name in _PLAIN:
            return _PLAIN[param.name](value)
        annotation = param.type_descriptor.annotation
        if annotation == list[str] and isinstance(value, list | tuple):
            return value
        if isinstance(annotation, type) and isinstance(value, annotation):
            return value
        return self._build().coerce(value, param=param, ctx=ctx)
