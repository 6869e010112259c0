"""Logos: nothing that a syndic supplies is served as it came (SECURITY R16)."""

import io
from pathlib import Path

from tenants.syndics.refusals import BadRegistration

MOST_BYTES = 1_000_000
MOST_PIXELS = 4_000_000
SHOWN = (480, 160)


def reencoded(file: Path) -> bytes:
    """Read a raster image and write it anew as PNG, at most 480 by 160 pixels, without any of its metadata.

    Raises:
        BadRegistration: too large, or no image that can be read.
    """
    from PIL import Image, UnidentifiedImageError

    if file.stat().st_size > MOST_BYTES:
        raise BadRegistration("the logo is larger than 1 MB")
    try:
        with Image.open(file, formats=["PNG", "JPEG", "WEBP"]) as image:
            if image.width * image.height > MOST_PIXELS:
                raise BadRegistration("the logo has more than four million pixels")
            picture = image.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError) as error:
        raise BadRegistration(f"the logo cannot be read as PNG, JPEG or WebP: {error}") from error
    picture.thumbnail(SHOWN)
    clean = Image.new("RGBA", picture.size)
    clean.paste(picture)
    out = io.BytesIO()
    clean.save(out, "PNG", optimize=True)
    return out.getvalue()
