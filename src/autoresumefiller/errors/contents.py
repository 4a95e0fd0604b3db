"""The profile and the settings."""

from collections.abc import Sequence

from autoresumefiller.errors.base import AutoResumeFillerError


class ProfileError(AutoResumeFillerError):
    """Something about the profile."""


class ProfileNotFoundError(ProfileError):
    """The vault holds no profile yet."""

    code = "profile_not_found"
    default_hint = "Import a backup, or a profile with 'arf profile import FILE'."


class ProfileInvalidError(ProfileError):
    """A profile does not follow the schema.

    Attributes:
        problems: One sentence for each field that is wrong.

    """

    code = "profile_invalid"

    def __init__(
        self,
        message: str,
        *,
        problems: Sequence[str] = (),
        consequence: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, consequence=consequence, hint=hint)
        self.problems = tuple(problems)


class ProfileLockedError(ProfileError):
    """The profile is encrypted and cannot be read here."""

    code = "profile_locked"


class ConfigError(AutoResumeFillerError):
    """config.yaml cannot be read, or a value does not fit its setting."""

    code = "config_invalid"
