"""Whether the profile in an archive follows the schema."""

from typing import TYPE_CHECKING

from autoresumefiller.archive.faults import Code, error
from autoresumefiller.archive.names import PROFILE
from autoresumefiller.errors import ProfileInvalidError
from autoresumefiller.model.printable import printable
from autoresumefiller.model.profile_text import parse_profile

if TYPE_CHECKING:
    from autoresumefiller.model.finding import Finding
    from autoresumefiller.model.profile import UserProfile

_PROBLEMS_SHOWN = 10
_EXPORTED_LIKE_THIS = (
    "; the profile was like this when it was exported: the archive is intact, "
    "but its profile has to be repaired before it can be imported"
)


def check_profile(
    data: bytes, *, exported_valid: bool | None
) -> "tuple[UserProfile | None, Finding | None]":
    """Return the profile, or what is wrong with it.

    Args:
        data: user_profile.json.
        exported_valid: What the metadata says: False for a profile that was
            broken in the vault already.

    """
    try:
        return parse_profile(data), None
    except ProfileInvalidError as fault:
        problems = fault.problems
    listed = "; ".join(printable(problem, limit=200) for problem in problems[:_PROBLEMS_SHOWN])
    if len(problems) > _PROBLEMS_SHOWN:
        listed += f"; and {len(problems) - _PROBLEMS_SHOWN} more"
    if exported_valid is False:
        message = f"Invalid user profile schema: {listed}{_EXPORTED_LIKE_THIS}"
        return None, error(Code.PROFILE_EXPORTED_INVALID, message, PROFILE)
    return None, error(Code.PROFILE_INVALID, f"Invalid user profile schema: {listed}", PROFILE)
