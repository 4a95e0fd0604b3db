"""docs/secrets.md says what happens: its examples are run."""

import re
from pathlib import Path

from autoresumefiller.redaction.redact import redact
from autoresumefiller.redaction.refill import merge
from autoresumefiller.redaction.secrets import key_sense

PAGE = Path(__file__).parents[2] / "docs" / "secrets.md"


def example(name: str) -> str:
    page = PAGE.read_text(encoding="utf-8")
    found = re.search(rf"<!-- {name} -->\n```\w+\n(.*?)```", page, re.DOTALL)
    assert found, f"no example called {name}"
    return found[1]


def test_the_verdicts_on_the_page_are_the_predicates() -> None:
    lines = [line.split() for line in example("verdicts").splitlines()]

    assert len(lines) >= 20
    assert {key: str(key_sense(key)) for key, _ in lines} == dict(lines)


def test_the_redaction_on_the_page_is_what_redact_does() -> None:
    assert redact(example("before").encode()).text.decode() == example("redacted")


def test_the_merge_on_the_page_is_what_merge_does() -> None:
    result = merge(example("live").encode(), example("archived").encode())

    assert result.text.decode() == example("merged")
    assert list(result.warnings) == example("warnings").splitlines()
    assert result.reenter == ("ai_providers.other.api_key",)
