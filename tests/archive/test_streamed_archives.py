"""Archives that ordinary tools wrote to a pipe, which cannot seek: descriptors, unmarked names."""

import io
import json
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from autoresumefiller.archive.validation import validate
from tests.support.archives import story_metadata
from tests.support.sinks import Memory
from tests.vectors.contents import DOCUMENT, VAULT

CONTENT = {**VAULT, "resumes/Jürgen/Lebenslauf 履歴書.pdf": DOCUMENT, "resumes/empty.txt": b""}
LARGE = {**CONTENT, "resumes/large.txt": b"a line of a large file\n" * 300_000}

COMMANDS = {
    "zip": ["zip", "-q", "-r", "-", "."],
    "zip, stored": ["zip", "-q", "-0", "-r", "-", "."],
    "zip, descriptors": ["zip", "-q", "-fd", "-r", "-", "."],
    "zip, no extra fields": ["zip", "-q", "-X", "-r", "-", "."],
}


def lay_out(folder: Path, content: dict[str, bytes]) -> None:
    metadata = json.dumps(story_metadata(content)).encode()
    for name, data in {**content, "metadata.json": metadata}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def assert_restores(data: bytes, content: dict[str, bytes]) -> None:
    sink = Memory()
    assert validate(io.BytesIO(data), app_version="1.0.0", sink=sink).errors == []
    assert sink.files == content


@pytest.mark.parametrize("how", COMMANDS)
@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
@pytest.mark.parametrize("content", [CONTENT, LARGE], ids=["small", "large"])
def test_info_zip(
    tmp_path: Path,
    require_tool: Callable[[str], Path],
    how: str,
    locale: str,
    content: dict[str, bytes],
) -> None:
    lay_out(tmp_path, content)
    program, *arguments = COMMANDS[how]
    made = subprocess.run(
        [str(require_tool(program)), *arguments],
        cwd=tmp_path,
        env={"LC_ALL": locale},
        stdout=subprocess.PIPE,
        check=True,
    )
    assert_restores(made.stdout, content)


class Pipe(io.RawIOBase):
    """A stream that takes bytes and can do nothing else."""

    def __init__(self) -> None:
        self.taken = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        self.taken += bytes(data)
        return len(bytes(data))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("force_zip64", [True, False])
def test_python(method: int, force_zip64: bool) -> None:
    pipe = Pipe()
    metadata = json.dumps(story_metadata(LARGE)).encode()
    with zipfile.ZipFile(pipe, "w", method) as archive:
        for name, data in {**LARGE, "metadata.json": metadata}.items():
            with archive.open(name, "w", force_zip64=force_zip64) as member:
                member.write(data)
    assert_restores(bytes(pipe.taken), LARGE)


def test_what_bsdtar_pads_is_refused(tmp_path: Path, require_tool: Callable[[str], Path]) -> None:
    lay_out(tmp_path, CONTENT)
    names = sorted(path.name for path in tmp_path.iterdir())
    made = subprocess.run(
        [str(require_tool("bsdtar")), "--format", "zip", "-cf", "-", *names],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    assert made.endswith(bytes(100))
    report = validate(io.BytesIO(made), app_version="1.0.0")
    assert report.error_codes == ["trailer"]
    assert_restores(made[: made.rindex(b"PK\5\6") + 22], CONTENT)
