"""What a passphrase must have that is to keep strangers out."""

from typing import Final

from autoresumefiller.errors import InvalidArgumentError

MIN_PASSPHRASE: Final = 10
"""Characters; a kit or a backup may get lost, and whoever finds it may try for ever."""


def require_length(passphrase: str, *, consequence: str = "") -> None:
    """Refuse a new passphrase that is too short, whatever blanks are around it.

    Raises:
        InvalidArgumentError: it is shorter than `MIN_PASSPHRASE`.

    """
    if len(passphrase.strip()) >= MIN_PASSPHRASE:
        return
    raise InvalidArgumentError(
        f"The passphrase is too short: it needs {MIN_PASSPHRASE} characters or more",
        consequence=consequence,
        hint="Four or five words that do not belong together are good and easy to type.",
    )
