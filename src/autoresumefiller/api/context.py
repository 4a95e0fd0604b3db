"""What the routes of one app share."""

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from autoresumefiller.api.listing import Listing
from autoresumefiller.api.sessions import Sessions
from autoresumefiller.backup.context import Vault
from autoresumefiller.backup.jobs.manager import JobManager
from autoresumefiller.backup.startup import Recovered
from autoresumefiller.user_data_manager import UserDataManager

DEFAULT_MAX_UPLOAD_BYTES = 16 * 1024**3
MAX_UPLOADS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One app's vault and what goes on with it.

    Attributes:
        manager: The vault.
        jobs: What runs in the background.
        sessions: Who may come in.
        recovered: What opening the vault did with a change that had been
            interrupted: ``undone``, ``finished``, or None where there was none.
        cookie: The name of the session's cookie.
        address: ``http://host:port``, for links.
        max_upload_bytes: The largest archive that is taken.
        listing: Describes the backups, and remembers what it read.
        uploads: Lets a few in at a time.

    """

    manager: UserDataManager
    jobs: JobManager
    sessions: Sessions
    recovered: Recovered | None
    cookie: str
    address: str
    max_upload_bytes: int = DEFAULT_MAX_UPLOAD_BYTES
    listing: Listing = field(default_factory=Listing)
    uploads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_UPLOADS))

    @property
    def vault(self) -> Vault:
        """The open vault."""
        return self.manager.vault


def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


Api = Annotated[Context, Depends(_context)]
