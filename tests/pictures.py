"""Pictures made for tests: what phones, scanners and attackers send. Every one is made here, but for the HEIC files
beside this (tests/files/README.md): the library we ship reads HEIC and cannot write it."""

import struct
import zipfile
import zlib
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

FILES = Path(__file__).parent / "files"

PLANTED = b"PLANTED-METADATA"  # stands in every metadata field these pictures have: to be found nowhere afterwards

RED, GREEN, BLUE, YELLOW = (220, 20, 20), (20, 160, 40), (30, 40, 200), (230, 210, 30)
_NAMES = {"red": RED, "green": GREEN, "blue": BLUE, "yellow": YELLOW, "white": (255, 255, 255), "black": (0, 0, 0)}

# How the sensor's picture lies when the camera was held so: what turns it upright, undone.
_HELD = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def quarters(width: int = 640, height: int = 480) -> Image.Image:
    """Red and green above blue and yellow: which way up it is shows in its corners."""
    image = Image.new("RGB", (2, 2))
    for at, colour in zip(((0, 0), (1, 0), (0, 1), (1, 1)), (RED, GREEN, BLUE, YELLOW), strict=True):
        image.putpixel(at, colour)
    return image.resize((width, height), Image.Resampling.NEAREST)


def encoded(image: Image.Image, kind: str, **how: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def corners(content: bytes) -> list[str]:
    """The colours an eighth of the way in from each corner: upper left, upper right, lower left, lower right."""
    image = Image.open(BytesIO(content)).convert("RGB")
    across, down = image.width // 8, image.height // 8
    places = [(x, y) for y in (down, image.height - 1 - down) for x in (across, image.width - 1 - across)]
    return [colour_name(image.getpixel(place)) for place in places]


def colour_name(pixel: Any) -> str:
    def distance(name: str) -> int:
        return sum((a - b) ** 2 for a, b in zip(pixel, _NAMES[name], strict=True))

    return min(_NAMES, key=distance)


def exif_block(
    *, orientation: int | None = None, taken: str | None = None, offset: str | None = None, gps: bool = False
) -> bytes:
    """An EXIF block as a phone writes it; `taken` and `offset` as EXIF has them ("2026:03:14 09:26:53", "+01:00")."""
    exif = Image.Exif()
    exif[Base.ImageDescription] = PLANTED.decode()
    if orientation is not None:
        exif[Base.Orientation] = orientation
    details = exif.get_ifd(IFD.Exif)
    details[Base.UserComment] = b"ASCII\0\0\0" + PLANTED
    if taken is not None:
        details[Base.DateTimeOriginal] = taken
    if offset is not None:
        details[Base.OffsetTimeOriginal] = offset
    if gps:
        place = exif.get_ifd(IFD.GPSInfo)
        place[GPS.GPSLatitudeRef], place[GPS.GPSLongitudeRef] = "N", "E"
        place[GPS.GPSLatitude], place[GPS.GPSLongitude] = (50.0, 5.0, 12.5), (14.0, 25.0, 14.5)
        place[GPS.GPSProcessingMethod] = b"ASCII\0\0\0" + PLANTED
    return exif.tobytes()


def phone_jpeg(
    *,
    width: int = 640,
    height: int = 480,
    gps: bool = False,
    orientation: int = 1,
    taken: str | None = None,
    offset: str | None = None,
    icc: bytes = b"",
    progressive: bool = False,
) -> bytes:
    """A JPEG as a phone sends it. `width` and `height` are those of the upright picture; with an orientation other
    than 1 the pixels lie as the sensor saw them."""
    image = quarters(width, height)
    held = _HELD[orientation]
    image = image if held is None else image.transpose(held)
    exif = exif_block(orientation=orientation, taken=taken, offset=offset, gps=gps)
    return encoded(image, "JPEG", quality=92, exif=exif, icc_profile=icc, progressive=progressive)


def jpeg_segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def jpeg_with(jpeg: bytes, segments: Iterable[bytes]) -> bytes:
    """The JPEG with these segments right behind its SOI marker."""
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def talkative_segments() -> list[bytes]:
    """Every kind of segment cameras and editors put words in."""
    xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + PLANTED + b"</x:xmpmeta>"
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(PLANTED) + 5) + b"\x1c\x02\x78\0\x10" + PLANTED
    thumbnail = b"JFXX\0\x10" + encoded(quarters(32, 24), "JPEG", comment=PLANTED)
    return [
        jpeg_segment(0xE0, b"JFIF\0\x01\x02\0\0\x01\0\x01\x04\x04" + PLANTED * 3),  # a JFIF thumbnail, 4 x 4
        jpeg_segment(0xE0, thumbnail),
        jpeg_segment(0xE1, xmp),
        jpeg_segment(0xE2, b"MPF\0" + PLANTED),
        jpeg_segment(0xEB, b"JP" + PLANTED),
        jpeg_segment(0xED, iptc),
        jpeg_segment(0xFE, PLANTED),
    ]


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_file(*chunks: tuple[bytes, bytes]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(name, body) for name, body in chunks)


def deep_png(width: int, height: int, pixel: tuple[int, int, int]) -> bytes:
    """16 bits a channel, which Pillow reads and cannot write."""
    row = b"\0" + struct.pack(">HHH", *pixel) * width
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    return png_file((b"IHDR", header), (b"IDAT", zlib.compress(row * height)), (b"IEND", b""))


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is this large, with a little of the data such a picture would have."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return png_file((b"IHDR", header), (b"IDAT", zlib.compress(bytes(100_000))), (b"IEND", b""))


