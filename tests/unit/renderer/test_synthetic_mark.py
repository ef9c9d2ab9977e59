"""What the metadata of presenters says, and that other programs read it from the files."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from PIL import Image

from gala.media import SpokenBy
from gala_renderer.engine.archive import write_archive
from gala_renderer.provenance.synthetic_mark import Appearance, SourceType, synthetic_mark
from gala_renderer.provenance.xmp_embedding import insert_segment, png_chunk
from tests.support import xmp

PORTRAIT, CHARACTER = Appearance.PORTRAIT, Appearance.CHARACTER
ESPEAK, KOKORO = (SpokenBy(engine=name) for name in ("espeak", "kokoro"))


@pytest.mark.parametrize(
    ("appearances", "speakers", "files", "expected"),
    [
        ([PORTRAIT], [ESPEAK], True, SourceType.COMPOSITE_SYNTHETIC),
        ([CHARACTER], [KOKORO], False, SourceType.COMPOSITE_SYNTHETIC),
        ([CHARACTER, PORTRAIT], [], True, SourceType.COMPOSITE_SYNTHETIC),
        ([CHARACTER], [ESPEAK], True, SourceType.COMPOSITE),
        ([CHARACTER], [], True, SourceType.COMPOSITE),
        ([CHARACTER], [ESPEAK], False, SourceType.ALGORITHMIC),
    ],
)
def test_people_who_never_moved_so_and_trained_voices_are_synthetic_media(
    appearances: list[Appearance], speakers: list[SpokenBy], files: bool, expected: SourceType
) -> None:
    mark = synthetic_mark(appearances, speakers=speakers, other_files=files)
    assert mark.source_type is expected
    assert xmp.source_type(mark.xmp) == expected


def test_the_comment_says_what_the_presenters_and_their_voices_are() -> None:
    two = synthetic_mark([CHARACTER, PORTRAIT], speakers=[KOKORO, ESPEAK, KOKORO])
    assert two.comment == (
        "Synthetic presenters: drawn character, animated portrait, made with GALA."
        " Voice: synthetic (espeak, kokoro)."
    )
    assert "Voice: recording." in synthetic_mark([PORTRAIT], speakers=[]).comment
    assert "Voice" not in synthetic_mark([PORTRAIT]).comment
    assert xmp.comment(two.xmp) == two.comment


def test_characters_with_a_meaning_in_xml_are_escaped() -> None:
    odd = synthetic_mark([CHARACTER], speakers=[SpokenBy(engine="<&>")])
    assert "synthetic (<&>)" in xmp.comment(odd.xmp)


def test_jpeg_and_png_files_keep_their_pixels_and_show_the_packet(tmp_path: Path) -> None:
    mark = synthetic_mark([PORTRAIT])
    picture = Image.linear_gradient("L").convert("RGB")
    jpeg, png, archive = (tmp_path / name for name in ("a.jpg", "a.png", "a.zip"))
    picture.save(jpeg)
    picture.save(png)
    before = Image.open(jpeg).tobytes()
    insert_segment(jpeg, mark.xmp)
    write_archive([png], archive, png_chunk=png_chunk(mark.xmp))
    assert Image.open(jpeg).tobytes() == before
    assert xmp.source_type(xmp.picture_packet(jpeg)) == "compositeSynthetic"
    with zipfile.ZipFile(archive) as opened, opened.open("a.png") as member:
        assert Image.open(member).tobytes() == picture.tobytes()
        assert xmp.comment(xmp.picture_packet(member)) == mark.comment
