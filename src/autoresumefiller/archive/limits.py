"""How much an archive may claim before it is refused, and why these figures."""

from dataclasses import dataclass

from autoresumefiller.model.profile_text import MAX_PROFILE_BYTES

MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds that hold before anything is believed; a real vault of 50 GB passes the defaults.

    Attributes:
        max_entries: Members, directories included.
        max_folders: Folders beside those that have an entry.
        max_metadata_bytes: Uncompressed size of metadata.json; 200,000 files of
            usual names take about 45 MB. SHA256SUMS may be as large.
        max_metadata_rest_chars: What is not an item of one of its lists: notes,
            dates, unknown keys. That is parsed as it stands, and JSON grows up
            to thirtyfold when it is parsed (``{"":0},``).
        max_metadata_depth: How deep braces and brackets may nest.
        max_ratio: How often smaller than its content a member may be ...
        ratio_floor_bytes: ... once its content is larger than this.
        max_total_bytes: Sum of all members' sizes, or None for no bound; an
            import passes the free space.
        max_name_bytes: A whole member name; Linux allows 4096 for a path, and
            escaping makes a byte three at most.
        max_central_bytes: The central directory, which is read in one piece;
            200,000 names of 100 bytes fit.
        max_text_bytes: What the names of members may take in memory, as much
            again the paths of all folders in them, and as much again what
            metadata.json and SHA256SUMS hold beside these: one emoji makes every
            character of a text take four bytes.
        max_stray_bytes: The same for names that metadata.json lists and that
            are no members'; each is a fault of its own.
        max_profile_bytes: A profile is text that a person typed; it is parsed
            as a whole.

    """

    max_entries: int = 200_000
    max_folders: int = 50_000
    max_metadata_bytes: int = 64 * MIB
    max_metadata_rest_chars: int = MIB
    max_metadata_depth: int = 32
    max_ratio: int = 200
    ratio_floor_bytes: int = 64 * MIB
    max_total_bytes: int | None = None
    max_name_bytes: int = 16_384
    max_central_bytes: int = 30 * MIB
    max_text_bytes: int = 48 * MIB
    max_stray_bytes: int = 8 * MIB
    max_profile_bytes: int = MAX_PROFILE_BYTES


DEFAULT_LIMITS = Limits()
