"""A server whose jobs stop at a stage for as long as a test wants."""

from pathlib import Path

# Has a job stop at a stage for as long as the test keeps a file of its name;
# one called "progress" stops it at the first step of its bar.
HOLDING = """
import os, threading
from pathlib import Path
from autoresumefiller.backup.jobs.running import RunningJob
enter = RunningJob.enter
pause = threading.Event()
progress = RunningJob.progress
def hold(name):
    while Path(os.environ["HOLD"], name).exists():
        pause.wait(0.005)
def held(self, stage):
    enter(self, stage)
    hold(stage.value)
def held_on_the_way(self, *how_far):
    progress(self, *how_far)
    hold("progress")
RunningJob.enter = held
RunningJob.progress = held_on_the_way
"""


class Holds:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def at(self, stage: str) -> None:
        (self.folder / stage).touch()

    def let_go(self) -> None:
        for file in self.folder.iterdir():
            file.unlink()
