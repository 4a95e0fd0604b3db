"""The contenders do the same work as each other."""

from dataclasses import replace
from pathlib import Path

from benchmarks import contenders as who
from benchmarks.experiments import EXPERIMENTS
from benchmarks.measuring import Command, Contender, Place, race
from tools.sample_vault import build_sample_vault


def test_whoever_of_ours_exports_again_finds_its_own_backups_alone(tmp_path: Path) -> None:
    vault = build_sample_vault(tmp_path / "vault").root
    found: dict[str, list[list[str]]] = {who.LIBRARY: [], who.PROCESS: []}

    def looking(contender: Contender) -> Contender:
        def command(place: Place) -> Command:
            backups = sorted(path.name for path in (place.vault / "backups").iterdir())
            found[contender.name].append(backups)
            return contender.command(place)

        return replace(contender, command=command)

    ours = [looking(contender) for contender in who.some(who.AGAIN, who.LIBRARY, who.PROCESS)]
    race(ours, vault=vault, area=tmp_path / "area", rounds=2)
    names = [f"autoresumefiller_backup_20250101_00000{number}.zip" for number in range(2)]
    assert found == {name: [names[:1], names] for name in (who.LIBRARY, who.PROCESS)}


def test_memory_is_measured_of_the_call_and_of_the_whole_process_wherever_files_are_moved() -> None:
    for experiment in EXPERIMENTS:
        if experiment.name.startswith(("export-", "again-", "import-")):
            names = {contender.name for contender in experiment.contenders}
            assert {who.FLOOR, who.LIBRARY, who.PROCESS} <= names, experiment.name
