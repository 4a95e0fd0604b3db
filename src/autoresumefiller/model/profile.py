"""The profile: who the person is and what they have done.

Fields that this version does not know are kept, never dropped: another
version of the application, or the person, put them there.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

PRESENT = "Present"

_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s.\x00-\x1f\x7f]+(?:\.[^@\s.\x00-\x1f\x7f]+)*")
_PHONE_CHARACTERS = re.compile(
    r"\+?[0-9\s().\-/\u2010-\u2015\u00a0]+(?:\s*(?:x|ext\.?|#)\s*[0-9]+)?", re.I
)


def _month(value: str) -> str:
    if not _MONTH.fullmatch(value):
        raise ValueError("a date is a year and a month, like 2023-05")
    return value


def _month_or_present(value: str) -> str:
    return value if value == PRESENT else _month(value)


def _email(value: str) -> str:
    if not _EMAIL.fullmatch(value):
        raise ValueError("an e-mail address looks like name@example.org")
    return value


def _phone(value: str) -> str:
    """Accept a number as people write it.

    ITU-T E.164 allows at most 15 digits; national short forms go down to a
    few, and an extension may follow, so only the shape is checked.
    """
    if value and not (_PHONE_CHARACTERS.fullmatch(value) and re.search(r"[0-9]", value)):
        raise ValueError("a phone number is made of digits, spaces, dashes and brackets")
    return value


def _utc_if_naive(value: object) -> object:
    # Profiles of the first versions carry a naive timestamp; it was written in UTC.
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return value
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value


Required = Annotated[str, StringConstraints(min_length=1, pattern=r"\S")]
Month = Annotated[str, AfterValidator(_month)]
EndMonth = Annotated[str, AfterValidator(_month_or_present)]
Email = Annotated[str, AfterValidator(_email)]
Phone = Annotated[str, AfterValidator(_phone)]
Moment = Annotated[AwareDatetime, BeforeValidator(_utc_if_naive)]


class _Part(BaseModel):
    # NaN and the infinities are not turned into null on the way out: they are refused.
    model_config = ConfigDict(extra="allow", validate_assignment=True, ser_json_inf_nan="constants")


class _Period(_Part):
    """Something that has a beginning and perhaps an end."""

    start_date: Month | None = None
    end_date: EndMonth | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        # YYYY-MM sorts as text; "Present" sorts after every year.
        if self.start_date and self.end_date and self.end_date < self.start_date:
            raise ValueError(f"it ends ({self.end_date}) before it starts ({self.start_date})")
        return self


class PersonalInfo(_Part):
    """Name and ways to get in touch."""

    first_name: Required
    last_name: Required
    email: Email
    phone: Phone | None = None
    linkedin_url: str | None = None
    github_url: str | None = None
    portfolio_url: str | None = None
    address: str | None = None
    city: str | None = None
    state: str | None = None
    zip_code: str | None = None
    country: str = "USA"


class Education(_Period):
    """A course of study; ``gpa`` is on the 4.0 scale."""

    institution: Required
    degree: Required
    field_of_study: Required
    start_date: Month
    gpa: Annotated[float, Field(ge=0.0, le=4.0, allow_inf_nan=False)] | None = None
    honors: list[str] = []
    relevant_coursework: list[str] = []


class WorkExperience(_Period):
    """A position held, with at least one responsibility."""

    company: Required
    position: Required
    start_date: Month
    responsibilities: Annotated[list[str], Field(min_length=1)]
    location: str | None = None
    achievements: list[str] = []
    technologies: list[str] = []


class Project(_Period):
    """Something the person built or took part in."""

    name: Required
    description: Required
    url: str | None = None
    technologies: list[str] = []
    highlights: list[str] = []


class Certification(_Part):
    """A certificate and how long it lasts."""

    name: Required
    issuer: Required
    date_obtained: Month
    expiration_date: EndMonth | None = None
    credential_id: str | None = None
    url: str | None = None


class UserProfile(_Part):
    """Everything a form could ask of a job seeker."""

    version: str = "1.0"
    last_updated: Moment = Field(default_factory=lambda: datetime.now(UTC))
    personal_info: PersonalInfo
    education: list[Education] = []
    work_experience: list[WorkExperience] = []
    skills: list[str] = []
    projects: list[Project] = []
    certifications: list[Certification] = []
    summary: str | None = None


def describe_problems(error: ValidationError) -> list[str]:
    """Turn pydantic's report into one sentence for each field, without its values.

    The values stay out because a profile is private and the sentences end up
    in logs and terminals.
    """
    problems = []
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        where = ".".join(str(part) for part in detail["loc"]) or "profile"
        what = detail["msg"].removeprefix("Value error, ")
        problems.append(f"{where}: {what}")
    return problems
