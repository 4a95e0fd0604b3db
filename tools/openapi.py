"""Write the API's description: ``python -m tools.openapi docs/openapi.json``."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any


def description() -> dict[str, Any]:
    """Return the OpenAPI document of the app as it is now."""
    from autoresumefiller.api.app import create_app
    from autoresumefiller.api.openapi import document

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Path(folder) / "vault", token="0" * 32, allowed_hosts=["127.0.0.1:8765"])
        return document(app)


def text() -> str:
    """Return it as it is kept in docs/: stable, so that a diff shows what changed."""
    return json.dumps(description(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> None:
    Path(sys.argv[1]).write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
