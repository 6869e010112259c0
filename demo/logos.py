"""Small logos, drawn without any library: the same bytes on every machine, whatever compresses there.

A white roof, a door and as many windows as the syndic's place in the list, on its colour. The file is PNG
with a palette of 16 shades (W3C PNG, third edition, §11) and stored, uncompressed blocks (RFC 1951 §3.2.4).
"""

import struct
import zlib

SIDE = 96  # pixels
FINE = 4  # samples a pixel, each way
BLOCK = 0xFFFF  # bytes, the longest stored block


def png(colour: str, windows: int) -> bytes:
    """A square PNG of 96 x 96 pixels; `colour` is `#rrggbb`, `windows` 1 to 4."""
    rows = b"".join(_row(y, windows) for y in range(SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 4, 3, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"PLTE", _palette(colour)), (b"IDAT", _stored(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _palette(colour: str) -> bytes:
    """From the colour (0) to white (15)."""
    channels = bytes.fromhex(colour.removeprefix("#"))
    return bytes(value + (255 - value) * shade // 15 for shade in range(16) for value in channels)


def _row(y: int, windows: int) -> bytes:
    """One line of pixels: no filter, two pixels a byte."""
    shades = [_shade(x, y, windows) for x in range(SIDE)]
    return b"\x00" + bytes(left << 4 | right for left, right in zip(shades[::2], shades[1::2], strict=True))


def _shade(x: int, y: int, windows: int) -> int:
    steps = [(step + 0.5) / FINE for step in range(FINE)]
    hits = sum(_white((x + right) / SIDE, (y + down) / SIDE, windows) for right in steps for down in steps)
    return hits * 15 // FINE**2


def _white(x: float, y: float, windows: int) -> bool:
    roof = 0.16 <= y <= 0.42 and abs(x - 0.5) <= (y - 0.16) * 1.3
    walls = 0.42 < y <= 0.84 and abs(x - 0.5) <= 0.27
    door = y >= 0.66 and abs(x - 0.5) <= 0.06
    return roof or (walls and not door and not _window(x, y, windows))


def _window(x: float, y: float, windows: int) -> bool:
    places = [0.5 + (place - (windows - 1) / 2) * 0.125 for place in range(windows)]
    return 0.5 <= y <= 0.59 and any(abs(x - place) <= 0.04 for place in places)


def _stored(raw: bytes) -> bytes:
    """A zlib stream (RFC 1950) that only stores."""
    blocks = [raw[start : start + BLOCK] for start in range(0, len(raw), BLOCK)]
    body = b"".join(
        struct.pack("<BHH", block is blocks[-1], len(block), len(block) ^ 0xFFFF) + block for block in blocks
    )
    return b"\x78\x01" + body + struct.pack(">I", zlib.adler32(raw))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
