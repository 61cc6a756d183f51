"""A photo from outside is never kept as it came: it is decoded, and what was seen is written anew as JPEG.

So nothing remains of what it carries beside the picture: where it was taken and with which telephone, scripts, archives that are
a picture as well. The decoders are Pillow's, for the four kinds that telephones send; whatever else it is, it is no picture.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.domain.errors import UnusablePhoto
from ivr.domain.records.photo import PhotoRejection

if TYPE_CHECKING:  # loaded when the first photo comes: it takes a while, and most processes never see one
    from PIL import Image

FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
MAX_PIXELS = 50_000_000  # 150 MB while it is decoded; a telephone's largest are of 48 million
LARGE_PIXELS, SMALL_PIXELS = 2048, 480  # pixels of the longer side: a bill can be read; what a list shows


@dataclass(frozen=True, kw_only=True)
class ReencodedPhoto:
    """JPEG, upright. `width`, `height`: of `large`, in pixels."""

    large: bytes
    small: bytes
    width: int
    height: int


def reencode(data: bytes) -> ReencodedPhoto:
    """Raises UnusablePhoto."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as found:
                found.draft("RGB", (LARGE_PIXELS, LARGE_PIXELS))  # a large JPEG is never held in full
                found.load()
                plain = _flatten_on_white(ImageOps.exif_transpose(found))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as e:
        raise UnusablePhoto(PhotoRejection.TOO_LARGE) from e
    except UnidentifiedImageError as e:
        raise UnusablePhoto(PhotoRejection.NOT_AN_IMAGE) from e
    except MemoryError:
        raise
    except (
        Exception
    ) as e:  # decoders raise whatever they stumble over: OSError, SyntaxError, struct.error, ...
        raise UnusablePhoto(PhotoRejection.BROKEN) from e
    large, small = plain.copy(), plain
    large.thumbnail((LARGE_PIXELS, LARGE_PIXELS))
    small.thumbnail((SMALL_PIXELS, SMALL_PIXELS))
    return ReencodedPhoto(
        large=_encode_jpeg(large), small=_encode_jpeg(small), width=large.width, height=large.height
    )


def _flatten_on_white(image: Image.Image) -> Image.Image:
    """The first frame on white, in a picture of our own: one that was read carries its comments along."""
    from PIL import Image

    seen = image.convert("RGBA")
    plain = Image.new("RGB", seen.size, "white")
    plain.paste(seen, mask=seen.getchannel("A"))
    return plain


def _encode_jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85, optimize=True, progressive=True)
    return out.getvalue()
