"""Between JSON and a profile that follows the schema, the same for a live file and an archive."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from autoresumefiller.errors import ProfileInvalidError

if TYPE_CHECKING:
    from autoresumefiller.model.profile import UserProfile

MAX_PROFILE_BYTES: Final = 16 * 1024 * 1024
"""More than any life fills: a file that is larger is something else."""

_MAX_PARTS = 500_000
"""Commas, braces and brackets: JSON of nothing but these grows twentyfold when it is parsed."""

_INVALID = "Invalid user profile schema"
_SHOWN = 3


def parse_profile(profile: bytes | Mapping[str, Any]) -> "UserProfile":
    """Check a profile, as JSON in UTF-8 or as a mapping, against the schema.

    Raises:
        ProfileInvalidError: with a sentence for each field that is wrong.

    """
    from pydantic import ValidationError  # 100 ms that listing backups need not pay

    from autoresumefiller.model.profile import UserProfile, describe_problems

    value = _parse(profile) if isinstance(profile, bytes) else profile
    try:
        return UserProfile.model_validate(value)
    except ValidationError as error:
        problems = describe_problems(error)
    # Outside of the handler: pydantic's text quotes the values, which are private.
    more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
    raise ProfileInvalidError(
        f"{_INVALID}: {'; '.join(problems[:_SHOWN])}{more}",
        problems=problems,
        hint="Correct these fields, or import a backup with 'arf import'.",
    )


def format_profile(profile: "UserProfile") -> bytes:
    """Return a profile as JSON in UTF-8, known to be one that `parse_profile` takes.

    Raises:
        ProfileInvalidError: a field was changed to something that does not
            follow the schema, or holds what JSON cannot.

    """
    from pydantic_core import PydanticSerializationError

    try:
        value = profile.model_dump(mode="json", warnings="none")
        text = f"{json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)}\n"
        # A lone surrogate cannot be UTF-8; it is kept as the escape that it came from.
        data = text.encode("utf-8", "backslashreplace")
    except (PydanticSerializationError, ValueError, RecursionError):
        raise ProfileInvalidError(
            f"{_INVALID}: it holds something that cannot be written as JSON",
            problems=["profile: it holds something that cannot be written as JSON"],
            hint="Use text, whole and finite numbers, lists and maps only.",
        ) from None
    parse_profile(data)
    return data


def _parse(text: bytes) -> object:
    if len(text) > MAX_PROFILE_BYTES:
        raise _unreadable(f"larger than {MAX_PROFILE_BYTES >> 20} MB")
    if sum(map(text.count, (b",", b"[", b"{"))) > _MAX_PARTS:
        raise _unreadable("not a profile: it has more parts than one can need")
    # utf-8-sig: editors on Windows like to put a byte order mark in front.
    try:
        return json.loads(text.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        problem = f"not UTF-8 at byte {error.start}"
    except json.JSONDecodeError as error:
        problem = f"not JSON: {error.msg} in line {error.lineno}, column {error.colno}"
    except RecursionError:
        problem = "not a profile: nested too deeply"
    except ValueError:
        problem = "not a profile: a number has too many digits"
    raise _unreadable(problem)


def _unreadable(problem: str) -> ProfileInvalidError:
    return ProfileInvalidError(
        f"{_INVALID}: the file is {problem}",
        problems=[f"profile: {problem}"],
        hint="Correct the file, or import a backup with 'arf import'.",
    )
