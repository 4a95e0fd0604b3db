"""age files: with the age program both ways, and one answer for each thing that can be wrong."""

import io
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoresumefiller.encryption.age_header import MAX_WORK_FACTOR
from autoresumefiller.encryption.envelope import (
    Keys,
    Passphrase,
    Recipients,
    check_recipients,
    decrypt,
    encrypt,
    needs_passphrase,
)
from autoresumefiller.errors import (
    EncryptedFileDamagedError,
    EncryptedFileTruncatedError,
    InvalidArgumentError,
    NotEncryptedError,
    PassphraseRequiredError,
    WrongKeyError,
)
from tests.support.age_tool import age, age_refuses, age_with_passphrase
from tests.support.environment import require_tool
from tests.support.memory import peak_growth

CHUNK = 65536
SIZES = [0, 1, 1000, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17]
MINE = pyrage.x25519.Identity.generate()
OTHER = pyrage.x25519.Identity.generate()
FOR_ME = Recipients(recipients=(str(MINE.to_public()),))
FOR_BOTH = Recipients(recipients=(str(MINE.to_public()), str(OTHER.to_public())))
WITH_WORDS = Passphrase(passphrase="some words nobody says", work_factor=2)
MY_KEYS = Keys(identities=(str(MINE),))
MY_WORDS = Keys(passphrase="some words nobody says")
BOTH_WAYS = pytest.mark.parametrize(
    ("lock", "keys"), [(FOR_ME, MY_KEYS), (WITH_WORDS, MY_WORDS)], ids=["recipient", "passphrase"]
)


def _content(size: int) -> bytes:
    """A text that ends in a mark, so that one can see whether it is whole."""
    return (os.urandom(max(0, size - 3)) + b"END")[:size]


def _whole(end: bytes) -> bool:
    return end.endswith(b"END")


def _locked(content: bytes, lock: Recipients | Passphrase) -> bytes:
    target = io.BytesIO()
    encrypt(io.BytesIO(content), target, lock)
    return target.getvalue()


def _opened(data: bytes, keys: Keys) -> bytes:
    target = io.BytesIO()
    decrypt(io.BytesIO(data), target, keys, looks_complete=_whole)
    return target.getvalue()


def _payload_at(data: bytes) -> int:
    return data.index(b"\n", data.index(b"\n--- ") + 1) + 1 + 16


@BOTH_WAYS
@pytest.mark.parametrize("size", SIZES)
def test_what_is_encrypted_is_decrypted(size: int, lock: Recipients, keys: Keys) -> None:
    content = _content(size)
    assert _opened(_locked(content, lock), keys) == content


def test_each_recipient_opens_it() -> None:
    data = _locked(b"text", FOR_BOTH)
    assert _opened(data, Keys(identities=(str(MINE),))) == b"text"
    assert _opened(data, Keys(identities=(str(OTHER),))) == b"text"


# --- with somebody else's programs ----------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_the_age_program_opens_what_we_encrypt(size: int, tmp_path: Path) -> None:
    content, identity = _content(size), tmp_path / "identity.txt"
    identity.write_text(str(MINE))
    ours = tmp_path / "ours.age"
    ours.write_bytes(_locked(content, FOR_BOTH))
    assert age("-d", "-i", identity, ours) == content


@pytest.mark.parametrize("size", SIZES)
def test_we_open_what_the_age_program_encrypts(size: int) -> None:
    content = _content(size)
    theirs = age("-r", str(OTHER.to_public()), "-r", str(MINE.to_public()), stdin=content)
    assert _opened(theirs, MY_KEYS) == content


