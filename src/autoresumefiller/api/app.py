"""Put the app together."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from autoresumefiller.api import problems
from autoresumefiller.api.context import DEFAULT_MAX_UPLOAD_BYTES, Context
from autoresumefiller.api.requests import BodyLimit
from autoresumefiller.api.routes import backups, imports, jobs, page, server, vault
from autoresumefiller.api.security import Gate
from autoresumefiller.api.sessions import Sessions
from autoresumefiller.backup.access_token import access_token
from autoresumefiller.backup.jobs.manager import JobManager
from autoresumefiller.backup.startup import recovering
from autoresumefiller.user_data_manager import UserDataManager
from autoresumefiller.version import __version__


def create_app(
    vault_dir: Path,
    *,
    allowed_hosts: Collection[str],
    token: str | None = None,
    allowed_origins: Collection[str] = (),
    max_upload_bytes: int = DEFAULT_MAX_UPLOAD_BYTES,
    job_manager: JobManager | None = None,
) -> FastAPI:
    """Return the app for one vault; opening the vault finishes or undoes what was interrupted.

    Args:
        vault_dir: The vault; created if it is not there.
        allowed_hosts: The values of ``Host`` that are answered, with their
            port; the first is the one that links use.
        token: What programs must send; None takes it from the environment or
            the vault, see `backup.access_token`.
        allowed_origins: Origins besides our own (``http://`` and an allowed
            host) that changes may come from, for instance a browser extension's.
        max_upload_bytes: The largest archive that is taken.
        job_manager: Instead of one with real time and random ids.

    Raises:
        VaultLayoutError: the place holds something that is no vault.
        RecoveryError: an interrupted change could be neither finished nor undone.
        StorageError: the system refused.

    """
    hosts = list(allowed_hosts)
    manager, recovered = recovering(vault_dir, UserDataManager)
    context = Context(
        manager=manager,
        jobs=job_manager or JobManager(),
        sessions=Sessions(token=token or access_token(manager.vault.layout)),
        recovered=recovered,
        # Cookies do not know ports: two servers on one computer must not share a name.
        cookie=f"arf_session_{hosts[0].rpartition(':')[2]}",
        address=f"http://{hosts[0]}",
        max_upload_bytes=max_upload_bytes,
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(context.jobs.close)

    app = FastAPI(
        title="AutoResumeFiller",
        version=__version__,
        lifespan=lifespan,
        # Their pages load code from elsewhere, and all three would be open to anybody.
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        generate_unique_id_function=_operation_id,
    )
    app.state.context = context
    problems.install(app)
    for module in (backups, imports, jobs, vault, server, page):
        app.include_router(module.router)
    app.add_middleware(BodyLimit)
    app.add_middleware(
        Gate,
        sessions=context.sessions,
        hosts=hosts,
        origins=[*(f"http://{host}" for host in hosts), *allowed_origins],
        cookie=context.cookie,
    )
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
