"""What runs in a process of our own: it applies one function to what it is sent.

Both ends talk in frames: eight bytes of length, then what `marshal` makes of a
value. What comes first from here, the greeting, says who answers.
"""

import contextlib
import marshal
import os
import sys
from importlib import import_module
from typing import Any, BinaryIO

from autoresumefiller.archive.packing import codecs
from autoresumefiller.version import __version__

LENGTH_BYTES = 8


def identity() -> tuple[str, ...]:
    """Return what must be equal here and there, for the same bytes to come out.

    A program may run for weeks, and be updated on the disk meanwhile.
    """
    return (sys.version, __version__, *codecs())


def greeting() -> bytes:
    """Return what a process sends first: as text, for marshal writes equal values differently."""
    return _frame(repr(identity()).encode())


def framed(value: Any) -> bytes:
    """Return a value as it is sent; ValueError for one that cannot be."""
    return _frame(marshal.dumps(value))


def _frame(data: bytes) -> bytes:
    return len(data).to_bytes(LENGTH_BYTES, "little") + data


def be_one() -> None:
    """Be such a process, with stdin and stdout for the calls."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed is no answer
    with contextlib.suppress(OSError):  # nobody wants them any more
        serve(sys.stdin.buffer, answers)


def serve(incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Greet, then apply the function that is named first to all that follows."""
    module, _, attribute = str(_read(incoming)).partition(":")
    function = getattr(import_module(module), attribute)
    outgoing.write(greeting())
    outgoing.flush()
    while (argument := _read(incoming)) is not None:
        outgoing.write(framed(function(argument)))
        outgoing.flush()


def _read(incoming: BinaryIO) -> Any:
    length = incoming.read(LENGTH_BYTES)
    if len(length) < LENGTH_BYTES:
        return None
    sent = incoming.read(int.from_bytes(length, "little"))
    return marshal.loads(sent)  # noqa: S302 - from the program that started this one
