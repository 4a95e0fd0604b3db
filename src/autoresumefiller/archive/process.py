"""A Python process of our own that makes calls: what Python itself does gets a second core there.

Threads share one interpreter lock. What a codec or the system does runs beside
it, but of a file of 2 kB that is half, and each time the lock changes hands
costs more than a file's share of work: with threads 100,000 small files take as
long as without.

``multiprocessing`` would run the caller's main program again in each process,
which a library must not do to a program that does not expect it.
"""

import contextlib
import marshal
import os
import select
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from autoresumefiller.archive.packing import codecs
from autoresumefiller.version import __version__

_START = """
import marshal, os, sys
size = int.from_bytes(sys.stdin.buffer.read(8), "little")
sys.path[:] = map(os.fsdecode, marshal.loads(sys.stdin.buffer.read(size)))
from autoresumefiller.archive.process import be_one
be_one()
"""
_LENGTH_BYTES = 8
_READ_BYTES = 1 << 18
_MOST_BYTES = 64 << 20
"""What claims to be longer is no answer."""

MOST_PROCESSES = 2
"""Each takes 12 MB of memory that it shares with nobody, and an export must stay within 150."""

GREETING_SECONDS = 20
"""So long it may take to start, on a machine that is busy."""


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


def identity() -> tuple[str, ...]:
    """Return what must be equal here and there, for the same bytes to come out.

    A program may run for weeks, and be updated on the disk meanwhile.
    """
    return (sys.version, __version__, *codecs())


class Process:
    """A process that applies one function to what it is sent, in order.

    Close it. It also ends when it is forgotten, and when this program ends,
    however that happens.

    Args:
        function: ``module:name``. Takes and returns what `marshal` can write
            (numbers, text, bytes, tuples, lists); it does not take None.

    Raises:
        GoneError: it cannot be started.

    """

    def __init__(self, function: str) -> None:
        # Importing them takes as long as a small export, which does without.
        import socket
        import subprocess

        self._no_signal = socket.MSG_NOSIGNAL
        self._unsent, self._received = bytearray(), bytearray()
        self._greeting = _framed(identity())
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
            self._unsent += _framed(argument)
        except ValueError as error:
            raise GoneError from error
        self._push()

    def receive(self) -> Any:
        """Wait for the next answer, in the order of the calls.

        Raises:
            GoneError: it ended first, or is not the same program as this one.

        """
        while (answer := self._answer()) is None:
            patience = (
                1000 * max(0, self._greeted_by - time.monotonic()) if self._greeting else None
            )
            wanted = select.POLLIN | select.POLLOUT if self._unsent else select.POLLIN
            self._poll.register(self._socket, wanted)
            if not self._poll.poll(patience):
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
        if len(self._received) < _LENGTH_BYTES:
            return None
        end = _LENGTH_BYTES + int.from_bytes(self._received[:_LENGTH_BYTES], "little")
        if end > _MOST_BYTES:
            raise GoneError
        if len(self._received) < end:
            return None
        answer = bytes(memoryview(self._received)[_LENGTH_BYTES:end])
        del self._received[:end]
        return answer

    def close(self) -> None:
        """End the process, whatever it is doing; may be called again."""
        self._socket.close()
        if self._child is not None:
            self._child.kill()
            self._child.wait()


class Pool:
    """Processes that are asked in turn. Close it.

    They start when something is submitted.

    Args:
        function: See `Process`.
        count: How many at most; none where one core has to do it all.

    """

    def __init__(self, function: str, count: int) -> None:
        self._function = function
        self._count = min(count, MOST_PROCESSES) if count > 1 and available() else 0
        self._processes: list[Process | None] = []
        self._closing = contextlib.ExitStack()
        self._turn = self._unanswered = 0

    def __bool__(self) -> bool:
        """Whether it is worth submitting anything."""
        return bool(self._count) and (not self._processes or any(self._processes))

    def submit(self, argument: Any) -> "Asked":
        """Have a call made; returns at once."""
        while len(self._processes) < self._count:
            self._processes.append(self._started())
        turn = self._turn
        self._turn = (turn + 1) % self._count
        self._unanswered += 1
        process = self._processes[turn]
        if process is not None:
            try:
                process.send(argument)
            except GoneError:
                self._end(turn)
        return Asked(self, turn)

    def receive(self, turn: int) -> Any:
        """Wait for the oldest answer of one process; see `Asked.result`."""
        self._unanswered -= 1
        process = self._processes[turn]
        if process is None:
            raise GoneError
        try:
            return process.receive()
        except GoneError:
            self._end(turn)
            raise

    def rest(self) -> None:
        """Give back the memory of processes with nothing to do; they start again if need be."""
        if not self._unanswered and any(self._processes):
            self.close()
            self._processes.clear()
            self._turn = 0

    def _end(self, turn: int) -> None:
        """Ask one process nothing more."""
        process = self._processes[turn]
        if process is not None:
            process.close()
        self._processes[turn] = None

    def _started(self) -> Process | None:
        try:
            process = Process(self._function)
        except GoneError:
            return None
        self._closing.callback(process.close)
        return process

    def close(self) -> None:
        """End all of them; may be called again."""
        self._closing.close()


class Asked:
    """A call that a process was asked for."""

    def __init__(self, pool: Pool, turn: int) -> None:
        self._pool = pool
        self._turn = turn

    def result(self) -> Any:
        """Wait for the answer. Those of a pool are asked for in the order of the calls.

        Raises:
            GoneError: the process is gone; do what it was to do here.

        """
        return self._pool.receive(self._turn)


def _import_path() -> list[bytes]:
    """Return where this program finds its modules, whatever the current directory becomes."""
    entries: list[object] = [*sys.path]
    # What is no text, the import system passes over as well.
    names = [os.fsencode(entry) for entry in entries if isinstance(entry, str)]
    return [name for name in names if name.startswith(os.fsencode(os.sep))]


def _framed(value: Any) -> bytes:
    data = marshal.dumps(value)
    return len(data).to_bytes(_LENGTH_BYTES, "little") + data


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
    outgoing.write(_framed(identity()))
    outgoing.flush()
    while (argument := _read(incoming)) is not None:
        outgoing.write(_framed(function(argument)))
        outgoing.flush()


def _read(incoming: BinaryIO) -> Any:
    length = incoming.read(_LENGTH_BYTES)
    if len(length) < _LENGTH_BYTES:
        return None
    sent = incoming.read(int.from_bytes(length, "little"))
    return marshal.loads(sent)  # noqa: S302 - from the program that started this one
