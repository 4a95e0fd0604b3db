"""Real limits, with nothing injected: of file sizes, of open files, of permissions."""

from collections.abc import Callable

import pytest

from tests.faults.whole import EVERY

Prove = Callable[..., None]

every = pytest.mark.parametrize("scenario", sorted(EVERY.keys() - {"careless"}))
some = pytest.mark.parametrize("scenario", ["whole-import", "whole-save", "encrypt-on"])


@some
def test_files_that_may_not_grow(scenario: str, prove: Prove) -> None:
    """Beyond RLIMIT_FSIZE the system sends SIGXFSZ, which must not end the program."""
    prove(scenario, "limit_file_size", fault="RLIMIT_FSIZE")


@some
def test_few_files_that_may_be_open(scenario: str, prove: Prove) -> None:
    prove(scenario, "limit_open_files", fault="RLIMIT_NOFILE")


@some
@pytest.mark.slow
def test_places_without_permission(scenario: str, prove: Prove) -> None:
    prove(scenario, "forbid_everywhere", fault="no permission")


@pytest.mark.exhaustive
@every
def test_exhaustively_files_that_may_not_grow(scenario: str, prove: Prove) -> None:
    prove(scenario, "limit_file_size", fault="RLIMIT_FSIZE")


@pytest.mark.exhaustive
@every
def test_exhaustively_few_files_that_may_be_open(scenario: str, prove: Prove) -> None:
    prove(scenario, "limit_open_files", fault="RLIMIT_NOFILE")


@pytest.mark.exhaustive
@every
def test_exhaustively_places_without_permission(scenario: str, prove: Prove) -> None:
    prove(scenario, "forbid_everywhere", fault="no permission")
