import io
import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoresumefiller import errors
from autoresumefiller.cli.terminal import Terminal

HOSTILE = "a\x1b[2Jb\x07\r\nc\u202etxt.exe\u200b\x9b31m\udc80\u2028"
UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
JOINERS = "\u200c\u200d"


class _Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def _terminal(
    *, json_lines: bool = False, typed: str = "", tty: bool = False
) -> tuple[Terminal, io.StringIO, io.StringIO]:
    kind = _Tty if tty else io.StringIO
    out, err = kind(), kind()
    terminal = Terminal(json_lines=json_lines, stdin=kind(typed), stdout=out, stderr=err)
    return terminal, out, err


def _is_safe(text: str) -> bool:
    return all(
        character in "\n" + JOINERS or unicodedata.category(character) not in UNSAFE
        for character in text
    )


@given(st.text(st.characters(codec=None)))
def test_no_text_reaches_people_unescaped(text: str) -> None:
    terminal, out, err = _terminal()
    terminal.say(text, (text, "bold"))
    terminal.note(text)
    terminal.warn(text)
    terminal.error(errors.StorageError(text, hint=text, consequence=text))
    terminal.table([text or "x"], [[text], [(text, "red")]])
    assert _is_safe(out.getvalue())
    assert _is_safe(err.getvalue())


def test_escapes_are_visible_and_one_line_stays_one_line() -> None:
    terminal, out, _ = _terminal()
    terminal.say(HOSTILE)
    assert out.getvalue() == ("a\\x1b[2Jb\\x07\\r\\nc\\u202etxt.exe\\u200b\\x9b31m\\x80\\u2028\n")


def test_what_looks_like_markup_is_text() -> None:
    terminal, out, _ = _terminal(tty=True)
    terminal.say("[bold]x[/bold] :smile: https://example.org 123")
    assert out.getvalue() == "[bold]x[/bold] :smile: https://example.org 123\n"


@given(st.text(st.characters(codec=None)))
def test_json_is_one_line_of_ascii_whatever_is_in_it(text: str) -> None:
    terminal, out, err = _terminal(json_lines=True)
    terminal.result({"name": text})
    written = out.getvalue()
    assert written.isascii()
    assert written.count("\n") == 1
    assert json.loads(written) == {"event": "result", "name": text}
    assert err.getvalue() == ""


def test_json_silences_everything_for_people() -> None:
    terminal, out, err = _terminal(json_lines=True)
    terminal.say("x")
    terminal.note("x")
    terminal.warn("x")
    terminal.table(["x"], [["x"]])
    assert (out.getvalue(), err.getvalue()) == ("", "")


def test_results_are_json_only_when_asked() -> None:
    terminal, out, err = _terminal()
    terminal.result({"a": 1})
    terminal.progress({"a": 1})
    assert (out.getvalue(), err.getvalue()) == ("", "")


def test_an_error_says_what_happened_what_it_means_and_what_to_do() -> None:
    terminal, out, err = _terminal()
    terminal.error(errors.VaultNotFoundError("There is no vault at /x"))
    assert out.getvalue() == ""
    assert err.getvalue() == (
        "Error: There is no vault at /x.\n"
        "Nothing in your vault was changed.\n"
        "What to do: Run 'arf init' to create one, or name another with --vault.\n"
    )


def test_an_error_with_several_faults_names_each() -> None:
    terminal, _, err = _terminal()
    terminal.error(errors.BackupValidationError(["One", "Two"], codes=["a", "b"]))
    assert err.getvalue().splitlines()[:3] == ["Error: One (and 1 more).", "  - One", "  - Two"]


@pytest.mark.parametrize(
    ("error", "fields"),
    [
        (
            errors.BackupValidationError(["One"], codes=["a"], warnings=["w"]),
            {"code": "backup_invalid", "errors": ["One"], "codes": ["a"], "warnings": ["w"]},
        ),
        (
            errors.ProfileInvalidError("Bad", problems=["email: no"]),
            {"code": "profile_invalid", "problems": ["email: no"], "exit_status": 1},
        ),
        (
            errors.NotEnoughSpaceError("Full", path="/x", errno=28),
            {"code": "not_enough_space", "path": "/x", "errno": 28},
        ),
    ],
    ids=lambda value: getattr(value, "code", ""),
)
def test_an_error_in_json_has_all_its_facts(
    error: errors.AutoResumeFillerError, fields: dict[str, Any]
) -> None:
    terminal, out, err = _terminal(json_lines=True)
    terminal.error(error)
    written = json.loads(out.getvalue())
    assert written["event"] == "error"
    told = written["error"]
    assert fields.items() <= told.items()
    assert {"code", "message", "consequence", "hint", "exit_status"} <= told.keys()
    assert err.getvalue() == ""


@pytest.mark.parametrize(
    ("typed", "default", "answer"),
    [
        ("y\n", False, True),
        ("YES\n", False, True),
        ("n\n", True, False),
        ("no\n", True, False),
        ("\n", True, True),
        ("\n", False, False),
        ("maybe\n\x1b\ny\n", False, True),
        ("", True, False),  # end of input is a no, whatever the default
        ("y", False, True),
    ],
)
def test_answers(typed: str, default: bool, answer: bool) -> None:
    terminal, _, err = _terminal(typed=typed, tty=True)
    assert terminal.ask("Sure? [y/N]", default=default) is answer
    assert err.getvalue().startswith("Sure? [y/N] ")


def test_nobody_is_asked_without_a_terminal_or_in_json() -> None:
    assert _terminal(tty=True)[0].interactive
    assert not _terminal(tty=False)[0].interactive
    assert not _terminal(tty=True, json_lines=True)[0].interactive


def test_a_long_path_is_neither_cut_nor_wrapped() -> None:
    path = "/very/long/" * 40 + "file.zip"
    terminal, out, _ = _terminal()
    terminal.say("Archive: ", (path, "bold"))
    terminal.table(["Name", "Other"], [[path, "x" * 30]])
    assert out.getvalue().count(path) == 2


def test_no_color_leaves_only_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal, out, _ = _terminal(tty=True)
    terminal.say(("red", "red"))
    assert "\x1b[31m" in out.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    terminal, out, _ = _terminal(tty=True)
    terminal.say(("red", "red"))
    assert "\x1b[31m" not in out.getvalue()


def test_ticks_become_words_where_the_encoding_has_none() -> None:
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    terminal = Terminal(json_lines=False, stdin=io.StringIO(), stdout=narrow, stderr=io.StringIO())
    assert [terminal.mark(passed=passed)[0] for passed in (True, False, None)] == [
        "ok ",
        "NO ",
        "- ",
    ]
