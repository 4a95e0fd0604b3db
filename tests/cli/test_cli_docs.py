"""docs/cli.md and the program name the same commands and options."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from autoresumefiller.cli.app import COMMANDS, app
from autoresumefiller.cli.exit_codes import ExitCode
from autoresumefiller.cli.session import Invocation
from autoresumefiller.model.progress import Stage
from tests.support.documents import ROOT

TEXT = (ROOT / "docs/cli.md").read_text()
SECTIONS = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", TEXT, re.M | re.S))
OPTION = re.compile(r"`(--[a-z-]+)")
OF_EVERY_COMMAND = {"--vault", "--json", "--help"}


def _commands() -> Iterator[tuple[str, Any]]:
    """Every command with its name, commands of commands included."""
    root = get_command(app)
    context: Any = root.make_context("arf", ["list"], obj=Invocation(), resilient_parsing=True)
    for name in COMMANDS:
        command = root.get_command(context, name)  # type: ignore[attr-defined]
        yield name, command
        for sub, subcommand in getattr(command, "commands", {}).items():
            yield f"{name} {sub}", subcommand


def _options(command: Any) -> set[str]:
    return {
        option
        for parameter in command.params
        if parameter.param_type_name == "option"
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option.startswith("--")
    }


PROGRAM = dict(_commands())
TOP = {name: command for name, command in PROGRAM.items() if " " not in name}


def _section(name: str) -> str:
    return SECTIONS[f"arf {name}"]


def test_every_command_has_a_section_and_no_other_has() -> None:
    described = [heading.removeprefix("arf ") for heading in SECTIONS if heading.startswith("arf ")]
    assert described == list(COMMANDS)


@pytest.mark.parametrize("name", PROGRAM)
def test_every_option_is_described_and_no_other(name: str) -> None:
    own = _options(PROGRAM[name]) - OF_EVERY_COMMAND
    group, _, sub = name.partition(" ")
    body = _section(group)
    if sub:
        assert f"`arf {name}" in body
        assert own <= set(OPTION.findall(body))
    elif not getattr(PROGRAM[name], "commands", None):
        assert set(OPTION.findall(body)) - {"--help"} == own - {"--install-completion"}


def test_the_options_of_every_command_are_described() -> None:
    described = set(OPTION.findall(SECTIONS["Options of every command"]))
    completion = {"--install-completion", "--show-completion"}
    assert described == _options(get_command(app)) - completion | {"--help"}
    assert set(OPTION.findall(SECTIONS["Completion"])) == set()
    assert all(option in SECTIONS["Completion"] for option in completion)


@pytest.mark.parametrize("name", TOP)
def test_every_command_takes_the_options_of_every_command(name: str) -> None:
    for command in (PROGRAM[key] for key in PROGRAM if key.partition(" ")[0] == name):
        assert _options(command) >= {"--vault", "--json"}


@pytest.mark.parametrize("name", TOP)
def test_every_command_has_an_example_that_runs(name: str) -> None:
    examples = "".join(re.findall(r"```sh\n(.*?)```", _section(name), re.S))
    assert re.search(rf"\barf (--vault \S+ )?{name}\b", examples)


def test_every_exit_status_is_described() -> None:
    described = re.findall(r"^\| (\d+) \|", SECTIONS["Exit statuses"], re.M)
    assert [int(status) for status in described] == [code.value for code in ExitCode]


def test_every_stage_is_named() -> None:
    assert all(stage.value in SECTIONS["JSON"] for stage in Stage)
