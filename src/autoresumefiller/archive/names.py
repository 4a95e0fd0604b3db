"""What a member may be called.

A name is refused when it means different things to different systems, hides
something from the person who reads it, or leaves its place. Sources: "Naming
Files, Paths, and Namespaces" of Microsoft's Win32 documentation (devices,
``<>:"|?*``, trailing dot and space), the Unicode Bidirectional Algorithm
(UAX 9, explicit formatting characters) and Default_Ignorable_Code_Point
(UAX 44). The characters are written out rather than asked of ``unicodedata``:
a verdict must not depend on the Unicode version of this Python.

How a vault's names that may not be are escaped is in `escaping`; `unescape`,
which a reader needs, is here.
"""

import re
import unicodedata

METADATA = "metadata.json"
CHECKSUMS = "SHA256SUMS"
PROFILE = "data/user_profile.json"
ENCRYPTED_PROFILE = "data/user_profile.json.enc"
CONFIG = "config.yaml"
FOLDERS = ("data", "resumes", "cover_letters")
OWN_FOLDERS = ("backups", ".state", "logs")
MAX_SEGMENT_BYTES = 255

_CONTROL = "\x00-\x1f\x7f-\x9f\u2028\u2029"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# Not ZWNJ and ZWJ (200c, 200d): Persian, Hindi and emoji need them.
_INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0"
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff"
)
_SURROGATE = "\ud800-\udfff"
_CHARACTER_FAULTS = (
    (re.compile("\x00"), "it holds a NUL character"),
    (re.compile(f"[{_CONTROL}]"), "it holds a control character"),
    (re.compile(f"[{_BIDI}]"), "it holds a character that turns the writing direction"),
    (re.compile(f"[{_INVISIBLE}]"), "it holds an invisible character"),
    (re.compile(f"[{_SURROGATE}]"), "it holds half of a surrogate pair"),
    (re.compile(r"\\"), "it holds a backslash"),
    (re.compile(r'[<>:"|?*]'), 'it holds one of < > : " | ? *, which Windows does not allow'),
)
REFUSED = re.compile(rf'[{_CONTROL}{_BIDI}{_INVISIBLE}{_SURROGATE}\\<>:"|?*]')
_DEVICE_NAME = r"(?i:CON|PRN|AUX|NUL|CLOCK\$|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9\u00b9\u00b2\u00b3]) *"
DEVICE = re.compile(rf"{_DEVICE_NAME}(?:\.|$)")
# Most names are plain, and saying so has to be cheap: there may be 100,000.
_PLAIN_SEGMENT = (
    rf"(?!{_DEVICE_NAME}(?:[./]|$))"
    r"[\w ()&+,'=@!#;~\[\]{}.-]{0,84}[\w()&+,'=@!#;~\[\]{}-]"
)
_PLAIN = re.compile(rf"{_PLAIN_SEGMENT}(?:/{_PLAIN_SEGMENT})*", re.ASCII)
_SUSPECT = re.compile(
    rf"{REFUSED.pattern}|^/|//|/$|[. ](?:/|$)|[^/]{{86}}|(?:^|/){_DEVICE_NAME}(?:[./]|$)"
)
_ESCAPE = re.compile(r"%([0-9A-F]{2})|%u(D[89A-F][0-9A-F]{2})|%_/")


# --- judging -----------------------------------------------------------------


def segment_fault(segment: str) -> str | None:
    """Say what is wrong with one segment of a name, as half a sentence, or None."""
    if not segment:
        return "it has an empty part"
    if _PLAIN.fullmatch(segment) or not _SUSPECT.search(segment):
        return None
    if segment in {".", ".."}:
        return f"it has the part {segment!r}, which leads elsewhere"
    for pattern, fault in _CHARACTER_FAULTS:
        if pattern.search(segment):
            return fault
    if segment[-1] in ". ":
        return "a part of it ends in a dot or a space, which Windows drops"
    if DEVICE.match(segment):
        return f"{segment!r} is a device on Windows"
    if len(segment.encode()) > MAX_SEGMENT_BYTES:
        return f"a part of it is longer than {MAX_SEGMENT_BYTES} bytes"
    return None


def name_fault(member: str) -> str | None:
    """Say why a member name is refused, as half a sentence, or None.

    Args:
        member: The name without the slash that ends a directory's name.

    """
    if not member:
        return "it is empty"
    if _PLAIN.fullmatch(member) or not _SUSPECT.search(member):
        return None
    if member.startswith("/"):
        return "it is absolute"
    if re.match(r"[A-Za-z]:", member):
        return "it names a drive"
    if member.startswith("\\\\"):
        return "it names a network share"
    return next(filter(None, map(segment_fault, member.split("/"))), None)


def place_fault(member: str, *, is_directory: bool) -> str | None:
    """Say why a well-formed name has no place in an archive, or None."""
    root, slash, rest = member.partition("/")
    if not slash and not is_directory:
        if root in {CONFIG, METADATA, CHECKSUMS}:
            return None
    elif root in FOLDERS:
        hidden = RESERVED.get(twin_key(member)) if root == "data" else None
        if hidden and (is_directory or member != hidden):
            return f"it would stand in for {hidden}"
        return None if rest or is_directory else f"{root}/ is a folder, not a file"
    if root in OWN_FOLDERS:
        return f"{root}/ belongs to the application and is never part of an archive"
    return "an archive holds data/, resumes/, cover_letters/, config.yaml and its two lists"


def twin_key(name: str) -> str:
    """Return what all names share that a file system may take for the same one.

    Case does not count (Windows, macOS), nor the Unicode form (macOS).
    """
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


RESERVED = {twin_key(name): name for name in (PROFILE, ENCRYPTED_PROFILE)}
"""The two forms of the profile by their keys: nothing else may be taken for them."""


# --- escapes -----------------------------------------------------------------


def unescape(member: str) -> str:
    """Return the vault path that an escaped member name stands for.

    Bytes that are no UTF-8 come back as lone surrogates (PEP 383), which is
    how Python names such files.
    """
    if "%" not in member:
        return member
    raw = bytearray()
    parts: list[str] = []
    end = 0

    def flush() -> None:
        parts.append(raw.decode("utf-8", "surrogateescape"))
        raw.clear()

    for match in _ESCAPE.finditer(member):
        # Bytes escaped next to plain text may be one character's: decode them together.
        raw += member[end : match.start()].encode("utf-8", "surrogatepass")
        end = match.end()
        byte, surrogate = match.groups()
        if byte:
            raw.append(int(byte, 16))
        elif surrogate:
            flush()
            parts.append(chr(int(surrogate, 16)))
    raw += member[end:].encode("utf-8", "surrogatepass")
    flush()
    return "".join(parts)
