"""Whether the profile in an archive follows the schema."""

from typing import TYPE_CHECKING

from autoresumefiller.archive.faults import Code, error
from autoresumefiller.archive.limits import Limits
from autoresumefiller.archive.names import PROFILE
from autoresumefiller.model.printable import printable

if TYPE_CHECKING:
    from autoresumefiller.model.finding import Finding
    from autoresumefiller.model.profile import UserProfile

_PROBLEMS_SHOWN = 10
_EXPORTED_LIKE_THIS = (
    "; the profile was like this when it was exported: the archive is intact, "
    "but its profile has to be repaired before it can be imported"
)


def check_profile(
    data: bytes, limits: Limits, *, exported_valid: bool | None
) -> "tuple[UserProfile | None, Finding | None]":
    """Return the profile, or what is wrong with it.

    Args:
        data: user_profile.json.
        limits: See `Limits`.
        exported_valid: What the metadata says: False for a profile that was
            broken in the vault already.

    """
    problems: list[str]
    if sum(map(data.count, (b",", b"[", b"{"))) > limits.max_metadata_tokens:
        problems = ["it has more parts than a profile can need"]
    else:
        from pydantic import ValidationError

        from autoresumefiller.model.profile import UserProfile, describe_problems

        try:
            return UserProfile.model_validate_json(data), None
        except ValidationError as fault:
            problems = describe_problems(fault)
        except (ValueError, RecursionError):
            problems = ["it cannot be read"]
    listed = "; ".join(printable(problem, limit=200) for problem in problems[:_PROBLEMS_SHOWN])
    if len(problems) > _PROBLEMS_SHOWN:
        listed += f"; and {len(problems) - _PROBLEMS_SHOWN} more"
    if exported_valid is False:
        message = f"Invalid user profile schema: {listed}{_EXPORTED_LIKE_THIS}"
        return None, error(Code.PROFILE_EXPORTED_INVALID, message, PROFILE)
    return None, error(Code.PROFILE_INVALID, f"Invalid user profile schema: {listed}", PROFILE)
