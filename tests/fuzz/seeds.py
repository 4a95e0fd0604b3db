"""Where fuzzing begins: made from the test vectors, so that no binary file is kept.

For each target its seeds, its dictionary and the mutation that knows its form.
"""

from collections.abc import Callable
from pathlib import Path
from random import Random

from autoresumefiller.encryption.armor import enarmor
from autoresumefiller.encryption.bech32 import encode_bech32
from tests.fuzz import json_mutations, zip_mutations
from tests.redaction.test_redact import SHAPES
from tests.redaction.test_refill import CASES
from tests.vectors.contents import VAULT, Story, sums_of
from tests.vectors.hostile import VECTORS
from tests.vectors.ordinary import ORDINARY
from tests.vectors.zip_parts import build

Scramble = Callable[[bytes], bytes]
Mutation = Callable[[bytes, Random, Scramble], bytes]

MOST_BYTES = 1 << 16
"""Longer seeds are left out, and nothing grows beyond: a fault needs few bytes, time is short."""

_AGE = (
    b"age-encryption.org/v1\n-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc\n"
    b"EmECAEcKN+n/Vs9SbWiV+Hu0r+E8R77DdWYyd83nw7U\n"
    b"-> piv-p256 abc def\n\n"
    b"--- Vn+54jqiiUCE+WZcEVY3f1sqHjlu/z1LCQ/T7Xm7qI0\nqqqqqqqqqqqqqqqq",
    b"age-encryption.org/v1\n-> scrypt bBjlhJVYZeE4aqUdmtRHfw 15\n"
    b"ZV/AhotwSGqaPCU43cepl4WYUouAa17a3xpu4G2yi5k\n"
    b"--- fgMiVLJHMlg9fW7CVG/hPS5EAU4Zeg19LyCP7SoH5nA\nxyz",
)
_YAML_PIECES = (
    b": ", b"- ", b"&a ", b"*a", b"<<: ", b"!!str ", b"!!binary ", b"!t ", b"|\n  ", b">-\n ",
    b"'", b'"', b"{", b"}", b"[", b"]", b",", b" # ", b"\n", b"\n  ", b"\r\n", b"\r", b"\t", b"? ",
    b"---\n", b"...\n", b"%YAML 1.1\n", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\xc2\x85",
    b"api_key: ", b"sk-abc123", b"**REDACTED**", b"# API keys redacted for security\n",
    b"\\x", b"\\", b"~", b"password: hunter22\n", b"https://me:hunter22@example.org/\n",
    b"\x00", b"\xff", b"\xed\xa0\x80",
)  # fmt: skip
_AGE_PIECES = (
    b"-> ", b"\n", b"--- ", b"scrypt ", b"X25519 ", b"age-encryption.org/v1\n", b" 20\n", b"=",
    b" ", b"-----BEGIN AGE ENCRYPTED FILE-----\n", b"-----END AGE ENCRYPTED FILE-----\n",
    b"age1", b"\r",
)  # fmt: skip
_ZIP_PIECES = (
    b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"PK\x07\x08",
    b"\xff\xff\xff\xff", b"../", b"metadata.json", b"SHA256SUMS", b"data/user_profile.json",
    b"resumes/", b"%2F", b"%_/", b"\x01\x00\x10\x00", b"up", b'"original_path": ', b"\\ud83d",
)  # fmt: skip


def _scrambled(data: bytes, _: Random, scramble: Scramble) -> bytes:
    return scramble(data)


def _in_pieces(pieces: tuple[bytes, ...]) -> Mutation:
    def mutate(data: bytes, rng: Random, scramble: Scramble) -> bytes:
        return json_mutations.mutate_text(data, rng, scramble, pieces)

    return mutate


MUTATIONS: dict[str, Mutation] = {
    "structure": zip_mutations.mutate,
    "metadata": json_mutations.mutate_metadata,
    "sums": _in_pieces((b"\n", b"\\", b"\r", b"  ", b" *", b"./", b"0" * 64, b"\\n", b"\xff")),
    "import": zip_mutations.mutate,
    "salvage": zip_mutations.mutate,
    "redaction": _in_pieces(_YAML_PIECES),
    "age": _in_pieces(_AGE_PIECES),
}

DICTIONARIES: dict[str, tuple[bytes, ...]] = {
    "structure": _ZIP_PIECES,
    "metadata": (*json_mutations.RAW, *(f'"{key}": '.encode() for key in json_mutations.KEYS)),
    "sums": (b"\n", b"  ", b" *", b"\\n", b"./", b"0" * 64),
    "import": _ZIP_PIECES,
    "salvage": _ZIP_PIECES,
    "redaction": _YAML_PIECES,
    "age": _AGE_PIECES,
}


def seeds(target: str) -> list[bytes]:
    """Return the inputs to begin with."""
    return [data for data in _SEEDS[target]() if len(data) <= MOST_BYTES]


def _archives() -> list[bytes]:
    streamed = build([part.deferred(signature=True, wide=False) for part in Story().parts()])
    listed = Story(sums=sums_of(VAULT), changes={"format_version": 1}).bytes()
    made = [make() for make in ORDINARY.values()]
    return [streamed, listed, *made, *(case.make() for case in VECTORS.values())]


def _metadata() -> list[bytes]:
    found = []
    for archive in _archives():
        if len(archive) <= MOST_BYTES and (parts := zip_mutations.take_apart(archive)):
            found += [part.data for part in parts.parts if part.name == b"metadata.json"]
    return [*dict.fromkeys(found)]


def _sums() -> list[bytes]:
    plain = sums_of(VAULT)
    return [b"", plain, plain.replace(b"\n", b"\r\n"), b"\\" + b"0" * 64 + b"  a\\\\b\\nc\n"]


def _configs() -> list[bytes]:
    texts = {text for case in (*SHAPES.values(), *CASES.values()) for text in case if text}
    return [text.encode() for text in sorted(texts)]


def _age() -> list[bytes]:
    armored = [enarmor(data).encode() for data in _AGE]
    return [*_AGE, *armored, encode_bech32("age", bytes(range(32))).encode()]


_SEEDS: dict[str, Callable[[], list[bytes]]] = {
    "structure": _archives,
    "metadata": _metadata,
    "sums": _sums,
    "import": _archives,
    "salvage": _archives,
    "redaction": _configs,
    "age": _age,
}


def write_dictionary(target: str, file: Path) -> None:
    """Write a target's dictionary in the form of libFuzzer."""
    words = ["".join(f"\\x{byte:02x}" for byte in word) for word in DICTIONARIES[target]]
    file.write_text("".join(f'"{word}"\n' for word in words if word))
