"""A place in memory for the files of an archive."""

import io
from collections.abc import Callable

from autoresumefiller.archive.compression import Buffer
from autoresumefiller.model.metadata import FileRecord


class Memory:
    """A sink that keeps what it is given, and notices what is left open."""

    def __init__(self, *, fails: Callable[[str], OSError | None] = lambda _: None) -> None:
        self.files: dict[str, bytes] = {}
        self.folders: list[str] = []
        self.opened: list[io.BytesIO] = []
        self._fails = fails

    def open(self, record: FileRecord, path: str) -> io.BytesIO:
        sink = self
        failure = self._fails(path)

        class Kept(io.BytesIO):
            def write(self, data: object) -> int:
                if failure:
                    raise failure
                return super().write(data)

            def close(self) -> None:
                if not self.closed:
                    sink.files[path] = self.getvalue()
                super().close()

        kept = Kept()
        self.opened.append(kept)
        return kept

    def put(self, record: FileRecord, path: str, content: Buffer) -> None:
        with self.open(record, path) as file:
            file.write(content)

    def make_directory(self, path: str) -> None:
        self.folders.append(path)
