"""One JSON object of any size, read value by value and its lists item by item.

``json.loads`` builds everything before anything can be judged, and JSON of 64
MB can be made to take a gigabyte: ``{"":0},`` becomes a dictionary of 232
bytes, and one emoji makes every character of a long text take four. Here a
window goes over the bytes, an item is an object for as long as it is looked
at, and all that is no list's item has to fit into a small part of it.

The grammar is RFC 8259's as the standard library's scanner reads it, minus
duplicate keys, NaN, Infinity and numbers of many digits.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any

from autoresumefiller.model.printable import printable

MAX_DIGITS = 20

MOST_ITEM_CHARS = 1 << 18
"""A list's item; the longest that we write, two escaped names of 16 KiB, has half of it."""

_CHUNK_BYTES = 1 << 20
_BLANKS = re.compile(r"[ \t\n\r]*")
_BETWEEN = re.compile(r"[ \t\n\r]*,[ \t\n\r]*")
# Where the window ends, "1" may be the beginning of "1e+5", and an escape half of a pair.
_UNDECIDED_CHARS = 16


class RefusedJSONError(ValueError):
    """The text is not JSON, or not such as is read here; the message is half a sentence.

    Attributes:
        too_large: It may be JSON, but needs more memory than its kind should.

    """

    def __init__(self, message: str, *, too_large: bool = False) -> None:
        self.too_large = too_large
        super().__init__(message)


class ObjectReader:
    """The object that some bytes are; they go as they are read, what comes of them needs the room.

    ::

        for key in reader.fields():
            if reader.at_list():
                for item in reader.items(): ...
            else:
                reader.value()

    Everything raises `RefusedJSONError`, and UnicodeDecodeError where the
    bytes are not UTF-8.
    """

    def __init__(self, pieces: list[bytes], *, most_chars: int) -> None:
        """Begin.

        Args:
            pieces: UTF-8, cut anywhere; used up.
            most_chars: How long all keys and values may be that are not read
                as lists, taken together.

        """
        pieces.reverse()
        self._pieces = pieces  # the next one is the last
        self._fed = 0  # of the next one
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._text = ""
        self._at = 0
        self._lines = 1  # before the window
        self._left = most_chars
        self._read = json.JSONDecoder(
            object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_integer
        ).raw_decode

    def fields(self) -> Iterator[str]:
        """Yield each key; its value has to be read before the next."""
        if self._next() != "{":
            raise RefusedJSONError("it is not an object")
        self._at += 1
        seen: set[str] = set()
        if self._next() == "}":
            self._at += 1
        else:
            while True:
                key = self._key()
                if key in seen:
                    raise _twice(key)
                seen.add(key)
                yield key
                if not self._goes_on("}"):
                    break
        if self._next():
            raise self._not_json()

    def at_list(self) -> bool:
        """Tell whether the value to come is a list."""
        return self._next() == "["

    def items(self) -> Iterator[Any]:
        """Yield the items of the list that comes; all of them have to be taken."""
        self._at += 1
        if self._next() == "]":
            self._at += 1
            return
        while True:
            yield from self._plain_items()
            self._next()
            self._fill(MOST_ITEM_CHARS + _UNDECIDED_CHARS)
            item, end = self._piece()
            if end - self._at > MOST_ITEM_CHARS:
                raise _too_long()
            self._at = end
            yield item
            if not self._goes_on("]"):
                return

    def _plain_items(self) -> Iterator[Any]:
        """Yield those items that a comma follows and that lie well within the window.

        There may be 100,000, so that each costs as little as can be.
        """
        self._fill(MOST_ITEM_CHARS)
        text, at = self._text, self._at
        safe = len(text) - MOST_ITEM_CHARS
        while at < safe:
            try:
                item, end = self._read(text, at)
            except (ValueError, RecursionError):
                break  # read once more, it is explained
            between = _BETWEEN.match(text, end)
            if between is None or end - at > MOST_ITEM_CHARS:
                break
            at = between.end()
            self._at = at
            yield item

    def value(self) -> Any:
        """Read the value that comes as a whole."""
        self._next()
        self._fill(MOST_ITEM_CHARS + _UNDECIDED_CHARS)
        try:
            value, end = self._piece()
        except RefusedJSONError as refused:
            if not refused.too_large or self._left < MOST_ITEM_CHARS:
                raise
            self._fill(self._left + _UNDECIDED_CHARS)
            value, end = self._piece()
        self._spend(end - self._at)
        self._at = end
        return value

    # --- one piece ---

    def _key(self) -> str:
        if self._next() != '"':
            raise self._not_json()
        key = str(self.value())
        if self._next() != ":":
            raise self._not_json()
        self._at += 1
        return key

    def _piece(self) -> tuple[Any, int]:
        """Read the value at this place; return it and where it ends.

        Where the window ends before the bytes do, a value that reaches its end
        is too long: whoever calls has seen to it that the window is large.
        """
        undecided = len(self._text)
        if self._pieces:
            undecided -= _UNDECIDED_CHARS
        try:
            value, end = self._read(self._text, self._at)
        except json.JSONDecodeError as error:
            cut_off = error.pos >= undecided or error.msg.startswith("Unterminated string")
            if cut_off and undecided < len(self._text):
                raise _too_long() from None
            raise self._not_json(error) from None
        except RecursionError:
            raise self._not_json() from None
        if end > undecided:
            raise _too_long()
        return value, end

    def _goes_on(self, closing: str) -> bool:
        """Step over the comma or the closing bracket that has to come, and say which it was."""
        mark = self._next()
        if mark not in {",", closing}:
            raise self._not_json()
        self._at += 1
        if mark == closing:
            return False
        self._next()
        return True

    def _spend(self, chars: int) -> None:
        self._left -= chars
        if self._left < 0:
            raise RefusedJSONError("it holds more beside its lists than it needs", too_large=True)

    # --- the window ---

    def _next(self) -> str:
        """Step over white space; return the character that comes, "" at the end."""
        while True:
            blanks = _BLANKS.match(self._text, self._at)
            self._at = blanks.end() if blanks else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._fill(1):
                return ""

    def _fill(self, chars: int) -> bool:
        """Have so many characters at hand, or all there are; return whether there is one."""
        while len(self._text) - self._at < chars and self._pieces:
            part = self._pieces[-1][self._fed : self._fed + max(chars, _CHUNK_BYTES)]
            self._fed += len(part)
            if self._fed >= len(self._pieces[-1]):
                self._pieces.pop()
                self._fed = 0
            self._lines += self._text.count("\n", 0, self._at)
            more = self._decoder.decode(part, final=not self._pieces)
            self._text = self._text[self._at :] + more
            self._at = 0
        return self._at < len(self._text)

    def _not_json(self, error: json.JSONDecodeError | None = None) -> RefusedJSONError:
        at = self._at if error is None else error.pos
        line = self._lines + self._text.count("\n", 0, at)
        return RefusedJSONError(f"it is not JSON (line {line})")


def _too_long() -> RefusedJSONError:
    return RefusedJSONError("a part of it is longer than it needs to be", too_large=True)


def _twice(key: str) -> RefusedJSONError:
    return RefusedJSONError(f"the key {printable(key)} occurs twice")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _twice(key)
            seen.add(key)
    return fields


def _no_constant(name: str) -> Any:
    raise RefusedJSONError(f"{name} is no JSON number")


def _integer(digits: str) -> int:
    # int() of a long run of digits is quadratic, and past 4300 an error of its own.
    if len(digits) > MAX_DIGITS:
        raise RefusedJSONError(f"a number has more than {MAX_DIGITS} digits")
    return int(digits)
