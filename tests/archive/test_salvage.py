"""Salvage: what still verifies comes back, what does not is named, nothing else happens."""

import io
import os
import stat
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoresumefiller import UserDataManager
from autoresumefiller.archive.salvage import Salvaged, salvage
from autoresumefiller.errors import OutputExistsError
from tests.vectors.contents import DOCUMENT, VAULT, Story, sums_of, with_original, with_part
from tests.vectors.hostile import VECTORS
from tests.vectors.zip_parts import STORED, Part, build


def recover(data: bytes, folder: Path) -> tuple[Salvaged, dict[str, bytes]]:
    result = salvage(io.BytesIO(data), folder)
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert set(result.recovered) == files.keys()
    files.pop("metadata.json", None)
    files.pop("SHA256SUMS", None)
    return result, files


def test_a_whole_archive_comes_back_whole(tmp_path: Path) -> None:
    result, files = recover(Story().bytes(), tmp_path / "out")
    assert files == VAULT
    assert result.lost == ()
    assert result.metadata is not None


def test_files_and_folders_are_private(tmp_path: Path) -> None:
    recover(Story().bytes(), tmp_path / "out")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "out").rglob("*")}
    assert modes == {0o600, 0o700}


def test_of_a_truncated_archive_the_beginning_comes_back(tmp_path: Path) -> None:
    data = Story().bytes()
    result, files = recover(data[: data.index(DOCUMENT) + 100], tmp_path / "out")
    assert files == {n: VAULT[n] for n in ("data/user_profile.json", "config.yaml")}
    assert "resumes/engineer.pdf: it is cut off" in result.lost
    assert any("there may have been more" in lost for lost in result.lost)


def test_of_an_archive_without_its_beginning_the_rest_comes_back(tmp_path: Path) -> None:
    data = Story().bytes()
    result, files = recover(data[data.index(b"config.yaml") - 30 :], tmp_path / "out")
    assert files == {name: data for name, data in VAULT.items() if "profile" not in name}
    assert result.lost == ("data/user_profile.json: it is not in what is left of the file",)


def test_damage_costs_the_file_that_it_hit_and_no_other(tmp_path: Path) -> None:
    data = bytearray(Story().bytes())
    data[data.index(DOCUMENT) + 9] ^= 1
    result, files = recover(bytes(data), tmp_path / "out")
    assert files == {name: data for name, data in VAULT.items() if "engineer" not in name}
    assert result.lost == ("resumes/engineer.pdf: its content is damaged",)


def test_a_changed_file_with_a_true_crc_is_found_by_its_checksum(tmp_path: Path) -> None:
    story = Story(changes={"files": Story().metadata()["files"]})
    story.files["resumes/engineer.pdf"] = DOCUMENT[::-1]
    result, files = recover(story.bytes(), tmp_path / "out")
    assert "resumes/engineer.pdf" not in files
    assert result.lost == (
        "resumes/engineer.pdf: its content is not what it was: the checksum differs",
    )


def test_the_list_of_checksums_serves_where_the_metadata_is_lost(tmp_path: Path) -> None:
    sums = sums_of({**VAULT, "resumes/engineer.pdf": b"other"})
    parts = [part for part in Story(sums=sums).parts() if part.name != b"metadata.json"]
    _, files = recover(build(parts), tmp_path / "out")
    assert "resumes/engineer.pdf" not in files
    assert len(files) == 3


@pytest.mark.parametrize("method", [STORED, 8])
@pytest.mark.parametrize("signature", [True, False])
def test_streamed_members_come_back_without_the_directory(
    tmp_path: Path, method: int, signature: bool
) -> None:
    parts = Story().parts()
    for part in parts:
        part.method = method
        part.deferred(signature=signature, wide=False)
    data = build(parts)
    whole, files = recover(data, tmp_path / "whole")
    assert (files, whole.lost) == (VAULT, ())
    cut, files = recover(data[: data.index(b"PK\1\2")], tmp_path / "cut")
    if method == STORED and not signature:
        assert files == {}
        assert any("where it ends is not known" in lost for lost in cut.lost)
    else:
        assert files == VAULT


def test_the_directory_of_a_zip64_archive_is_believed_too(tmp_path: Path) -> None:
    parts = Story().parts()
    for part in parts:
        part.method = STORED
        part.deferred(signature=False, wide=False)
    result, files = recover(build(parts, zip64={}), tmp_path / "out")
    assert (files, result.lost) == (VAULT, ())


