"""The payload of an age file: STREAM in chunks of 64 KiB (https://c2sp.org/age).

Each chunk is ChaCha20-Poly1305 under a nonce of its number and whether it is
the last. What has been decrypted is what was encrypted, but only the last
chunk proves that nothing is missing behind it: whoever reads plaintext before
the end must throw it away if the end does not come.
"""

from collections.abc import Callable
from typing import Final, Protocol

from autoresumefiller.encryption.age_header import Readable, damaged, truncated
from autoresumefiller.encryption.age_locks import derive

CHUNK_BYTES: Final = 64 * 1024
NONCE_BYTES: Final = 16

_TAG_BYTES = 16
_END_BYTES = 64  # how much of an end `LooksComplete` is shown
_SEALED_BYTES = CHUNK_BYTES + _TAG_BYTES

LooksComplete = Callable[[bytes], bool]
"""Whether a plaintext with this end (its last 64 bytes, unproven) may be all there was."""


class Writable(Protocol):
    """What plaintext or ciphertext is written to."""

    def write(self, data: bytes, /) -> object:
        """Take all of ``data``."""
        ...


def encrypt_payload(file_key: bytes, nonce: bytes, source: Readable, target: Writable) -> None:
    """Write the payload of a file key; ``nonce`` is 16 random bytes."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    cipher = ChaCha20Poly1305(derive(file_key, salt=nonce, info=b"payload"))
    target.write(nonce)
    number, chunk = 0, _read(source, CHUNK_BYTES)
    while True:
        following = _read(source, CHUNK_BYTES) if len(chunk) == CHUNK_BYTES else b""
        target.write(cipher.encrypt(_nonce(number, last=not following), chunk, None))
        if not following:
            return
        number, chunk = number + 1, following


def decrypt_payload(
    file_key: bytes,
    source: Readable,
    target: Writable,
    *,
    looks_complete: LooksComplete = lambda _end: False,
) -> None:
    """Write the plaintext; if this raises, throw away what was written.

    Args:
        file_key: 16 bytes.
        source: Stands where the payload begins.
        target: Takes the plaintext.
        looks_complete: Asked about a last chunk that fails: a cut-off file, one
            damaged in its last chunk and one with something behind its end
            differ only in what the end says.

    Raises:
        EncryptedFileTruncatedError: it ends too early.
        EncryptedFileDamagedError: it was changed.

    """
    nonce = _read(source, NONCE_BYTES)
    if len(nonce) < NONCE_BYTES:
        raise truncated("it ends right after its header")
    chunks = _Chunks(derive(file_key, salt=nonce, info=b"payload"))
    chunk = _read(source, _SEALED_BYTES)
    while True:
        following = _read(source, _SEALED_BYTES) if len(chunk) == _SEALED_BYTES else b""
        plain = chunks.open(chunk, last=not following)
        if plain is None:
            raise chunks.explain(chunk, is_end=not following, looks_complete=looks_complete)
        if not plain and chunks.number:
            raise damaged("its last chunk is empty")
        target.write(plain)
        if not following:
            return
        chunks.number += 1
        chunk = following


class _Chunks:
    """One payload's cipher, and how many chunks were opened."""

    def __init__(self, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

        self.number = 0
        self._key = key
        self._cipher = ChaCha20Poly1305(key)

    def open(self, chunk: bytes, *, last: bool) -> bytes | None:
        from cryptography.exceptions import InvalidTag

        if len(chunk) < _TAG_BYTES:
            return None
        try:
            return self._cipher.decrypt(_nonce(self.number, last=last), chunk, None)
        except InvalidTag:
            return None

    def explain(self, chunk: bytes, *, is_end: bool, looks_complete: LooksComplete) -> Exception:
        where = f"in its part {self.number + 1} of 64 KiB"
        if not is_end:
            if self.open(chunk, last=True) is not None:
                return damaged("something was added behind its end")
            return damaged(f"something was changed {where}")
        if len(chunk) <= _TAG_BYTES or self.open(chunk, last=False) is not None:
            return truncated(f"it ends {where}, and more should follow")
        plain = self._unproven(chunk)
        if looks_complete(plain[-_END_BYTES:]):
            return damaged(f"something was changed {where}")
        if self._goes_on_behind_its_end(chunk, plain, looks_complete):
            return damaged("something was added behind its end")
        return truncated(f"it ends {where}")

    def _goes_on_behind_its_end(
        self, chunk: bytes, plain: bytes, looks_complete: LooksComplete
    ) -> bool:
        """Whether a last chunk begins with one that is whole and proven."""
        return any(
            self.open(chunk[: end + _TAG_BYTES], last=True) is not None
            for end in range(len(plain) - 1, -1, -1)
            if looks_complete(plain[max(0, end - _END_BYTES) : end])
        )

    def _unproven(self, chunk: bytes) -> bytes:
        """Decrypt a last chunk without its proof, only to say what is wrong with it."""
        from cryptography.hazmat.primitives.ciphers import Cipher
        from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20

        # RFC 8439: block 0 makes the Poly1305 key, the text begins with block 1.
        counter = (1).to_bytes(4, "little")
        stream = Cipher(ChaCha20(self._key, counter + _nonce(self.number, last=True)), None)
        return stream.decryptor().update(chunk[:-_TAG_BYTES])


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11) + bytes([last])


def _read(source: Readable, size: int) -> bytes:
    """Read exactly ``size`` bytes, fewer only at the end."""
    data = source.read(size)
    while data and len(data) < size:
        more = source.read(size - len(data))
        if not more:
            break
        data += more
    return data
