"""The frame around the commands: options, help, usage errors, what is imported when."""

import io
import json
import os
import subprocess
import sys
import time
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import autoresumefiller
from autoresumefiller import UserDataManager
from autoresumefiller.backup.list_index import describe
from autoresumefiller.cli.app import COMMANDS
from tests.cli.conftest import RunHere
from tests.support.command_line import MODULE, arf

NAMES = [
    *("init", "export", "import", "undo", "list", "show", "verify", "delete", "cleanup"),
    *("profile", "config", "encrypt", "key", "doctor", "salvage", "serve"),
]


def test_the_commands_are_those_of_the_design() -> None:
    assert list(COMMANDS) == NAMES


def test_both_names_run_the_same_program() -> None:
    scripts = {
        entry.name: entry.value
        for entry in entry_points(group="console_scripts")
        if entry.dist is not None and entry.dist.name == "autoresumefiller"
    }
    assert scripts == dict.fromkeys(("arf", "autoresumefiller"), "autoresumefiller.__main__:main")


@pytest.mark.parametrize("given", [["--version"], ["--json", "--version"]])
def test_the_version_is_printed(given: list[str]) -> None:
    done = arf(*given)
    assert (done.status, done.out) == (0, f"autoresumefiller {autoresumefiller.__version__}\n")


def _modules_after(*arguments: str) -> set[str]:
    """Run the command line in a process and return the modules it had imported."""
    code = (
        "import sys, atexit\n"
        "before = {*sys.modules}\n"  # what the interpreter or the measuring of coverage brought
        "from autoresumefiller.__main__ import main\n"
        f"sys.argv = ['arf', *{list(arguments)!r}]\n"
        "atexit.register(lambda: print(*{*sys.modules} - before, file=sys.stderr))\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def _packages_after(*arguments: str) -> set[str]:
    return {name.partition(".")[0] for name in _modules_after(*arguments)}


HEAVY = {"typer", "rich", "pydantic", "fastapi", "ruamel", "deflate", "isal", "zlib_ng"}


def test_the_version_costs_no_import_of_anything_heavy() -> None:
    assert _packages_after("--version") & (HEAVY | {"concurrent", "json", "argparse"}) == set()


def test_the_help_imports_neither_pydantic_nor_a_codec() -> None:
    assert _packages_after("--help") & HEAVY == {"typer", "rich"}


def test_the_list_is_not_kept_waiting_by_the_validation_of_its_options(sample_vault: Path) -> None:
    # Where Typer turns to pydantic, whose import takes as long as all the rest.
    assert "typer._adapters" not in _modules_after("--vault", str(sample_vault), "list")


def test_the_list_of_what_it_knows_imports_no_more_than_the_command_line(
    sample_vault: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = UserDataManager(sample_vault)
    manager.export_all()
    now = time.time_ns
    # What has just changed is not kept.
    monkeypatch.setattr(time, "time_ns", lambda: now() + 10_000_000_000)
    describe(manager.vault.layout, manager.list_backups())
    modules = _modules_after("--vault", str(sample_vault), "list")
    assert {name.partition(".")[0] for name in modules} & HEAVY == {"typer"}
    assert "autoresumefiller.archive.reader" not in modules


@pytest.mark.parametrize("name", NAMES)
def test_every_command_explains_itself_with_examples(here: RunHere, name: str) -> None:
    done = here(name, "--help")
    assert done.status == 0
    assert "Usage: arf " + name in done.out
    assert "Examples" in done.out
    assert f"arf {name}" in done.out.partition("Examples")[2]
    for option in ("--vault", "--json"):
        assert option in done.out


@pytest.mark.parametrize("name", ["import", "undo", "delete", "cleanup"])
def test_what_asks_can_be_told_not_to(here: RunHere, name: str) -> None:
    assert "--yes" in here(name, "--help").out


def test_without_a_command_there_is_help_and_the_status_of_a_usage_error(here: RunHere) -> None:
    done = here()
    assert done.status == 2
    for name in COMMANDS:
        assert name in done.out


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["lst"], "No such command 'lst'. Did you mean 'list'?"),
        (["list", "--colour"], "No such option"),
        (["show"], "Missing argument"),
        (["list", "--limit", "many"], "Invalid value for '--limit'"),
        (["import", "x.zip", "--mode", "merge"], "Invalid value for '--mode': 'merge' is not"),
    ],
)
def test_a_wrong_command_line_is_a_usage_error(here: RunHere, given: list[str], said: str) -> None:
    done = here(*given)
    assert done.status == 2
    assert done.out == ""
    assert said in done.err
    assert "--help'." in done.err


def test_a_wrong_command_line_is_told_in_json_too(here: RunHere) -> None:
    done = here("list", "--no-such-option", "--json")
    assert done.error["code"] == "usage"
    assert done.error["exit_status"] == done.status == 2
    assert done.err == ""
    assert here("--json").error["code"] == "usage"  # and no help where a program reads


def test_the_options_of_every_command_go_before_its_name_or_after(
    here: RunHere, vault_dir: Path
) -> None:
    here("init", vault=vault_dir)
    before = here("--vault", str(vault_dir), "--json", "list")
    after = here("list", "--vault", str(vault_dir), "--json")
    mixed = here("--json", "list", "--vault", str(vault_dir))
    assert before.result == after.result == mixed.result