def test_members_of_an_archive_inside_are_not_taken_for_ours(tmp_path: Path) -> None:
    inner = Story(files={"resumes/inner.pdf": DOCUMENT}).bytes()
    part = Part(b"resumes/portfolio.zip", inner, method=STORED)
    data = with_part(part, listed_as="resumes/portfolio.zip")
    _, files = recover(data, tmp_path / "whole")
    assert files == {**VAULT, "resumes/portfolio.zip": inner}
    broken = bytearray(data)
    broken[data.index(inner) + len(inner) - 3] ^= 1
    _, files = recover(bytes(broken), tmp_path / "broken")
    assert files == VAULT


def test_escaped_names_are_restored(tmp_path: Path) -> None:
    _, files = recover(with_original("resumes/a%3Ab", "resumes/a:b"), tmp_path / "out")
    assert files["resumes/a:b"] == b"escaped"


def test_times_are_restored(tmp_path: Path) -> None:
    files = Story().metadata()["files"]
    files[2]["modified"] = "2020-02-29T12:00:00Z"
    recover(Story(changes={"files": files}).bytes(), tmp_path / "out")
    assert (tmp_path / "out/resumes/engineer.pdf").stat().st_mtime == 1582977600


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OutputExistsError):
        salvage(io.BytesIO(Story().bytes()), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(OutputExistsError):
        salvage(io.BytesIO(Story().bytes()), tmp_path / "mine")


@pytest.mark.parametrize(
    "name", [n for n, v in VECTORS.items() if v.codes & {"unsafe_name", "unexpected_place"}]
)
def test_a_hostile_name_is_lost_and_the_rest_comes_back(name: str, tmp_path: Path) -> None:
    result, files = recover(VECTORS[name].make(), tmp_path / "out")
    assert files == VAULT
    assert len(result.lost) == 1
    assert result.lost[0].isprintable()


def test_a_hundred_thousand_false_beginnings_do_not_take_for_ever(tmp_path: Path) -> None:
    part = Part(
        b"resumes/a", b"x" * 100, local={"compressed": 1 << 26, "size": 1 << 26}, method=STORED
    )
    record = part.local_record()
    data = record * 4000 + os.urandom(1 << 20)
    result, files = recover(data, tmp_path / "out")
    assert files == {}
    assert result.lost


@settings(max_examples=60)
@given(st.floats(0, 1, exclude_max=True), st.integers(1, 2000))
def test_a_hole_anywhere_costs_only_what_it_hit(where: float, length: int) -> None:
    import tempfile

    data = Story().bytes()
    at = int(where * len(data))
    with tempfile.TemporaryDirectory() as folder:
        _, files = recover(data[:at] + bytes(length) + data[at + length :], Path(folder) / "out")
    assert all(VAULT[name] == content for name, content in files.items())


def test_it_reads_a_broken_stream_of_info_zip(
    tmp_path: Path, require_tool: Callable[[str], Path]
) -> None:
    source = tmp_path / "source"
    for name, data in VAULT.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(data)
    zip_tool = str(require_tool("zip"))
    made = subprocess.run(
        [zip_tool, "-q", "-r", "-", "."], cwd=source, stdout=subprocess.PIPE, check=True
    ).stdout
    _, files = recover(made[: made.index(b"PK\1\2")], tmp_path / "out")
    assert files == VAULT


@pytest.mark.parametrize("tenths", range(1, 10))
def test_of_a_real_archive_cut_off_anywhere_every_whole_member_comes_back(
    sample_vault: Path, tmp_path: Path, tenths: int
) -> None:
    # Among its documents are DOCX files: archives with directories of their own.
    archive = UserDataManager(sample_vault).export_all(tmp_path)["output_path"]
    data = archive.read_bytes()
    cut = len(data) * tenths // 10
    with zipfile.ZipFile(archive) as opened:
        members = sorted(opened.infolist(), key=lambda member: member.header_offset)
        ends = [member.header_offset for member in members[1:]] + [opened.start_dir]
        whole = {
            member.filename: opened.read(member)
            for member, end in zip(members, ends, strict=True)
            if end <= cut and not member.is_dir()
        }
    _, files = recover(data[:cut], tmp_path / "out")
    assert files == whole
