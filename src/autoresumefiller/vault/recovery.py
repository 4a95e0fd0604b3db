"""Finishing or undoing an interrupted change (to come)."""

from autoresumefiller.vault.layout import VaultLayout


def is_unfinished(layout: VaultLayout) -> bool:
    """Stub."""
    return layout.transaction.exists() or layout.committed.exists()


def recover(layout: VaultLayout) -> None:
    """Stub."""
