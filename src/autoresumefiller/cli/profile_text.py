"""A profile as a person reads it: name and contact first, then one paragraph for each part."""

from collections.abc import Iterable, Iterator
from itertools import chain

from autoresumefiller.cli import wording
from autoresumefiller.cli.terminal import Part
from autoresumefiller.model.profile import (
    Certification,
    Education,
    PersonalInfo,
    Project,
    UserProfile,
    WorkExperience,
)

Line = tuple[Part, ...]


def lines_of(profile: UserProfile) -> Iterator[Line]:
    """Yield the lines, each as parts for `Terminal.say`; what is not there is not mentioned."""
    yield from _person(profile.personal_info)
    if profile.summary:
        yield from _section("Summary", [[(line,) for line in profile.summary.splitlines()]])
    yield from _section("Work experience", map(_work, profile.work_experience))
    yield from _section("Education", map(_education, profile.education))
    yield from _section("Projects", map(_project, profile.projects))
    yield from _section("Certifications", map(_certification, profile.certifications))
    if profile.skills:
        yield from _section("Skills", [[(", ".join(profile.skills),)]])
    yield ()
    yield ((f"Last updated {wording.local(profile.last_updated)}", "dim"),)


def _section(title: str, entries: Iterable[Iterable[Line]]) -> Iterator[Line]:
    lines = list(chain.from_iterable(entries))
    if lines:
        yield ()
        yield ((title, "bold underline"),)
        yield from lines


def _person(person: PersonalInfo) -> Iterator[Line]:
    yield ((f"{person.first_name} {person.last_name}", "bold"),)
    place = " ".join(filter(None, (person.zip_code, person.city)))
    address = ", ".join(filter(None, (person.address, place, person.state, person.country)))
    for fact in (person.email, person.phone, address):
        if fact:
            yield (fact,)
    for url in (person.linkedin_url, person.github_url, person.portfolio_url):
        if url:
            yield (url,)


def _work(job: WorkExperience) -> Iterator[Line]:
    where = f", {job.location}" if job.location else ""
    yield (
        (job.position, "bold"),
        f" at {job.company}{where}",
        *_period(job.start_date, job.end_date),
    )
    yield from _points((*job.responsibilities, *job.achievements))
    yield from _aside(job.technologies)


def _education(course: Education) -> Iterator[Line]:
    yield (
        (f"{course.degree}, {course.field_of_study}", "bold"),
        f" at {course.institution}",
        *_period(course.start_date, course.end_date),
    )
    if course.gpa is not None:
        yield ("  GPA ", f"{course.gpa:.2f}")
    yield from _points(course.honors)
    yield from _aside(course.relevant_coursework)


def _project(project: Project) -> Iterator[Line]:
    yield ((project.name, "bold"), *_period(project.start_date, project.end_date))
    yield from (("  ", line) for line in project.description.splitlines())
    yield from _points(project.highlights)
    yield from _aside([project.url] if project.url else [])
    yield from _aside(project.technologies)


def _certification(certificate: Certification) -> Iterator[Line]:
    until = f", valid until {certificate.expiration_date}" if certificate.expiration_date else ""
    yield (
        (certificate.name, "bold"),
        f" by {certificate.issuer}",
        (f"  {certificate.date_obtained}{until}", "dim"),
    )


def _period(start: str | None, end: str | None) -> Line:
    if start is None and end is None:
        return ()
    return ((f"  {start or '?'} to {end or '?'}" if end else f"  since {start}", "dim"),)


def _points(sentences: Iterable[str]) -> Iterator[Line]:
    return (("  - ", " ".join(sentence.split())) for sentence in sentences)


def _aside(words: list[str]) -> Iterator[Line]:
    if words:
        yield (("  " + ", ".join(words), "dim"),)
