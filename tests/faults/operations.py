"""Everything that can be done to a vault, and which scenarios inject faults into it.

These tables are what "every changing operation" means. test_operations.py holds
them against the library, the command line and the server: a method, command or
address that is in none of them fails there.
"""

LIBRARY = {
    "__init__": ("create",),
    "export_all": ("whole-export", "whole-export-to", "encrypt-export", "encrypt-export-named"),
    "backup_data": ("whole-backup",),
    "import_from_backup": (
        "whole-import",
        "whole-mirror",
        "whole-upload",
        "encrypt-move",
        "import",
        "import-again",
    ),
    "undo": ("whole-undo", "undo", "redo"),
    "delete_backup": ("whole-delete", "delete"),
    "cleanup_old_backups": ("whole-cleanup",),
    "save_user_profile": ("whole-save", "encrypt-save", "save"),
    "set_setting": ("whole-set", "set"),
    "encrypt_on": ("encrypt-on", "encrypt"),
    "encrypt_off": ("encrypt-off",),
    "rotate_key": ("encrypt-rotate", "encrypt-kit"),
    "doctor": ("whole-doctor",),
}
"""Methods of `UserDataManager` that change something, and the scenarios of each."""

PARTS = ("publish", "publish-named", "whole-token")
"""Scenarios of parts that several operations, or the server's start, share."""

READING = frozenset(
    {
        "data_dir",
        "vault",
        "validate_backup",
        "undo_plan",
        "list_backups",
        "find_backup",
        "plan_cleanup",
        "load_user_profile",
        "show_config",
        "get_setting",
        "encryption_status",
        "verify_kit",
        "vault_status",
    }
)
"""What is left of it: reads only, which test_operations.py sees to."""

COMMANDS = {
    "init": "__init__",
    "export": "export_all",
    "import": "import_from_backup",
    "undo": "undo",
    "delete": "delete_backup",
    "cleanup": "cleanup_old_backups",
    "profile import": "save_user_profile",
    "config set": "set_setting",
    "encrypt on": "encrypt_on",
    "encrypt off": "encrypt_off",
    "key rotate": "rotate_key",
    "key kit": "rotate_key",
    "doctor": "doctor",
}
"""Commands of `arf` that change a vault, and the method that does it."""

READING_COMMANDS = frozenset(
    {
        "list",
        "show",
        "verify",
        "salvage",  # writes, but never to the vault
        "serve",
        "key new",  # writes a kit and prints a key, for a place that is not the vault's
        "key verify-kit",
        "profile show",
        "profile validate",
        "profile path",
        "config show",
        "config get",
        "encrypt status",
    }
)

ADDRESSES = {
    "POST /api/backup/create": "export_all",
    "POST /api/backup/import": "import_from_backup",
    "POST /api/backup/cleanup": "cleanup_old_backups",
    "DELETE /api/backup/{filename}": "delete_backup",
    "POST /api/undo": "undo",
    "PUT /api/user-data": "save_user_profile",
    "PATCH /api/config": "set_setting",
}
"""Addresses of the server that change a vault, and the method whose use case they start."""

ADDRESSES_OF_THE_SERVER = frozenset(
    {
        "POST /api/backup/{filename}/verify",
        "DELETE /api/jobs/{job_id}",
        "PATCH /api/jobs/{job_id}",
        "POST /api/jobs/{job_id}/confirm",
        "POST /api/session",
        "DELETE /api/session",
        "POST /api/session/link",
    }
)
"""Addresses that change only what the server keeps in memory."""
