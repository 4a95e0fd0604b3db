"""Which backups may go: the rules one by one, then as laws."""

from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoresumefiller.backup.retention import decide
from autoresumefiller.errors import InvalidArgumentError
from autoresumefiller.model.results import BackupEntry


def backup(name: str, kind: str, scope: str | None = "full") -> BackupEntry:
    return {
        "filename": name,
        "path": Path(name),
        "size_bytes": 1,
        "created": "2025-11-29T12:00:00Z",
        "type": kind,
        "metadata": None if scope is None else {"scope": scope},
    }


def kept(backups: list[BackupEntry], **options: Any) -> list[str]:
    rules = {
        "max_backups": 10,
        "keep_manual": True,
        "importable": lambda _: True,
        "in_use": lambda _: False,
    } | options
    return [verdict.filename for verdict in decide(backups, **cast("Any", rules)) if verdict.keep]


def test_the_newest_of_each_type_stay() -> None:
    backups = [backup(f"a{i}", "auto") for i in range(3)] + [
        backup(f"p{i}", "pre_import") for i in range(3)
    ]
    assert kept(backups, max_backups=2) == ["a0", "a1", "p0", "p1"]


def test_manual_backups_stay_unless_told_otherwise() -> None:
    backups = [backup(f"m{i}", "manual") for i in range(4)]
    assert kept(backups, max_backups=1) == ["m0", "m1", "m2", "m3"]
    assert kept(backups, max_backups=1, keep_manual=False) == ["m0"]


def test_the_newest_backup_made_before_an_import_always_stays() -> None:
    backups = [backup("m0", "manual"), backup("p0", "pre_import"), backup("p1", "pre_import")]
    assert kept(backups, max_backups=0) == ["m0", "p0"]


def test_a_backup_that_is_being_imported_stays() -> None:
    backups = [backup("m0", "manual"), backup("a0", "auto"), backup("a1", "auto")]
    assert kept(backups, max_backups=0, in_use=lambda b: b["filename"] == "a1") == ["m0", "a1"]


def test_the_only_importable_backup_of_its_scope_stays() -> None:
    backups = [backup(f"a{i}", "auto", "data") for i in range(4)]
    good = {"a2", "a3"}
    result = kept(backups, max_backups=1, importable=lambda b: b["filename"] in good)
    assert result == ["a0", "a2"]


def test_a_backup_of_another_scope_does_not_stand_in_for_the_last_one() -> None:
    backups = [backup("m0", "manual", "full"), backup("a0", "auto", "data")]
    assert kept(backups, max_backups=0) == ["m0", "a0"]


def test_nothing_is_read_when_nothing_would_go() -> None:
    def never(_: BackupEntry) -> bool:
        raise AssertionError("an archive was read")

    assert kept([backup("a0", "auto")], max_backups=1, importable=never) == ["a0"]


def test_each_verdict_says_why() -> None:
    verdicts = decide(
        [backup("m0", "manual"), backup("a0", "auto"), backup("a1", "auto")],
        max_backups=1,
        keep_manual=True,
        importable=lambda _: True,
        in_use=lambda _: False,
    )
    assert [v.reason for v in verdicts] == [
        "manual backups are kept",
        "one of the newest 1 auto backups",
        "older than the newest 1 auto backups",
    ]


@pytest.mark.parametrize("bad", [-1, True, 2.5, "3", None])
def test_a_number_that_is_none_is_refused(bad: object) -> None:
    with pytest.raises(InvalidArgumentError, match="max_backups"):
        kept([], max_backups=bad)


BACKUPS = st.lists(
    st.tuples(
        st.sampled_from(["manual", "auto", "pre_import"]),
        st.sampled_from(["full", "data", None]),
        st.booleans(),
    ),
    max_size=12,
)


@given(BACKUPS, st.integers(0, 5), st.booleans())
def test_a_scope_that_had_an_importable_backup_still_has_one(
    rows: list[tuple[str, str | None, bool]], max_backups: int, keep_manual: bool
) -> None:
    backups = [backup(str(i), kind, scope) for i, (kind, scope, _) in enumerate(rows)]
    good = {str(i) for i, (_, scope, ok) in enumerate(rows) if ok and scope}
    stay = set(
        kept(
            backups,
            max_backups=max_backups,
            keep_manual=keep_manual,
            importable=lambda b: b["filename"] in good,
        )
    )
    for scope in ("full", "data"):
        of_scope = {str(i) for i, row in enumerate(rows) if row[1] == scope}
        assert bool(of_scope & good) == bool(of_scope & good & stay)


@given(st.lists(st.sampled_from(["manual", "auto", "pre_import"])), st.integers(0, 5))
def test_among_sound_backups_a_larger_number_never_deletes_more(
    kinds: list[str], max_backups: int
) -> None:
    backups = [backup(str(i), kind) for i, kind in enumerate(kinds)]
    few = set(kept(backups, max_backups=max_backups))
    more = set(kept(backups, max_backups=max_backups + 1))
    assert few <= more


def test_the_only_good_backup_stays_when_it_is_encrypted() -> None:
    sealed = [backup(f"m{i}.zip.age", "manual", None) for i in range(3)]
    good = {"m1.zip.age"}
    rules = {"max_backups": 0, "keep_manual": False}
    assert kept(sealed, **rules, importable=lambda b: b["filename"] in good) == ["m1.zip.age"]


def test_an_encrypted_backup_stays_where_none_is_known_to_be_good() -> None:
    backups = [backup("m0.zip", "manual")] + [
        backup(f"m{i}.zip.age", "manual", None) for i in (1, 2)
    ]
    rules = {"max_backups": 0, "keep_manual": False}
    assert kept(backups, **rules, importable=lambda _: False) == ["m1.zip.age"]
    assert kept(backups, **rules, importable=lambda b: b["filename"] == "m0.zip") == ["m0.zip"]
    assert kept([backup("a.zip.age", "auto", None)], max_backups=0, importable=lambda _: False) == [
        "a.zip.age"
    ]
