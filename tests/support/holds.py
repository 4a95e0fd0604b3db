"""A server whose jobs stop at a stage for as long as a test wants."""

from pathlib import Path

# Has a job stop at a stage for as long as the test keeps a file of its name.
HOLDING = """
import os, threading
from pathlib import Path
from autoresumefiller.backup.jobs.running import RunningJob
enter = RunningJob.enter
pause = threading.Event()
def held(self, stage):
    enter(self, stage)
    while Path(os.environ["HOLD"], stage.value).exists():
        pause.wait(0.005)
RunningJob.enter = held
"""


class Holds:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def at(self, stage: str) -> None:
        (self.folder / stage).touch()

    def let_go(self) -> None:
        for file in self.folder.iterdir():
            file.unlink()
