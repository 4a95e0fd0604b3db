"""What is measured: which contenders on which corpus, how often."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from benchmarks import contenders as who
from benchmarks.corpora import corpus, files_of
from benchmarks.discarding import discard
from benchmarks.goals import MB, QUICK_BELOW
from benchmarks.measuring import Command, Contender, Measured, Place, race, run
from benchmarks.parts import EXPORT, IMPORT


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """One table of the report.

    Attributes:
        name: For ``--only`` and for the stored results.
        title: Above the table.
        corpus: A key of `corpora.BUILDERS`.
        amount: Of the corpus at scale 1: bytes, or files of ``small``.
        contenders: Who takes part.
        rounds: At scale 1; a quick run has `QUICK_ROUNDS`.
        quick: Whether it is part of a quick run, and not only of a whole one.
        parts: Of the contenders that are parts of ours, whether the cores can share them.
        changing: Whether 1 % of the files change before each round, at least one.
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
    quick: bool = True
    parts: Mapping[str, bool] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an experiment found."""

    files: int
    total_bytes: int
    measured: Sequence[Measured]


_SMALL_EXPORTS = tuple(c for c in who.EXPORTS if c.name not in {who.STAGED, who.BORG})
# Of gigabytes that do not shrink, `zip` and `7z` take minutes, and nothing new is learnt.
_LARGE_EXPORTS = who.some(who.EXPORTS, who.FLOOR, who.LIBRARY, who.PROCESS, who.RESTIC)
_SIZED_EXPORTS = who.some(
    who.EXPORTS, who.FLOOR, who.PROCESS, who.ZIP, who.SEVEN_ZIP, who.RESTIC, who.BORG
)
_LARGEST_EXPORTS = tuple(c for c in _SIZED_EXPORTS if c.name != who.SEVEN_ZIP)
_SMALL_IMPORTS = who.some(who.IMPORTS, who.FLOOR, who.LIBRARY, who.PROCESS, who.UNZIP, "`7z x`")
_LARGE_IMPORTS = (*who.some(who.IMPORTS, who.FLOOR, who.LIBRARY, who.PROCESS), who.UNZIP_OURS)

# Measured for their memory: who is beside ours may be few, but quick.
_HEAVY_EXPORTS = who.some(who.EXPORTS, who.FLOOR, who.LIBRARY, who.PROCESS, who.BORG)
_HEAVY_AGAIN = who.some(who.AGAIN, who.FLOOR, who.LIBRARY, who.PROCESS, who.BORG)


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
        rounds=7,
    ),
    Experiment(
        name="export-prose",
        title="Export, plain text",
        corpus="prose",
        amount=100 * MB,
        contenders=who.EXPORTS,
        rounds=5,
    ),
    Experiment(
        name="export-small",
        title="Export, 100,000 small files",
        corpus="small",
        amount=100_000,
        contenders=_SMALL_EXPORTS,
        rounds=3,
    ),
    Experiment(
        name="export-large",
        title="Export, one file of 2.5 GB",
        corpus="large",
        amount=2500 * MB,
        contenders=_LARGE_EXPORTS,
        rounds=3,
        quick=False,
    ),
    Experiment(
        name="export-everything",
        title="Export, 5 GB with a file of 2.5 GB and 50,000 small ones",
        corpus="everything",
        amount=5000 * MB,
        contenders=_LARGE_EXPORTS,
        rounds=3,
        quick=False,
    ),
    Experiment(
        name="export-heavy",
        title="Export, documents of up to 15 MiB",
        corpus="heavy",
        amount=320 * MB,
        contenders=_HEAVY_EXPORTS,
        rounds=2,
        quick=False,
    ),
    Experiment(
        name="again-mixed",
        title="Export again after 1 % changed, mixed documents",
        corpus="mixed",
        amount=100 * MB,
        contenders=who.AGAIN,
        rounds=7,
        changing=True,
    ),
    Experiment(
        name="again-prose",
        title="Export again after 1 % changed, plain text",
        corpus="prose",
        amount=100 * MB,
        contenders=who.AGAIN,
        rounds=7,
        changing=True,
        quick=False,
    ),
    Experiment(
        name="again-heavy",
        title="Export again after one file changed, documents of up to 15 MiB",
        corpus="heavy",
        amount=320 * MB,
        contenders=_HEAVY_AGAIN,
        rounds=2,
        changing=True,
        quick=False,
    ),
    Experiment(
        name="import-mixed",
        title="Import with every check, mixed documents",
        corpus="mixed",
        amount=100 * MB,
        contenders=who.IMPORTS,
        rounds=7,
    ),
    Experiment(
        name="import-prose",
        title="Import with every check, plain text",
        corpus="prose",
        amount=100 * MB,
        contenders=who.IMPORTS,
        rounds=7,
        quick=False,
    ),
    Experiment(
        name="import-small",
        title="Import with every check, 100,000 small files",
        corpus="small",
        amount=100_000,
        contenders=_SMALL_IMPORTS,
        rounds=3,
    ),
    Experiment(
        name="import-everything",
        title="Import with every check, 5 GB",
        corpus="everything",
        amount=5000 * MB,
        contenders=_LARGE_IMPORTS,
        rounds=2,
        quick=False,
    ),
    Experiment(
        name="import-heavy",
        title="Import with every check, documents of up to 15 MiB",
        corpus="heavy",
        amount=320 * MB,
        contenders=_LARGE_IMPORTS,
        rounds=2,
        quick=False,
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
        quick=False,
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
            name=f"parts-{what}-{kind}",
            title=f"Where the time goes: {what}, {words}",
            corpus=kind,
            amount=amount,
            contenders=who.EXPORT_PARTS if what == "export" else who.IMPORT_PARTS,
            rounds=2 if kind == "small" else 3,
            parts={
                name: shared
                for name, (_, shared) in (EXPORT if what == "export" else IMPORT).items()
            },
            quick=False,
        )
        for what in ("export", "import")
        for kind, words, amount in (
            ("mixed", "mixed documents", 100 * MB),
            ("prose", "plain text", 100 * MB),
            ("small", "100,000 small files", 100_000),
        )
    ),
    *(
        Experiment(
            name=f"size-{megabytes}",
            title=f"Export, {megabytes} MB of mixed documents",
            corpus="mixed",
            amount=megabytes * MB,
            contenders=_SIZED_EXPORTS if megabytes <= 100 else _LARGEST_EXPORTS,
            rounds=3 if megabytes <= 100 else 2,
            quick=megabytes in {10, 100},
        )
        for megabytes in (1, 10, 100, 1000)
    ),
)

QUICK_ROUNDS = 2


def takes_part(name: str, patterns: Sequence[str], *, scale: float, quick: bool) -> bool:
    """Whether something is measured: if it is named, or suits the scale where all of them are."""
    named = any(fnmatch(name, pattern) for pattern in patterns)
    return named and (quick or scale >= QUICK_BELOW or patterns != ["*"])


def chosen(patterns: Sequence[str], *, scale: float) -> list[Experiment]:
    """Return the experiments whose names match; of all of them, those that suit the scale."""
    return [e for e in EXPERIMENTS if takes_part(e.name, patterns, scale=scale, quick=e.quick)]


def conduct(experiment: Experiment, *, scale: float, cache: Path) -> Outcome:
    """Build the corpus and run the contenders on it."""
    amount = round(experiment.amount * scale)
    built = corpus(experiment.corpus, amount, cache / "corpora")
    area = cache / "work"
    if area.exists():  # of a run that was broken off
        discard(area, within=cache)
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
        rounds=experiment.rounds if scale >= QUICK_BELOW else QUICK_ROUNDS,
        between=(lambda number: _change(vault, number)) if experiment.changing else _leave,
    )
    discard(area, within=cache)
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
