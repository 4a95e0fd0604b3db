"""The recovery kit: what it opens, what it does not, and what a person may do to its text."""

import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pyrage
import pytest

from autoresumefiller.encryption import cipher
from autoresumefiller.encryption.armor import dearmor, enarmor
from autoresumefiller.encryption.kit_page import kit_page
from autoresumefiller.encryption.recovery import (
    RecoveryKit,
    make_kit,
    needs_passphrase,
    open_kit,
    recipient_of,
    recover_key,
    seal_key,
)
from autoresumefiller.encryption.vault_key import VaultKey
from autoresumefiller.errors import (
    AuthenticationFailedError,
    InvalidArgumentError,
    PassphraseRequiredError,
    RecoveryKitError,
    WrongKeyError,
)
from tests.support.age_tool import age, age_with_passphrase

NOW = datetime(2025, 11, 29, 12, tzinfo=UTC)
WORDS = "five words on a note"


@pytest.fixture(scope="module")
def kit() -> RecoveryKit:
    return make_kit(WORDS, now=NOW, work_factor=4)


def _profile(key: VaultKey) -> cipher.Sealed:
    return cipher.Sealed.parse(cipher.encrypt(b"profile", key, recovery_slot=seal_key(key)))


def test_the_kit_opens_the_profile_that_carries_its_slot(kit: RecoveryKit) -> None:
    key = VaultKey.generate(recovery=kit.recipient)
    identity = open_kit(kit.text, WORDS)
    assert recipient_of(identity) == kit.recipient
    assert recover_key(_profile(key), identity) == key


def test_the_kits_secret_and_passphrase_are_not_in_its_text(kit: RecoveryKit) -> None:
    identity = open_kit(kit.text, WORDS)
    for shown in (kit.text, kit_page(kit), repr(kit)):
        assert identity not in shown
        assert WORDS not in shown
    assert kit.block not in repr(kit)


@pytest.mark.parametrize(
    "form",
    [
        lambda kit: kit.text,
        lambda kit: kit.block,
        lambda kit: kit.text.replace("\n", "\r\n"),
        lambda kit: textwrap.indent(kit.text, "> ").replace("> ", "   "),
        lambda kit: kit.text.replace("\n", " "),
        kit_page,
    ],
)
def test_a_kit_is_read_in_every_shape_it_may_come_in(kit: RecoveryKit, form) -> None:
    assert recipient_of(open_kit(form(kit), WORDS)) == kit.recipient


def test_a_bare_identity_is_a_kit_without_passphrase() -> None:
    identity = str(pyrage.x25519.Identity.generate())
    assert open_kit(f"# a comment\n{identity}\n", None) == identity
    assert not needs_passphrase(identity)


def test_the_wrong_passphrase_and_none_are_told_apart(kit: RecoveryKit) -> None:
    with pytest.raises(WrongKeyError, match="passphrase is wrong"):
        open_kit(kit.text, WORDS + " ")
    with pytest.raises(PassphraseRequiredError):
        open_kit(kit.text, None)
    # A wrong letter in the lock cannot be told from a wrong passphrase: so it is said.
    typed_wrongly = bytearray(dearmor(kit.text) or b"")
    typed_wrongly[40] = ord("A") if typed_wrongly[40] != ord("A") else ord("B")
    with pytest.raises(WrongKeyError, match="passphrase is wrong") as raised:
        open_kit(enarmor(bytes(typed_wrongly)), WORDS)
    assert "compare its first lines" in raised.value.hint
    assert needs_passphrase(kit.text)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: "a shopping list",
        lambda text: text.replace("-----END", "-----FIN"),
        lambda text: text.replace("YWdl", "WYdl"),
        lambda text: text[:700] + text[710:],
        lambda text: text[:700] + "!" + text[701:],
        lambda text: text + "x" * 100_000,
        lambda text: "AGE-SECRET-KEY-1QQQQ",
    ],
)
def test_what_is_no_whole_kit_is_told(kit: RecoveryKit, damage) -> None:
    with pytest.raises((RecoveryKitError, WrongKeyError)) as raised:
        open_kit(damage(kit.text), WORDS)
    assert raised.value.hint


