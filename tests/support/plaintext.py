"""Planted words, and a search for them wherever they must not be."""

import zipfile
from pathlib import Path
from typing import Any

PLANTED = ("Planted-First", "Planted-Last", "planted@example.org", "+1 555 0199 0199")

PROFILE: dict[str, Any] = {
    "version": "1.0",
    "personal_info": {
        "first_name": PLANTED[0],
        "last_name": PLANTED[1],
        "email": PLANTED[2],
        "phone": PLANTED[3],
    },
    "education": [],
    "work_experience": [],
    "skills": ["testing"],
    "projects": [],
    "certifications": [],
}


def found_in(*places: Path, without: tuple[Path, ...] = ()) -> list[str]:
    """Name every file below these places that holds a planted word, in archives too."""
    hits = []
    for place in places:
        for path in sorted([place, *place.rglob("*")] if place.is_dir() else [place]):
            if path.is_file() and path not in without:
                hits += [f"{path}: {word}" for word in PLANTED if _holds(path, word)]
    return hits


def _holds(path: Path, word: str) -> bool:
    if word.encode() in path.read_bytes() or word in path.name:
        return True
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(word.encode() in archive.read(name) for name in archive.namelist())
