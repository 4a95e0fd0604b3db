"""How long operations tell how far they are."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias

ProgressCallback: TypeAlias = Callable[[int, int, str], None]
"""``callback(current_bytes, total_bytes, current_file)``.

``total_bytes`` is above 0 and the same in every call; ``current_bytes`` never
decreases and equals the total in the last call. Called from the thread that
started the operation. An exception raised in it cancels the operation and
reaches the caller unchanged.
"""


class Stage(StrEnum):
    """What an operation is doing now."""

    PREPARING = "preparing"
    READING = "reading"
    WRITING = "writing"
    VERIFYING = "verifying"
    VALIDATING = "validating"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    BACKING_UP = "backing_up"
    RESTORING = "restoring"
    COMMITTING = "committing"
    DONE = "done"


StageCallback: TypeAlias = Callable[[Stage], None]
"""``callback(stage)``: told when an operation enters a stage; may raise to cancel."""
