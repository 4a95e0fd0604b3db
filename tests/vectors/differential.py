"""What other tools make of the archives that are refused here.

``python -m tests.vectors.differential`` writes docs/hostile-archives.md. Only
our own column is tested: the others are what the tools of one machine said.
"""

import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.vectors.hostile import VECTORS

DOCUMENT = Path(__file__).parents[2] / "docs" / "hostile-archives.md"

# Anyone's ZIP: these are wrong for us alone, and no tool could know.
OURS_ALONE = (
    "metadata",
    "record",
    "sums",
    "version",
    "format",
    "profile",
    "original",
    "size-listed",
)
OURS_ALONE += (
    "checksum-listed",
    "missing",
    "unlisted",
    "bomb-total",
    "bomb-entries",
    "bomb-directory",
    "bomb-names",
)

HEADER = (
    "# What other tools make of hostile archives\n\n"
    "Written by `python -m tests.vectors.differential`; the archives are those of "
    "`tests/vectors/hostile.py`, and every one of them is refused here with exactly these codes "
    "(`tests/archive/test_hostile.py`). Left out are those that only our own rules can judge "
    "(metadata, checksums, versions, profile).\n\n"
    "Each tool was asked to test or unpack to nowhere: `unzip -t`, `7z t`, `bsdtar -xO`, "
    "`zipfile.testzip()`. *accepts* means that it found nothing wrong, *warns* that it said "
    "something and went on, *refuses* that it failed. To accept is not always a fault: a tool "
    "that tests an archive need not judge the names in it. But where two columns differ, one "
    "file means two things.\n\n"
)

CLASSES = {
    "names that leave, hide, mislead, or that some system cannot have": ("name",),
    "places that are not ours to fill": ("place",),
    "names that meet: twice, twins by case or Unicode, a file that is a folder": ("names",),
    "kinds: links, devices, pipes, folders with content": ("kind",),
    "files that are hidden, not listed, or not there": ("hidden", "unlisted", "missing"),
    "local header against directory": ("local",),
    "records that do not tile the file: overlaps, gaps, before and behind": (
        *("overlap", "gap", "prefix", "trailer", "empty", "not", "no"),
    ),
    "truncated": ("truncated",),
    "end records, counts, offsets, disks, the directory": ("end", "comment", "entry", "directory"),
    "zip64": ("zip64",),
    "extra fields, Unicode paths": ("extra", "unicode"),
    "data descriptors": ("descriptor",),
    "flags and methods": ("flag", "method"),
    "content: CRC, damage, bytes behind the stream": ("content", "stored"),
    "bombs: count, ratio, sizes, totals, names": ("bomb",),
    "metadata.json": ("metadata", "record", "size", "checksum"),
    "names to restore": ("original",),
    "SHA256SUMS": ("sums",),
    "versions and formats": ("version", "format"),
    "profiles": ("profile",),
}

ELSE = (
    "\n\nBeyond these, `make fuzz` (atheris) and `make test` (hypothesis) mutate them, with "
    "records, CRCs and lists made consistent again, and hold to the same properties (`tests/fuzz/"
    "targets.py`): no exception but ours, no hang, less than 256 MiB more memory, no vault "
    "changed, and of what is accepted every byte restored is what the metadata says and what "
    "Python's `zipfile` reads. `tests/vectors/poisoned.py` has archives whose every string is "
    "hostile to terminals, logs and JSON; `tests/archive/test_large_archives.py` those that are "
    "made to fill the memory.\n\n"
)


def classes() -> str:
    """Return how many vectors there are of each class."""
    counts = Counter(name.partition("-")[0] for name in VECTORS)
    lines = [
        f"- {title}: {sum(counts[prefix] for prefix in prefixes)}"
        for title, prefixes in CLASSES.items()
    ]
    return f"The {len(VECTORS)} archives by class:\n\n" + "\n".join(lines) + ELSE


def _run(command: list[str], archive: Path) -> int:
    try:
        return subprocess.run(
            [*command, str(archive)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired:
        return 99


def _unzip(archive: Path) -> str:
    return {0: "accepts", 1: "warns"}.get(_run(["unzip", "-tqq", "-P", "x"], archive), "refuses")


def _seven_zip(archive: Path) -> str:
    return {0: "accepts", 1: "warns"}.get(_run(["7z", "t", "-px", "-bd"], archive), "refuses")


def _bsdtar(archive: Path) -> str:
    return "accepts" if _run(["bsdtar", "-xOf"], archive) == 0 else "refuses"


def _zipfile(archive: Path) -> str:
    try:
        with zipfile.ZipFile(archive) as opened:
            return "accepts" if opened.testzip() is None else "refuses"
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError):
        return "refuses"
    except (EOFError, zlib.error, UnicodeDecodeError):
        return "refuses"


TOOLS: dict[str, Callable[[Path], str]] = {
    "unzip": _unzip,
    "7z": _seven_zip,
    "bsdtar": _bsdtar,
    "zipfile": _zipfile,
}


def judged() -> list[str]:
    """Return the vectors that other tools could refuse as well."""
    return [name for name in VECTORS if not name.startswith(OURS_ALONE)]


def rows() -> dict[str, str]:
    """Return what our column says of each vector."""
    return {
        name: ", ".join(f"`{code}`" for code in sorted(VECTORS[name].codes)) for name in judged()
    }


def table() -> str:
    lines = [f"| archive | {' | '.join(TOOLS)} | here |", f"| --- |{' --- |' * (len(TOOLS) + 1)}"]
    accepted = dict.fromkeys(TOOLS, 0)
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "hostile.zip"
        for name, ours in rows().items():
            archive.write_bytes(VECTORS[name].make())
            verdicts = {tool: ask(archive) for tool, ask in TOOLS.items()}
            for tool, verdict in verdicts.items():
                accepted[tool] += verdict == "accepts"
            lines.append(f"| {name} | {' | '.join(verdicts.values())} | {ours} |")
    total = len(judged())
    counts = ", ".join(f"{tool} {count}" for tool, count in accepted.items())
    summary = f"Of {total} archives accepted without a word: {counts}, here 0.\n\n"
    return summary + "\n".join(lines) + "\n"


def versions() -> str:
    python = f"Python {platform.python_version()}"
    said = [python]
    for command in (["unzip", "-v"], ["7z"], ["bsdtar", "--version"]):
        if shutil.which(command[0]) is None:
            sys.exit(f"{command[0]} is not installed (tools/system-packages installs it)")
        output = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        line = next(line for line in output.splitlines() if line.strip())
        said.append(line.split("(")[0].split(", by")[0].split(" : ")[0].strip())
    return f"Asked were: {'; '.join(said)}.\n\n"


def main() -> None:
    DOCUMENT.write_text(HEADER + classes() + versions() + table(), encoding="utf-8")


if __name__ == "__main__":
    main()