@pytest.mark.parametrize("group", ["profile", "config"])
def test_options_are_handed_down_to_commands_of_commands(
    here: RunHere, sample_vault: Path, group: str
) -> None:
    spellings = [
        ["--vault", str(sample_vault), "--json", group],
        ["--json", group, "--vault", str(sample_vault), "show"],
        [group, "show", "--vault", str(sample_vault), "--json"],
        [group, "--vault", str(sample_vault), "show", "--json"],
    ]
    results = [here(*spelling).result for spelling in spellings]
    assert all(result == results[0] for result in results)


def test_the_vault_comes_from_the_environment(
    here: RunHere, vault_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTORESUMEFILLER_HOME", str(vault_dir))
    assert here("init", "--json").result["vault"] == str(vault_dir)


@pytest.mark.parametrize("spelling", [["--vault", ""], ["--vault="], ["--vault", " "]])
@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
def test_a_blank_vault_is_not_the_current_folder(
    here: RunHere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spelling: list[str], first: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    done = here(*spelling, "--json", "init") if first else here("init", "--json", *spelling)
    assert (done.status, done.error["code"]) == (2, "invalid_argument")
    assert done.error["message"] == "The vault's place is blank"
    assert [*tmp_path.iterdir()] == []


def test_a_variable_set_to_nothing_names_no_vault(
    here: RunHere, tmp_path: Path, vault_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AUTORESUMEFILLER_HOME", "")
    assert Path(here("init", "--json").result["vault"]).is_relative_to(Path.home())
    monkeypatch.setenv("AUTORESUMEFILLER_HOME", " ")
    assert here("init", "--json").error["message"] == "AUTORESUMEFILLER_HOME is blank"
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("command", ["export", "list", "undo", "cleanup", "profile", "doctor"])
def test_without_a_vault_it_says_so_and_makes_none(
    here: RunHere, vault_dir: Path, command: str
) -> None:
    done = here(command, "--json", vault=vault_dir)
    assert (done.status, done.error["code"]) == (1, "vault_not_found")
    assert "arf init" in done.error["hint"]
    assert not vault_dir.exists()


def test_a_mistake_of_ours_is_one_sentence_and_the_traceback_only_on_request(
    here: RunHere, vault_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import autoresumefiller.cli.session

    def fail(*_: object) -> None:
        raise ZeroDivisionError("oh\x1b[2J")

    monkeypatch.setattr(autoresumefiller.cli.session.Session, "open_vault", fail)
    done = here("list", vault=vault_dir)
    assert done.status == 1
    assert "ZeroDivisionError: oh\\x1b[2J" in done.err
    assert "Traceback" not in done.err
    assert here("list", "--json", vault=vault_dir).error["code"] == "internal"
    monkeypatch.setenv("AUTORESUMEFILLER_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        here("list", vault=vault_dir)


def test_a_reader_that_goes_away_is_no_error_message(sample_vault: Path) -> None:
    process = subprocess.Popen(
        [*MODULE, "--vault", str(sample_vault), "config", "show"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    with process.stderr:
        said = process.stderr.read()
    process.wait()
    assert said == b""


def test_the_shell_completes_commands_options_and_backups(sample_vault: Path) -> None:
    arf("export", vault=sample_vault)

    def completions(words: str) -> str:
        env = {
            "_AUTORESUMEFILLER_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split(" ")) - 1),
            "AUTORESUMEFILLER_HOME": str(sample_vault),
        }
        return arf(env=env).out

    assert completions("arf ex").split() == ["export"]
    assert "--include-manual" in completions("arf cleanup --")
    assert completions("arf verify auto").startswith("autoresumefiller_backup_")


def test_output_survives_a_terminal_without_unicode(sample_vault: Path) -> None:
    (sample_vault / "resumes" / "Lebenslauf für Ōsaka 🎓.txt").write_text("x")
    done = arf("export", vault=sample_vault, env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert (done.status, done.err) == (0, "")
    name = json.loads(arf("list", "--json", vault=sample_vault).out)["backups"][0]["filename"]
    shown = arf("show", "--files", name, vault=sample_vault, env={"PYTHONIOENCODING": "ascii"})
    assert "Lebenslauf f\\xfcr \\u014csaka \\U0001f393.txt" in shown.out


def test_standard_output_may_be_closed(sample_vault: Path) -> None:
    done = subprocess.run(
        [*MODULE, "--vault", str(sample_vault), "doctor"],
        stdin=subprocess.DEVNULL,
        stdout=os.open(os.devnull, os.O_WRONLY),
        stderr=subprocess.PIPE,
        check=False,
    )
    assert b"Traceback" not in done.stderr


def test_text_streams_without_reconfigure_are_left_alone(
    monkeypatch: pytest.MonkeyPatch, vault_dir: Path
) -> None:
    from autoresumefiller.cli.app import run

    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    assert run(["--vault", str(vault_dir), "--json", "init"], program="arf") == 0
    assert json.loads(out.getvalue())["created"] is True
