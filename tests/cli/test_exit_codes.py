from collections.abc import Iterator

import pytest

from autoresumefiller import errors
from autoresumefiller.cli.exit_codes import STATUS_OF_ERROR, ExitCode, status_of


def _tree(root: type[errors.AutoResumeFillerError]) -> Iterator[type[errors.AutoResumeFillerError]]:
    yield root
    for child in root.__subclasses__():
        yield from _tree(child)


CODES = {error.code for error in _tree(errors.AutoResumeFillerError)}


def test_every_error_there_is_has_a_status_and_no_other() -> None:
    assert STATUS_OF_ERROR.keys() == CODES


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InvalidArgumentError("x"), 2),
        (errors.ConfirmationRequiredError("x"), 2),
        (errors.ProfileLockedError("x"), 4),
        (errors.BackupValidationError(["x"]), 5),
        (errors.BackupNotFoundError("x"), 1),
        (errors.NotEnoughSpaceError("x"), 1),
        (errors.VaultBusyError("x"), 1),
    ],
    ids=lambda value: getattr(value, "code", value),
)
def test_the_promised_statuses(error: errors.AutoResumeFillerError, status: int) -> None:
    assert status_of(error) == status


def test_an_error_of_a_later_version_counts_as_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors.BackupNotFoundError, "code", "something_new")
    assert status_of(errors.BackupNotFoundError("x")) is ExitCode.FAILED
