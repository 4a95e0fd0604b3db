import pyrage
import pytest

from autoresumefiller.encryption.bech32 import decode_bech32
from autoresumefiller.encryption.vault_key import VaultKey
from autoresumefiller.errors import KeyStoreError

RECOVERY = str(pyrage.x25519.Identity.generate().to_public())


def test_what_follows_from_a_secret_is_known() -> None:
    key = VaultKey(secret=bytes(range(32)), recovery="")
    assert key.key_id == "760f4fc01f176a44"
    # HKDF by Node.js' crypto module (hkdfSync).
    prefix, scalar = decode_bech32(key.device_identity)
    assert prefix == "age-secret-key-"
    assert scalar.hex() == "d678974cdb359802749740537cc81351206295a8aa8829edd97c15cb2bad0fd4"
    assert key.device_recipient.startswith("age1")


@pytest.mark.parametrize("recovery", ["", RECOVERY], ids=["no kit", "a kit"])
def test_the_text_is_read_back(recovery: str) -> None:
    key = VaultKey.generate(recovery=recovery)
    assert VaultKey.parse(key.to_text()) == key
    assert VaultKey.parse(f"  {key.to_text()}\n") == key
    assert "\n" not in key.to_text()
    # Windows keeps at most 2560 bytes of UTF-16 for an entry.
    assert len(key.to_text()) < 200


def test_no_two_keys_are_alike() -> None:
    assert len({VaultKey.generate(recovery="").key_id for _ in range(50)}) == 50


def test_a_key_is_never_shown() -> None:
    key = VaultKey.generate(recovery=RECOVERY)
    secret = key.to_text().split(".")[1]
    for shown in (repr(key), str(key)):
        assert secret not in shown
        assert repr(key.secret) not in shown


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: "hunter2",
        lambda text: text.replace("ARF-KEY-1", "ARF-KEY-2"),
        lambda text: text.replace(".", " "),
        lambda text: text[:20] + text[22:],
        lambda text: text[:20] + "!" + text[21:],
        lambda text: text.replace("age1", "age2"),
        lambda text: text[:-1],
        lambda text: text + "x",
    ],
)
def test_what_is_no_key_is_refused_and_not_quoted(damage) -> None:
    text = damage(VaultKey(secret=b"0123456789abcdef" * 2, recovery=RECOVERY).to_text())
    with pytest.raises(KeyStoreError) as raised:
        VaultKey.parse(text)
    assert "MDEyMzQ1" not in str(raised.value)
    assert "hunter2" not in str(raised.value)
