"""Ctrl-C and a polite kill: cancel while that is possible, finish when it is not.

Up to the commit point an interrupt raises KeyboardInterrupt wherever the
program is, and every operation undoes itself. From the commit point on the
change is made; being interrupted in the middle would only mean that the next
start has to finish it, so an interrupt waits until it is done and the person
is told that it came too late. A second one does not wait: after any sudden end
the next start finishes or undoes what was under way.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class Interruption:
    """Turns signals into KeyboardInterrupt, except while held.

    Attributes:
        came_too_late: Whether one arrived while held.
        came_twice: Whether another one followed: then what was being undone may not be.

    """

    def __init__(self) -> None:
        self.came_too_late = False
        self.came_twice = False
        self._came = False
        self._held = False

    @contextmanager
    def watching(self) -> Iterator["Interruption"]:
        """Handle the signals until the block ends; for the main thread."""
        before = [
            (number, handler)
            for number in _SIGNALS
            # Ignored: nohup, a job in the background. None: not Python's to put back.
            if (handler := signal.getsignal(number)) not in {signal.SIG_IGN, None}
        ]
        for number, _ in before:
            signal.signal(number, self._arrived)
        try:
            yield self
        finally:
            for number, handler in before:
                signal.signal(number, handler)

    def hold(self) -> None:
        """From here on an interrupt waits."""
        self._held = True

    def allow(self) -> None:
        """From here on an interrupt cancels, and so does one that has waited.

        Raises:
            KeyboardInterrupt: one arrived while held.

        """
        self.release()
        if self.came_too_late:
            self.came_too_late = False
            raise KeyboardInterrupt

    def release(self) -> None:
        """From here on an interrupt cancels; one that has waited came too late."""
        self._held = False

    def _arrived(self, _signal: int, _frame: FrameType | None) -> None:
        self.came_twice, self._came = self._came, True
        if self._held and not self.came_too_late:
            self.came_too_late = True
            return
        raise KeyboardInterrupt