@pytest.mark.parametrize("size", [1, CHUNK, CHUNK + 1])
def test_passphrases_are_those_of_the_age_program(size: int, tmp_path: Path) -> None:
    content = _content(size)
    plain, theirs, back = tmp_path / "plain", tmp_path / "theirs.age", tmp_path / "back"
    plain.write_bytes(content)
    age_with_passphrase("päss wörd", "-p", "-o", theirs, plain, questions=2)
    assert _opened(theirs.read_bytes(), Keys(passphrase="päss wörd")) == content
    ours = tmp_path / "ours.age"
    ours.write_bytes(_locked(content, Passphrase(passphrase="päss wörd", work_factor=10)))
    age_with_passphrase("päss wörd", "-d", "-o", back, ours)
    assert back.read_bytes() == content


@given(st.binary(max_size=200))
def test_our_own_passphrase_files_are_those_of_rage(content: bytes) -> None:
    assert pyrage.passphrase.decrypt(_locked(content, WITH_WORDS), WITH_WORDS.passphrase) == content


def test_ssh_keys_are_recipients_too(tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(
        [require_tool("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", key], check=True
    )
    public = key.with_suffix(".pub").read_text()
    ours = tmp_path / "ours.age"
    ours.write_bytes(_locked(b"text", Recipients(recipients=(public,))))
    assert age("-d", "-i", key, ours) == b"text"


# --- what can be wrong ------------------------------------------------------------------


def test_a_wrong_key_is_told() -> None:
    with pytest.raises(WrongKeyError, match="None of the keys"):
        _opened(_locked(b"text", FOR_ME), Keys(identities=(str(OTHER),)))
    with pytest.raises(WrongKeyError, match="None of the keys"):
        _opened(_locked(b"text", FOR_ME), Keys(passphrase="x"))
    with pytest.raises(WrongKeyError, match="passphrase is wrong"):
        _opened(_locked(b"text", WITH_WORDS), Keys(passphrase="other words"))


def test_a_passphrase_file_without_a_passphrase_asks_for_one() -> None:
    with pytest.raises(PassphraseRequiredError):
        _opened(_locked(b"text", WITH_WORDS), MY_KEYS)
    assert needs_passphrase(io.BytesIO(_locked(b"text", WITH_WORDS)))
    assert not needs_passphrase(io.BytesIO(_locked(b"text", FOR_ME)))


def test_a_key_with_a_typing_error_is_not_quoted() -> None:
    wrong = str(MINE)[:-1] + ("Q" if str(MINE)[-1] != "Q" else "P")
    with pytest.raises(WrongKeyError) as raised:
        _opened(_locked(b"text", FOR_ME), Keys(identities=(wrong,)))
    assert wrong[20:40] not in str(raised.value)


@BOTH_WAYS
@pytest.mark.parametrize("size", [10, CHUNK, 2 * CHUNK, 3 * CHUNK + 17])
def test_a_file_cut_off_anywhere_is_told_as_cut_off(
    size: int, lock: Recipients, keys: Keys
) -> None:
    data = _locked(_content(size), lock)
    begin, sealed = _payload_at(data), CHUNK + 16
    cuts = {1, 10, 21, 22, 40, begin - 30, begin - 16, begin - 1, begin, begin + 1, begin + 16}
    cuts |= {begin + sealed * number + more for number in (1, 2, 3) for more in (-1, 0, 1, 16, 20)}
    cuts |= {len(data) - 1, len(data) - 16, len(data) - 17}
    cuts = {cut for cut in cuts if 0 < cut < len(data)}
    assert len(cuts) >= 12
    for cut in sorted(cuts):
        with pytest.raises(EncryptedFileTruncatedError, match="cut off"):
            _opened(data[:cut], keys)


@BOTH_WAYS
@pytest.mark.parametrize("size", [10, CHUNK, 2 * CHUNK + 100])
def test_a_changed_file_is_told_as_damaged(size: int, lock: Recipients, keys: Keys) -> None:
    data = _locked(_content(size), lock)
    begin = _payload_at(data)
    for at in {begin - 1, begin, begin + 5, begin + CHUNK // 2, begin + CHUNK + 20, len(data) - 1}:
        if not begin <= at < len(data):
            continue
        changed = bytearray(data)
        changed[at] ^= 0x40
        with pytest.raises(EncryptedFileDamagedError, match="damaged"):
            _opened(bytes(changed), keys)


@BOTH_WAYS
@pytest.mark.parametrize("size", [10, CHUNK - 5, CHUNK, CHUNK + 1000])
@pytest.mark.parametrize("more", [1, 15, 16, 17, 1000, CHUNK, CHUNK + 16, 3 * CHUNK])
def test_what_was_added_behind_the_end_is_damage(
    size: int, more: int, lock: Recipients, keys: Keys
) -> None:
    with pytest.raises(EncryptedFileDamagedError, match=r"added|changed"):
        _opened(_locked(_content(size), lock) + bytes(more), keys)


def test_a_changed_lock_is_damage_where_another_lock_opens() -> None:
    data = _locked(b"text END", FOR_BOTH)
    locks = [match.start(1) for match in re.finditer(rb"\n([A-Za-z0-9+/]{43})\n", data)]
    answers = []
    for at in locks[:2]:
        changed = bytearray(data)
        changed[at] = ord("A") if data[at] != ord("A") else ord("B")
        for identity in (MINE, OTHER):
            with pytest.raises((EncryptedFileDamagedError, WrongKeyError)) as raised:
                _opened(bytes(changed), Keys(identities=(str(identity),)))
            answers.append(raised.value)
    # Its own lock says nothing of whom it is for: there a wrong key looks the same, and is told so.
    assert (
        sorted(error.code for error in answers)
        == ["encrypted_file_damaged"] * 2 + ["wrong_key"] * 2
    )
    assert all(
        "the beginning of the file is damaged" in error.hint
        for error in answers
        if error.code == "wrong_key"
    )


@BOTH_WAYS
def test_a_changed_header_never_opens(lock: Recipients, keys: Keys) -> None:
    data = _locked(b"text END", lock)
    end = _payload_at(data) - 16
    for at in range(end):
        changed = bytearray(data)
        changed[at] ^= 1
        with pytest.raises(
            (
                EncryptedFileDamagedError,
                EncryptedFileTruncatedError,
                WrongKeyError,
                NotEncryptedError,
                PassphraseRequiredError,
            )
        ):
            _opened(bytes(changed), keys)


@BOTH_WAYS
def test_chunks_cannot_be_exchanged_repeated_or_added(lock: Recipients, keys: Keys) -> None:
    data = _locked(_content(3 * CHUNK), lock)
    begin, sealed = _payload_at(data), CHUNK + 16
    head, chunks = data[:begin], [data[begin + sealed * n :][:sealed] for n in range(3)]
    for other in (
        [chunks[1], chunks[0], chunks[2]],
        [chunks[0], chunks[0], chunks[2]],
        [chunks[0], chunks[2]],
        [*chunks, chunks[2]],
        [*chunks, b"more"],
    ):
        with pytest.raises((EncryptedFileDamagedError, EncryptedFileTruncatedError)):
            _opened(head + b"".join(other), keys)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a zip", b"age-encryption.org/v2\n", b"agx"])
def test_what_is_no_age_file_is_told(content: bytes) -> None:
    with pytest.raises(NotEncryptedError):
        _opened(content, MY_KEYS)
    with pytest.raises(NotEncryptedError):
        needs_passphrase(io.BytesIO(content))


def test_an_age_file_written_as_text_is_told_apart() -> None:
    armored = age("-a", "-r", str(MINE.to_public()), stdin=b"text")
    with pytest.raises(NotEncryptedError, match="age file written as text") as raised:
        _opened(armored, MY_KEYS)
    assert "age -d" in raised.value.hint


def test_the_four_answers_are_four_errors() -> None:
    answers = {WrongKeyError, EncryptedFileDamagedError, EncryptedFileTruncatedError}
    assert len({error.code for error in answers | {NotEncryptedError}}) == 4


@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_get_one_of_our_errors(noise: bytes, headed: bool) -> None:
    data = b"age-encryption.org/v1\n" + noise if headed else noise
    with pytest.raises(
        (NotEncryptedError, EncryptedFileDamagedError, EncryptedFileTruncatedError, WrongKeyError)
    ):
        _opened(data, Keys(identities=(str(MINE),), passphrase="x"))


MALFORMED = {
    "no stanza": b"--- " + b"A" * 43 + b"\n",
    "a line without arrow": b"X25519 abc\n\n--- " + b"A" * 43 + b"\n",
    "a short mac": b"-> X25519 abc\n\n--- AAAA\n",
    "padded base64": b"-> X25519 abc\nAA==\n--- " + b"A" * 43 + b"\n",
    "base64 with spare bits": b"-> X25519 abc\nAB\n--- " + b"A" * 43 + b"\n",
    "a line of 65": b"-> X25519 abc\n" + b"A" * 65 + b"\n\n--- " + b"A" * 43 + b"\n",
    "two passphrases": b"-> scrypt AAAAAAAAAAAAAAAAAAAAAA 2\n\n" * 2 + b"--- " + b"A" * 43 + b"\n",
    "no factor": b"-> scrypt AAAAAAAAAAAAAAAAAAAAAA\n\n--- " + b"A" * 43 + b"\n",
    "a factor in words": b"-> scrypt AAAAAAAAAAAAAAAAAAAAAA 0x2\n\n--- " + b"A" * 43 + b"\n",
    "a factor of zero": b"-> scrypt AAAAAAAAAAAAAAAAAAAAAA 0\n\n--- " + b"A" * 43 + b"\n",
    "a short salt": b"-> scrypt AAAA 2\n\n--- " + b"A" * 43 + b"\n",
    "a header without end": b"-> X25519 abc\n" + (b"A" * 64 + b"\n") * 2000,
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_header_is_damage(name: str) -> None:
    with pytest.raises(EncryptedFileDamagedError):
        _opened(b"age-encryption.org/v1\n" + MALFORMED[name], Keys(passphrase="x"))


OPENING = """
import io
from autoresumefiller.encryption.envelope import *
from autoresumefiller.errors import EncryptedFileDamagedError
"""
OPEN = """
try:
    decrypt(io.BytesIO(data), io.BytesIO(), Keys(passphrase="x"))
except EncryptedFileDamagedError:
    pass
else:
    raise AssertionError("it was opened")
"""


@pytest.mark.parametrize("factor", [MAX_WORK_FACTOR + 1, 30, 62, 99])
def test_a_work_factor_is_refused_before_it_costs_memory(factor: int) -> None:
    lock = f"-> scrypt AAAAAAAAAAAAAAAAAAAAAA {factor}\n{'A' * 43}\n--- {'A' * 43}\n"
    data = b"age-encryption.org/v1\n" + lock.encode()
    with pytest.raises(EncryptedFileDamagedError, match=f"work factor of {factor}.*at most 1 GiB"):
        _opened(data, Keys(passphrase="x"))
    assert peak_growth(f"{OPENING}\ndata = {data!r}", OPEN) < 50_000_000


def test_a_work_factor_of_three_digits_is_damage() -> None:
    lock = f"-> scrypt AAAAAAAAAAAAAAAAAAAAAA 100\n{'A' * 43}\n--- {'A' * 43}\n"
    with pytest.raises(EncryptedFileDamagedError):
        _opened(b"age-encryption.org/v1\n" + lock.encode(), Keys(passphrase="x"))


# --- no file without a lock ---------------------------------------------------------------


@pytest.mark.parametrize(
    "lock",
    [
        Recipients(recipients=()),
        Recipients(recipients=("age1nonsense",)),
        Recipients(recipients=(str(MINE),)),
        Recipients(recipients=(str(MINE.to_public()), "ssh-rsa nonsense")),
        Passphrase(passphrase=""),
    ],
)
def test_without_a_good_lock_nothing_is_written(lock: Recipients | Passphrase) -> None:
    target = io.BytesIO()
    with pytest.raises(InvalidArgumentError) as raised:
        encrypt(io.BytesIO(b"text"), target, lock)
    assert target.getvalue() == b""
    assert raised.value.consequence == "No file was made."
    assert str(MINE) not in str(raised.value)  # a secret key given by mistake is not repeated


def test_recipients_are_taken_once() -> None:
    mine = str(MINE.to_public())
    assert check_recipients([mine, f" {mine} "]) == (mine,)


# --- files that fail, people who cancel ----------------------------------------------------


class _Full(io.BytesIO):
    def write(self, data: object, /) -> int:
        raise OSError(28, "No space left on device")


class _Unreadable(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError(5, "Input/output error")


@BOTH_WAYS
def test_an_error_of_a_file_arrives_as_it_is(lock: Recipients, keys: Keys) -> None:
    with pytest.raises(OSError, match="No space") as raised:
        encrypt(io.BytesIO(b"text"), _Full(), lock)
    assert raised.value.errno == 28
    with pytest.raises(OSError, match="Input/output"):
        encrypt(_Unreadable(), io.BytesIO(), lock)
    with pytest.raises(OSError, match="No space"):
        decrypt(io.BytesIO(_locked(b"text", lock)), _Full(), keys)


@BOTH_WAYS
@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError])
def test_whoever_follows_the_progress_can_cancel(
    stop: type[BaseException], lock: Recipients, keys: Keys
) -> None:
    def cancel(_count: int) -> None:
        raise stop

    with pytest.raises(stop):
        encrypt(io.BytesIO(b"text"), io.BytesIO(), lock, on_bytes=cancel)
    with pytest.raises(stop):
        decrypt(io.BytesIO(_locked(b"text", lock)), io.BytesIO(), keys, on_bytes=cancel)


@BOTH_WAYS
def test_progress_ends_at_the_size_of_the_source(lock: Recipients, keys: Keys) -> None:
    counts: list[int] = []
    encrypt(io.BytesIO(bytes(300_000)), io.BytesIO(), lock, on_bytes=counts.append)
    assert counts == sorted(counts)
    assert counts[-1] == 300_000


PREPARE = """
from autoresumefiller.encryption.envelope import *
import pyrage, cryptography.hazmat.primitives.ciphers.aead
identity = pyrage.x25519.Identity.generate()
keys = Keys(identities=(str(identity),), passphrase="some words")
lock = {
    "recipient": Recipients(recipients=(str(identity.to_public()),)),
    "passphrase": Passphrase(passphrase="some words", work_factor=2),
}[sys.argv[1]]
with open(sys.argv[2], "wb") as big:
    big.truncate(200 << 20)
"""
THERE_AND_BACK = """
with open(sys.argv[2], "rb") as source, open(sys.argv[2] + ".age", "wb") as target:
    encrypt(source, target, lock)
with open(sys.argv[2] + ".age", "rb") as source, open("/dev/null", "wb") as target:
    decrypt(source, target, keys)
"""


@pytest.mark.parametrize("kind", ["recipient", "passphrase"])
def test_memory_does_not_grow_with_the_file(kind: str, tmp_path: Path) -> None:
    growth = peak_growth(PREPARE, THERE_AND_BACK, kind, tmp_path / "big")
    assert growth < 20_000_000  # for 200 MiB


def test_the_age_program_refuses_what_we_refuse(tmp_path: Path) -> None:
    """The tests above are only worth something if age agrees on what is whole."""
    identity, path = tmp_path / "identity", tmp_path / "file.age"
    identity.write_text(str(MINE))
    data = _locked(_content(CHUNK), FOR_ME)
    for spoil in _SPOILS:
        path.write_bytes(spoil(data))
        assert "error" in age_refuses("-d", "-i", identity, path)


_SPOILS: list[Callable[[bytes], bytes]] = [
    lambda data: data[:-1],
    lambda data: data[: _payload_at(data)],
    lambda data: data + b"x",
    lambda data: data[:-5] + bytes([data[-5] ^ 1]) + data[-4:],
]
