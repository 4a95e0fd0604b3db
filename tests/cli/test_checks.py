import pytest

from autoresumefiller.archive.faults import Code
from autoresumefiller.cli.checks import WORDS, Check, advice, check_of, outcomes
from autoresumefiller.model.finding import Finding, Severity


def _passed(
    *findings: Finding, has_metadata: bool = True, has_profile: bool = True
) -> list[object]:
    made = outcomes(findings, has_metadata=has_metadata, has_profile=has_profile)
    return [outcome.passed for outcome in made]


def test_there_are_the_six_checks_of_the_story_in_its_order() -> None:
    assert [check.value for check in Check] == [
        *("zip_integrity", "metadata", "version", "checksums", "profile", "sizes"),
    ]
    assert WORDS.keys() == set(Check)


@pytest.mark.parametrize("code", [code for code in Code if code is not Code.MORE])
def test_every_fault_there_can_be_has_a_check_and_advice(code: Code) -> None:
    assert check_of(code) in set(Check)
    assert advice(code).endswith(".")


@pytest.mark.parametrize(
    ("code", "check"),
    [
        (Code.CRC_MISMATCH, Check.INTEGRITY),
        (Code.UNSAFE_NAME, Check.INTEGRITY),
        (Code.METADATA_MISSING, Check.METADATA),
        (Code.VERSION_MISMATCH, Check.VERSION),
        (Code.FORMAT_NEWER, Check.VERSION),
        (Code.CHECKSUM_MISMATCH, Check.CHECKSUMS),
        (Code.PROFILE_INVALID, Check.PROFILE),
        (Code.SIZE_MISMATCH, Check.SIZES),
    ],
)
def test_faults_belong_where_a_person_looks_for_them(code: Code, check: Check) -> None:
    assert check_of(code) is check


@pytest.mark.parametrize("code", [Code.TRAILER, Code.TRUNCATED, Code.LOCAL_DIFFERS, Code.GAP])
def test_what_damage_does_is_not_blamed_on_anybody(code: Code) -> None:
    assert "Copy the file again" in advice(code)


def test_what_only_people_do_is_not_called_damage() -> None:
    assert "do not trust it" in advice(Code.UNSAFE_NAME)


def test_the_mark_for_more_belongs_to_no_check() -> None:
    assert check_of(Code.MORE) is None


def test_nothing_found_is_all_passed() -> None:
    assert _passed() == [True] * 6


def test_a_warning_fails_no_check() -> None:
    newer = Finding(code=Code.VERSION_NEWER_PATCH, message="x", severity=Severity.WARNING)
    assert _passed(newer) == [True] * 6


def test_a_fault_fails_its_check_alone() -> None:
    wrong = Finding(code=Code.CHECKSUM_MISMATCH, message="x")
    assert _passed(wrong) == [True, True, True, False, True, True]


def test_without_metadata_most_could_not_be_checked() -> None:
    missing = Finding(code=Code.METADATA_MISSING, message="x")
    assert _passed(missing, has_metadata=False, has_profile=False) == [
        *(True, False, None),
        *(None, None, None),
    ]


def test_what_cannot_be_unpacked_is_not_claimed_to_have_the_right_sums() -> None:
    damaged = Finding(code=Code.DATA_DAMAGED, message="x")
    assert _passed(damaged) == [False, True, True, None, True, None]


def test_a_profile_that_is_not_there_or_encrypted_is_not_ticked() -> None:
    assert _passed(has_profile=False)[4] is None
