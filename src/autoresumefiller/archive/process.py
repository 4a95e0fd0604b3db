"""A Python process of our own that makes calls: what Python itself does gets a second core there.

Threads share one interpreter lock. What a codec or the system does runs beside
it, but of a file of 2 kB that is half, and each time the lock changes hands
costs more than a file's share of work: with threads 100,000 small files take as
long as without.

``multiprocessing`` would run the caller's main program again in each process,
which a library must not do to a program that does not expect it.
"""

import marshal
import os
import select
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autoresumefiller.archive.process_main import LENGTH_BYTES, framed, greeting

_START = """
import marshal, os, sys
size = int.from_bytes(sys.stdin.buffer.read(8), "little")
sys.path[:] = map(os.fsdecode, marshal.loads(sys.stdin.buffer.read(size)))
from autoresumefiller.archive.process_main import be_one
be_one()
"""
_READ_BYTES = 1 << 18
_MOST_BYTES = 64 << 20
"""What claims to be longer is no answer."""

GREETING_SECONDS = 20
"""So long it may take to start, on a machine that is busy."""

ANSWER_SECONDS = 60
"""So long nothing may come from it, not even a part of an answer: it may have been stopped."""


class GoneError(Exception):
    """The process has ended, or is none that could help: no more is to be had from it."""


def available() -> bool:
    """Whether this program may start itself again and gets a Python.

    Not so where a program was frozen, or has Python within it; nor where a write
    to a process that has ended could end the program (`socket.MSG_NOSIGNAL`).
    """
    if getattr(sys, "frozen", False) or not sys.executable or not hasattr(select, "poll"):
        return False
    if not (sys.platform.startswith("linux") or "bsd" in sys.platform):
        return False
    return Path(sys.executable).name.startswith("python")


class Process:
    """A process that applies one function to what it is sent, in order.

    Close it. It also ends when it is forgotten, and when this program ends,
    however that happens.

    Args:
        function: ``module:name``. Takes and returns what `marshal` can write
            (numbers, text, bytes, tuples, lists); it does not take None.
        descriptors: Of files that it inherits, under the same numbers.

    Raises:
        GoneError: it cannot be started.

    """

    def __init__(self, function: str, descriptors: Sequence[int] = ()) -> None:
        # Importing them takes as long as a small export, which does without.
        import socket
        import subprocess

        self._no_signal = socket.MSG_NOSIGNAL
        self._unsent, self._received = bytearray(), bytearray()
        self._greeting = greeting()
        self._greeted_by = time.monotonic() + GREETING_SECONDS
        try:
            self._socket, theirs = socket.socketpair()
        except OSError as error:
            raise GoneError from error
        self._child: subprocess.Popen[bytes] | None = None
        try:
            with theirs:
                self._child = subprocess.Popen(  # noqa: S603 - this Python, with our own words
                    [sys.executable, "-I", "-S", "-B", "-c", _START],
                    stdin=theirs.fileno(),
                    stdout=theirs.fileno(),
                    stderr=subprocess.DEVNULL,
                    process_group=0,  # Ctrl-C is for us, not for it
                    pass_fds=descriptors,
                )
            self._socket.settimeout(0)
            self._poll = select.poll()
            self.send(_import_path())
            self.send(function)
        except OSError as error:
            self.close()
            raise GoneError from error
        except BaseException:
            self.close()
            raise

    def send(self, argument: Any) -> None:
        """Ask for a call; returns at once.

        Raises:
            GoneError: it has ended, or the argument is not of the kinds that can be sent.

        """
        try:
            self._unsent += framed(argument)
        except ValueError as error:
            raise GoneError from error
        self._push()

    def receive(self) -> Any:
        """Wait for the next answer, in the order of the calls.

        Raises:
            GoneError: it ended first, does not answer, or is not the same program as this one.

        """
        while (answer := self._answer()) is None:
            patience = (
                max(0, self._greeted_by - time.monotonic()) if self._greeting else ANSWER_SECONDS
            )
            wanted = select.POLLIN | select.POLLOUT if self._unsent else select.POLLIN
            self._poll.register(self._socket, wanted)
            if not self._poll.poll(1000 * patience):
                raise GoneError
            self._push()
            self._pull()
        try:
            return marshal.loads(answer)  # noqa: S302 - from a process of our own
        except (EOFError, ValueError, TypeError) as error:
            raise GoneError from error

    def _push(self) -> None:
        """Write what there is room for: there may be none until what was answered is read."""
        try:
            while self._unsent:
                del self._unsent[: self._socket.send(self._unsent, self._no_signal)]
        except BlockingIOError:
            return
        except OSError as error:
            raise GoneError from error

    def _pull(self) -> None:
        try:
            data = self._socket.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            raise GoneError from error
        if not data:
            raise GoneError
        self._received += data

    def _greeted(self) -> bool:
        """Take the greeting if it is there; what is not one is noticed at its first byte."""
        length = len(self._greeting)
        if not self._greeting.startswith(self._received[:length]):
            raise GoneError
        if len(self._received) < length:
            return False
        del self._received[:length]
        self._greeting = b""
        return True

    def _answer(self) -> bytes | None:
        if self._greeting and not self._greeted():
            return None
        if len(self._received) < LENGTH_BYTES:
            return None
        end = LENGTH_BYTES + int.from_bytes(self._received[:LENGTH_BYTES], "little")
        if end > _MOST_BYTES:
            raise GoneError
        if len(self._received) < end:
            return None
        answer = bytes(memoryview(self._received)[LENGTH_BYTES:end])
        del self._received[:end]
        return answer

    def close(self) -> None:
        """End the process, whatever it is doing; may be called again."""
        self._socket.close()
        if self._child is not None:
            self._child.kill()
            self._child.wait()


def _import_path() -> list[bytes]:
    """Return where this program finds its modules, whatever the current directory becomes."""
    entries: list[object] = [*sys.path]
    # What is no text, the import system passes over as well.
    names = [os.fsencode(entry) for entry in entries if isinstance(entry, str)]
    return [name for name in names if name.startswith(os.fsencode(os.sep))]
