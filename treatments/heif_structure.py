"""How much work a HEIC asks for, read from its boxes (ISO/IEC 14496-12 and 23008-12) before libheif does any of it.

libheif bounds one picture, not the sum of them: 24 KB can name one tile four hundred times over (a minute of decoding),
and 5 MB can be given out as its own EXIF two hundred times (2 GB). No camera writes such files.
"""

import struct
from collections.abc import Iterator

Box = tuple[bytes, bytes]  # name, body

_MAX_BOXES = 10_000
_MAX_ITEMS = 2_000
_MAX_EXTENTS = 64


def heif_pixels(content: bytes) -> int:
    """The pixels of all pictures in the file together: the photo, its tiles, thumbnail, depth map, the rest of a burst.

    Raises ValueError or struct.error when the boxes make no sense, or give the same bytes out many times over.
    """
    pixels, given_out = 0, 0
    for name, meta in _boxes(content):
        if name != b"meta":
            continue
        for part, body in _boxes(meta, 4):
            if part == b"iloc":
                given_out += _bytes_given_out(body, len(content))
            elif part == b"iprp":
                pixels += _pixels_of_items(list(_boxes(body)))
    if given_out > 2 * len(content):
        raise ValueError("the same bytes stand for many things")
    return pixels


def _boxes(content: bytes, at: int = 0) -> Iterator[Box]:
    for _ in range(_MAX_BOXES):
        if at + 8 > len(content):
            return
        length, name = struct.unpack_from(">I4s", content, at)
        head = 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", content, at + 8)
            head = 16
        elif length == 0:
            length = len(content) - at
        if length < head:
            raise ValueError("a box is shorter than its own head")
        yield name, content[at + head : at + length]
        at += length
    raise ValueError("more boxes than any camera writes")


class _Numbers:
    """Big-endian numbers of whatever width, one after the other."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    def next(self, width: int) -> int:
        taken = self._content[self._at : self._at + width]
        if len(taken) != width:
            raise ValueError("a box ends too soon")
        self._at += width
        return int.from_bytes(taken, "big")


def _bytes_given_out(iloc: bytes, file_length: int) -> int:
    numbers = _Numbers(iloc)
    version, _flags = numbers.next(1), numbers.next(3)
    sizes = numbers.next(2)
    offset_width, length_width, base_width, index_width = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    wide, indexed = version == 2, version in {1, 2}
    total = 0
    for _ in range(_at_most(_MAX_ITEMS, numbers.next(4 if wide else 2))):
        numbers.next((4 if wide else 2) + (2 if indexed else 0) + 2)  # item, construction method, data reference
        numbers.next(base_width)
        for _ in range(_at_most(_MAX_EXTENTS, numbers.next(2))):
            numbers.next((index_width if indexed else 0) + offset_width)
            total += numbers.next(length_width) or file_length  # 0: all of it
    return total


def _pixels_of_items(iprp: list[Box]) -> int:
    properties = [found for name, body in iprp if name == b"ipco" for found in _boxes(body)]
    areas = [_area(body) if name == b"ispe" else 0 for name, body in properties]
    total = 0
    for name, body in iprp:
        if name != b"ipma":
            continue
        numbers = _Numbers(body)
        version, flags = numbers.next(1), numbers.next(3)
        for _ in range(_at_most(_MAX_ITEMS, numbers.next(4))):
            numbers.next(2 if version < 1 else 4)
            width = 2 if flags & 1 else 1
            indices = [numbers.next(width) & (0x7FFF if flags & 1 else 0x7F) for _ in range(numbers.next(1))]
            total += max((areas[index - 1] for index in indices if 0 < index <= len(areas)), default=0)
    return total


def _area(ispe: bytes) -> int:
    width, height = struct.unpack_from(">II", ispe, 4)
    return int(width) * int(height)


def _at_most(limit: int, number: int) -> int:
    if number > limit:
        raise ValueError("more parts than any camera writes")
    return number
