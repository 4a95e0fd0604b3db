"""Salvage: what still verifies comes back, what does not is named, nothing else happens."""

import errno
import io
import os
import shutil
import stat
import subprocess
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoresumefiller import UserDataManager
from autoresumefiller.archive.limits import Limits
from autoresumefiller.archive.salvage import Salvaged, salvage
from autoresumefiller.errors import OutputExistsError, StorageError
from tests.vectors.contents import (
    DOCUMENT,
    VAULT,
    Story,
    sums_of,
    with_original,
    with_part,
    with_part_changed,
)
from tests.vectors.hostile import VECTORS
from tests.vectors.zip_parts import STORED, Part, build, extra


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
@pytest.mark.parametrize("wide", [True, False])
def test_streamed_members_come_back_without_the_directory(
    tmp_path: Path, method: int, *, signature: bool, wide: bool
) -> None:
    parts = Story().parts()
    for part in parts:
        part.method = method
        part.deferred(signature=signature, wide=wide)
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


class Counting(io.BytesIO):
    """An archive that knows how many bytes of it were read."""

    total = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.total += len(data)
        return data


def deflated_zeros(size: int) -> bytes:
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return stream.compress(bytes(size)) + stream.flush()


def claims(payload: bytes, **local: int) -> bytes:
    return Part(b"resumes/a", payload=payload, local=local, method=STORED).local_record()


def streamed(method: int, *, extra_field: bytes = b"") -> bytes:
    """A local header that leaves sizes to a descriptor, which does not come."""
    sizes = {"crc": 0, "compressed": 0, "size": 0}
    part = Part(b"resumes/a", payload=b"", flags=0x808, method=method, local=sizes)
    part.local_extra = extra_field
    return part.local_record()


def bombs_that_share_a_stream(headers: int) -> bytes:
    """Headers whose extra fields all reach up to the one stream that follows the last."""
    length = len(streamed(8, extra_field=extra(0x9999, b"")))
    records = (
        streamed(8, extra_field=extra(0x9999, bytes((headers - n - 1) * length)))[:length]
        for n in range(headers)
    )
    return b"".join(records) + deflated_zeros(60 << 20)


FALSE_BEGINNINGS = {
    "sizes up to the end": lambda: (
        claims(b"", compressed=1 << 21, size=1 << 21) * 40_000 + os.urandom(1 << 21)
    ),
    "signatures": lambda: b"PK\3\4" * (1 << 20),
    "streams that do not end": lambda: streamed(8) * 40_000 + b"\0\1\0\xfe\xff" * 200_000,
    "stored without an end": lambda: streamed(STORED) * 40_000,
    "descriptors of something else": lambda: streamed(STORED) * 100 + b"PK\7\x08" * (1 << 20),
    "bombs": lambda: bombs_that_share_a_stream(1000),
}


@pytest.mark.parametrize("name", FALSE_BEGINNINGS)
def test_a_search_for_what_is_not_there_is_given_up(name: str, tmp_path: Path) -> None:
    file = Counting(FALSE_BEGINNINGS[name]())
    result = salvage(file, tmp_path / "out")
    assert result.recovered == ()
    assert any("The search was given up" in lost for lost in result.lost)
    size = len(file.getbuffer())
    assert file.total < 40 * size + (300 << 20)


def test_what_comes_to_nothing_is_read_once_where_it_is_not_the_fault_of_the_file(
    tmp_path: Path,
) -> None:
    files = {f"resumes/{number}": b"%d" % number for number in range(4000)}
    file = Counting(Story(files=files).bytes())
    result = salvage(file, tmp_path / "out")
    assert len(result.recovered) == len(files) + 1
    assert file.total < 10 * len(file.getbuffer())


def test_a_size_that_is_damaged_does_not_end_the_search(tmp_path: Path) -> None:
    data = with_part_changed(0, local={"compressed": 0xFFFF_FFF0, "size": 0xFFFF_FFF0})
    whole, files = recover(data, tmp_path / "whole")
    assert (files, whole.lost) == (VAULT, ())  # the directory knows better
    cut, files = recover(data[: data.index(b"PK\1\2")], tmp_path / "cut")
    assert files == {name: data for name, data in VAULT.items() if "profile" not in name}
    assert "data/user_profile.json: it is cut off" in cut.lost


