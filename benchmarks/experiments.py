"""What is measured: which contenders on which corpus, how often."""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import contenders as who
from benchmarks.corpora import corpus, files_of
from benchmarks.measuring import Command, Contender, Measured, Place, race, run

MB = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """One table of the report.

    Attributes:
        name: For ``--only`` and for the stored results.
        title: Above the table.
        corpus: A key of `corpora.BUILDERS`.
        amount: Of the corpus at scale 1: bytes, or files of ``small``.
        contenders: Who takes part.
        rounds: At scale 1.
        changing: Whether 1 % of the files change before each round.
        backups: So many backups are in the vault.

    """

    name: str
    title: str
    corpus: str
    amount: int
    contenders: Sequence[Contender]
    rounds: int = 5
    changing: bool = False
    backups: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an experiment found."""

    files: int
    total_bytes: int
    measured: Sequence[Measured]


_MAIN_EXPORTS = who.some(who.EXPORTS, who.FLOOR, who.LIBRARY, who.PROCESS, who.ZIP)
_MAIN_IMPORTS = who.some(who.IMPORTS, who.FLOOR, who.LIBRARY, who.PROCESS, who.UNZIP, "`7z x`")


def _list_library(place: Place) -> Command:
    arguments = [who.PYTHON, "-m", "benchmarks.ours", "list", place.vault]
    return Command(arguments=arguments, tells=True)


def _arf(*arguments: str) -> Callable[[Place], Command]:
    return lambda place: Command(arguments=[who.ARF, "--vault", place.vault, *arguments])


_LISTS = (
    Contender(name=who.LIBRARY, program=who.PYTHON, command=_list_library),
    Contender(name=who.PROCESS, program=who.ARF, command=_arf("list")),
)

_STARTS = (
    Contender(
        name="`python -c pass`",
        program=who.PYTHON,
        command=lambda _place: Command(arguments=[who.PYTHON, "-c", "pass"]),
    ),
    Contender(
        name="`arf --version`",
        program=who.ARF,
        command=lambda _place: Command(arguments=[who.ARF, "--version"]),
    ),
    Contender(name="`arf --help`", program=who.ARF, command=_arf("--help")),
    Contender(name="`arf list`", program=who.ARF, command=_arf("list")),
)

EXPERIMENTS = (
    Experiment(
        name="export-mixed",
        title="Export, mixed documents: 60 % PDF, 30 % DOCX, 10 % text",
        corpus="mixed",
        amount=100 * MB,
        contenders=who.EXPORTS,
        rounds=9,
    ),
    Experiment(
        name="export-prose",
        title="Export, plain text",
        corpus="prose",
        amount=100 * MB,
        contenders=who.EXPORTS,
        rounds=9,
    ),
    Experiment(
        name="export-small",
        title="Export, 100,000 small files",
        corpus="small",
        amount=100_000,
        contenders=who.EXPORTS,
        rounds=3,
    ),
    Experiment(
        name="export-large",
        title="Export, one file of 2.5 GB",
        corpus="large",
        amount=2500 * MB,
        contenders=_MAIN_EXPORTS,
        rounds=3,
    ),
    Experiment(
        name="export-everything",
        title="Export, 5 GB with a file of 2.5 GB and 50,000 small ones",
        corpus="everything",
        amount=5000 * MB,
        contenders=_MAIN_EXPORTS,
        rounds=3,
    ),
    Experiment(
        name="again-mixed",
        title="Export again after 1 % changed, mixed documents",
        corpus="mixed",
        amount=100 * MB,
        contenders=who.AGAIN,
        rounds=9,
        changing=True,
    ),
    Experiment(
        name="again-prose",
        title="Export again after 1 % changed, plain text",
        corpus="prose",
        amount=100 * MB,
        contenders=who.AGAIN,
        rounds=9,
        changing=True,
    ),
    Experiment(
        name="import-mixed",
        title="Import with every check, mixed documents",
        corpus="mixed",
        amount=100 * MB,
        contenders=who.IMPORTS,
        rounds=9,
    ),
    Experiment(
        name="import-prose",
        title="Import with every check, plain text",
        corpus="prose",
        amount=100 * MB,
        contenders=who.IMPORTS,
        rounds=9,
    ),
    Experiment(
        name="import-small",
        title="Import with every check, 100,000 small files",
        corpus="small",
        amount=100_000,
        contenders=_MAIN_IMPORTS,
        rounds=3,
    ),
    Experiment(
        name="import-everything",
        title="Import with every check, 5 GB",
        corpus="everything",
        amount=5000 * MB,
        contenders=_MAIN_IMPORTS,
        rounds=3,
    ),
    Experiment(
        name="list-100",
        title="List 100 backups",
        corpus="mixed",
        amount=0,
        contenders=_LISTS,
        rounds=9,
        backups=100,
    ),
    Experiment(
        name="list-10000",
        title="List 10,000 backups",
        corpus="mixed",
        amount=0,
        contenders=_LISTS,
        rounds=5,
        backups=10_000,
    ),
    Experiment(
        name="start",
        title="Start of the program",
        corpus="mixed",
        amount=0,
        contenders=_STARTS,
        rounds=15,
        backups=10,
    ),
    *(
        Experiment(
            name=f"size-{megabytes}",
            title=f"Export, {megabytes} MB of mixed documents",
            corpus="mixed",
            amount=megabytes * MB,
            contenders=tuple(c for c in who.EXPORTS if c.name not in {who.LIBRARY, who.STAGED}),
            rounds=3,
        )
        for megabytes in (1, 10, 100, 1000)
    ),
)


def conduct(experiment: Experiment, *, scale: float, cache: Path) -> Outcome:
    """Build the corpus and run the contenders on it."""
    amount = round(experiment.amount * scale)
    built = corpus(experiment.corpus, amount, cache / "corpora")
    area = cache / "work"
    shutil.rmtree(area, ignore_errors=True)
    area.mkdir(parents=True)
    vault = built.root
    if experiment.changing or experiment.backups:
        vault = area / "vault"
        shutil.copytree(built.root, vault)
    fill_backups(vault, round(experiment.backups * min(1, scale * 10)), area)
    for path in files_of(vault):
        path.read_bytes() if path.stat().st_size < 100 * MB else None  # into the cache
    measured = race(
        experiment.contenders,
        vault=vault,
        area=area / "contenders",
        rounds=max(3, round(experiment.rounds * min(1, scale * 4))),
        between=(lambda number: _change(vault, number)) if experiment.changing else _leave,
    )
    shutil.rmtree(area)
    return Outcome(files=built.files, total_bytes=built.total_bytes, measured=measured)


def _leave(_number: int) -> None:
    pass


def _change(vault: Path, number: int) -> None:
    """Write another byte into the middle of every hundredth file, others in each round."""
    files = sorted(path for path in files_of(vault) if path.suffix in {".pdf", ".docx", ".txt"})
    for path in files[(number * 7) % min(100, len(files)) :: 100]:
        with path.open("r+b") as file:
            file.seek(path.stat().st_size // 2)
            file.write(os.urandom(1))


def fill_backups(vault: Path, count: int, area: Path) -> None:
    if not count:
        return
    first = vault / "backups" / "autoresumefiller_backup_20240101_000000.zip"
    run([who.PYTHON, "-m", "benchmarks.ours", "export", vault, first], home=area)
    for number in range(1, count):
        day, second = 1 + number // 86_400 % 28, number % 86_400
        stamp = f"202401{day:02d}_{second // 3600:02d}{second // 60 % 60:02d}{second % 60:02d}"
        shutil.copyfile(first, first.with_name(f"autoresumefiller_backup_{stamp}.zip"))
