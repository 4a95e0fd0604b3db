"""What a profile may hold, field by field."""

from typing import Any

import pytest
from pydantic import ValidationError

from autoresumefiller.model.profile import UserProfile, describe_problems

PERSON = {"first_name": "Test", "last_name": "Person", "email": "test.person@example.org"}
EDUCATION = {
    "institution": "Example University",
    "degree": "BSc",
    "field_of_study": "Physics",
    "start_date": "2010-09",
}
WORK = {
    "company": "Example Ltd",
    "position": "Engineer",
    "start_date": "2014-01",
    "responsibilities": ["Built things"],
}
PROJECT = {"name": "Bridge", "description": "A bridge"}
CERTIFICATION = {"name": "Diver", "issuer": "Example Club", "date_obtained": "2020-05"}
PARTS = {
    "education": EDUCATION,
    "work_experience": WORK,
    "projects": PROJECT,
    "certifications": CERTIFICATION,
}


def problems(**profile: Any) -> list[str]:
    """Check a profile; an empty list where it is valid."""
    try:
        UserProfile.model_validate({"personal_info": PERSON} | profile)
    except ValidationError as error:
        return describe_problems(error)
    return []


def with_part(part: str, **fields: Any) -> list[str]:
    return problems(**{part: [PARTS[part] | fields]})


def test_the_least_that_a_profile_needs() -> None:
    profile = UserProfile.model_validate({"personal_info": PERSON})
    assert profile.version == "1.0"
    assert profile.personal_info.country == "USA"
    assert profile.personal_info.phone is None
    assert (profile.education, profile.work_experience, profile.skills) == ([], [], [])
    assert (profile.projects, profile.certifications, profile.summary) == ([], [], None)
    assert problems(**{part: [least] for part, least in PARTS.items()}) == []


@pytest.mark.parametrize("field", PERSON)
def test_a_person_has_a_name_and_an_address(field: str) -> None:
    for person in ({k: v for k, v in PERSON.items() if k != field}, PERSON | {field: " "}):
        assert [told.partition(":")[0] for told in problems(personal_info=person)] == [
            f"personal_info.{field}"
        ]


@pytest.mark.parametrize(
    ("part", "field"),
    [
        (part, field)
        for part, least in PARTS.items()
        for field in least
        if field != "responsibilities"
    ],
)
def test_what_a_part_needs(part: str, field: str) -> None:
    least = {name: value for name, value in PARTS[part].items() if name != field}
    assert [told.partition(":")[0] for told in problems(**{part: [least]})] == [f"{part}.0.{field}"]


def test_a_position_has_at_least_one_responsibility() -> None:
    assert len(with_part("work_experience", responsibilities=[])) == 1


@pytest.mark.parametrize(
    "number",
    [
        "+49 (0)30 555-0100",
        "555.0100",
        "(415) 555-0100 ext. 7",
        "030/5550100",
        "112",
        "+1‑415‑5550",
    ],
)
def test_a_phone_number_is_taken_as_people_write_it(number: str) -> None:
    assert problems(personal_info=PERSON | {"phone": number}) == []


@pytest.mark.parametrize("number", ["call me", "()", "+", "555\x1b[2J0100"])
def test_what_is_no_phone_number_is_refused(number: str) -> None:
    assert len(problems(personal_info=PERSON | {"phone": number})) == 1


@pytest.mark.parametrize("gpa", [0.0, 3.2, 4, 4.0, None])
def test_a_gpa_is_on_the_scale_of_four(gpa: float | None) -> None:
    assert with_part("education", gpa=gpa) == []


@pytest.mark.parametrize("gpa", [-0.1, 4.01, float("nan"), float("inf")])
def test_a_gpa_off_the_scale_is_refused(gpa: float) -> None:
    assert len(with_part("education", gpa=gpa)) == 1


@pytest.mark.parametrize(
    "date", ["2023", "2023-13", "2023-00", "05-2023", "2023-5", "2023-05-01", ""]
)
def test_a_date_is_a_year_and_a_month(date: str) -> None:
    for part, field in (
        ("education", "start_date"),
        ("work_experience", "end_date"),
        ("projects", "start_date"),
        ("certifications", "date_obtained"),
    ):
        told = with_part(part, **{field: date})
        assert told == [f"{part}.0.{field}: a date is a year and a month, like 2023-05"]


def test_only_an_end_may_be_the_present() -> None:
    for part in ("education", "work_experience", "projects"):
        assert with_part(part, start_date="2020-01", end_date="Present") == []
        assert len(with_part(part, start_date="Present")) == 1
    assert with_part("certifications", expiration_date="Present") == []


def test_nothing_ends_before_it_starts() -> None:
    assert with_part("work_experience", start_date="2020-02", end_date="2020-02") == []
    assert with_part("work_experience", start_date="2020-02", end_date="2020-01") == [
        "work_experience.0: it ends (2020-01) before it starts (2020-02)"
    ]


def test_fields_that_are_not_known_are_kept_everywhere() -> None:
    extra = {"x_extra": {"of": ["mine"]}}
    given = {
        "personal_info": PERSON | extra,
        **{part: [least | extra] for part, least in PARTS.items()},
        **extra,
    }
    kept = UserProfile.model_validate(given).model_dump()
    assert kept["x_extra"] == kept["personal_info"]["x_extra"] == extra["x_extra"]
    assert all(kept[part][0]["x_extra"] == extra["x_extra"] for part in PARTS)


def test_a_naive_time_of_the_first_profiles_is_utc() -> None:
    moment = UserProfile.model_validate(
        {"personal_info": PERSON, "last_updated": "2025-11-29T12:00:00"}
    ).last_updated
    assert moment.isoformat() == "2025-11-29T12:00:00+00:00"