# A header in order before too little data: what only developing finds out.
BROKEN_INSIDE = png_claiming(640, 480)


def animation(kind: str) -> bytes:
    frames = [Image.new("RGB", (64, 48), colour) for colour in (RED, GREEN, BLUE)]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def display_p3() -> bytes:
    """An ICC profile of Display P3: its primaries adapted to D50, and the sRGB curve. Its words carry PLANTED."""

    def xyz(x: float, y: float, z: float) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in (x, y, z)))

    curve = [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045]
    para = b"para\0\0\0\0\0\x03\0\0" + struct.pack(">5i", *(round(value * 65536) for value in curve))
    words = "".join(map(chr, PLANTED)).encode("utf-16-be")
    text = b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(words), 28) + words
    tags = {
        b"desc": text,
        b"cprt": text,
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.51512, 0.2412, -0.00105),
        b"gXYZ": xyz(0.29198, 0.69225, 0.04189),
        b"bXYZ": xyz(0.1571, 0.06657, 0.78407),
        b"rTRC": para,
        b"gTRC": para,
        b"bTRC": para,
        b"mark": b"text\0\0\0\0" + PLANTED + b"\0\0\0\0",
    }
    return _profile(b"mntrRGB XYZ ", tags)


def red_press() -> bytes:
    """An ICC profile of a press that prints red, whatever ink it is given."""
    straight, red = bytes(range(256)), bytes([136, 208, 195])  # in Lab, as 8 bits have it
    matrix = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    table = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + matrix + straight * 4 + red * 2**4 + straight * 3
    return _profile(b"prtrCMYKLab ", {b"A2B0": table})


def _profile(what: bytes, tags: dict[bytes, bytes]) -> bytes:
    table, body, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, value in tags.items():
        table += name + struct.pack(">II", at + len(body), len(value))
        body += value
    head = b"\0\0\0\0\x04\0\0\0" + what + bytes(12) + b"acsp" + bytes(28) + struct.pack(">3I", 63190, 65536, 54061)
    profile = head.ljust(124, b"\0") + struct.pack(">I", len(tags)) + table + body
    return struct.pack(">I", len(profile) + 4) + profile


def heic(name: str) -> bytes:
    return (FILES / f"{name}.heic").read_bytes()


def archive() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as files:
        files.writestr("page.html", "<script>alert(1)</script>")
    return out.getvalue()


def still_files() -> dict[str, bytes]:
    """One small photo of each kind we keep, by what it is called in a test's name."""
    picture = quarters(96, 64)
    return {
        "baseline": phone_jpeg(width=96, height=64, gps=True),
        "progressive": phone_jpeg(width=96, height=64, progressive=True),
        "turned": phone_jpeg(width=96, height=64, orientation=6),
        "PNG": encoded(picture, "PNG"),
        "WebP": encoded(picture, "WEBP"),
        "lossless WebP": encoded(picture, "WEBP", lossless=True),
        "HEIC": heic("still"),
        "phone's HEIC": heic("phone_on_its_side"),
    }


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body


def _full_box(name: bytes, version_and_flags: int, body: bytes) -> bytes:
    return _box(name, struct.pack(">I", version_and_flags) + body)


def heic_with_exif(copies: int, *, length: int) -> bytes:
    """A HEIC whose one picture has this many EXIF blocks, all of them the same `length` bytes of the file."""
    still = heic("still")
    start = still.index(b"hvcC") - 4
    codec = still[start : start + int.from_bytes(still[start : start + 4], "big")]
    picture = still[still.index(b"mdat") + 4 :]
    items = {1: b"hvc1"} | dict.fromkeys(range(2, copies + 2), b"Exif")
    sizes = {1: (0, len(picture))} | dict.fromkeys(range(2, copies + 2), (len(picture), length))

    def head(data_at: int) -> bytes:
        placed = b"".join(struct.pack(">HHHII", n, 0, 1, data_at + at, size) for n, (at, size) in sizes.items())
        named = b"".join(_full_box(b"infe", 0x02000000, struct.pack(">HH4sx", n, 0, kind)) for n, kind in items.items())
        about = b"".join(_box(b"cdsc", struct.pack(">HHH", n, 1, 1)) for n in items if n > 1)
        shape = _box(b"ipco", _full_box(b"ispe", 0, struct.pack(">II", 128, 96)) + codec)
        parts = [
            _full_box(b"hdlr", 0, b"\0\0\0\0pict" + bytes(13)),
            _full_box(b"pitm", 0, struct.pack(">H", 1)),
            _full_box(b"iloc", 0, struct.pack(">BBH", 0x44, 0, len(items)) + placed),
            _full_box(b"iinf", 0, struct.pack(">H", len(items)) + named),
            _box(b"iprp", shape + _full_box(b"ipma", 0, struct.pack(">IHBBB", 1, 1, 2, 1, 0x82))),
            _full_box(b"iref", 0, about),
        ]
        return _box(b"ftyp", b"heic\0\0\0\0mif1heic") + _full_box(b"meta", 0, b"".join(parts))

    return head(len(head(0)) + 8) + _box(b"mdat", picture + bytes(length))


STILLS = still_files()
