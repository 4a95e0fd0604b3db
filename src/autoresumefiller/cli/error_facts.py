"""What there is to say about an error, for programs and for people."""

from typing import Any

from autoresumefiller.cli.exit_codes import status_of
from autoresumefiller.errors import AutoResumeFillerError


def facts(error: AutoResumeFillerError) -> dict[str, Any]:
    """Return an error as programs get it; the keys are documented in docs/cli.md."""
    fields = {"code": error.code, "message": error.message}
    fields |= {"consequence": error.consequence, "hint": error.hint}
    extra = {
        name: value
        for name in ("errors", "codes", "warnings", "problems", "path", "errno")
        if (value := getattr(error, name, None))
    }
    return {**fields, **extra, "exit_status": int(status_of(error))}


def faults(error: AutoResumeFillerError) -> list[str]:
    """Return every fault of an error that carries several."""
    found = [*getattr(error, "errors", ()), *getattr(error, "problems", ())]
    return found if len(found) > 1 or hasattr(error, "problems") else []
