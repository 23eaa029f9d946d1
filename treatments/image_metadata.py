"""What a photo file says beside its pixels: we read the little we need, and keep none of it.

Nothing here decodes a pixel. A file that makes no sense raises ValueError, IndexError or struct.error, which
`treatments.images.develop` turns into a refusal.
"""

import re
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from PIL import Image
from PIL.ExifTags import IFD, Base

# No "\xff+" for the fill bytes before a marker: on a file of nothing else it takes the square of the length in time.
_MARKER = re.compile(rb"\xff[^\x00\xff]")
# A scan's data ends at the first marker in it; FF00 is a stuffed byte and FFD0-FFD7 restart it (ITU T.81, B.1.1.2).
_SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")

_EOI, _SOS, _APP0, _APP1, _APP2, _APP14 = 0xD9, 0xDA, 0xE0, 0xE1, 0xE2, 0xEE
_FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
_TABLES = {0xC4, 0xCC, 0xDB, 0xDC, 0xDD}  # Huffman, arithmetic, quantisation, number of lines, restart interval
_STANDALONE = {0x01, *range(0xD0, 0xDA)}  # no length, no body

# Baseline, extended and progressive Huffman: what every browser draws. Arithmetic and lossless ones few do.
_DRAWN_EVERYWHERE = {0xC0, 0xC1, 0xC2}

# libjpeg walks the whole picture for every scan, however short: 60 MP and a quarter of a million empty scans would keep
# it busy for the better part of an hour. Encoders write ten or so.
_MAX_SCANS = 100
_MAX_SEGMENTS = 10_000
_MAX_CHUNKS = 50_000

_PLAIN_JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"

_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")


@dataclass(frozen=True)
class BareJpeg:
    """A JPEG's tables and scans and nothing else, beside what was taken out of it."""

    content: bytes
    exif: bytes
    icc: bytes
    drawn_everywhere: bool


@dataclass(frozen=True)
class Shot:
    """How the camera was held (EXIF orientation, 1 to 8) and when, as its clock said."""

    orientation: int
    taken_at: datetime | None


def bare_jpeg(content: bytes) -> BareJpeg:
    """Take the first picture out of a JPEG file without touching its scans: every APPn and COM segment goes, and
    whatever follows the picture's end (the second picture of an MPF file, a motion photo's film, a polyglot's payload).

    JFIF and Adobe segments tell a decoder which colours the numbers mean, so each is written anew with only that in it.
    """
    kept = [b"\xff\xd8"]
    exif, scans, frame = b"", 0, 0
    profile: list[bytes] = []
    at = 2
    for _ in range(_MAX_SEGMENTS):
        marker, body, at = _next_segment(content, at)
        if marker == _EOI:
            kept.append(b"\xff\xd9")
            return BareJpeg(b"".join(kept), exif, _joined(profile), frame in _DRAWN_EVERYWHERE)
        if marker in _FRAMES or marker in _TABLES or marker == _SOS:
            kept.append(struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body)
        if marker in _FRAMES:
            frame = marker
        elif marker == _SOS:
            scans += 1
            if scans > _MAX_SCANS:
                raise ValueError("more scans than any camera writes")
            data, at = _scan_data(content, at)
            kept.append(data)
        elif marker == _APP0 and body.startswith(b"JFIF\0") and len(body) >= 14 and _PLAIN_JFIF not in kept:
            kept.append(_PLAIN_JFIF)
        elif marker == _APP14 and body.startswith(b"Adobe") and len(body) >= 12:
            kept.append(b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00" + body[11:12])
        elif marker == _APP1 and body.startswith(b"Exif\0\0"):
            exif = exif or body
        elif marker == _APP2 and body.startswith(b"ICC_PROFILE\0"):
            profile.append(body[12:])
    raise ValueError("more segments than any camera writes")


def _next_segment(content: bytes, at: int) -> tuple[int, bytes, int]:
    """The next marker, its segment's body (empty for one that has none) and where the rest begins."""
    found = _MARKER.search(content, at)
    if found is None:
        raise ValueError("the file ends before the picture does")
    marker, at = content[found.end() - 1], found.end()
    if marker in _STANDALONE:
        return marker, b"", at
    (length,) = struct.unpack_from(">H", content, at)
    body = content[at + 2 : at + length]
    if len(body) != length - 2:
        raise ValueError("the file ends within a segment")
    return marker, body, at + length


def _scan_data(content: bytes, at: int) -> tuple[bytes, int]:
    end = _SCAN_END.search(content, at)
    if end is None:
        raise ValueError("the file ends within a scan")
    return content[at : end.start()], end.start()


def _joined(profile: list[bytes]) -> bytes:
    """An ICC profile from its numbered pieces (ICC.1, B.4); nothing when one is missing."""
    pieces = sorted(profile)
    if len(pieces) > 255 or [piece[:2] for piece in pieces] != [
        bytes([n, len(pieces)]) for n in range(1, len(pieces) + 1)
    ]:
        return b""
    return b"".join(piece[2:] for piece in pieces)


def png_is_animated(content: bytes) -> bool:
    """Whether a PNG says it is an APNG. Raises when the file ends before its IEND chunk: Pillow would let that by."""
    at, animated = 8, False
    for _ in range(_MAX_CHUNKS):
        length, name = struct.unpack_from(">I4s", content, at)
        animated = animated or name == b"acTL"
        at += length + 12
        if name == b"IEND" and at <= len(content):
            return animated
    raise ValueError("more chunks than any camera writes")


def read_shot(exif: bytes) -> Shot:
    """Orientation and DateTimeOriginal of an EXIF block. Whatever is missing or makes no sense is orientation 1 and no
    time: a photo is not refused for what is written on its back."""
    try:
        tags = Image.Exif()
        tags.load(exif)
        orientation = tags.get(Base.Orientation)
        details = tags.get_ifd(IFD.Exif)
    except Exception:  # the reader fails in as many ways as there are broken blocks
        return Shot(orientation=1, taken_at=None)
    return Shot(
        orientation=orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1,
        taken_at=_moment(details.get(Base.DateTimeOriginal), details.get(Base.OffsetTimeOriginal)),
    )


def _moment(written: object, offset: object) -> datetime | None:
    try:
        moment = datetime.strptime(str(written).strip("\0 "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - see `offset`
    except ValueError:
        return None
    # Before there were digital cameras, or so late that another time zone leaves the calendar: a clock nobody set.
    if not 1990 <= moment.year < 2100:
        return None
    return moment.replace(tzinfo=_zone(str(offset).strip("\0 ")))


def _zone(offset: str) -> timezone | None:
    if offset == "Z":
        return UTC
    parts = _OFFSET.fullmatch(offset)
    if parts is None:
        return None
    size = timedelta(hours=int(parts[2]), minutes=int(parts[3]))
    if int(parts[3]) > 59 or size > timedelta(hours=14):  # the farthest there is: the Line Islands
        return None
    return timezone(-size if parts[1] == "-" else size)
