"""A photo from outside is never kept as it came: it is decoded, and what was seen is written anew as JPEG.

So nothing remains of what it carries beside the picture: where it was taken and with which telephone, scripts, archives that are
a picture as well. The decoders are Pillow's, for the four kinds that telephones send; whatever else it is, it is no picture.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ivr.domain.errors import Unfit
from ivr.domain.records.photo import Why

if TYPE_CHECKING:  # loaded when the first photo comes: it takes a while, and most processes never see one
    from PIL import Image

KINDS = ("JPEG", "PNG", "GIF", "WEBP")
MOST_PIXELS = 50_000_000  # 150 MB while it is decoded; a telephone's largest are of 48 million
LARGE, SMALL = 2048, 480  # pixels of the longer side: a bill can be read; what a list shows


@dataclass(frozen=True, kw_only=True)
class Picture:
    """JPEG, upright. `width`, `height`: of `large`, in pixels."""

    large: bytes
    small: bytes
    width: int
    height: int


def read(data: bytes) -> Picture:
    """Raises Unfit."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=KINDS) as found:
                found.draft("RGB", (LARGE, LARGE))  # a large JPEG is never held in full
                found.load()
                plain = _plain(ImageOps.exif_transpose(found))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as e:
        raise Unfit(Why.TOO_LARGE) from e
    except UnidentifiedImageError as e:
        raise Unfit(Why.NO_PICTURE) from e
    except MemoryError:
        raise
    except (
        Exception
    ) as e:  # decoders raise whatever they stumble over: OSError, SyntaxError, struct.error, ...
        raise Unfit(Why.BROKEN) from e
    large, small = plain.copy(), plain
    large.thumbnail((LARGE, LARGE))
    small.thumbnail((SMALL, SMALL))
    return Picture(large=_jpeg(large), small=_jpeg(small), width=large.width, height=large.height)


def _plain(found: Image.Image) -> Image.Image:
    """The first frame on white, in a picture of our own: one that was read carries its comments along."""
    from PIL import Image

    seen = found.convert("RGBA")
    plain = Image.new("RGB", seen.size, "white")
    plain.paste(seen, mask=seen.getchannel("A"))
    return plain


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85, optimize=True, progressive=True)
    return out.getvalue()