def test_the_kit_of_another_vault_does_not_open_it(kit: RecoveryKit) -> None:
    sealed = _profile(VaultKey.generate(recovery=kit.recipient))
    with pytest.raises(WrongKeyError, match="does not open the profile"):
        recover_key(sealed, str(pyrage.x25519.Identity.generate()))
    without = _profile(VaultKey.generate(recovery=""))
    with pytest.raises(WrongKeyError, match="without a recovery kit"):
        recover_key(without, open_kit(kit.text, WORDS))


def test_a_slot_with_another_key_than_the_profiles_is_damage(kit: RecoveryKit) -> None:
    key, other = (VaultKey.generate(recovery=kit.recipient) for _ in range(2))
    data = cipher.encrypt(b"profile", key, recovery_slot=seal_key(other))
    with pytest.raises(AuthenticationFailedError):
        recover_key(cipher.Sealed.parse(data), open_kit(kit.text, WORDS))


def test_a_damaged_slot_is_told(kit: RecoveryKit) -> None:
    key = VaultKey.generate(recovery=kit.recipient)
    slot = bytearray(seal_key(key))
    slot[-1] ^= 1
    data = cipher.encrypt(b"profile", key, recovery_slot=bytes(slot))
    with pytest.raises(AuthenticationFailedError):
        recover_key(cipher.Sealed.parse(data), open_kit(kit.text, WORDS))


def test_a_byte_order_mark_of_an_editor_is_no_part_of_the_passphrase(kit: RecoveryKit) -> None:
    # It cannot be typed: a kit that was made with it would never open for a person.
    marked = make_kit(f"\ufeff{WORDS}", now=NOW, work_factor=4)

    assert recipient_of(open_kit(marked.text, WORDS)) == marked.recipient
    assert recipient_of(open_kit(kit.text, f"\ufeff{WORDS}")) == kit.recipient


def test_a_passphrase_that_could_not_be_given_again_is_refused() -> None:
    for bad, why in (("x" * 1025, "too long"), ("\ud800 and other words", "half of a character")):
        with pytest.raises(InvalidArgumentError, match=why):
            make_kit(bad, now=NOW)


@pytest.mark.parametrize("short", ["", "         ", "ninechars", " nine char "[:9]])
def test_a_short_passphrase_is_refused(short: str) -> None:
    with pytest.raises(InvalidArgumentError, match="10 characters"):
        make_kit(short, now=NOW)


def test_the_age_program_opens_with_the_kit_what_is_encrypted_for_it(
    kit: RecoveryKit, tmp_path: Path
) -> None:
    secret, identity, back = (tmp_path / name for name in ("secret.age", "identity.age", "back"))
    secret.write_bytes(age("-r", kit.recipient, stdin=b"the backup"))
    identity.write_text(kit.block)
    age_with_passphrase(WORDS, "-d", "-i", identity, "-o", back, secret)
    assert back.read_bytes() == b"the backup"


def test_the_page_loads_nothing_and_escapes_everything(kit: RecoveryKit) -> None:
    page = kit_page(kit)
    assert page.startswith("<!doctype html>")
    assert "default-src 'none'" in page
    for loader in ("src=", "href=", "url(", "<script", "@import"):
        assert loader not in page
    assert kit.block.rstrip() in page
    assert "2025-11-29" in page


def test_the_kit_we_write_takes_the_work_factor_of_age() -> None:
    made = make_kit(WORDS, now=NOW)
    assert recipient_of(open_kit(made.text, WORDS)) == made.recipient
    import base64

    header = base64.b64decode("".join(made.block.splitlines()[1:-1]))[:120]
    assert b" 18\n" in header
