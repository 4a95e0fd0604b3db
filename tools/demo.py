"""`make run`: a round trip that can be watched, and a sample vault to play with.

Builds the vault of a made-up person on an "old laptop", exports it, has the
archive proven by our validator and by everybody's tools, imports it on a "new
laptop" and compares the two. Ends with 1 if anything differs.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
import zipfile
from collections import Counter
from pathlib import Path, PurePosixPath

from autoresumefiller import UserDataManager
from autoresumefiller.version import __version__
from tools.comparison import differences, files_of, setting_differences
from tools.sample_content import FAKE_SECRETS
from tools.sample_vault import SampleVault, build_sample_vault

ROOT = Path(__file__).resolve().parent.parent
MARK = ".made-by-make-run"
MEGABYTE = 1_000_000


class RoundTripError(Exception):
    """The round trip is not what it should be."""


def main() -> int:
    arguments = _arguments()
    place: Path = arguments.directory
    try:
        _start_clean(place)
        _round_trip(place, arguments.megabytes * MEGABYTE)
    except RoundTripError as failure:
        print(f"\nFAILED: {failure}", file=sys.stderr)
        return 1
    _say_how_to_go_on(place)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.demo", description=__doc__)
    parser.add_argument("--directory", type=Path, default=ROOT / "sample", help="where to play")
    parser.add_argument("--megabytes", type=int, default=100, help="size of the sample vault")
    return parser.parse_args()


def _start_clean(place: Path) -> None:
    if place.exists():
        if not (place / MARK).exists():
            raise RoundTripError(f"{place} is there already and was not made by this command")
        shutil.rmtree(place)
    place.mkdir(parents=True)
    (place / MARK).touch()


def _round_trip(place: Path, size: int) -> None:
    print(f"AutoResumeFiller {__version__}: from an old laptop to a new one\n")
    vault = build_sample_vault(place / "old-laptop", target_bytes=size)
    _line("Sample", f"{len(vault.files)} files, {_size(vault.total_bytes)}: {_kinds(vault)}")
    old = UserDataManager(vault.root)

    (place / "usb-stick").mkdir()
    began = time.perf_counter()
    exported = old.export_all(place / "usb-stick")
    seconds = time.perf_counter() - began
    archive = exported["output_path"]
    _line("Export", f"{exported['file_count']} files in {seconds:.2f} s: {archive.name}")
    _line(
        "", f"{_size(exported['archive_size_bytes'])}, {len(exported['redacted'])} secrets left out"
    )
    for path in exported["redacted"]:
        _line("", f"  {path}")

    _verify(old, archive)

    new = UserDataManager(place / "new-laptop")
    began = time.perf_counter()
    done = new.import_from_backup(archive, confirm=False)
    seconds = time.perf_counter() - began
    if not done["success"]:
        raise RoundTripError("the import did not happen")
    _line(
        "Import",
        f"{done['files_restored']} files in {seconds:.2f} s, every check and fsync included",
    )

    _compare(vault, place / "new-laptop", exported["redacted"])
    for number, warning in enumerate(done["warnings"]):
        _line("" if number else "Told", warning)


def _verify(manager: UserDataManager, archive: Path) -> None:
    began = time.perf_counter()
    result = manager.validate_backup(archive)
    seconds = time.perf_counter() - began
    if not result["valid"]:
        raise RoundTripError(f"our validator refuses the archive: {result['errors']}")
    _line("Verify", f"our validator: valid ({seconds:.2f} s)")
    _line("", _by_tool("unzip -t", ["unzip", "-tq", str(archive)], cwd=archive.parent))
    if shutil.which("unzip") is None:
        _line("", "sha256sum -c SHA256SUMS: not tried, unzip is not installed")
    else:
        with tempfile.TemporaryDirectory(dir=archive.parent) as unpacked:
            _by_tool("unzip", ["unzip", "-q", str(archive)], cwd=Path(unpacked))
            check = ["sha256sum", "--quiet", "-c", "SHA256SUMS"]
            _line("", _by_tool("sha256sum -c SHA256SUMS", check, cwd=Path(unpacked)))
    with zipfile.ZipFile(archive) as opened:
        for member in opened.namelist():
            content = opened.read(member)
            if any(secret.encode() in content for secret in FAKE_SECRETS):
                raise RoundTripError(f"{member} in the archive holds a secret")
    _line("", "no member holds any of the sample's fake secrets")


def _by_tool(what: str, command: list[str], *, cwd: Path) -> str:
    if shutil.which(command[0]) is None:
        return f"{what}: not tried, {command[0]} is not installed"
    # Info-ZIP reads UTF-8 names as such only in a UTF-8 locale.
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RoundTripError(f"{what} says:\n{done.stdout}{done.stderr}")
    return f"{what}: passed"


def _compare(vault: SampleVault, restored: Path, redacted: list[str]) -> None:
    found = differences(vault.root, restored)
    if found:
        raise RoundTripError("the vaults differ:\n  " + "\n  ".join(found))
    settings = setting_differences(vault.root / "config.yaml", restored / "config.yaml")
    unexpected = sorted(settings.keys() - set(redacted))
    if unexpected:
        raise RoundTripError(f"these settings differ and are no secrets: {', '.join(unexpected)}")
    _line("Compare", f"{len(files_of(restored))} files equal byte for byte, times and folders too")
    _line("", f"config.yaml: nothing differs but the {len(settings)} secrets")


def _say_how_to_go_on(place: Path) -> None:
    scripts = Path(sys.executable).parent
    arf = os.path.relpath(scripts / "arf")
    new = os.path.relpath(place / "new-laptop")
    print("\nThe sample is yours to play with, each run makes it anew:\n")
    for command in ("doctor", "config show", "export", "list", "undo"):
        print(f"    {arf} --vault {new} {command}")
    print(f"    {arf} --help")


def _line(label: str, text: str) -> None:
    wrapped = textwrap.fill(text, 88, break_on_hyphens=False, drop_whitespace=True)
    print(f"{label:<9}" + textwrap.indent(wrapped, " " * 9)[9:])


def _kinds(vault: SampleVault) -> str:
    kinds = Counter(PurePosixPath(path).suffix[1:].upper() for path in vault.files)
    return ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())


def _size(size: int) -> str:
    return f"{size / MEGABYTE:.1f} MB"


if __name__ == "__main__":
    sys.exit(main())
