from pathlib import Path

from autoresumefiller.vault.durable import is_there
from autoresumefiller.vault.trees import remove_tree


def test_deleting_a_tree_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    remove_tree(tmp_path / "absent")


def test_a_tree_is_deleted_at_any_depth_and_links_in_it_are_not_followed(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "file").write_text("mine")
    tree = tmp_path / "tree"
    folder = tree
    for _ in range(1500):
        folder.mkdir()
        (folder / "file").write_text("x")
        folder /= "a"
    (tree / "link").symlink_to(mine)

    remove_tree(tree)

    assert not is_there(tree)
    assert [path.name for path in mine.iterdir()] == ["file"]


def test_a_link_in_the_place_of_a_tree_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "mine")

    remove_tree(tmp_path / "link")

    assert (tmp_path / "mine" / "file").read_text() == "mine"
