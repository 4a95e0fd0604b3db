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
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

_START = """
import marshal, sys
size = int.from_bytes(sys.stdin.buffer.read(8), "little")
sys.path[:] = marshal.loads(sys.stdin.buffer.read(size))
from autoresumefiller.archive.process import serve
serve(sys.stdin.buffer, sys.stdout.buffer)
"""
_LENGTH_BYTES = 8
_PIPE_BYTES = 1 << 20
"""So much may be answered before anybody reads it: the process goes on meanwhile."""

_READ_BYTES = 1 << 18


class GoneError(Exception):
    """The process has ended, or answers what cannot be read: no more is to be had from it."""


def available() -> bool:
    """Whether this program may start itself again and gets a Python.

    Not so where a program was frozen, or has Python within it.
    """
    if os.name != "posix" or getattr(sys, "frozen", False) or not sys.executable:
        return False
    return Path(sys.executable).name.startswith("python")


class Process:
    """A process that applies one function to what it is sent, in order; a context manager.

    It is killed when it is left, and ends by itself when this program does.

    Args:
        function: ``module:name``. Takes and returns what `marshal` can write
            (numbers, text, bytes, tuples, lists); it does not take None.

    Raises:
        GoneError: it cannot be started.

    """

    def __init__(self, function: str) -> None:
        import subprocess  # takes as long as a small export, which does without

        try:
            self._child = subprocess.Popen(  # noqa: S603 - this Python, with our own words
                [sys.executable, "-I", "-S", "-c", _START],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                process_group=0,  # Ctrl-C is for us, not for it
            )
        except OSError as error:
            raise GoneError from error
        if self._child.stdin is None or self._child.stdout is None:
            raise AssertionError("pipes were asked for")
        self._pipes = (self._child.stdin, self._child.stdout)
        self._to, self._from = (pipe.fileno() for pipe in self._pipes)
        os.set_blocking(self._to, False)
        os.set_blocking(self._from, False)
        _enlarge(self._from)
        self._poll = select.poll()
        self._poll.register(self._from, select.POLLIN)
        self._unsent, self._received = bytearray(), bytearray()
        try:
            self.send(sys.path)
            self.send(function)
        except GoneError:
            self.close()
            raise

    def send(self, argument: Any) -> None:
        """Ask for a call; returns at once.

        Raises:
            GoneError: it has ended.

        """
        data = marshal.dumps(argument)
        self._unsent += len(data).to_bytes(_LENGTH_BYTES, "little") + data
        self._push()

    def receive(self) -> Any:
        """Wait for the next answer, in the order of the calls.

        Raises:
            GoneError: it ended first.

        """
        while (answer := self._answer()) is None:
            if self._unsent:
                self._poll.register(self._to, select.POLLOUT)
            self._poll.poll()
            self._push()
            self._pull()
        try:
            return marshal.loads(answer)  # noqa: S302 - from a process of our own
        except (EOFError, ValueError, TypeError) as error:
            raise GoneError from error

    def _push(self) -> None:
        """Write what the pipe takes: it may be full until what the process has answered is read."""
        try:
            while self._unsent:
                del self._unsent[: os.write(self._to, self._unsent)]
        except BlockingIOError:
            return
        except OSError as error:
            raise GoneError from error
        if self._unsent:
            return
        try:
            self._poll.unregister(self._to)
        except KeyError:
            return  # it was not waited for

    def _pull(self) -> None:
        try:
            data = os.read(self._from, _READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            raise GoneError from error
        if not data:
            raise GoneError
        self._received += data

    def _answer(self) -> bytes | None:
        size = int.from_bytes(self._received[:_LENGTH_BYTES], "little")
        end = _LENGTH_BYTES + size
        if len(self._received) < _LENGTH_BYTES or len(self._received) < end:
            return None
        answer = bytes(memoryview(self._received)[_LENGTH_BYTES:end])
        del self._received[:end]
        return answer

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._child.kill()
        for pipe in self._pipes:
            pipe.close()
        self._child.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _enlarge(pipe: int) -> None:
    try:
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    except (ImportError, AttributeError, OSError):
        return  # not on this system, or more than it allows: it works all the same


def serve(incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Be such a process: apply the function that is named first to all that follows."""
    name = _read(incoming)
    module, _, attribute = str(name).partition(":")
    function = getattr(import_module(module), attribute)
    while (argument := _read(incoming)) is not None:
        data = marshal.dumps(function(argument))
        outgoing.write(len(data).to_bytes(_LENGTH_BYTES, "little") + data)
        outgoing.flush()


def _read(incoming: BinaryIO) -> Any:
    length = incoming.read(_LENGTH_BYTES)
    if len(length) < _LENGTH_BYTES:
        return None
    sent = incoming.read(int.from_bytes(length, "little"))
    return marshal.loads(sent)  # noqa: S302 - from the program that started this one
