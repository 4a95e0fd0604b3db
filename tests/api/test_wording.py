"""No answer of the API tells somebody without a terminal to type a command."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import TypeAdapter

import autoresumefiller
from autoresumefiller import errors
from autoresumefiller.api.problems import problem
from autoresumefiller.api.schemas.base import Outgoing
from autoresumefiller.api.schemas.job import JobError
from autoresumefiller.api.schemas.problem import Problem
from autoresumefiller.api.wording import PHRASES, without_commands
from autoresumefiller.backup.jobs.job import JobFault
from tests.support.api_server import LiveServer

PACKAGE = Path(autoresumefiller.__file__).parent

# "arf serve" is how a person comes to this server: the one command that is told of.
COMMAND = re.compile(r"\barf\b(?! serve)|(?<![\w-])(?<!serve )--[a-z]|command line|confirm=False")

# What is in these is never in an answer.
ELSEWHERE = {
    "__main__.py": "the command line",
    "cli": "the command line",
    "api/server.py": "why the server does not start, told where it was started",
    "backup/doctor.py": "the report of 'arf doctor'",
    "backup/encryption_checkup.py": "the report of 'arf doctor'",
    "encryption/kit_page.py": "the recovery kit, to be printed",
    "encryption/recovery.py": "the recovery kit, to be printed",
    "redaction/forms.py": "patterns of secrets",
    "vault/durable.py": "the name of a temporary file",
    "vault/holders.py": "the name of the program that holds a vault",
}


def sentences(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the texts of a module but its documentation, a placeholder as {}."""
    pieces = {
        id(piece)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for piece in node.values
    }
    told_to_programmers = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield (
                node.lineno,
                "".join(
                    str(piece.value) if isinstance(piece, ast.Constant) else "{}"
                    for piece in node.values
                ),
            )
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in pieces | told_to_programmers
        ):
            yield node.lineno, node.value


def commands(folder: Path) -> Iterator[tuple[str, int, str]]:
    """Yield every text of the package that names a command or an option."""
    for file in sorted(folder.rglob("*.py")):
        for line, text in sentences(ast.parse(file.read_text(encoding="utf-8"))):
            if COMMAND.search(text):
                yield file.relative_to(folder).as_posix(), line, text


def is_elsewhere(file: str) -> str | None:
    return next(
        (place for place in ELSEWHERE if file == place or file.startswith(f"{place}/")), None
    )


def test_every_sentence_that_may_be_in_an_answer_has_a_twin_without_commands() -> None:
    found = [(file, line, text) for file, line, text in commands(PACKAGE) if not is_elsewhere(file)]
    assert len(found) > 20  # the search finds what it looks for
    left = [
        (file, line, without_commands(text))
        for file, line, text in found
        if file != "api/wording.py" and COMMAND.search(without_commands(text))
    ]
    assert left == []


def test_every_exception_and_every_phrase_is_still_needed() -> None:
    found = list(commands(PACKAGE))
    assert {is_elsewhere(file) for file, _, _ in found} - {None} == ELSEWHERE.keys()
    texts = [text for file, _, text in found if file != "api/wording.py"]
    assert [phrase for phrase in PHRASES if not any(phrase in text for text in texts)] == []
    assert [twin for twin in PHRASES.values() if COMMAND.search(twin)] == []


def every_error(root: type[errors.AutoResumeFillerError]) -> Iterator[type]:
    yield root
    for child in root.__subclasses__():
        yield from every_error(child)


@pytest.mark.parametrize(
    "kind", [*every_error(errors.AutoResumeFillerError)], ids=lambda kind: kind.__name__
)
def test_no_error_speaks_of_commands_in_an_answer(
    kind: type[errors.AutoResumeFillerError],
) -> None:
    fault = JobFault(
        code=kind.code,
        message="It did not work",
        consequence=kind.default_consequence,
        hint=kind.default_hint,
        errors=("its end is missing. 'arf salvage' recovers what is left",),
        warnings=("Run 'arf encrypt on'.",),
    )
    answers = problem(500, fault, path="/").body.decode(), JobError.of(fault).model_dump_json()
    for answer in answers:
        assert not COMMAND.search(answer), answer
        assert "It did not work" in answer
    if kind.default_hint:
        assert JobError.of(fault).hint


def models(root: type[Outgoing]) -> Iterator[type[Outgoing]]:
    yield root
    for child in root.__subclasses__():
        yield from models(child)


def test_whatever_is_said_in_an_answer_is_said_without_commands() -> None:
    """Fields of these names are sentences, in every model that there is."""
    checked = 0
    for model in models(Outgoing):
        for name, field in model.model_fields.items():
            # A problem is built by hand, and tested above.
            if name in {"warnings", "errors", "message", "consequence", "hint"} - set(
                Problem.model_fields if model is Problem else ()
            ):
                said = "Run 'arf encrypt on'."
                value = [said] if name in {"warnings", "errors"} else said
                took = TypeAdapter(Annotated[field.annotation, field])
                assert "arf" not in str(took.validate_python(value)), f"{model.__name__}.{name}"
                checked += 1
    assert checked > 8


def test_a_missing_backup_is_told_without_commands(shared_server: LiveServer) -> None:
    told = shared_server.client.get("/api/backup/holiday.zip").json()
    assert told["hint"] == "Look at the list of backups again."
