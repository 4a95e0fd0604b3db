"""How much memory an export and an import take of files that are just small enough for a buffer.

Those of 15 MiB are the worst: of larger ones a block is held, of smaller ones a few. With eight
threads, whatever this machine has: what each of them frees must not stay with it.
"""

import random
from pathlib import Path

import pytest

from tests.support.memory import peak_growth

pytestmark = pytest.mark.slow

_MOST_BYTES = 100_000_000
"""What the program may take, 150 MB, without what Python and its modules take."""

_PREPARE = """
import autoresumefiller.workers as workers
workers.default_workers = lambda: 8
from autoresumefiller import UserDataManager
from autoresumefiller.archive import writer, round_trip
for module in (writer, round_trip):
    assert module.default_workers() == 8
"""
_EXPORT = "UserDataManager(sys.argv[1]).export_all()"
_IMPORT = "UserDataManager(sys.argv[1]).import_from_backup(sys.argv[2], confirm=False)"


@pytest.fixture(scope="module")
def heavy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from autoresumefiller import UserDataManager

    root = tmp_path_factory.mktemp("heavy") / "vault"
    resumes = UserDataManager(root).data_dir / "resumes"
    chance = random.Random(1)
    text = b" ".join(b"word%d" % chance.randrange(5000) for _ in range(200_000))[: 1 << 20]
    for number in range(8):
        (resumes / f"a{number}.pdf").write_bytes(chance.randbytes(11 << 20) + text * 4)
        (resumes / f"c{number}.txt").write_bytes(text * 15)
    for number in range(24):
        (resumes / f"b{number}.pdf").write_bytes(chance.randbytes(2 << 20) + text * 2)
    return root


def test_a_first_export(heavy: Path) -> None:
    assert peak_growth(_PREPARE, _EXPORT, heavy) < _MOST_BYTES


def test_an_export_with_an_earlier_one(heavy: Path) -> None:
    from autoresumefiller import UserDataManager

    UserDataManager(heavy).export_all()
    assert peak_growth(_PREPARE, _EXPORT, heavy) < _MOST_BYTES


def test_an_import(heavy: Path, tmp_path: Path) -> None:
    from autoresumefiller import UserDataManager

    archive = UserDataManager(heavy).export_all(tmp_path / "all.zip")["output_path"]
    assert peak_growth(_PREPARE, _IMPORT, tmp_path / "new", archive) < _MOST_BYTES
