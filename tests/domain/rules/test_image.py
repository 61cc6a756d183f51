"""What remains of a photo is what can be seen of it."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from ivr.domain.errors import Unfit
from ivr.domain.records.photo import Why
from ivr.domain.rules.image import LARGE, SMALL, read
from tests.usecases.photos import pictures
from tests.usecases.photos.pictures import picture


def at(picture: Image.Image, x: int, y: int) -> tuple[int, int, int]:
    red, green, blue = picture.convert("RGB").crop((x, y, x + 1, y + 1)).tobytes()
    return red, green, blue


def seen(data: bytes) -> Image.Image:
    found = Image.open(io.BytesIO(data))
    assert found.format == "JPEG"
    return found


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_what_telephones_send_becomes_jpeg_and_looks_the_same(kind: str) -> None:
    found = read(picture(kind, (400, 200)))
    assert (found.width, found.height) == (400, 200)
    for data in (found.large, found.small):
        shown = seen(data)
        assert at(shown, 20, 50)[0] > 200
        assert at(shown, 380, 50)[2] > 200


def test_nothing_but_the_picture_remains() -> None:
    found = read(pictures.telling())
    for data in (found.large, found.small):
        shown = seen(data)
        assert b"Secret" not in data
        assert not dict(shown.getexif())
        assert {"exif", "comment", "xmp", "icc_profile", "photoshop"}.isdisjoint(shown.info)
        assert data.endswith(b"\xff\xd9")  # nothing behind its end


def test_it_stands_upright() -> None:
    found = read(pictures.telling())
    assert (found.width, found.height) == (320, 640)
    assert at(seen(found.large), 160, 40)[0] > 200


def test_a_large_one_is_made_smaller_and_a_small_one_is_left() -> None:
    found = read(picture(size=(6000, 3000)))
    assert (found.width, found.height) == (LARGE, LARGE // 2)
    assert seen(found.small).size == (SMALL, SMALL // 2)
    assert seen(read(picture(size=(20, 10))).small).size == (20, 10)


def test_what_shines_through_is_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    assert at(seen(read(out.getvalue()).large), 5, 5) == (255, 255, 255)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", Why.NO_PICTURE),
        (pictures.SCRIPT, Why.NO_PICTURE),
        (pictures.SVG, Why.NO_PICTURE),
        (pictures.PDF, Why.NO_PICTURE),
        (pictures.EPS, Why.NO_PICTURE),  # Pillow would run Ghostscript
        (pictures.HEIC, Why.NO_PICTURE),
        (picture("BMP"), Why.NO_PICTURE),
        (picture("TIFF"), Why.NO_PICTURE),
        (pictures.HALF, Why.BROKEN),
        (picture("PNG")[:60], Why.BROKEN),
    ],
)
def test_what_is_no_photo_is_refused_with_the_reason(data: bytes, why: Why) -> None:
    with pytest.raises(Unfit) as refused:
        read(data)
    assert refused.value.why == why


def test_what_is_too_large_is_refused() -> None:
    for data in (picture("PNG", (10_000, 6_000)), pictures.bomb()):
        with pytest.raises(Unfit) as refused:
            read(data)
        assert refused.value.why == Why.TOO_LARGE
