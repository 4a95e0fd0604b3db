"""Deflate streams that no encoder makes (RFC 1951)."""

_ORDER = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)
_END_OF_BLOCK = 256


class _Bits:
    def __init__(self) -> None:
        self._bits: list[int] = []

    def put(self, value: int, width: int) -> None:
        """Write a number, its lowest bit first (section 3.1.1)."""
        self._bits += [value >> place & 1 for place in range(width)]

    def to_bytes(self) -> bytes:
        bits = self._bits + [0] * (-len(self._bits) % 8)
        return bytes(
            sum(bits[start + place] << place for place in range(8))
            for start in range(0, len(bits), 8)
        )


def stored_block(data: bytes) -> bytes:
    """Return a block that is not compressed, and not the last."""
    length = len(data)
    return b"\0" + length.to_bytes(2, "little") + (length ^ 0xFFFF).to_bytes(2, "little") + data


def one_code(bit: int) -> bytes:
    """Return an empty last block whose only code is that for its end: one bit, 0.

    With a 1, which is no code, zlib refuses it; decoders whose table has the end in both
    places take it.
    """
    bits = _Bits()
    bits.put(1, 1)  # the last
    bits.put(2, 2)  # with codes of its own
    bits.put(0, 5)  # 257 lengths for literals and the end
    bits.put(0, 5)  # one for distances
    lengths = {18: 1, 0: 2, 1: 2}  # how long the codes for lengths are
    last = max(place for place, symbol in enumerate(_ORDER) if symbol in lengths)
    bits.put(last + 1 - 4, 4)
    for symbol in _ORDER[: last + 1]:
        bits.put(lengths.get(symbol, 0), 3)
    # The canonical codes: 18 is 0, 0 is 10, 1 is 11, written from their first bit on.
    for zeros in (138, _END_OF_BLOCK - 138):
        bits.put(0, 1)
        bits.put(zeros - 11, 7)
    bits.put(0b11, 2)  # the end: a code of one bit
    bits.put(0b01, 2)  # no distance
    bits.put(bit, 1)
    return bits.to_bytes()
