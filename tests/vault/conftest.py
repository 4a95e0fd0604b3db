"""A vault with a little in it."""

from pathlib import Path

import pytest

from autoresumefiller.vault.creation import create_vault
from autoresumefiller.vault.layout import VaultLayout


@pytest.fixture
def layout(vault_dir: Path) -> VaultLayout:
    """A vault just created."""
    layout = VaultLayout(vault_dir)
    create_vault(layout)
    return layout
