"""An error as it goes over the wire."""

from pydantic import Field

from autoresumefiller.api.problems import TYPE_PREFIX
from autoresumefiller.api.schemas.base import Outgoing


class Problem(Outgoing):
    """RFC 9457 problem details, with what it means for the data and what to do."""

    type: str = Field(description="A URI for the kind of problem; it ends with `code`.")
    title: str = Field(description="The status in words.")
    status: int = Field(description="The HTTP status.", ge=400, le=599)
    detail: str = Field(description="What happened.")
    instance: str = Field(description="The path of the request.")
    code: str = Field(description="Stable; docs/errors.md and docs/api.md list them.")
    consequence: str = Field(description="What it means for the data.")
    hint: str = Field(description="What to do next, or empty.")
    errors: list[str] = Field(description="Every fault found, where several were looked for.")
    warnings: list[str] = Field(description="What is odd besides.")


EXAMPLE = Problem(
    type=f"{TYPE_PREFIX}backup_not_found",
    title="Not Found",
    status=404,
    detail="There is no backup named holiday.zip",
    instance="/api/backup/holiday.zip",
    code="backup_not_found",
    consequence="Nothing in your vault was changed.",
    hint="Look at the list of backups again.",
    errors=[],
    warnings=[],
)
