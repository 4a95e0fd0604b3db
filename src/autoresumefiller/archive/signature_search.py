"""Looking for four bytes in a file of any size."""

from autoresumefiller.archive.archive_file import ArchiveFile

_SCAN_BYTES = 1 << 20


class SignatureSearch:
    """Searches of one file; the stretch that was read last is kept: signatures lie close."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file
        self._start = 0
        self._data = b""

    def find(self, signature: bytes, position: int, end: int | None = None) -> int | None:
        """Return where a signature is next, None where none begins before ``end``."""
        overlap = len(signature) - 1
        end = self._file.size if end is None else end
        while position < end and position + overlap < self._file.size:
            if not self._start <= position < self._start + len(self._data) - overlap:
                self._start, self._data = position, self._file.read(position, _SCAN_BYTES)
                if len(self._data) <= overlap:
                    return None  # it became shorter
            last = end - self._start + overlap
            at = self._data.find(signature, position - self._start, last)
            if at >= 0:
                return self._start + at
            position = self._start + len(self._data) - overlap
        return None
