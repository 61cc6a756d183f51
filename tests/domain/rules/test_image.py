"""What remains of a photo is what can be seen of it."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from ivr.domain.errors import UnusablePhoto
from ivr.domain.records.photo import PhotoRejection
from ivr.domain.rules.image import LARGE_PIXELS, SMALL_PIXELS, reencode
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
    found = reencode(picture(kind, (400, 200)))
    assert (found.width, found.height) == (400, 200)
    for data in (found.large, found.small):
        shown = seen(data)
        assert at(shown, 20, 50)[0] > 200
        assert at(shown, 380, 50)[2] > 200


def test_nothing_but_the_picture_remains() -> None:
    found = reencode(pictures.telling())
    for data in (found.large, found.small):
        shown = seen(data)
        assert b"Secret" not in data
        assert not dict(shown.getexif())
        assert {"exif", "comment", "xmp", "icc_profile", "photoshop"}.isdisjoint(shown.info)
        assert data.endswith(b"\xff\xd9")  # nothing behind its end


def test_it_stands_upright() -> None:
    found = reencode(pictures.telling())
    assert (found.width, found.height) == (320, 640)
    assert at(seen(found.large), 160, 40)[0] > 200


def test_a_large_one_is_made_smaller_and_a_small_one_is_left() -> None:
    found = reencode(picture(size=(6000, 3000)))
    assert (found.width, found.height) == (LARGE_PIXELS, LARGE_PIXELS // 2)
    assert seen(found.small).size == (SMALL_PIXELS, SMALL_PIXELS // 2)
    assert seen(reencode(picture(size=(20, 10))).small).size == (20, 10)


def test_what_shines_through_is_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    assert at(seen(reencode(out.getvalue()).large), 5, 5) == (255, 255, 255)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", PhotoRejection.NOT_AN_IMAGE),
        (pictures.SCRIPT, PhotoRejection.NOT_AN_IMAGE),
        (pictures.SVG, PhotoRejection.NOT_AN_IMAGE),
        (pictures.PDF, PhotoRejection.NOT_AN_IMAGE),
        (pictures.EPS, PhotoRejection.NOT_AN_IMAGE),  # Pillow would run Ghostscript
        (pictures.HEIC, PhotoRejection.NOT_AN_IMAGE),
        (picture("BMP"), PhotoRejection.NOT_AN_IMAGE),
        (picture("TIFF"), PhotoRejection.NOT_AN_IMAGE),
        (pictures.HALF, PhotoRejection.BROKEN),
        (picture("PNG")[:60], PhotoRejection.BROKEN),
    ],
)
def test_what_is_no_photo_is_refused_with_the_reason(data: bytes, why: PhotoRejection) -> None:
    with pytest.raises(UnusablePhoto) as refused:
        reencode(data)
    assert refused.value.rejection == why


def test_what_is_too_large_is_refused() -> None:
    for data in (picture("PNG", (10_000, 6_000)), pictures.bomb()):
        with pytest.raises(UnusablePhoto) as refused:
            reencode(data)
        assert refused.value.rejection == PhotoRejection.TOO_LARGE
