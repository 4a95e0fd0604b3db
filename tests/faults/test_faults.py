"""A kill, an error, a full disk at every file operation of everything that changes a vault.

An error that stays is tried at what changes the disk (and what opens files): a disk
that can be read no more leaves nothing to be looked at.

`make test` takes every few operations, `make test-slow` three times as many, `make faults`
every one, and not the samples.
"""

import errno
from collections.abc import Callable

import pytest

from tests.faults.injector import (
    CHANGES,
    FAIL,
    FAIL_FROM_HERE_ON,
    LOOKS,
    NEEDS_DESCRIPTOR,
    NEEDS_SPACE,
    Injector,
)
from tests.faults.whole import EVERY

Prove = Callable[..., None]

every = pytest.mark.parametrize("scenario", sorted(EVERY.keys() - {"careless"}))
# Through the server, recovery finds what "whole-import" leaves.
recovered = pytest.mark.parametrize("scenario", sorted(EVERY.keys() - {"careless", "whole-upload"}))
sampled = pytest.mark.parametrize(
    "thinner",
    [pytest.param(3, id="sampled"), pytest.param(1, id="sampled-more", marks=pytest.mark.slow)],
)

ERRORS = (
    ("EIO", LOOKS | CHANGES),
    ("EACCES", LOOKS | CHANGES),
    ("EROFS", CHANGES),
    ("ENOSPC", NEEDS_SPACE),
    ("EDQUOT", NEEDS_SPACE),
    ("EMFILE", NEEDS_DESCRIPTOR),
)
"""What operations fail with, and which ones can: no system says of a read that the disk is full."""

# The numbers are prime, so that what is sampled does not follow any pattern of the program.


@every
@sampled
def test_a_kill_leaves_the_old_vault_or_the_new_one(
    scenario: str, thinner: int, prove: Prove
) -> None:
    prove(scenario, "kill_everywhere", fault="killed", step=7 * thinner)


@recovered
@sampled
def test_a_kill_of_the_recovery_changes_nothing_about_that(
    scenario: str, thinner: int, prove: Prove
) -> None:
    prove(scenario, "kill_recovery_everywhere", fault="killed, recovery too", step=31 * thinner)


@every
@sampled
@pytest.mark.parametrize(("error", "kinds"), ERRORS)
def test_an_error_of_the_disk_puts_everything_back(
    scenario: str, error: str, kinds: int, thinner: int, prove: Prove
) -> None:
    _fail(prove, scenario, error, kinds, step=149 * thinner)


@every
@sampled
@pytest.mark.parametrize(("error", "kinds"), ERRORS)
def test_a_disk_that_fails_for_good_leaves_what_recovery_needs(
    scenario: str, error: str, kinds: int, thinner: int, prove: Prove
) -> None:
    _fail_for_good(prove, scenario, error, kinds & ~LOOKS, step=67 * thinner)


def test_the_judge_condemns_a_change_that_copies_files_one_by_one(injector: Injector) -> None:
    tally = injector.run("careless", "kill_everywhere", step=1)

    assert any("neither old nor new" in fault for fault in tally.faults)
    assert any("MIXED" in outcome for outcome in tally.outcomes)


@pytest.mark.exhaustive
@every
def test_exhaustively_a_kill_at_every_operation(scenario: str, prove: Prove) -> None:
    prove(scenario, "kill_everywhere", fault="killed", step=1)


@pytest.mark.exhaustive
@recovered
def test_exhaustively_a_second_kill_at_every_operation_of_the_recovery(
    scenario: str, prove: Prove
) -> None:
    prove(scenario, "kill_recovery_everywhere", fault="killed, recovery too", step=1)


@pytest.mark.exhaustive
@every
@pytest.mark.parametrize(("error", "kinds"), ERRORS)
def test_exhaustively_an_error_at_every_operation(
    scenario: str, error: str, kinds: int, prove: Prove
) -> None:
    _fail(prove, scenario, error, kinds, step=1)


@pytest.mark.exhaustive
@every
@pytest.mark.parametrize(("error", "kinds"), ERRORS)
def test_exhaustively_a_disk_that_fails_from_every_operation_on(
    scenario: str, error: str, kinds: int, prove: Prove
) -> None:
    _fail_for_good(prove, scenario, error, kinds & ~LOOKS, step=1)


@pytest.mark.exhaustive
@recovered
def test_exhaustively_an_error_at_every_operation_of_the_recovery(
    scenario: str, prove: Prove
) -> None:
    prove(
        scenario,
        "fail_recovery_everywhere",
        fault="killed, then EIO once in the recovery",
        error=errno.EIO,
        step=7,
    )


def _fail(prove: Prove, scenario: str, error: str, kinds: int, *, step: int) -> None:
    prove(
        scenario,
        "fail_everywhere",
        fault=f"{error} once",
        kinds=kinds,
        action=FAIL,
        error=getattr(errno, error),
        step=step,
    )


def _fail_for_good(prove: Prove, scenario: str, error: str, kinds: int, *, step: int) -> None:
    prove(
        scenario,
        "fail_everywhere",
        fault=f"{error} from there on",
        kinds=kinds,
        action=FAIL_FROM_HERE_ON,
        error=getattr(errno, error),
        step=step,
    )
