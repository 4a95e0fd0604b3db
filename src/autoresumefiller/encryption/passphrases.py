"""What a passphrase must have that is to keep strangers out."""

from typing import Final

from autoresumefiller.errors import InvalidArgumentError

MIN_PASSPHRASE: Final = 10
"""Characters; a kit or a backup may get lost, and whoever finds it may try for ever."""

MAX_PASSPHRASE: Final = 1024
"""Characters; more than anybody types, and what every way in can carry."""


def require_usable(passphrase: str, *, consequence: str = "") -> None:
    """Refuse a new passphrase that keeps nobody out, or that cannot be given again everywhere.

    Raises:
        InvalidArgumentError: it is shorter than `MIN_PASSPHRASE`, whatever blanks are
            around it, longer than `MAX_PASSPHRASE`, or no UTF-8.

    """
    fault = _fault(passphrase)
    if fault is not None:
        raise InvalidArgumentError(
            f"The passphrase {fault}",
            consequence=consequence,
            hint="Four or five words that do not belong together are good and easy to type.",
        )


def _fault(passphrase: str) -> str | None:
    if len(passphrase.strip()) < MIN_PASSPHRASE:
        return f"is too short: it needs {MIN_PASSPHRASE} characters or more"
    if len(passphrase) > MAX_PASSPHRASE:
        return f"is too long: it may have {MAX_PASSPHRASE:,} characters"
    try:
        passphrase.encode()
    except UnicodeEncodeError:
        return "holds half of a character, which no keyboard makes"
    return None
