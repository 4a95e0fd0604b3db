"""What every error has."""

from typing import ClassVar

UNTOUCHED = "Nothing in your vault was changed."


class AutoResumeFillerError(Exception):
    """The root: whatever this package raises on purpose is one of these.

    Attributes:
        message: What happened, one sentence without a full stop at the end.
        consequence: What it means for the person's data; a sentence.
        hint: What to do next; a sentence, or "" where nothing helps.

    """

    code: ClassVar[str] = "error"
    default_consequence: ClassVar[str] = UNTOUCHED
    default_hint: ClassVar[str] = ""

    def __init__(
        self, message: str, *, consequence: str | None = None, hint: str | None = None
    ) -> None:
        self.message = message
        self.consequence = self.default_consequence if consequence is None else consequence
        self.hint = self.default_hint if hint is None else hint
        super().__init__(message)

    def __str__(self) -> str:
        first = self.message if self.message.endswith((".", "?", "!")) else f"{self.message}."
        return " ".join(part for part in (first, self.consequence, self.hint) if part)


class InvalidArgumentError(AutoResumeFillerError, ValueError):
    """A caller passed a value that the operation cannot take."""

    code = "invalid_argument"
