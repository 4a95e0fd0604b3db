"""Make text from disks and archives safe to show.

A file name can hold anything but NUL and a slash: escape sequences that
repaint a terminal, line breaks that forge a log line, bidirectional controls
that reverse what a person reads (Unicode TR36, section 2.3). Whatever goes
into a message, a log or a terminal passes through here first.
"""

import unicodedata

# Cc control, Cf format (bidi, zero width), Cs lone surrogate, Co private use,
# Cn unassigned, Zl and Zp line and paragraph separators.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Zero-width joiners are letters' business in Persian, Hindi and emoji alike.
_JOINERS = frozenset("\u200c\u200d")
# PEP 383: a byte 0x80-0xFF that is not UTF-8 stands in a file name as one of these.
_ESCAPED_BYTES = range(0xDC80, 0xDD00)


def printable(text: str, *, limit: int = 300) -> str:
    r"""Return ``text`` with every unsafe character written as an escape such as ``\x1b``.

    Longer results are cut in the middle, with ``…`` in place of what is gone.
    """
    if not text.isprintable():
        text = "".join(map(_shown, text))
    if len(text) > limit:
        half = (limit - 1) // 2
        text = f"{text[:half]}…{text[-half:]}"
    return text


def _shown(character: str) -> str:
    if character in _JOINERS or unicodedata.category(character) not in _UNSAFE:
        return character
    point = ord(character)
    if point in _ESCAPED_BYTES:
        return f"\\x{point - 0xDC00:02x}"
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
