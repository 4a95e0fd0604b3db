"""What has to hold whatever the bytes are; one function for each way in.

A target returns or raises AssertionError. Any other exception is a finding as
well: only errors of ours may reach a caller.
"""

import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from unicodedata import category

from autoresumefiller import UserDataManager
from autoresumefiller.archive import checksums
from autoresumefiller.archive.archive_file import ArchiveFile
from autoresumefiller.archive.faults import Code
from autoresumefiller.archive.limits import Limits
from autoresumefiller.archive.metadata_fields import MetadataError
from autoresumefiller.archive.metadata_json import decode, encode
from autoresumefiller.archive.records import FLAG_UTF8
from autoresumefiller.archive.salvage import salvage
from autoresumefiller.archive.structure import read_structure
from autoresumefiller.archive.validation import Report, read_back, validate
from autoresumefiller.encryption.age_header import INTRO, read_header
from autoresumefiller.encryption.armor import dearmor, enarmor
from autoresumefiller.encryption.bech32 import decode_bech32, encode_bech32
from autoresumefiller.errors import AutoResumeFillerError, EncryptionError, NothingToUndoError
from autoresumefiller.model.finding import Finding
from autoresumefiller.model.metadata import FileRecord
from autoresumefiller.redaction.redact import redact
from autoresumefiller.redaction.refill import merge
from tests.support.sinks import Memory
from tests.support.trees import snapshot
from tests.vectors.contents import VAULT

LIMITS = Limits(max_total_bytes=64 << 20)
_SHARED_MEMORY = Path("/dev/shm")
# Thousands of imports need not wait for a disk.
PLACE = _SHARED_MEMORY if _SHARED_MEMORY.is_dir() else None
UNSAFE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
LIVE_SECRET = "sk-live-4711-nobody-else-has-it"
LIVE = f'ai_providers:\n  openai:\n    api_key: "{LIVE_SECRET}"\n    model: gpt-4\n'.encode()


def check_said(*texts: object) -> None:
    """What a person reads is short, and nothing in it moves their cursor."""
    for text in map(str, texts):
        assert not UNSAFE & set(map(category, text.replace("\u200c", "").replace("\u200d", ""))), (
            ascii(text)
        )
        assert len(text) < 20_000


def check_findings(findings: Iterable[Finding]) -> None:
    """What is said has a code that is documented, and is safe to print."""
    for finding in findings:
        assert finding.code in set(Code), finding
        check_said(finding.message, finding.member)


def check_refusal(error: ValueError) -> None:
    """A refusal that our own callers wait for is no accident of another kind."""
    assert type(error) is ValueError
    check_said(error)


# --- structure -------------------------------------------------------------------


def structure(data: bytes) -> None:
    """Records: refused, or read by Python's zipfile as the same members."""
    read = read_structure(ArchiveFile(io.BytesIO(data)), LIMITS)
    check_findings(read.findings)
    assert read.sound or read.findings
    check_findings(read_back(io.BytesIO(data), workers=0))
    if read.findings:
        return
    try:
        opened = zipfile.ZipFile(io.BytesIO(data))
    except NotImplementedError:
        return  # "version needed" is beyond what it knows; that field does not matter to us
    with opened:
        theirs = {(_name(info), info.file_size, info.CRC) for info in opened.infolist()}
    assert theirs == {(member.name, member.size, member.crc) for member in read.members}
    assert sum(member.compressed_size for member in read.members) < len(data)


def _name(info: zipfile.ZipInfo) -> str:
    return info.filename if info.flag_bits & FLAG_UTF8 else info.filename.encode("cp437").decode()


# --- what archives say of themselves ---------------------------------------------


def metadata(data: bytes) -> None:
    """metadata.json: refused, or the same as Python's json reads, and stable when written."""
    try:
        read = decode([data], LIMITS)
    except MetadataError as fault:
        check_said(fault)
        check_findings(fault.findings)
        return
    plain = json.loads(data)
    listed = plain["files"]
    assert [(file.path, file.size_bytes, file.checksum_sha256) for file in read.files] == [
        (file["path"], file["size_bytes"], file["checksum_sha256"].lower()) for file in listed
    ]
    assert read.total_size_bytes == sum(file["size_bytes"] for file in listed)
    assert read.notes == (plain.get("notes") or "")
    assert [file.path for file in read.skipped] == [
        file["path"] for file in plain.get("skipped") or []
    ]
    if read.format_version is not None:
        again = decode([encode(read)], LIMITS)
        assert again == replace(read, unknown=MappingProxyType({}))


def sums(data: bytes) -> None:
    """SHA256SUMS: refused with a sentence, or the same when written and read again."""
    try:
        read = checksums.parse(data)
    except ValueError as error:
        check_refusal(error)
        return
    records = [
        FileRecord(path=name, size_bytes=0, checksum_sha256=value) for name, value in read.items()
    ]
    if not any(name.startswith("./") for name in read):  # "././a"
        assert checksums.parse(checksums.encode(records)) == read


# --- whole archives ----------------------------------------------------------------


