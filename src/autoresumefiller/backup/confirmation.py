"""Ask a person whether an import may go on: the story's AC4.

Two ways: a callback that a GUI or an API provides, or two questions on the
terminal. Where there is neither, the import is refused; it never blocks.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from autoresumefiller.errors import ConfirmationRequiredError
from autoresumefiller.model.plan import ImportPlan

ConfirmCallback: TypeAlias = Callable[[ImportPlan], bool]
"""``callback(plan)``: True to go on. An exception raised in it cancels the import."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the person said."""

    proceed: bool
    backup_existing: bool


def ask(plan: ImportPlan, *, callback: ConfirmCallback | None, backup_existing: bool) -> Answer:
    """Put the plan to whoever is there.

    ``backup_existing`` is what the caller wants; on the terminal the person
    has the last word.

    Raises:
        ConfirmationRequiredError: no callback and no terminal.

    """
    if callback is not None:
        return Answer(proceed=bool(callback(plan)), backup_existing=backup_existing)
    if not _is_terminal():
        raise ConfirmationRequiredError(
            "Existing data would be replaced, and there is no terminal to ask at"
        )
    return _ask_at_terminal(plan, backup_existing=backup_existing)


def _ask_at_terminal(plan: ImportPlan, *, backup_existing: bool) -> Answer:
    # str(plan) holds both questions; each is asked where it stands.
    before, _, question = str(plan).rpartition("\n\n")
    default = "[Y/n]" if backup_existing else "[y/N]"
    first = before.replace("[Y/n]", default) + " "
    try:
        backup = _yes(first, default=backup_existing)
        proceed = _yes(f"\n{question} ", default=False)
    except EOFError:  # Ctrl-D: whoever goes away does not agree
        return Answer(proceed=False, backup_existing=backup_existing)
    return Answer(proceed=proceed, backup_existing=backup)


def _yes(question: str, *, default: bool) -> bool:
    """Ask until it is a yes or a no: a slip of the finger must not cost the backup."""
    while True:
        said = input(question).strip().casefold()
        if not said:
            return default
        if said in {"y", "yes"}:
            return True
        if said in {"n", "no"}:
            return False
        question = "Please answer y or n: "


def _is_terminal() -> bool:
    try:
        return sys.stdin is not None and sys.stdin.isatty()
    except ValueError:  # closed
        return False
