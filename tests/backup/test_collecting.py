"""Fewer searches for garbage: only meanwhile, and only if nobody wants it otherwise."""

import gc
from collections.abc import Iterator

import pytest

from autoresumefiller.backup.collecting import rarely_collecting


@pytest.fixture(autouse=True)
def threshold() -> Iterator[tuple[int, int, int]]:
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield (700, 10, 10)
    gc.set_threshold(*before)


def test_it_is_rarer_until_the_last_has_left(threshold: tuple[int, int, int]) -> None:
    with rarely_collecting():
        with rarely_collecting():
            assert gc.get_threshold() > (10_000, 10, 10)
        assert gc.get_threshold() > (10_000, 10, 10)
    assert gc.get_threshold() == threshold


def test_an_exception_does_not_leave_it_so(threshold: tuple[int, int, int]) -> None:
    with pytest.raises(KeyError), rarely_collecting():
        raise KeyError
    assert gc.get_threshold() == threshold


@pytest.mark.parametrize("other", [(0, 10, 10), (1_000_000, 5, 5)])
def test_who_collects_never_or_rarely_goes_on_so(other: tuple[int, int, int]) -> None:
    gc.set_threshold(*other)
    with rarely_collecting():
        assert gc.get_threshold() == other
    assert gc.get_threshold() == other


def test_what_somebody_sets_meanwhile_stays() -> None:
    with rarely_collecting():
        gc.set_threshold(1234, 5, 6)
    assert gc.get_threshold() == (1234, 5, 6)
