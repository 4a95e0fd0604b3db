"""The data vault of AutoResumeFiller: export, import and backups that prove themselves."""

from typing import TYPE_CHECKING

from autoresumefiller.version import __version__

if TYPE_CHECKING:
    from autoresumefiller.errors import (
        AutoResumeFillerError,
        BackupNotFoundError,
        BackupValidationError,
        ConfirmationRequiredError,
    )
    from autoresumefiller.model.plan import ImportPlan
    from autoresumefiller.model.profile import UserProfile
    from autoresumefiller.user_data_manager import UserDataManager

# Where each public name lives. They are loaded when first used (PEP 562), so
# that `autoresumefiller --version` does not pay for pydantic.
_HOME = {
    "AutoResumeFillerError": "errors",
    "BackupNotFoundError": "errors",
    "BackupValidationError": "errors",
    "ConfirmationRequiredError": "errors",
    "ImportPlan": "model.plan",
    "UserDataManager": "user_data_manager",
    "UserProfile": "model.profile",
}

__all__ = [
    "AutoResumeFillerError",
    "BackupNotFoundError",
    "BackupValidationError",
    "ConfirmationRequiredError",
    "ImportPlan",
    "UserDataManager",
    "UserProfile",
    "__version__",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
