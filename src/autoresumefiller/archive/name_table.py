"""All names of an archive in one tree, to find those that meet somewhere."""

from collections.abc import Callable

from autoresumefiller.archive.faults import Code, error, shown
from autoresumefiller.archive.limits import DEFAULT_LIMITS
from autoresumefiller.archive.names import twin_key
from autoresumefiller.model.finding import Finding

_ROOT = 0
_WIDEST = 4  # bytes a character takes in a text with an emoji


class NameTable:
    """Files and folders so far, with the folders they imply.

    A tree of parts, not a set of paths: a name of 8,000 parts implies 8,000
    folders, and a few hundred such paths in full would fill the memory.

    Args:
        key: What two parts have in common that may not stand side by side.
        most: How many files and folders there may be, implied ones included.
        most_text: How many bytes the paths of all folders may take: whoever makes
            the folders remembers them.

    Attributes:
        full: There were more; what came after is not in here.

    """

    def __init__(
        self,
        *,
        most: int,
        most_text: int = DEFAULT_LIMITS.max_text_bytes,
        key: Callable[[str], str] = twin_key,
    ) -> None:
        self._key = key
        self._most = most
        self._text_left = most_text
        self._nodes: dict[tuple[int, str], int] = {}
        self._names: list[str] = [""]
        self._files: set[int] = set()
        self._entries: set[int] = set()
        self._last = ("", _ROOT)
        self.full = False

    def add(self, name: str) -> Finding | None:
        """Add a member's name, a folder's ending in a slash; return what is wrong with it."""
        if self.full:
            return None
        if len(self._names) > self._most:
            self.full = True
            message = f"The backup has more than {self._most:,} files and folders"
            return error(Code.TOO_MANY_ENTRIES, message)
        if self._text_left < 0:
            self.full = True
            message = "The backup's folders lie deeper than folders do, as if to fill the memory"
            return error(Code.TOO_LARGE, message)
        is_folder = name.endswith("/")
        path, _, base = name.removesuffix("/").rpartition("/")
        try:
            node = self._step(self._folder(path), base, is_folder=is_folder)
        except _ClashError as clash:
            return _finding(clash, name)
        if node in self._entries:
            return _finding(_ClashError(Code.DUPLICATE_NAME, "occurs twice"), name)
        self._entries.add(node)
        return None

    def _folder(self, path: str) -> int:
        if path != self._last[0]:
            node, length = _ROOT, 0
            width = 1 if path.isascii() else _WIDEST
            for part in path.split("/") if path else ():
                before = len(self._names)
                node = self._step(node, part, is_folder=True)
                length += len(part) + 1
                if len(self._names) > before:
                    self._text_left -= width * length
            self._last = (path, node)
        return self._last[1]

    def _step(self, parent: int, part: str, *, is_folder: bool) -> int:
        key = (parent, self._key(part))
        node = self._nodes.get(key)
        if node is None:
            node = self._nodes[key] = len(self._names)
            self._names.append(part)
            if not is_folder:
                self._files.add(node)
        elif (node in self._files) == is_folder:
            raise _ClashError(Code.FILE_AND_FOLDER, "is a file and a folder at once")
        elif self._names[node] != part:
            raise _ClashError(Code.TWIN_NAMES, f"is {shown(self._names[node])} on some systems")
        return node


class _ClashError(Exception):
    def __init__(self, code: Code, what: str) -> None:
        self.code = code
        self.what = what
        super().__init__(what)


def _finding(clash: _ClashError, name: str) -> Finding:
    return error(clash.code, f"Unsafe name in backup: {shown(name)} {clash.what}", name)
