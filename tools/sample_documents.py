"""Real documents for sample vaults: PDF by reportlab, DOCX by python-docx, prose.

A large document is a small one plus a picture of noise, as a scanned
certificate would be: made fast, already as small as it gets, and still a valid
PDF or DOCX. The same random generator gives the same bytes.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

_PNG_WIDTH = 1024
_ZIP_DATE = (2024, 1, 1, 0, 0, 0)
_MADE_AT = datetime(2024, 1, 1)  # naive: python-docx takes UTC without a zone

_WORDS = re.findall(
    r"\w+",
    """
    the of and to in for with on at from by led built designed shipped measured reduced improved
    wrote reviewed planned mentored customer team platform service pipeline latency cost release
    quarter report budget migration archive index queue test interface library product market
    hospital school city region supplier vendor contract training standard audit roadmap incident
    database network storage cluster compiler editor document process analysis model experiment
    seven twelve forty hundred percent weekly monthly yearly first second third early steady
    """,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a document says: a title and paragraphs."""

    title: str
    paragraphs: Sequence[str]


def prose(random: Random, size: int) -> str:
    """Return about ``size`` characters of sentences that compress like English."""
    sentences = []
    length = 0
    while length < size:
        words = random.choices(_WORDS, k=random.randint(6, 18))
        sentence = " ".join(words).capitalize() + "."
        sentences.append(sentence)
        length += len(sentence) + 1
    return "\n".join(" ".join(sentences[at : at + 5]) for at in range(0, len(sentences), 5))


def noise_png(random: Random, size: int) -> bytes:
    """Return a valid PNG of about ``size`` bytes (at least one row) that does not shrink.

    PNG specification (third edition): 8 bit RGB, filter 0 on every row, the
    zlib stream made of stored blocks.
    """
    row = 1 + 3 * _PNG_WIDTH
    height = max(1, size // row)
    pixels = bytearray(random.randbytes(row * height))
    pixels[::row] = bytes(height)  # the filter type that starts each row

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", _PNG_WIDTH, height, 8, 2, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            chunk(b"IDAT", zlib.compress(bytes(pixels), 0)),
            chunk(b"IEND", b""),
        )
    )


def pdf(content: Content) -> bytes:
    """Lay the content out on A4 pages."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

    styles = getSampleStyleSheet()
    buffer = io.BytesIO()
    document = SimpleDocTemplate(buffer, pagesize=A4, title=content.title, invariant=1)
    story = [Paragraph(content.title, styles["Title"]), Spacer(1, 12)]
    for paragraph in content.paragraphs:
        story += [Paragraph(paragraph, styles["BodyText"]), Spacer(1, 6)]
    document.build(story)
    return buffer.getvalue()


def pdf_with_attachment(base: bytes, name: str, attachment: bytes) -> bytes:
    """Append a file attachment to a PDF that reportlab made.

    An incremental update (ISO 32000-1, 7.5.6): new objects, the catalog once
    more with a name tree for the attachment, and a cross-reference section
    that points back to the first one.
    """
    root = int(_only(rb"/Root (\d+) 0 R", base))
    size = int(_only(rb"/Size (\d+)", base))
    previous = int(_only(rb"startxref\s+(\d+)\s+%%EOF", base))
    catalog = _only(rb"(?s)\n%d 0 obj\n<<(.*?)>>\nendobj" % root, base)
    stream, specification = size, size + 1
    tree = b"/Names << /EmbeddedFiles << /Names [(%s) %d 0 R] >> >>" % (
        name.encode(),
        specification,
    )
    objects = {
        root: b"<<%s %s>>" % (catalog, tree),
        stream: b"<< /Type /EmbeddedFile /Subtype /image#2Fpng /Length %d >>\nstream\n%s\nendstream"
        % (len(attachment), attachment),
        specification: b"<< /Type /Filespec /F (%s) /EF << /F %d 0 R >> >>"
        % (name.encode(), stream),
    }
    out = bytearray(base.rstrip() + b"\n")
    table = b"xref\n0 1\n0000000000 65535 f \n"
    for number, body in sorted(objects.items()):
        table += b"%d 1\n%010d 00000 n \n" % (number, len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    trailer = b"trailer\n<< /Size %d /Root %d 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(out) + table + trailer % (size + 2, root, previous, len(out))


def docx(content: Content, picture: bytes) -> bytes:
    """Write the content as a Word document with a picture (PNG) below it."""
    import docx as python_docx
    from docx.shared import Inches

    document = python_docx.Document()
    document.core_properties.title = content.title
    document.core_properties.author = "Alex Sample"
    document.core_properties.created = document.core_properties.modified = _MADE_AT
    document.add_heading(content.title)
    for paragraph in content.paragraphs:
        document.add_paragraph(paragraph)
    document.add_picture(io.BytesIO(picture), width=Inches(1))
    buffer = io.BytesIO()
    document.save(buffer)
    return _repacked(buffer.getvalue(), {})


def docx_with_picture(base: bytes, picture: bytes) -> bytes:
    """Replace the picture (PNG) of a document that `docx` made."""
    return _repacked(base, {"word/media/image1.png": picture})


def _repacked(document: bytes, replaced: dict[str, bytes]) -> bytes:
    # Fixed dates: python-docx stamps the members with the present.
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as old, zipfile.ZipFile(buffer, "w") as new:
        for member in old.namelist():
            method = zipfile.ZIP_STORED if member in replaced else zipfile.ZIP_DEFLATED
            info = zipfile.ZipInfo(member, _ZIP_DATE)
            new.writestr(info, replaced.get(member) or old.read(member), method)
    return buffer.getvalue()


def _only(pattern: bytes, text: bytes) -> bytes:
    found = re.findall(pattern, text)
    if len(found) != 1:
        raise ValueError(f"{len(found)} places look like {pattern!r} in this PDF")
    return bytes(found[0])
