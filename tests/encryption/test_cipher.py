"""The format of the encrypted profile, byte for byte, and that nothing in it can be changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoresumefiller.encryption.cipher import Sealed, encrypt, open_sealed
from autoresumefiller.encryption.vault_key import VaultKey
from autoresumefiller.errors import AuthenticationFailedError, KeyNotFoundError

KEY = VaultKey(secret=bytes(range(32)), recovery="")
NONCE = bytes(range(12))
PROFILE = b'{"version": "1.0"}'

# Worked out by another program from the documented format: Node.js' crypto
# module (createCipheriv, setAAD), key and nonce as above.
KNOWN = {
    b"": "4152464501760f4fc01f176a44000102030405060708090a0b00003c20a07eb796ab74e363adab93d8565d"
    "a1ab260f617c458cb0f51c0460fa6a42addb",
    b"slot": "4152464501760f4fc01f176a44000102030405060708090a0b0004736c6f743c20a07eb796ab74e363"
    "adab93d8565da1ab8baf96ad790ea9b3d1d3db70fec582a0",
}


@pytest.mark.parametrize("slot", KNOWN)
def test_known_answers_both_ways(slot: bytes) -> None:
    data = bytes.fromhex(KNOWN[slot])
    assert encrypt(PROFILE, KEY, recovery_slot=slot, nonce=NONCE) == data
    sealed = Sealed.parse(data)
    assert (sealed.key_id, sealed.recovery_slot) == (KEY.key_id, slot)
    assert open_sealed(sealed, KEY) == PROFILE


def test_the_header_is_as_documented() -> None:
    data = encrypt(PROFILE, KEY, recovery_slot=b"slot", nonce=NONCE)
    assert data[:4] == b"ARFE"
    assert data[4] == 1
    assert data[5:13].hex() == KEY.key_id
    assert data[13:25] == NONCE
    assert data[25:31] == b"\x00\x04slot"
    assert len(data) == 31 + len(PROFILE) + 16


@given(st.binary(max_size=300), st.binary(max_size=50), st.binary(min_size=32, max_size=32))
def test_what_is_encrypted_is_decrypted(plain: bytes, slot: bytes, secret: bytes) -> None:
    key = VaultKey(secret=secret, recovery="")
    data = encrypt(plain, key, recovery_slot=slot)
    assert open_sealed(Sealed.parse(data), key) == plain


def test_no_plaintext_is_in_the_file() -> None:
    plain = b"planted-plaintext " * 40
    assert b"plaintext" not in encrypt(plain, KEY)


def test_every_write_has_a_fresh_nonce() -> None:
    assert len({encrypt(PROFILE, KEY)[13:25] for _ in range(100)}) == 100


def test_no_bit_can_be_changed_unnoticed() -> None:
    data = encrypt(PROFILE, KEY, recovery_slot=b"slot")
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises((AuthenticationFailedError, KeyNotFoundError)):
            open_sealed(Sealed.parse(bytes(changed)), KEY)


def test_no_byte_can_be_left_out_or_added() -> None:
    data = encrypt(PROFILE, KEY, recovery_slot=b"slot")
    for length in range(len(data)):
        with pytest.raises(AuthenticationFailedError, match="corrupted or tampered"):
            open_sealed(Sealed.parse(data[:length]), KEY)
    with pytest.raises(AuthenticationFailedError):
        open_sealed(Sealed.parse(data + b"\0"), KEY)


def test_a_file_for_another_purpose_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autoresumefiller.encryption.cipher.PROFILE_PURPOSE", b"something else")
    data = encrypt(PROFILE, KEY)
    monkeypatch.undo()
    with pytest.raises(AuthenticationFailedError):
        open_sealed(Sealed.parse(data), KEY)


def test_another_key_is_told_by_its_id_and_named() -> None:
    other = VaultKey.generate(recovery="")
    with pytest.raises(KeyNotFoundError) as raised:
        open_sealed(Sealed.parse(encrypt(PROFILE, KEY)), other)
    assert raised.value.message.startswith("Encryption key not found. Cannot decrypt data.")
    assert KEY.key_id in raised.value.message
    assert raised.value.hint


def test_a_newer_version_is_told_from_damage() -> None:
    data = bytearray(encrypt(PROFILE, KEY))
    data[4] = 2
    with pytest.raises(AuthenticationFailedError, match="version 2"):
        Sealed.parse(bytes(data))


def test_the_message_for_damage_is_the_storys() -> None:
    data = bytearray(encrypt(PROFILE, KEY))
    data[-1] ^= 1
    with pytest.raises(AuthenticationFailedError) as raised:
        open_sealed(Sealed.parse(bytes(data)), KEY)
    assert raised.value.message == "Authentication failed. File may be corrupted or tampered."
    assert "arf import" in raised.value.hint
