"""Conditional requests: RFC 9110, section 13."""

from starlette.datastructures import Headers


def all_of(headers: Headers, name: str) -> str | None:
    """Return a header that is a list, sent in one line or in several; None if it was not sent."""
    lines = headers.getlist(name)
    return ", ".join(lines) if lines else None


def matches(header: str | None, etag: str) -> bool:
    """Whether ``If-None-Match`` names what is there; weak comparison."""
    return header is not None and (etag in (names := _names(header, "W/")) or "*" in names)


def still(header: str, etag: str | None) -> bool:
    """Whether what is there, None if nothing, is one that ``If-Match`` names; strong comparison."""
    return etag is not None and (etag in (names := _names(header)) or "*" in names)


def _names(header: str, prefix: str = "") -> set[str]:
    return {part.strip().removeprefix(prefix) for part in header.split(",")}
