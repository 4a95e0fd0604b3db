"""``arf config``: look at the settings and change one."""

import json as json_module
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from autoresumefiller.cli.group import Group
from autoresumefiller.cli.session import JsonOption, Session, VaultOption
from autoresumefiller.errors import ConfigError, InvalidArgumentError

if TYPE_CHECKING:
    from autoresumefiller.user_data_manager import UserDataManager

app = Group(
    "Show and change settings; API keys and passwords are never shown.\n\n"
    "Without anything else the settings are shown.",
    examples="arf config show\narf config get backup.max_backups\n"
    "arf config set backup.max_backups 20\n"
    "arf config set ai_providers.openai.api_key      (asks, and shows nothing)",
)

# What a new value looks like; anything else is text. Leading zeros are: "01234" is no number.
_KINDS: tuple[tuple[Callable[[str], object], re.Pattern[str]], ...] = (
    (lambda typed: typed == "true", re.compile("true|false")),
    (int, re.compile("-?(?:0|[1-9][0-9]{0,17})")),
    (float, re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17}")),
)

NameArgument = Annotated[
    str,
    typer.Argument(metavar="NAME", help="A setting, like backup.max_backups.", show_default=False),
]


@app.command()
@app.otherwise
def show(context: typer.Context, *, vault: VaultOption = None, json: JsonOption = False) -> None:
    """Print config.yaml with every secret masked."""
    session = Session(context, vault=vault, json=json)
    text = session.open_vault().show_config()
    for line in text.splitlines():
        session.terminal.say(line)
    session.terminal.result({"text": text})


@app.command()
def get(
    context: typer.Context,
    name: NameArgument,
    *,
    vault: VaultOption = None,
    json: JsonOption = False,
) -> None:
    """Print one setting; a secret is masked."""
    from autoresumefiller.vault.config_text import get_value

    session = Session(context, vault=vault, json=json)
    # Looked up in the masked text: whatever is asked for, and whatever is inside
    # of it, no secret can come out.
    value = get_value(session.open_vault().show_config().encode(), name)
    session.terminal.say(_written(value))
    session.terminal.result({"name": name, "value": value})


@app.command("set")
def set_(
    context: typer.Context,
    name: NameArgument,
    value: Annotated[
        str | None,
        typer.Argument(
            metavar="[VALUE]",
            help="Left out: asked for without being shown, or read from standard input. "
            "Use that for keys: what stands on a command line is remembered by the shell.",
            show_default=False,
        ),
    ] = None,
    *,
    vault: VaultOption = None,
    json: JsonOption = False,
) -> None:
    """Change one setting. Comments and everything else in config.yaml stay as they are."""
    session = Session(context, vault=vault, json=json)
    manager = session.open_vault()
    typed = _asked_for(session, name) if value is None else value
    session.when_interrupted(
        "Interrupted. The setting has its new value or the one before: 'arf config get' shows it."
    )
    manager.set_setting(name, typed if _is_secret(name) else _parsed(typed, manager, name))
    session.terminal.say(("Set ", "bold green"), name)
    session.terminal.result({"name": name, "set": True})


def _asked_for(session: Session, name: str) -> str:
    if session.terminal.interactive:
        return session.terminal.ask_hidden(f"Value of {name} (it is not shown): ")
    line = sys.stdin.readline()
    if not line:
        raise InvalidArgumentError(
            "There is no value", hint="Give it after the name, or on standard input."
        )
    return line.rstrip("\r\n")


def _is_secret(name: str) -> bool:
    from autoresumefiller.redaction.secrets import is_secret_key

    return is_secret_key(name.rpartition(".")[2])


def _parsed(typed: str, manager: "UserDataManager", name: str) -> object:
    """Read a value as the kind that the setting has to have, or has now; else as it looks.

    A text stays a text whatever it looks like: a model called ``4`` is no number.
    """
    from autoresumefiller.vault.config_text import kind_of

    kind = kind_of(name)
    if kind is tuple:
        return [item for part in typed.strip("[]").split(",") if (item := part.strip(" \"'"))]
    if kind is str or (kind is None and isinstance(_present(manager, name), str)):
        return typed
    for looks_like, pattern in _KINDS:
        if pattern.fullmatch(typed):
            return looks_like(typed)
    return typed


def _present(manager: "UserDataManager", name: str) -> object:
    try:
        return manager.get_setting(name)
    except ConfigError:  # a new one, or what set_setting will explain better
        return None


def _written(value: object) -> str:
    """Write a value as YAML would: one line."""
    if isinstance(value, str):
        return value
    return json_module.dumps(value, ensure_ascii=False, default=str)
