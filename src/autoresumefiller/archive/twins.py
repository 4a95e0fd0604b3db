"""Many names at once: is any the twin of another? Told cheaply, and never wrongly "no"."""

from autoresumefiller.archive.names import twin_key


class Twins:
    """Takes names one by one and tells of each whether it may be like one before.

    What is precise is `name_table.NameTable`; this takes half of its time and a
    fifth of its memory, and asks for it only where there may be something: it
    remembers of a name no more than the hash of what its twins would share.
    """

    def __init__(self) -> None:
        self._entries: set[int] = set()
        self._folders: dict[int, str] = {}
        self._last = ""

    def may_have(self, path: str) -> bool:
        """Add a name, a folder's with a slash at its end; True if it may be a twin.

        That is: of a name before it, or of a folder that a name before it is in.
        """
        folder, _, name = path.rpartition("/")
        key = hash(twin_key(path))
        if key in self._entries or (name and key in self._folders):
            return True
        self._entries.add(key)
        if folder != self._last:
            self._last = folder
            while folder:
                key = hash(twin_key(folder))
                if key in self._entries or self._folders.setdefault(key, folder) != folder:
                    return True
                folder = folder.rpartition("/")[0]
        return False
