"""Bech32, the text form of age's keys (BIP 173, without its limit of 90 characters)."""

from typing import Final

_ALPHABET: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM: Final = 6


def encode_bech32(prefix: str, data: bytes) -> str:
    """Return ``data`` as text with a human-readable prefix and a checksum, lower case."""
    bits = len(data) * 8
    padded = int.from_bytes(data) << (-bits % 5)
    words = [padded >> shift & 31 for shift in range(bits + (-bits % 5) - 5, -1, -5)]
    check = _polymod([*_expanded(prefix), *words, *[0] * _CHECKSUM]) ^ 1
    words += [check >> 5 * (5 - place) & 31 for place in range(_CHECKSUM)]
    return f"{prefix}1{''.join(_ALPHABET[word] for word in words)}"


def decode_bech32(text: str) -> tuple[str, bytes]:
    """Return prefix and data of `encode_bech32`'s text, all lower or all upper case.

    Raises:
        ValueError: it is none; the message does not quote it.

    """
    lower = text.lower()
    if text not in {lower, text.upper()}:
        raise ValueError("mixed case")
    prefix, one, rest = lower.rpartition("1")
    if not one or not prefix or len(rest) < _CHECKSUM:
        raise ValueError("too short")
    words = [_ALPHABET.find(character) for character in rest]
    if min(words) < 0:
        raise ValueError("a character that is not used")
    if _polymod([*_expanded(prefix), *words]) != 1:
        raise ValueError("the checksum is wrong")
    words = words[:-_CHECKSUM]
    spare = len(words) * 5 % 8
    if spare >= 5 or (words and words[-1] & ((1 << spare) - 1)):  # noqa: PLR2004 - a whole word
        raise ValueError("bits are left over")
    number = 0
    for word in words:
        number = number << 5 | word
    return prefix, (number >> spare).to_bytes(len(words) * 5 // 8)


def _expanded(prefix: str) -> list[int]:
    codes = prefix.encode()
    return [*(code >> 5 for code in codes), 0, *(code & 31 for code in codes)]


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            if top >> bit & 1:
                check ^= generator
    return check
