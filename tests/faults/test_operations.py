"""The tables of operations are complete: faults are tried on all that changes a vault."""

import inspect
import json
from contextlib import suppress
from pathlib import Path

import pytest
from typer import Context
from typer.core import TyperGroup
from typer.main import get_command

from autoresumefiller import UserDataManager
from autoresumefiller.cli.app import app
from autoresumefiller.encryption.recovery import make_kit
from autoresumefiller.errors import KeyNotFoundError, WrongKeyError
from tests.faults.injector import ROOT
from tests.faults.operations import (
    ADDRESSES,
    ADDRESSES_OF_THE_SERVER,
    COMMANDS,
    LIBRARY,
    PARTS,
    READING,
    READING_COMMANDS,
)
from tests.faults.scenarios import NOW, look
from tests.faults.whole import EVERY, open_manager


def test_every_method_of_the_library_is_in_a_table() -> None:
    public = {
        name
        for name, _ in inspect.getmembers(UserDataManager)
        if not name.startswith("_") or name == "__init__"
    }

    assert public == LIBRARY.keys() | READING
    assert not LIBRARY.keys() & READING


def test_every_command_is_in_a_table() -> None:
    assert set(_commands(get_command(app))) == COMMANDS.keys() | READING_COMMANDS
    assert set(COMMANDS.values()) <= LIBRARY.keys()


def test_every_address_that_could_change_something_is_in_a_table() -> None:
    described = json.loads((ROOT / "docs" / "openapi.json").read_text())["paths"]
    addresses = {
        f"{method.upper()} {path}"
        for path, methods in described.items()
        for method in methods
        if method not in {"get", "head", "parameters"}
    }

    assert addresses == ADDRESSES.keys() | ADDRESSES_OF_THE_SERVER
    assert set(ADDRESSES.values()) <= LIBRARY.keys()


def test_every_scenario_belongs_to_an_operation() -> None:
    named = {name for names in LIBRARY.values() for name in names}

    assert named | set(PARTS) == EVERY.keys() - {"careless"}


@pytest.mark.parametrize("method", sorted(READING))
def test_what_only_reads_changes_nothing(method: str, tmp_path: Path) -> None:
    root = tmp_path / "vault"
    EVERY["whole-delete"].prepare(root)
    EVERY["whole-undo"].prepare(tmp_path / "imported" / "vault")
    for vault in (root, tmp_path / "imported" / "vault"):
        manager = open_manager(vault)
        backup = manager.list_backups()[0]["filename"]
        kit = make_kit("four words for tests", now=NOW, work_factor=2)
        arguments = {
            "validate_backup": (backup,),
            "find_backup": (backup,),
            "get_setting": ("ai_providers.openai.model",),
            "verify_kit": (kit.text, "four words for tests"),
        }.get(method, ())
        before = _everything(vault)

        found = getattr(manager, method)
        if callable(found) and method != "vault":
            with suppress(
                WrongKeyError, KeyNotFoundError
            ):  # all that a kit of another vault can come to
                found(*arguments)

        assert _everything(vault) == before


def _commands(group: object) -> list[str]:
    assert isinstance(group, TyperGroup)
    context = Context(group)
    found = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, TyperGroup):
            found += [f"{name} {below}" for below in _commands(command)]
        else:
            found.append(name)
    return found


def _everything(root: Path) -> object:
    state = sorted(
        path.relative_to(root).as_posix()
        for path in (root / ".state").rglob("*")
        if not path.name.endswith(".lock") and "holders" not in path.parts
    )
    return look(root), state
