"""Pictures as telephones send them, and what pretends to be one."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image

SIDEWAYS = 6  # EXIF orientation: turned by a quarter


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 32), **options: object) -> bytes:
    """Its left half is red, its right half blue."""
    drawn = Image.new("RGB", size, "blue")
    drawn.paste("red", (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    drawn.save(out, kind, **options)
    return out.getvalue()


def telling() -> bytes:
    """A JPEG that says where it was taken, turned by a quarter, with a comment and something behind its end."""
    exif = Image.Exif()
    exif[0x0112] = SIDEWAYS
    exif[0x010F] = "Secret Camera"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 29.0)  # GPS
    data = picture(size=(640, 320), exif=exif, comment=b"Secret words")
    return data + b"<script>alert('Secret')</script>"


def bomb() -> bytes:
    """A few bytes of PNG that say they are 40,000 x 40,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100_000))
        + chunk(b"IEND", b"")
    )


SCRIPT = b"#!/bin/sh\nrm -rf /\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n"
HALF = picture(size=(640, 320))[:900]
