import json
import os
import stat
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from autoresumefiller.errors import (
    ProfileInvalidError,
    ProfileLockedError,
    ProfileNotFoundError,
    StorageError,
    VaultLayoutError,
)
from autoresumefiller.model.profile_text import MAX_PROFILE_BYTES, parse_profile
from autoresumefiller.vault.layout import VaultLayout
from autoresumefiller.vault.profile_store import (
    profile_problems,
    read_profile,
    write_profile,
)

NOW = datetime(2025, 11, 29, 13, 0, tzinfo=timezone(timedelta(hours=1)))


def stored(**more: Any) -> dict[str, Any]:
    person = {"first_name": "Test", "last_name": "Person", "email": "test@example.org"}
    return {"personal_info": person, "last_updated": "2020-01-01T00:00:00Z", **more}


def put(layout: VaultLayout, profile: object) -> None:
    layout.profile.write_text(json.dumps(profile))


def test_what_is_saved_is_read_again(layout: VaultLayout) -> None:
    put(layout, stored(summary="Zoë 😀", favourite_colour={"of": ["mine"]}))

    saved = write_profile(layout, read_profile(layout), now=NOW)

    assert read_profile(layout) == saved
    assert saved.model_extra == {"favourite_colour": {"of": ["mine"]}}
    text = layout.profile.read_text("utf-8")
    assert '\n  "version": "1.0"' in text
    assert "Zoë 😀" in text
    assert text.endswith("}\n")
    assert stat.S_IMODE(layout.profile.stat().st_mode) == 0o600


def test_loading_never_changes_when_it_was_updated_and_saving_does(layout: VaultLayout) -> None:
    put(layout, stored())
    before = layout.profile.read_bytes()

    profile = read_profile(layout)

    assert profile.last_updated == datetime(2020, 1, 1, tzinfo=UTC)
    assert layout.profile.read_bytes() == before
    write_profile(layout, profile, now=NOW)
    assert read_profile(layout).last_updated == NOW
    assert '"last_updated": "2025-11-29T12:00:00Z"' in layout.profile.read_text()
    assert profile.last_updated == datetime(2020, 1, 1, tzinfo=UTC)


def test_without_a_profile_there_is_a_clear_error(layout: VaultLayout) -> None:
    with pytest.raises(ProfileNotFoundError):
        read_profile(layout)
    assert profile_problems(layout) is None


def test_an_encrypted_profile_is_locked_in_the_words_of_the_story(layout: VaultLayout) -> None:
    layout.encrypted_profile.write_bytes(b"sealed")

    with pytest.raises(ProfileLockedError, match=r"Encryption key not found\. Cannot decrypt data"):
        read_profile(layout)
    assert profile_problems(layout) is None


def test_two_profiles_are_one_too_many(layout: VaultLayout) -> None:
    put(layout, stored())
    layout.encrypted_profile.write_bytes(b"sealed")

    with pytest.raises(VaultLayoutError, match="twice"):
        read_profile(layout)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe{", "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"1" * 10_000, "too many digits"),
        (b"[]", "valid dictionary"),
        (b"null", "valid dictionary"),
        (b"{}", "personal_info"),
        (b'{"personal_info": {"first_name": ""}}', "personal_info.first_name"),
    ],
)
def test_what_is_no_profile_is_said_with_the_reason(
    layout: VaultLayout, text: bytes, words: str
) -> None:
    layout.profile.write_bytes(text)

    with pytest.raises(ProfileInvalidError, match=r"^Invalid user profile schema") as caught:
        read_profile(layout)

    assert words in str(caught.value)
    assert caught.value.problems
    assert profile_problems(layout) == list(caught.value.problems)


def test_a_file_too_large_to_be_a_profile_is_not_even_parsed(
    layout: VaultLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(layout, stored(summary="x" * MAX_PROFILE_BYTES))

    with pytest.raises(ProfileInvalidError, match="larger than"):
        read_profile(layout)


def test_errors_do_not_quote_what_is_in_the_profile() -> None:
    with pytest.raises(ProfileInvalidError) as caught:
        parse_profile(stored(skills="my secret skill"))

    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_byte_order_mark_is_forgiven(layout: VaultLayout) -> None:
    layout.profile.write_bytes(b"\xef\xbb\xbf" + json.dumps(stored()).encode())

    assert read_profile(layout).personal_info.first_name == "Test"


def test_half_a_surrogate_pair_does_not_stop_a_save(layout: VaultLayout) -> None:
    layout.profile.write_text(
        '{"note": "\\ud83d", "personal_info": ' + json.dumps(stored()["personal_info"]) + "}"
    )

    write_profile(layout, read_profile(layout), now=NOW)

    assert json.loads(layout.profile.read_bytes())["note"] == "\ud83d"


def test_a_profile_that_cannot_be_read_is_an_error_of_ours(layout: VaultLayout) -> None:
    layout.profile.mkdir()

    with pytest.raises(VaultLayoutError, match="is not a regular file"):
        read_profile(layout)


def test_a_failed_save_leaves_the_old_profile(layout: VaultLayout) -> None:
    put(layout, stored())
    profile = read_profile(layout)
    os.rename(layout.data, layout.root / "away")  # noqa: PTH104

    with pytest.raises(StorageError):
        write_profile(layout, profile, now=NOW)

    os.rename(layout.root / "away", layout.data)  # noqa: PTH104
    assert read_profile(layout) == profile