@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_one_wrong_byte_costs_one_file_at_most(step: int, tmp_path: Path) -> None:
    data = Story().bytes()
    headers = {
        at + byte
        for name in VAULT
        for at in [data.index(b"PK\3\4", data.index(name.encode()) - 30)]
        for byte in range(28)  # all but the length of the extra field
    }
    for at in range(0, len(data), step):
        broken = bytearray(data)
        broken[at] ^= 0xFF
        result, files = recover(bytes(broken), tmp_path / str(at))
        lost = VAULT.keys() - files.keys()
        assert files == {name: VAULT[name] for name in VAULT.keys() - lost}
        assert len(lost) <= (0 if at in headers else 1), at
        assert all(any(name in said for said in result.lost) for name in lost), at
        shutil.rmtree(tmp_path / str(at))


def test_names_that_cannot_be_made_are_lost_and_the_rest_comes_back(tmp_path: Path) -> None:
    deep = b"resumes/" + b"a/" * 8000
    parts = [
        Part(b"resumes/" + b"a" * 200 + b"/" + b"/".join([b"b" * 200] * 40) + b"/", method=STORED),
        Part(deep, method=STORED),
        Part(b"resumes/file", b"text"),
        Part(b"resumes/file/", method=STORED),
        Part(b"resumes/file/below/", method=STORED),
        Part(b"resumes/file/below/it", b"more"),
    ]
    story = Story(files={**VAULT, "resumes/file": b"text", "resumes/file/below/it": b"more"})
    rest = (part for part in story.parts() if not part.name.startswith(b"resumes/file"))
    data = build([*parts, *rest])
    result, files = recover(data, tmp_path / "out")
    assert files == {**VAULT, "resumes/file": b"text"}
    assert len(result.lost) == 5


def test_endless_folders_are_not_made(tmp_path: Path) -> None:
    parts = [Part(b"resumes/%d/" % n + b"a/" * 400 + b"f", b"x") for n in range(10)]
    limits = Limits(max_entries=1000, max_folders=1000)
    result = salvage(io.BytesIO(build(parts)), tmp_path / "out", limits=limits)
    assert len(result.recovered) == 4
    assert sum(1 for path in (tmp_path / "out").rglob("*") if path.is_dir()) < 2000


def test_a_folder_that_may_not_be_written_to_is_the_systems_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object, **_options: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)  # root may write everywhere
    with pytest.raises(StorageError, match="could not be written"):
        salvage(io.BytesIO(Story().bytes()), tmp_path / "out")


def _streamed(*, signature: bool, wide: bool) -> bytes:
    return build([part.deferred(signature=signature, wide=wide) for part in Story().parts()])


@pytest.mark.parametrize(
    "data",
    [
        Story().bytes(),
        _streamed(signature=True, wide=False),
        _streamed(signature=True, wide=True),
    ],
    ids=["plain", "streamed", "streamed-wide"],
)
def test_a_wrong_byte_outside_of_what_it_holds_costs_no_file(tmp_path: Path, data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        held: set[int] = set()
        for entry in archive.infolist():
            begin = entry.header_offset + 30 + len(entry.filename)
            held.update(range(begin, begin + entry.compress_size))
    for at in sorted(set(range(len(data))) - held):
        broken = bytearray(data)
        broken[at] ^= 0xFF
        _, files = recover(bytes(broken), tmp_path / str(at))
        assert files == VAULT, at
        shutil.rmtree(tmp_path / str(at))


def test_what_the_directory_has_forgotten_is_found_where_it_follows(tmp_path: Path) -> None:
    data = Story().bytes()
    directory = data.index(b"PK\1\2")
    name = data.index(b"resumes/engineer.pdf", directory)
    _, files = recover(data[: name - 4] + bytes(16) + data[name + 12 :], tmp_path / "out")
    assert files == VAULT


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
