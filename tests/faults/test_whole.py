"""Faults under the whole stack, from `UserDataManager` down; see test_faults.py."""

import errno
from collections.abc import Callable

import pytest

from tests.faults.injector import CHANGES, FAIL, FAIL_FROM_HERE_ON, LOOKS, NEEDS_SPACE
from tests.faults.whole import WHOLE

Prove = Callable[..., None]

every = pytest.mark.parametrize("scenario", sorted(WHOLE))


@every
def test_a_kill_leaves_the_old_vault_or_the_new_one_and_only_good_backups(
    scenario: str, prove: Prove
) -> None:
    prove(scenario, "kill_everywhere", step=11)


@every
def test_a_full_disk_puts_everything_back(scenario: str, prove: Prove) -> None:
    prove(
        scenario,
        "fail_everywhere",
        kinds=NEEDS_SPACE,
        action=FAIL_FROM_HERE_ON,
        error=errno.ENOSPC,
        step=11,
    )


@pytest.mark.exhaustive
@every
def test_exhaustively_a_kill_at_every_operation(scenario: str, prove: Prove) -> None:
    prove(scenario, "kill_everywhere", step=1)


@pytest.mark.exhaustive
@every
def test_exhaustively_a_second_kill_at_every_operation_of_the_recovery(
    scenario: str, prove: Prove
) -> None:
    prove(scenario, "kill_recovery_everywhere", step=7)


@pytest.mark.exhaustive
@every
@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC, errno.EMFILE])
def test_exhaustively_an_error_at_every_operation(scenario: str, error: int, prove: Prove) -> None:
    prove(scenario, "fail_everywhere", kinds=LOOKS | CHANGES, action=FAIL, error=error, step=1)


@pytest.mark.exhaustive
@every
def test_exhaustively_a_disk_that_is_full_from_every_operation_on(
    scenario: str, prove: Prove
) -> None:
    prove(
        scenario,
        "fail_everywhere",
        kinds=NEEDS_SPACE,
        action=FAIL_FROM_HERE_ON,
        error=errno.ENOSPC,
        step=1,
    )