class _Ground:
    """A vault in a folder of its own, as it was before anything was imported."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="arf-fuzz-", dir=PLACE))
        self.vault = self.folder / "vault"
        self.archive = self.folder / "archive.zip"
        self.manager = UserDataManager(self.vault)
        for name, data in VAULT.items():
            if name != "config.yaml":
                (self.vault / name).write_bytes(data)
        (self.vault / "config.yaml").write_bytes(LIVE)
        (self.vault / "resumes" / "mine.txt").write_bytes(b"mine")
        self.before = snapshot(self.vault)

    def check_untouched(self) -> None:
        assert snapshot(self.vault) == self.before
        assert {path.name for path in self.folder.iterdir()} <= {"vault", "archive.zip"}

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


_ground: _Ground | None = None


def imported(data: bytes) -> None:
    """An import into a vault: nothing changed, or exactly what the metadata says; then undone."""
    global _ground  # noqa: PLW0603 - a vault for each of a million runs would be slow
    sink = Memory()
    report = validate(io.BytesIO(data), app_version="1.0.0", limits=LIMITS, sink=sink, workers=0)
    check_findings(report.findings)
    assert all(kept.closed for kept in sink.opened)
    if report.importable:
        _check_sink(report.metadata.files, sink)
    _ground = _ground or _Ground()
    _ground.archive.write_bytes(data)
    mode = "mirror" if len(data) % 2 else "overwrite"
    try:
        _ground.manager.import_from_backup(
            _ground.archive, confirm=False, backup_existing=False, mode=mode
        )
    except AutoResumeFillerError as error:
        check_said(error)
        _check_reason(error, report)
    else:
        assert report.importable, report.errors
        _check_restored(report.metadata.files, _ground.vault)
        with suppress(NothingToUndoError):  # it was as the archive has it already
            _ground.manager.undo()
        shutil.rmtree(_ground.vault / ".state" / "undo", ignore_errors=True)
    _ground.check_untouched()


def _check_reason(error: AutoResumeFillerError, report: Report) -> None:
    """An archive that validation accepts can be refused for what this vault is, not for itself."""
    assert not report.importable or error.code != "backup_invalid", error


def _check_sink(files: Iterable[FileRecord], sink: Memory) -> None:
    expected = {file.original_path or file.path: file.checksum_sha256 for file in files}
    assert {name: sha256(kept).hexdigest() for name, kept in sink.files.items()} == expected


def _check_restored(files: Iterable[FileRecord], vault: Path) -> None:
    for file in files:
        path = file.original_path or file.path
        if path != "config.yaml":  # that one is merged
            data = (vault / path).read_bytes()
            assert len(data) == file.size_bytes
            assert sha256(data).hexdigest() == file.checksum_sha256
    assert LIVE_SECRET.encode() in (vault / "config.yaml").read_bytes()


def salvaged(data: bytes) -> None:
    """Salvage: what it names is there and nothing else is; of a sound archive all of it."""
    with tempfile.TemporaryDirectory(dir=PLACE) as folder:
        target = Path(folder) / "deep" / "out"
        result = salvage(io.BytesIO(data), target, limits=LIMITS)
        found = {
            path.relative_to(target).as_posix(): path.read_bytes()
            for path in target.rglob("*")
            if path.is_file() and not path.is_symlink()
        }
        assert {*result.recovered} == found.keys()
        assert len(result.recovered) == len(found)
        assert [path.name for path in Path(folder).iterdir()] == ["deep"]
        assert [path.name for path in target.parent.iterdir()] == ["out"]
        assert not any(path.is_symlink() for path in target.rglob("*"))
    check_said(*result.lost)
    sink = Memory()
    report = validate(io.BytesIO(data), app_version="1.0.0", limits=LIMITS, sink=sink, workers=0)
    if report.importable:
        lists = {"metadata.json", "SHA256SUMS"}
        assert {name: content for name, content in found.items() if name not in lists} == sink.files
        assert not result.lost


# --- other texts -------------------------------------------------------------------


def redaction(data: bytes) -> None:
    """config.yaml: nothing raises, redaction settles, an own export changes nothing."""
    shown = redact(data)
    assert shown.text.removeprefix("\ufeff".encode()).startswith(b"# API keys redacted")
    assert redact(shown.text).text == shown.text
    assert merge(data, shown.text).text == data
    merged = merge(LIVE, data)
    assert LIVE_SECRET.encode() in merged.text
    assert not any(LIVE_SECRET in sentence for sentence in (*merged.warnings, *merged.changed))
    assert LIVE_SECRET.encode() not in redact(merged.text).text
    assert merge(merged.text, data).text == merged.text


def age(data: bytes) -> None:
    """The header of an encrypted file, its armor, and keys as text: refused, or one reading."""
    file = io.BytesIO(data)
    try:
        header = read_header(file)
    except EncryptionError as error:
        check_said(error)
    else:
        assert header.to_bytes() == data[: file.tell()]
        assert data.startswith(INTRO)
    text = data.decode("utf-8", "replace")
    try:
        inner = dearmor(text)
    except EncryptionError as error:
        check_said(error)
    else:
        assert inner is None or dearmor(enarmor(inner)) == inner
    try:
        prefix, payload = decode_bech32(text)
    except ValueError as error:
        check_refusal(error)
    else:
        assert encode_bech32(prefix, payload) == text.lower()


TARGETS = {
    "structure": structure,
    "metadata": metadata,
    "sums": sums,
    "import": imported,
    "salvage": salvaged,
    "redaction": redaction,
    "age": age,
}
