"""Names: what is refused, and that escaping refuses nobody's files."""

import os

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autoresumefiller.archive.escaping import escaped_names
from autoresumefiller.archive.names import (
    MAX_SEGMENT_BYTES,
    name_fault,
    place_fault,
    twin_key,
    unescape,
)

# Names as Linux allows them: any bytes but NUL and the slash, up to 255 of them.
SEGMENTS = st.one_of(
    st.binary(min_size=1, max_size=255).map(lambda raw: os.fsdecode(raw.translate(_NO_SEPARATORS))),
    st.text("aAbB%:.\u200b\u00e9eE\u0301 _4", min_size=1, max_size=12),
    st.sampled_from(
        ["CON", "con.txt", "nul", "a.", "a ", "%41", "%_", "a%_", "é" * 127, ":" * 255]
    ),
    st.integers(80, 255).flatmap(lambda n: st.sampled_from(["a" * n, "A" * n, "?" * n])),
).filter(lambda name: name not in {".", ".."} and len(os.fsencode(name)) <= 255)
_NO_SEPARATORS = bytes.maketrans(b"\x00/", b"xx")
PATHS = st.lists(SEGMENTS, min_size=1, max_size=3).map(lambda parts: "/".join(["resumes", *parts]))


def planned(paths: list[str]) -> dict[str, str]:
    escaped = escaped_names(paths)
    assert all(path != member for path, member in escaped.items())
    return {path: escaped.get(path, path) for path in paths}


def with_folders(members: list[str]) -> set[str]:
    return {m.rsplit("/", n)[0] for m in members for n in range(m.count("/") + 1)} | set(members)


@given(st.lists(PATHS, max_size=12))
@example(["resumes/" + "a" * 252 + ":::", "resumes/" + "A" * 252 + ":::"])
@example(["resumes/AB", "resumes/aB", "resumes/ab", "resumes/%41b", "resumes/%41%42"])
@example(["resumes/a", "resumes/A/b"])
def test_any_set_of_paths_gets_member_names_that_every_system_can_hold(paths: list[str]) -> None:
    # No file system has a file and a folder of one name; of twins it may.
    paths = [path for path in paths if not any(p.startswith(f"{path}/") for p in paths)]
    plan = planned(paths)
    for path, member in plan.items():
        assert name_fault(member) is None
        if member != path:
            assert unescape(member) == path
    members = [*plan.values()]
    keys: dict[str, str] = {}
    for name in with_folders(members):
        assert keys.setdefault(twin_key(name), name) == name
    files = {twin_key(member) for member in members}
    folders = {twin_key(name) for name in with_folders(members)} - files
    assert len(files) == len(members)
    assert not any(twin_key(m.rpartition("/")[0]) in files for m in members)
    assert not files & folders


@given(st.lists(PATHS, max_size=8), st.randoms())
def test_the_plan_does_not_depend_on_the_order(paths: list[str], random: object) -> None:
    shuffled = [*paths]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert planned(shuffled) == planned(paths)


@given(st.lists(st.from_regex(r"\Aresumes/[a-z0-9]{1,9}\Z"), unique=True))
def test_plain_names_stay(paths: list[str]) -> None:
    assert planned(paths) == {path: path for path in paths}


@pytest.mark.parametrize(
    ("path", "member"),
    [
        ("resumes/a:b.txt", "resumes/a%3Ab.txt"),
        ("resumes/CON.txt", "resumes/%43ON.txt"),
        ("resumes/end.", "resumes/end%2E"),
        ("resumes/end ", "resumes/end%20"),
        ("resumes/100%.txt", "resumes/100%.txt"),
        ("resumes/%41.txt", "resumes/%2541.txt"),
        ("resumes/a\udcff", "resumes/a%FF"),
        ("resumes/a\ud800", "resumes/a%uD800"),
        ("resumes/\u202e.txt", "resumes/%E2%80%AE.txt"),
        ("data/User_Profile.json", "data/%55ser_Profile.json"),
        ("data/user_profile.json", "data/user_profile.json"),
    ],
)
def test_how_one_name_is_escaped(path: str, member: str) -> None:
    assert planned([path]) == {path: member}
    assert unescape(member) == path or member == path


def test_of_twins_one_keeps_its_name() -> None:
    plan = planned(["resumes/CV.pdf", "resumes/cv.pdf", "resumes/Cv.pdf"])
    assert sorted(plan.values()) == ["resumes/%43v.pdf", "resumes/%63v.pdf", "resumes/CV.pdf"]


def test_the_profile_keeps_its_name_beside_a_twin() -> None:
    plan = planned(["data/USER_PROFILE.JSON", "data/user_profile.json"])
    assert plan["data/user_profile.json"] == "data/user_profile.json"


def test_a_name_too_long_to_escape_in_place_moves_into_folders() -> None:
    path = "resumes/" + "?" * 255
    member = planned([path])[path]
    assert member.startswith("resumes/%_/%3F%3F")
    assert max(len(part) for part in member.split("/")) <= MAX_SEGMENT_BYTES
    assert unescape(member) == path


def test_a_folder_of_its_own_is_planned_too() -> None:
    assert planned(["resumes/a:/"]) == {"resumes/a:/": "resumes/a%3A/"}


@given(st.text(max_size=40))
def test_unescaping_never_fails(name: str) -> None:
    unescape(name)


@pytest.mark.parametrize(
    "name", ["resumes/a.pdf", "data/user_profile.json", "config.yaml", "metadata.json", "data"]
)
def test_what_belongs_in_an_archive(name: str) -> None:
    assert place_fault(name, is_directory=name == "data") is None


@given(st.text(min_size=1, max_size=30))
def test_the_short_way_and_the_long_way_agree(name: str) -> None:
    from autoresumefiller.archive.names import segment_fault

    by_parts = next(filter(None, map(segment_fault, name.split("/"))), None)
    assert (name_fault(name) is None) == (by_parts is None)
