"""The question that a plan is, beyond the story's own (tests/test_confirmation.py)."""

from datetime import date

from autoresumefiller.model.plan import ImportPlan, PlannedFiles


def _lines(**facts: object) -> list[str]:
    plan = ImportPlan(archive="a.zip", existing_data=True, **facts)  # type: ignore[arg-type]
    first, *between, before, blank, last = str(plan).split("\n")
    assert first == "Existing data found. Import will:"
    assert before == "- Backup existing data before import? [Y/n]"
    assert (blank, last) == ("", "Continue with import? [y/N]")
    return between


def test_one_of_a_kind_is_in_the_singular() -> None:
    assert _lines(
        resumes=PlannedFiles(replaced=("resumes/a.pdf",)),
        cover_letters=PlannedFiles(replaced=("cover_letters/a.pdf",)),
    ) == ["- Replace 1 resume file", "- Replace 1 cover letter file"]


def test_the_profile_has_a_line_of_its_own_and_is_no_other_data_file() -> None:
    files = PlannedFiles(replaced=("data/notes.json", "data/user_profile.json"))
    assert _lines(data=files, profile_modified=date(2025, 11, 20)) == [
        "- Replace user_profile.json (last modified: 2025-11-20)",
        "- Replace 1 other data file",
    ]


def test_what_would_be_removed_is_counted() -> None:
    assert _lines(
        resumes=PlannedFiles(removed=("resumes/a.pdf", "resumes/b.pdf")), mode="mirror"
    ) == ["- Remove 2 files that the backup does not have"]


def test_where_nothing_is_replaced_it_says_what_happens_instead() -> None:
    added = PlannedFiles(added=("resumes/a.pdf",), kept=("resumes/b.pdf",))
    assert _lines(resumes=added, settings_changed=("gui.theme", "default_resume")) == [
        "- Add 1 file",
        "- Change 2 settings",
    ]


def test_beside_what_is_replaced_only_that_is_named() -> None:
    files = PlannedFiles(replaced=("resumes/a.pdf",), added=("resumes/b.pdf",))
    assert _lines(resumes=files, settings_changed=("gui.theme",)) == ["- Replace 1 resume file"]
