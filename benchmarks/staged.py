"""What one would write first: copy to a staging directory, hash, zip with zipfile.

``python -m benchmarks.staged VAULT OUTPUT``: the story's technical notes,
followed to the letter; the baseline that the rest has to be worth more than.
"""

import hashlib
import json
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

from benchmarks.corpora import MEMBERS


def export(vault: Path, output: Path) -> None:
    with tempfile.TemporaryDirectory(dir=output.parent) as temporary:
        staging = Path(temporary)
        for member in MEMBERS:
            source = vault / member
            copy = shutil.copytree if source.is_dir() else shutil.copy2
            copy(source, staging / member)
        files = [path for path in sorted(staging.rglob("*")) if path.is_file()]
        sums = {path.relative_to(staging).as_posix(): _sha256(path) for path in files}
        (staging / "metadata.json").write_text(json.dumps(sums), encoding="utf-8")
        with zipfile.ZipFile(output, "x", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            for path in (*files, staging / "metadata.json"):
                archive.write(path, path.relative_to(staging))


def _sha256(path: Path) -> str:
    sha256 = hashlib.sha256()
    with path.open("rb") as file:
        for chunk in iter(lambda: file.read(4096), b""):
            sha256.update(chunk)
    return sha256.hexdigest()


if __name__ == "__main__":
    export(Path(sys.argv[1]), Path(sys.argv[2]))
