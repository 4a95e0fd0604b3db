"""A kill, an error, a full disk at every file operation of everything that changes a vault.

`make test` takes every few operations, `make test-slow` three times as many, `make faults`
every one.
"""

import errno
from collections.abc import Callable

import pytest

from tests.faults.injector import (
    CHANGES,
    FAIL,
    FAIL_FROM_HERE_ON,
    LOOKS,
    NEEDS_SPACE,
    Injector,
)
from tests.faults.scenarios import LARGE, SCENARIOS

Prove = Callable[..., None]

every = pytest.mark.parametrize("scenario", sorted(SCENARIOS.keys() - {"careless"}))
sampled = pytest.mark.parametrize(
    "thinner", [pytest.param(3, id="few"), pytest.param(1, id="more", marks=pytest.mark.slow)]
)


def _sample(scenario: str, step: int) -> int:
    """Every ``step``-th operation of what has many; 1 for what has few."""
    return step if scenario in LARGE else 1


@every
@sampled
def test_a_kill_leaves_the_old_vault_or_the_new_one(
    scenario: str, thinner: int, prove: Prove
) -> None:
    prove(scenario, "kill_everywhere", step=_sample(scenario, 5 * thinner))


@every
@sampled
def test_a_kill_of_the_recovery_changes_nothing_about_that(
    scenario: str, thinner: int, prove: Prove
) -> None:
    prove(scenario, "kill_recovery_everywhere", step=_sample(scenario, 70 * thinner))


@every
@sampled
def test_an_error_of_the_disk_puts_everything_back(
    scenario: str, thinner: int, prove: Prove
) -> None:
    step = _sample(scenario, 13 * thinner)
    prove(
        scenario,
        "fail_everywhere",
        kinds=LOOKS | CHANGES,
        action=FAIL,
        error=errno.EIO,
        step=step,
    )


@every
@sampled
def test_a_full_disk_puts_everything_back(scenario: str, thinner: int, prove: Prove) -> None:
    step = _sample(scenario, 7 * thinner)
    prove(
        scenario,
        "fail_everywhere",
        kinds=NEEDS_SPACE,
        action=FAIL_FROM_HERE_ON,
        error=errno.ENOSPC,
        step=step,
    )


@every
@sampled
def test_a_disk_that_dies_for_good_leaves_what_recovery_needs(
    scenario: str, thinner: int, prove: Prove
) -> None:
    step = _sample(scenario, 9 * thinner)
    prove(
        scenario,
        "fail_everywhere",
        kinds=CHANGES,
        action=FAIL_FROM_HERE_ON,
        error=errno.EIO,
        step=step,
    )


def test_the_judge_condemns_a_change_that_copies_files_one_by_one(injector: Injector) -> None:
    tally = injector.run("careless", "kill_everywhere", step=1)

    assert any("neither old nor new" in fault for fault in tally.faults)
    assert any("MIXED" in outcome for outcome in tally.outcomes)


@pytest.mark.exhaustive
@every
def test_exhaustively_a_kill_at_every_operation(scenario: str, prove: Prove) -> None:
    prove(scenario, "kill_everywhere", step=1)


@pytest.mark.exhaustive
@every
def test_exhaustively_a_second_kill_at_every_operation_of_the_recovery(
    scenario: str, prove: Prove
) -> None:
    prove(scenario, "kill_recovery_everywhere", step=1)


@pytest.mark.exhaustive
@every
@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC, errno.EACCES, errno.EMFILE])
def test_exhaustively_an_error_at_every_operation(scenario: str, error: int, prove: Prove) -> None:
    prove(scenario, "fail_everywhere", kinds=LOOKS | CHANGES, action=FAIL, error=error, step=1)


@pytest.mark.exhaustive
@every
@pytest.mark.parametrize(
    ("kinds", "error"), [(NEEDS_SPACE, errno.ENOSPC), (CHANGES, errno.EIO), (CHANGES, errno.EROFS)]
)
def test_exhaustively_a_disk_that_fails_from_every_operation_on(
    scenario: str, kinds: int, error: int, prove: Prove
) -> None:
    prove(scenario, "fail_everywhere", kinds=kinds, action=FAIL_FROM_HERE_ON, error=error, step=1)


@pytest.mark.exhaustive
@every
def test_exhaustively_an_error_at_every_operation_of_the_recovery(
    scenario: str, prove: Prove
) -> None:
    prove(scenario, "fail_recovery_everywhere", error=errno.EIO, step=_sample(scenario, 5))
