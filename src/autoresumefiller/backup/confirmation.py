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
    if not (sys.stdin and sys.stdin.isatty()):
        raise ConfirmationRequiredError(
            "Existing data would be replaced, and there is no terminal to ask at"
        )
    return _ask_at_terminal(plan, backup_existing=backup_existing)


def _ask_at_terminal(plan: ImportPlan, *, backup_existing: bool) -> Answer:
    # str(plan) holds both questions; each is asked where it stands.
    before, _, question = str(plan).rpartition("\n\n")
    default = "[Y/n]" if backup_existing else "[y/N]"
    first = before.replace("[Y/n]", default) + " "
    backup = _yes(input(first), default=backup_existing)
    proceed = _yes(input(f"\n{question} "), default=False)
    return Answer(proceed=proceed, backup_existing=backup)


def _yes(answer: str, *, default: bool) -> bool:
    said = answer.strip().casefold()
    return default if not said else said in {"y", "yes"}
