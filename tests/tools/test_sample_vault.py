import io
import json
import re
import zipfile
from pathlib import Path

import docx
import pytest
from PIL import Image

from autoresumefiller.model.profile import UserProfile
from tests.support.trees import snapshot
from tools.comparison import differences, setting_differences
from tools.sample_vault import SampleVault, build_sample_vault


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> SampleVault:
    return build_sample_vault(tmp_path_factory.mktemp("v") / "vault", target_bytes=8_000_000)


def test_the_same_seed_gives_the_same_vault(vault: SampleVault, tmp_path: Path) -> None:
    again = build_sample_vault(tmp_path / "again", target_bytes=8_000_000)
    other = build_sample_vault(tmp_path / "other", target_bytes=8_000_000, seed=2)
    assert snapshot(again.root) == snapshot(vault.root)
    assert snapshot(other.root) != snapshot(vault.root)


def test_it_is_as_large_as_wanted(vault: SampleVault) -> None:
    on_disk = sum((vault.root / path).stat().st_size for path in vault.files)
    assert on_disk == vault.total_bytes
    assert 8_000_000 <= vault.total_bytes < 9_000_000


def test_the_profile_follows_the_schema(vault: SampleVault) -> None:
    text = (vault.root / "data/user_profile.json").read_text()
    profile = UserProfile.model_validate(json.loads(text))
    assert profile.personal_info.email.endswith("example.org")


def test_every_word_document_opens_with_its_picture(vault: SampleVault) -> None:
    documents = [path for path in vault.files if path.endswith(".docx")]
    assert len(documents) > 5
    for path in documents:
        assert docx.Document(str(vault.root / path)).paragraphs[0].text
        with zipfile.ZipFile(vault.root / path) as opened:
            Image.open(io.BytesIO(opened.read("word/media/image1.png"))).load()


def test_every_pdf_has_its_objects_where_its_tables_say(vault: SampleVault) -> None:
    documents = [path for path in vault.files if path.endswith(".pdf")]
    assert len(documents) > 10
    for path in documents:
        content = (vault.root / path).read_bytes()
        assert content.startswith(b"%PDF-")
        at = int(re.findall(rb"startxref\s+(\d+)\s+%%EOF", content)[-1])
        tables = 0
        while True:
            at_next = _follow_table(content, at)
            tables += 1
            if at_next is None:
                break
            at = at_next
        assert tables == (2 if "archive" in path else 1), path


def _follow_table(content: bytes, at: int) -> int | None:
    table = content[at : content.index(b"startxref", at)]
    assert table.startswith(b"xref\n")
    number = 0
    for line in table.partition(b"trailer")[0].splitlines()[1:]:
        fields = line.split()
        if len(fields) == 2:
            number = int(fields[0])
            continue
        if fields[2] == b"n":
            assert content.startswith(b"%d 0 obj" % number, int(fields[0]))
        number += 1
    previous = re.search(rb"/Prev (\d+)", table)
    return int(previous[1]) if previous else None


def test_an_existing_folder_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(FileExistsError):
        build_sample_vault(tmp_path)


def test_a_comparison_finds_every_kind_of_difference(tmp_path: Path) -> None:
    one = build_sample_vault(tmp_path / "one").root
    two = build_sample_vault(tmp_path / "two").root
    assert differences(one, two) == []
    assert setting_differences(one / "config.yaml", two / "config.yaml") == {}

    (two / "resumes" / "plain text.txt").unlink()
    (two / "resumes" / "new.txt").touch()
    (two / "cover_letters" / "drafts").rmdir()
    ideas = two / "cover_letters" / "ideas.md"
    ideas.write_bytes(ideas.read_bytes().swapcase())
    (two / "data" / "application_history.json").touch()
    config = two / "config.yaml"
    config.write_text(config.read_text().replace("theme: dark", "theme: light"))

    assert differences(one, two) == [
        "resumes/plain text.txt is missing",
        "resumes/new.txt was not there before",
        "cover_letters/ideas.md has another content",
        "data/application_history.json has another modification time",
        "the folder cover_letters/drafts is only on one side",
    ]
    assert setting_differences(one / "config.yaml", config) == {"gui.theme": ("dark", "light")}
