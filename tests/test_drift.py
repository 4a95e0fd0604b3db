"""Documentation and code say the same: what is added to one must be added to the other."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel import yaml

import autoresumefiller
from autoresumefiller import errors
from autoresumefiller.model import profile, settings
from autoresumefiller.redaction.combine import NEVER_TAKEN
from tests.support.documents import ROOT, links

ERROR_ROW = re.compile(r"^\| `(?P<code>\w+)` \| (?P<exit>\d+) \|", re.MULTILINE)
TWIG = re.compile(r"([ │├└─]*)(\w+) *(\w+)?")
TARGET = re.compile(r"^([a-z-]+):.*##", re.MULTILINE)


def _all_errors(root: type[errors.AutoResumeFillerError]) -> Iterator[type]:
    yield root
    for child in root.__subclasses__():
        yield from _all_errors(child)


def test_every_error_code_is_documented_with_its_exit_status() -> None:
    from autoresumefiller.cli.exit_codes import STATUS_OF_ERROR

    documented = {
        match["code"]: int(match["exit"])
        for match in ERROR_ROW.finditer((ROOT / "docs/errors.md").read_text())
    }
    assert documented == {code: status.value for code, status in STATUS_OF_ERROR.items()}
    assert documented.keys() == {error.code for error in _all_errors(errors.AutoResumeFillerError)}


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawing = (errors.__doc__ or "").split("::")[1].split("\n\n")[1]
    drawn: dict[str, tuple[str, str | None]] = {}
    branch: list[str] = []
    for line in drawing.splitlines():
        indent, name, code = TWIG.fullmatch(line).groups()  # type: ignore[union-attr]
        branch[len(indent) // 4 - 1 :] = [name]
        drawn[name] = (branch[-2] if len(branch) > 1 else "Exception", code)
    assert {name: parent for name, (parent, _) in drawn.items()} == {
        error.__name__: error.__bases__[0].__name__
        for error in _all_errors(errors.AutoResumeFillerError)
    }
    for name, (_, code) in drawn.items():
        own = vars(getattr(errors, name)).get("code")
        assert code == (own if name != "AutoResumeFillerError" else None)


def test_every_error_can_be_imported_from_errors() -> None:
    every = {error.__name__ for error in _all_errors(errors.AutoResumeFillerError)}
    assert {*errors.__all__} == every | {"UNTOUCHED"}


def test_the_public_names_are_those_that_are_documented() -> None:
    table = (ROOT / "docs/python.md").read_text().split("Public names")[1].split("\n## ")[0]
    documented = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
    assert set(autoresumefiller.__all__) == documented
    for name in autoresumefiller.__all__:
        assert getattr(autoresumefiller, name) is not None


def test_every_public_method_is_documented() -> None:
    text = (ROOT / "docs/python.md").read_text()
    methods = [n for n in dir(autoresumefiller.UserDataManager) if not n.startswith("_")]
    assert [name for name in methods if name not in text] == []


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_that_is_named_exists(document: str) -> None:
    targets = set(TARGET.findall((ROOT / "Makefile").read_text()))
    named = set(re.findall(r"\bmake ([a-z-]+)\b(?=[`\s])", _code_of(ROOT / document)))
    assert named
    assert named <= targets


def test_contributing_names_every_make_target() -> None:
    targets = set(TARGET.findall((ROOT / "Makefile").read_text())) - {"help", "setup"}
    text = (ROOT / "CONTRIBUTING.md").read_text()
    assert [target for target in sorted(targets) if f"`make {target}`" not in text] == []


# --- docs/vault.md ------------------------------------------------------------------

VAULT_PAGE = (ROOT / "docs/vault.md").read_text()


def test_every_field_of_a_profile_is_documented_and_marked_where_it_must_be_there() -> None:
    table = VAULT_PAGE.split("| part | its fields |")[1].split("\n\n")[0]
    rows = dict(re.findall(r"^\| `?([a-z_ ]+)`? \| (.*) \|$", table, re.MULTILINE))
    parts = {
        "the profile": profile.UserProfile,
        "personal_info": profile.PersonalInfo,
        "education": profile.Education,
        "work_experience": profile.WorkExperience,
        "projects": profile.Project,
        "certifications": profile.Certification,
    }
    assert rows.keys() == parts.keys()
    for name, part in parts.items():
        fields = part.model_fields.items()
        assert set(re.findall(r"`([a-z_]+)`", rows[name])) == set(part.model_fields), name
        required = {field for field, about in fields if about.is_required()}
        assert set(re.findall(r"\*\*`([a-z_]+)`\*\*", rows[name])) == required, name


def test_every_setting_is_documented_with_what_it_is_at_first() -> None:
    table = VAULT_PAGE.split("## The settings")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.*?`) \| (.*?) \|", table, re.MULTILINE)
    documented = {name: first for names, first in rows for name in re.findall(r"`(.*?)`", names)}
    created = dict(_leaves(yaml.YAML(typ="safe").load(settings.DEFAULT_CONFIG)))
    known = dict(_leaves(settings.Settings().model_dump()))
    expected = {*created, *known}
    providers = {name.rpartition(".")[0] for name in expected if name.startswith("ai_providers")}
    assert (
        documented.keys()
        == {name for name in expected if not name.startswith("ai_providers")} | providers
    )
    for name, value in (known | created).items():
        if name.startswith("ai_providers"):
            assert f"`{name.rpartition('.')[2]}`" in documented[name.rpartition(".")[0]]
        elif value != ():
            assert _as_yaml(value) in documented[name] or f'"{value}"' in documented[name], name


def test_what_never_comes_from_an_archive_is_documented() -> None:
    sentence = VAULT_PAGE.split("Never taken from an archive")[1].split(". ")[0]
    assert set(re.findall(r"`(\w+)`", sentence)) == NEVER_TAKEN


def test_every_variable_of_the_environment_is_documented() -> None:
    named = {
        name
        for file in (ROOT / "src").rglob("*.py")
        for name in re.findall(r"\bAUTORESUMEFILLER_[A-Z_]+\b", file.read_text())
    }
    documented = set(re.findall(r"`(AUTORESUMEFILLER_[A-Z_]+)`", VAULT_PAGE))
    assert named == documented


def test_every_folder_of_a_new_vault_is_documented(tmp_path: Path) -> None:
    autoresumefiller.UserDataManager(tmp_path / "vault")
    made = {path.name for path in (tmp_path / "vault").iterdir()}
    table = VAULT_PAGE.split("\n## ")[0]
    assert made - {name.rstrip("/") for name in re.findall(r"`([\w./]+)`", table)} == set()


def _leaves(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, object]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _as_yaml(value: object) -> str:
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _code_of(document: Path) -> str:
    return "\n".join(re.findall(r"`[^`\n]+`|^make [^\n]*$", document.read_text(), re.MULTILINE))


def test_the_index_of_the_documentation_has_every_page() -> None:
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert pages - set(links(ROOT / "docs/README.md")) == set()
    records = {path.name for path in (ROOT / "docs/decisions").glob("*.md")} - {"README.md"}
    assert records - set(links(ROOT / "docs/decisions/README.md")) == set()


# --- docs/traceability.md -----------------------------------------------------------

TRACED = (ROOT / "docs/traceability.md").read_text()


def test_every_path_of_the_traceability_table_exists() -> None:
    paths = set(re.findall(r"`((?:src|tests|docs|tools|benchmarks)/[\w./-]*)(?:::\w+)?`", TRACED))
    assert len(paths) > 20
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


def test_every_test_of_the_traceability_table_exists() -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TRACED))
    assert len(named) > 40
    missing = [
        f"{path}::{name}" for path, name in sorted(named) if name not in _tests_of(ROOT / path)
    ]
    assert missing == []


def test_every_criterion_task_and_line_of_done_is_traced() -> None:
    for criterion in range(1, 10):
        assert f"AC{criterion}" in TRACED
    subtasks = {1: 12, 2: 3, 3: 3, 4: 4, 5: 4, 6: 3, 7: 5, 8: 5, 9: 16, 10: 5}
    for task, last in subtasks.items():
        for number in range(1, last + 1):
            assert re.search(rf"^\| {task}\.{number} \|", TRACED, re.MULTILINE), (task, number)
    assert len(re.findall(r"^\| D\d+ \|", TRACED, re.MULTILINE)) == 19


def _tests_of(module: Path) -> set[str]:
    tree = ast.parse(module.read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
