"""Standard input, output and error, whatever state the process got them in.

A shell can close them (``>&-``), a disk under them can be full, a reader can go
away. None of that may stop an operation half-way or end in a traceback: a
missing stream is replaced, and what cannot be written is dropped and reported
once, when the command has ended and it is known what became of it.
"""

import io
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Protocol

    from _typeshed import ReadableBuffer

    class _Bytes(Protocol):
        def write(self, data: ReadableBuffer, /) -> int | None: ...
        def fileno(self) -> int: ...
        def isatty(self) -> bool: ...


_DONE = {0, 3}  # exit_codes: DONE and INCOMPLETE; importing them costs `--version` too much


class StandardStreams:
    """The three streams of the process, made safe to use."""

    def __init__(self) -> None:
        """Replace what is missing in `sys` and guard what is there."""
        # In this order: a closed descriptor would be given to the next file that
        # is opened, and a program that we start would write into it.
        for descriptor in range(3):
            _occupy(descriptor)
        if sys.stdin is None:
            sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
        self._output = _guarded("stdout", forgiving=False)
        _guarded("stderr", forgiving=True)

    def close(self, status: int) -> int:
        """Write what is left; return the status to end with.

        Raises:
            BrokenPipeError: nobody reads standard output any more.

        """
        sys.stdout.flush()
        reason = None if self._output is None else self._output.lost
        if reason is None:
            return status
        became = (
            "The command itself was carried out; only what it had to say is lost."
            if status in _DONE
            else f"The command itself failed (exit status {status})."
        )
        sys.stderr.write(f"Error: Standard output cannot be written to: {reason}. {became}\n")
        sys.stderr.flush()
        return 1 if status in _DONE else status


def outlive_reader() -> None:
    """From here on nobody need read standard output: what is lost is told at the end.

    For what cannot be cancelled any more; before, a reader that goes away cancels.
    """
    guard = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    if isinstance(guard, _Guarded):
        guard.forgive()


class _Guarded(io.RawIOBase):
    """Writes through; from the first failure on it drops everything.

    Attributes:
        lost: Why something was dropped; None while nothing was.

    """

    def __init__(self, through: "_Bytes | None", *, forgiving: bool) -> None:
        """Write to ``through``, None: it is closed. ``forgiving``: a lost reader too is dropped."""
        super().__init__()
        self._through = through
        self._forgiving = forgiving
        self.lost: str | None = None

    def write(self, data: "ReadableBuffer", /) -> int | None:
        if self.lost is None:
            try:
                if self._through is None:
                    self.lost = "it is closed"
                else:
                    return self._through.write(data)
            except BrokenPipeError:
                if not self._forgiving:
                    raise
                self.lost = "nobody reads it"
            except OSError as error:
                self.lost = error.strerror or "it failed"
        return memoryview(data).nbytes

    def forgive(self) -> None:
        """Drop what a lost reader would have read, from now on."""
        self._forgiving = True

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        if self._through is None:
            raise io.UnsupportedOperation("fileno")
        return self._through.fileno()

    def isatty(self) -> bool:
        return self._through is not None and self._through.isatty()


def _occupy(descriptor: int) -> None:
    try:
        os.fstat(descriptor)
    except OSError:
        os.open(os.devnull, os.O_RDWR)  # gets the lowest free number, which is this one


def _guarded(name: str, *, forgiving: bool) -> _Guarded | None:
    """Put a guard under ``sys.stdout`` or ``sys.stderr``; None where a test has its own there."""
    stream = getattr(sys, name)
    if stream is not getattr(sys, f"__{name}__"):
        return None
    guard = _Guarded(_raw(stream), forgiving=forgiving)
    text = io.TextIOWrapper(
        io.BufferedWriter(guard),
        encoding=getattr(stream, "encoding", "utf-8"),
        errors=getattr(stream, "errors", None),
        line_buffering=getattr(stream, "line_buffering", False),
        write_through=getattr(stream, "write_through", False),
    )
    setattr(sys, name, text)
    return guard


def _raw(stream: io.TextIOWrapper | None) -> "_Bytes | None":
    if stream is None:
        return None
    # With -u Python has no buffer, and what is called one is the file itself.
    buffer: Any = stream.buffer
    raw: _Bytes = getattr(buffer, "raw", buffer)
    return raw
