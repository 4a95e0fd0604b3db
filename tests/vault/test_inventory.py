import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autoresumefiller.errors import StorageError
from autoresumefiller.model.metadata import Scope
from autoresumefiller.vault.inventory import take_inventory
from autoresumefiller.vault.layout import VaultLayout

posix = pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: kinds of files")


def paths(layout: VaultLayout, scope: Scope = Scope.FULL) -> list[str]:
    return [file.path for file in take_inventory(layout, scope).files]


def skipped(layout: VaultLayout) -> dict[str, str]:
    return {file.path: file.reason for file in take_inventory(layout).skipped}


def write(path: Path, content: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def test_every_file_of_the_person_is_found_in_the_order_of_an_archive(
    layout: VaultLayout,
) -> None:
    for name in ("b.pdf", "a/z.pdf", "a.pdf", "B.pdf", "é.pdf"):
        write(layout.resumes / name)
    write(layout.cover_letters / "x.txt")
    write(layout.profile)
    write(layout.data / "cache" / "deep" / "c.bin")
    write(layout.backups / "a.zip")
    write(layout.logs / "a.log")
    write(layout.state / "undo" / "old" / "a.pdf")
    write(layout.root / "notes.txt")

    assert paths(layout) == [
        "data/cache/deep/c.bin",
        "data/user_profile.json",
        "config.yaml",
        "cover_letters/x.txt",
        "resumes/B.pdf",
        "resumes/a.pdf",
        "resumes/a/z.pdf",
        "resumes/b.pdf",
        "resumes/é.pdf",
    ]
    assert paths(layout, Scope.DATA) == paths(layout)[:3]


def test_sizes_and_times_are_those_on_disk(layout: VaultLayout) -> None:
    write(layout.resumes / "a.pdf", "12345")
    os.utime(layout.resumes / "a.pdf", ns=(1, 1_700_000_000_123_456_700))

    file = take_inventory(layout).files[-1]

    assert (file.size, file.mtime_ns) == (5, 1_700_000_000_123_456_700)
    assert file.absolute == layout.resumes / "a.pdf"


def test_a_missing_directory_is_listed_and_warned_of_in_the_words_of_the_story(
    layout: VaultLayout,
) -> None:
    layout.cover_letters.rmdir()

    inventory = take_inventory(layout)

    assert inventory.missing_directories == ("cover_letters",)
    assert inventory.warnings == ("cover_letters/ directory not found, skipping",)


def test_a_missing_config_is_warned_of_but_is_no_directory(layout: VaultLayout) -> None:
    layout.config.unlink()

    inventory = take_inventory(layout)

    assert inventory.missing_directories == ()
    assert inventory.warnings == ("config.yaml not found, skipping",)


def test_empty_directories_are_listed_but_not_the_top_ones(layout: VaultLayout) -> None:
    (layout.resumes / "b" / "empty").mkdir(parents=True)
    (layout.resumes / "a").mkdir()
    write(layout.resumes / "full" / "a.pdf")

    assert take_inventory(layout).empty_directories == ("resumes/a", "resumes/b/empty")


@posix
def test_what_is_no_file_is_skipped_with_its_reason(
    layout: VaultLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(layout.resumes / "pipe")
    monkeypatch.chdir(layout.resumes)  # a socket's name must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
    (layout.resumes / "link").symlink_to("/etc/passwd")
    (layout.resumes / "folder").symlink_to("/etc")
    (layout.resumes / "loop").symlink_to(".")

    assert skipped(layout) == {
        "resumes/pipe": "named pipe",
        "resumes/socket": "socket",
        "resumes/link": "symbolic link",
        "resumes/folder": "symbolic link",
        "resumes/loop": "symbolic link",
    }
    assert paths(layout) == ["config.yaml"]


@posix
def test_names_are_kept_as_they_are_and_shown_without_harm(layout: VaultLayout) -> None:
    odd = os.fsencode(layout.resumes) + b"/\xff\x1b[2J\n.pdf"
    os.close(os.open(odd, os.O_CREAT | os.O_WRONLY))
    (layout.resumes / "a\x1bb").symlink_to("x")

    inventory = take_inventory(layout)

    assert os.fsencode(inventory.files[-1].path) == b"resumes/\xff\x1b[2J\n.pdf"
    assert inventory.files[-1].absolute.exists()
    assert inventory.skipped[0].path == "resumes/a\\x1bb"


def test_a_top_directory_that_is_a_link_is_followed_and_said(
    layout: VaultLayout, tmp_path: Path
) -> None:
    write(tmp_path / "synced" / "a.pdf", "a")
    layout.resumes.rmdir()
    layout.resumes.symlink_to(tmp_path / "synced")

    inventory = take_inventory(layout)

    assert [file.path for file in inventory.files] == ["config.yaml", "resumes/a.pdf"]
    assert inventory.files[1].absolute.read_text() == "a"
    assert inventory.warnings == ("resumes/ is a link; the folder it points to was taken",)


def test_a_linked_config_is_followed_and_said(layout: VaultLayout, tmp_path: Path) -> None:
    layout.config.rename(tmp_path / "dotfile.yaml")
    layout.config.symlink_to(tmp_path / "dotfile.yaml")

    inventory = take_inventory(layout)

    assert [file.path for file in inventory.files] == ["config.yaml"]
    assert inventory.warnings == ("config.yaml is a link; the file it points to was taken",)


@pytest.mark.parametrize("target", [".", "..", "backups", "../.."])
def test_a_link_into_or_around_the_vault_is_not_followed(layout: VaultLayout, target: str) -> None:
    layout.resumes.rmdir()
    layout.resumes.symlink_to(target)

    assert list(skipped(layout)) == ["resumes"]
    assert paths(layout) == ["config.yaml"]


@pytest.mark.parametrize("name", ["resumes", "config.yaml"])
def test_a_link_that_leads_nowhere_is_skipped_and_said(layout: VaultLayout, name: str) -> None:
    path = layout.root / name
    path.rmdir() if path.is_dir() else path.unlink()
    path.symlink_to("nowhere")

    assert skipped(layout) == {name: "a link that leads nowhere"}


def test_things_of_the_wrong_kind_in_our_places_are_skipped_and_said(
    layout: VaultLayout,
) -> None:
    layout.resumes.rmdir()
    layout.resumes.write_text("")
    layout.config.unlink()
    layout.config.mkdir()

    assert skipped(layout) == {"config.yaml": "not a regular file", "resumes": "not a directory"}


def test_our_own_temporaries_are_nobodys_files(layout: VaultLayout) -> None:
    write(layout.data / f".arf-{'0' * 32}.tmp")

    assert paths(layout) == ["config.yaml"]
    assert skipped(layout) == {}


def test_a_vault_that_is_not_there_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="Could not open"):
        take_inventory(VaultLayout(tmp_path / "absent"))


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux: bind mounts")
@pytest.mark.parametrize("place", ["resumes", "resumes/deep"])
def test_a_vault_mounted_inside_itself_is_not_walked_into(layout: VaultLayout, place: str) -> None:
    from tests.support.environment import end_test

    if os.geteuid() != 0:
        end_test("a bind mount needs root")
    mount = layout.root / place
    mount.mkdir(exist_ok=True)
    if subprocess.run(["mount", "--bind", layout.root, mount], check=False).returncode:
        end_test("this machine does not let root mount (a container?)")
    try:
        assert list(skipped(layout).values()) == [
            "the vault itself, mounted or linked inside it"
            if place == "resumes"
            else "the vault itself, mounted inside it"
        ]
        assert paths(layout) == ["config.yaml"]
    finally:
        subprocess.run(["umount", "-l", mount], check=True)


_NAMES = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=("Cs",)), min_size=1, max_size=8
).filter(lambda name: name not in {".", ".."})


@posix
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.lists(st.lists(_NAMES, min_size=1, max_size=3), max_size=8))
def test_all_that_was_written_is_found_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, trees: list[list[str]]
) -> None:
    layout = VaultLayout(tmp_path_factory.mktemp("vault"))
    layout.resumes.mkdir()
    written = set()
    for parts in trees:
        path = layout.resumes.joinpath(*parts)
        try:
            write(path, "x")
        except OSError:
            continue  # a file in a folder's place: not every list of names is a tree
        written.add(f"resumes/{'/'.join(parts)}")

    found = paths(layout)

    assert set(found) == written
    assert found == sorted(found)
