"""All names of an archive in one tree, to find those that meet somewhere."""

from collections.abc import Callable

from autoresumefiller.archive.faults import Code, error, shown
from autoresumefiller.archive.limits import DEFAULT_LIMITS
from autoresumefiller.archive.names import twin_key
from autoresumefiller.model.finding import Finding

_WIDEST = 4  # bytes a character takes in a text with an emoji


class _Folder:
    """A folder: its own name, and what is in it by what twins have in common.

    A file is just its name: of 100,000 there is not the memory for more.
    """

    __slots__ = ("children", "has_entry", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.children: dict[str, str | _Folder] = {}
        self.has_entry = False


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
        self._count = 0
        self._root = _Folder("")
        self._last = ("", self._root)
        self.full = False

    def add(self, name: str) -> Finding | None:
        """Add a member's name, a folder's ending in a slash; return what is wrong with it."""
        if self.full:
            return None
        if self._count >= self._most:
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
            parent = self._folder(path)
            if is_folder:
                self._add_folder(parent, base)
            else:
                self._add_file(parent, base)
        except _ClashError as clash:
            return _finding(clash, name)
        return None

    def _add_file(self, parent: _Folder, name: str) -> None:
        key = self._key(name)
        there = parent.children.get(key)
        if there is None:
            self._count += 1
            parent.children[name if key == name else key] = name  # not the same text twice
            return
        if isinstance(there, _Folder):
            raise _file_and_folder()
        _compare(there, name)
        raise _twice()

    def _add_folder(self, parent: _Folder, name: str) -> None:
        folder = self._step(parent, name)
        if folder.has_entry:
            raise _twice()
        folder.has_entry = True

    def _folder(self, path: str) -> _Folder:
        if path != self._last[0]:
            folder, length = self._root, 0
            width = 1 if path.isascii() else _WIDEST
            for part in path.split("/") if path else ():
                before = self._count
                folder = self._step(folder, part)
                length += len(part) + 1
                if self._count > before:
                    self._text_left -= width * length
            self._last = (path, folder)
        return self._last[1]

    def _step(self, parent: _Folder, name: str) -> _Folder:
        """Return the folder of that name in another; it is made if it is not there."""
        key = self._key(name)
        there = parent.children.get(key)
        if there is None:
            self._count += 1
            folder = parent.children[key] = _Folder(name)
            return folder
        if not isinstance(there, _Folder):
            raise _file_and_folder()
        _compare(there.name, name)
        return there


def _compare(there: str, name: str) -> None:
    if there != name:
        raise _ClashError(Code.TWIN_NAMES, f"is {shown(there)} on some systems")


def _twice() -> "_ClashError":
    return _ClashError(Code.DUPLICATE_NAME, "occurs twice")


def _file_and_folder() -> "_ClashError":
    return _ClashError(Code.FILE_AND_FOLDER, "is a file and a folder at once")


class _ClashError(Exception):
    def __init__(self, code: Code, what: str) -> None:
        self.code = code
        self.what = what
        super().__init__(what)


def _finding(clash: _ClashError, name: str) -> Finding:
    return error(clash.code, f"Unsafe name in backup: {shown(name)} {clash.what}", name)
