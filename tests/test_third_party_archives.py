"""Archives that other programs made of our content: the story's format, no more, is enough."""

import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from autoresumefiller import UserDataManager
from tests.support import archives
from tools.comparison import CARRIED, files_of
from tools.sample_content import CONFIG

Require = Callable[[str], Path]

COMMANDS = {
    "zip": ["zip", "-q", "-r", "OUT", "."],
    "zip, names without directories": ["zip", "-q", "-r", "-D", "OUT", "."],
    "zip, no compression": ["zip", "-q", "-r", "-0", "OUT", "."],
    "zip, no extra fields": ["zip", "-q", "-r", "-X", "OUT", "."],
    "zip, always zip64": ["zip", "-q", "-r", "-fz", "OUT", "."],
    "7z": ["7z", "a", "-bd", "-tzip", "OUT", "."],
    "7z, fastest": ["7z", "a", "-bd", "-tzip", "-mx=1", "OUT", "."],
    "7z, UTF-8 for all names": ["7z", "a", "-bd", "-tzip", "-mcu=on", "OUT", "."],
    "bsdtar": ["bsdtar", "--format", "zip", "-cf", "OUT", *CARRIED, "config.yaml", "metadata.json"],
    "bsdtar, stored": [
        "bsdtar", "--format", "zip", "--options", "zip:compression=store", "-cf", "OUT",
        *CARRIED, "config.yaml", "metadata.json",
    ],
}  # fmt: skip


@pytest.fixture
def content(sample_vault: Path, tmp_path: Path) -> Path:
    """A folder with the sample's content and a metadata.json as the story has it."""
    folder = tmp_path / "content"
    folder.mkdir()
    for name in CARRIED:
        shutil.copytree(sample_vault / name, folder / name)
    header = "# API keys redacted for security\n"
    (folder / "config.yaml").write_text(header + "gui:\n  theme: dark\n")
    files = {path: (folder / path).read_bytes() for path in [*files_of(folder), "config.yaml"]}
    metadata = archives.story_metadata(files)
    (folder / "metadata.json").write_text(json.dumps(metadata, ensure_ascii=False))
    return folder


@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
@pytest.mark.parametrize("how", COMMANDS)
def test_an_archive_of_another_program_is_imported(
    content: Path, tmp_path: Path, require_tool: Require, how: str, locale: str
) -> None:
    archive = tmp_path / "theirs.zip"
    program, *arguments = [str(archive) if part == "OUT" else part for part in COMMANDS[how]]
    _run([str(require_tool(program)), *arguments], content, locale)
    _imports(archive, content, tmp_path)


def test_an_archive_that_zip_streamed_is_imported(
    content: Path, tmp_path: Path, require_tool: Require
) -> None:
    # To a pipe zip cannot seek back: sizes and CRCs follow in data descriptors.
    archive = tmp_path / "theirs.zip"
    archive.write_bytes(_run([str(require_tool("zip")), "-q", "-r", "-", "."], content, "C.UTF-8"))
    _imports(archive, content, tmp_path)


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_archive_of_python_is_imported(
    content: Path, tmp_path: Path, method: int, streamed: bool
) -> None:
    archive = tmp_path / "theirs.zip"
    with archive.open("wb") as file, zipfile.ZipFile(_pipe(file, streamed), "w", method) as made:
        for path in sorted(content.rglob("*"), reverse=True):  # metadata.json not last
            made.write(path, path.relative_to(content).as_posix())
    _imports(archive, content, tmp_path)


def test_an_archive_of_shutil_is_imported(content: Path, tmp_path: Path) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "theirs"), "zip", content))
    _imports(archive, content, tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        {"export_timestamp": "2025-11-29T12:00:00"},
        {"export_timestamp": "2025-11-29T12:00:00.123456+00:00"},
        {"file_count": 22},
        {"anything": {"else": [1, 2]}},
        {"app_version": "0.9"},
    ],
)
def test_the_storys_metadata_and_what_may_vary_in_it(
    content: Path, tmp_path: Path, changes: dict[str, object]
) -> None:
    files = {path: (content / path).read_bytes() for path in [*files_of(content), "config.yaml"]}
    if "file_count" in changes:
        changes = {"file_count": len(files)}
    archive = archives.story_archive(tmp_path / "theirs.zip", files, **changes)
    _imports(archive, content, tmp_path)


def _imports(archive: Path, content: Path, tmp_path: Path) -> None:
    # A machine that has settings of its own: its secrets stay, the theme comes.
    manager = UserDataManager(tmp_path / "new")
    (tmp_path / "new" / "config.yaml").write_text(CONFIG.replace("theme: dark", "theme: light"))

    checked = manager.validate_backup(archive)
    assert checked["errors"] == []
    result = manager.import_from_backup(archive, confirm=False)

    assert result["success"] is True
    restored = tmp_path / "new"
    assert files_of(restored) == files_of(content)
    for path in files_of(content):
        assert (restored / path).read_bytes() == (content / path).read_bytes(), path
    config = (restored / "config.yaml").read_text()
    assert config == CONFIG  # the theme of the archive, the secrets of this machine


def _run(command: list[str], cwd: Path, locale: str) -> bytes:
    environment = {**os.environ, "LC_ALL": locale}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _pipe(file: object, streamed: bool) -> object:
    if not streamed:
        return file

    class Pipe:
        """A file that zipfile can only write to."""

        write = staticmethod(file.write)
        flush = staticmethod(file.flush)

    return Pipe()
