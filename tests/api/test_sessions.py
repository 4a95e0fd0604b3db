"""Codes work once and for ten minutes; cookies cannot be made up, and end with the token."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoresumefiller.api.sessions import CODE_SECONDS, SESSION_SECONDS, Sessions

TOKEN = "the-token-of-these-tests"


class Clock:
    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    return Sessions(token=TOKEN, now=clock)


def test_a_code_becomes_a_cookie_once(sessions: Sessions) -> None:
    code = sessions.issue_code()
    cookie = sessions.redeem(code)
    assert cookie is not None
    assert sessions.is_cookie(cookie)
    assert sessions.redeem(code) is None


def test_a_code_is_good_for_ten_minutes(sessions: Sessions, clock: Clock) -> None:
    in_time, late = sessions.issue_code(), sessions.issue_code()
    clock.now += CODE_SECONDS - 0.1
    assert sessions.redeem(in_time) is not None
    clock.now += 0.2
    assert sessions.redeem(late) is None


def test_a_cookie_is_good_for_thirty_days(sessions: Sessions, clock: Clock) -> None:
    cookie = sessions.redeem(sessions.issue_code())
    assert cookie is not None
    clock.now += SESSION_SECONDS - 2
    assert sessions.is_cookie(cookie)
    clock.now += 3
    assert not sessions.is_cookie(cookie)


def test_a_cookie_survives_a_restart_but_not_a_new_token(sessions: Sessions, clock: Clock) -> None:
    cookie = sessions.redeem(sessions.issue_code())
    assert cookie is not None
    assert Sessions(token=TOKEN, now=clock).is_cookie(cookie)
    assert not Sessions(token="another-token-altogether", now=clock).is_cookie(cookie)


def test_a_cookie_whose_text_was_changed_is_none(sessions: Sessions) -> None:
    cookie = sessions.redeem(sessions.issue_code())
    assert cookie is not None
    version, expires, nonce, signature = cookie.split(".")
    assert not sessions.is_cookie(f"{version}.{int(expires) + 1}.{nonce}.{signature}")
    assert not sessions.is_cookie(f"{version}.{expires}.{nonce[:-1]}.{signature}")
    for position in range(len(cookie)):
        other = "0" if cookie[position] != "0" else "1"
        assert not sessions.is_cookie(cookie[:position] + other + cookie[position + 1 :])


@given(st.text())
def test_no_made_up_text_is_a_cookie_a_token_or_a_code(text: str) -> None:
    sessions = Sessions(token=TOKEN)
    assert not sessions.is_cookie(text)
    assert sessions.redeem(text) is None
    assert sessions.is_token(text) is (text == TOKEN)


def test_codes_do_not_pile_up(clock: Clock) -> None:
    numbers = itertools.count()
    sessions = Sessions(token=TOKEN, now=clock, new_code=lambda: f"code-{next(numbers)}")
    codes = [sessions.issue_code() for _ in range(20)]
    assert [sessions.redeem(code) is not None for code in codes] == [False] * 4 + [True] * 16
