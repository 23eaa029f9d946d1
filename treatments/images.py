"""Turn an uploaded file into three pictures that are safe to keep: full, display and thumb.

No models and no storage: bytes in, bytes out. What a file claims to be (its name, its type) is never asked; it is a
photo when it decodes as one, to its last row. Every rendition is an upright sRGB JPEG with no metadata at all.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import BinaryIO, Literal

from PIL import Image, ImageChops, ImageCms

from treatments.heif import HeifPicture, HeifTooLarge, decode_heif, read_heif_header
from treatments.image_metadata import BareJpeg, Shot, bare_jpeg, png_is_animated, read_shot

MAX_BYTES = 25 * 1024 * 1024
MAX_PIXELS = 60_000_000

DISPLAY_SHORTEST, DISPLAY_LONGEST = 1200, 2100  # px, of the longest side
DISPLAY_RESIZED = 1600  # px: when neither a half, a quarter nor an eighth falls between the two
THUMB_LONGEST = 320  # px

FULL_QUALITY, DISPLAY_QUALITY, THUMB_QUALITY = 90, 85, 80

# Press profiles for CMYK reach 3 MB; a profile beyond this is not one.
MAX_PROFILE_BYTES = 4 * 1024 * 1024

# Second line only: Pillow raises at twice this and merely warns below. `_check_size` is the rule.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS

# A profile that moves none of these by more than 2 of 255 is sRGB under one of its many names.
_STEPS = range(0, 256, 51)
_SWATCHES = bytes(v for r in _STEPS for g in _STEPS for b in _STEPS for v in (r, g, b))
SAME_COLOUR = 2

SizeName = Literal["full", "display", "thumb"]

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class PhotoRejected(Exception):
    """The file is not kept. `reason` is a sentence for the person who sent it; `too_large` asks for 413, not 400."""

    def __init__(self, reason: str, *, too_large: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.too_large = too_large


@dataclass(frozen=True)
class Rendition:
    """One JPEG: its size in pixels, and the SHA-256 of its bytes in hex."""

    size: SizeName
    content: bytes
    width: int
    height: int
    sha256: str


@dataclass(frozen=True)
class Developed:
    """The three renditions (full, display, thumb), when the photo was taken by its camera's clock (naive when the
    camera did not say in which time zone), and what was sent: SHA-256 in hex, and "JPEG", "PNG", "WEBP" or "HEIF"."""

    renditions: tuple[Rendition, Rendition, Rendition]
    taken_at: datetime | None
    original_sha256: str
    original_format: str


@dataclass(frozen=True)
class Examined:
    """A file whose header was read and found good: its bytes, and of what `Developed` tells all but the renditions."""

    content: bytes
    taken_at: datetime | None
    original_sha256: str
    original_format: str


@dataclass(frozen=True)
class _Negative:
    """An opened file: its header read and its size checked, its pixels (but a HEIC's) not decoded yet."""

    image: Image.Image
    icc: bytes
    shot: Shot
    jpeg: BareJpeg | None = None


def examine(upload: BinaryIO | bytes) -> Examined:
    """Read a file's header and size without decoding a pixel: enough to turn away what `develop` would, most times.

    Reads and raises as `develop` does. A file that passes may still be found broken inside when it is developed.
    """
    content = _read(upload)
    with _only_rejected():
        kind = _kind(content)
        if kind == "HEIF":
            shot = read_shot(_heif(read_heif_header, content).exif)
        else:
            shot = _open(content, kind).shot
    return Examined(content, shot.taken_at, sha256(content).hexdigest(), kind)


def develop(upload: BinaryIO | bytes) -> Developed:
    """Decode, check, turn upright, convert to sRGB and scale one photo of at most MAX_BYTES and MAX_PIXELS.

    Reads no more than MAX_BYTES + 1, from where the upload stands. Raises PhotoRejected, and nothing else, for what is
    not a photo we can keep.
    """
    content = _read(upload)
    with _only_rejected():
        kind = _kind(content)
        negative = _open(content, kind)
        renditions = _print(negative)
    return Developed(renditions, negative.shot.taken_at, sha256(content).hexdigest(), kind)


@contextmanager
def _only_rejected() -> Iterator[None]:
    """Whatever a decoder says of a broken file becomes a sentence for the person who sent it."""
    try:
        yield
    except PhotoRejected:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise _too_many_pixels() from bomb
    except Exception as broken:  # five decoders with errors of their own: SyntaxError, zlib.error, MemoryError…
        raise PhotoRejected("The photo is damaged or incomplete. Send it again, or take another one.") from broken


def _read(upload: BinaryIO | bytes) -> bytes:
    if not isinstance(upload, bytes):
        upload.seek(0)  # a lost deadlock is tried again with the same file, which stands at its end by then
    content = upload[: MAX_BYTES + 1] if isinstance(upload, bytes) else upload.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise PhotoRejected("The photo is larger than 25 MB. Send a smaller copy of it.", too_large=True)
    if not content:
        raise PhotoRejected("The file is empty. Choose the photo again.")
    return content


def _kind(content: bytes) -> str:
    brand = content[8:12] if content[4:8] == b"ftyp" else b""
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "WEBP"
    if brand in {b"heic", b"heix", b"heim", b"heis", b"mif1"}:
        return "HEIF"
    if brand in {b"hevc", b"hevx", b"hevm", b"hevs", b"msf1"} or content.startswith((b"GIF87a", b"GIF89a")):
        raise _animated()
    raise PhotoRejected("This is not a photo we can keep. Send a JPEG, PNG, WebP or HEIC picture.")


def _open_jpeg(content: bytes) -> _Negative:
    jpeg = bare_jpeg(content)
    image = Image.open(BytesIO(jpeg.content), formats=["JPEG"])
    _check_size(image)
    return _Negative(image, jpeg.icc, read_shot(jpeg.exif), jpeg)


def _open(content: bytes, kind: str) -> _Negative:
    if kind == "JPEG":
        return _open_jpeg(content)
    if kind == "HEIF":
        return _open_heif(content)
    if kind == "PNG" and png_is_animated(content):
        raise _animated()
    image = Image.open(BytesIO(content), formats=[kind])
    _check_size(image)
    if kind == "WEBP" and getattr(image, "n_frames", 1) > 1:
        raise _animated()
    exif = image.info.get("exif")
    shot = read_shot(exif if isinstance(exif, bytes) else b"")
    return _Negative(image, image.info.get("icc_profile") or b"", shot)


def _open_heif(content: bytes) -> _Negative:
    picture = _heif(decode_heif, content)
    image = Image.frombytes(picture.mode, picture.size, picture.pixels)
    # It comes turned by the container's own rotation, which the orientation in its EXIF merely repeats.
    return _Negative(image, picture.icc, replace(read_shot(picture.exif), orientation=1))


def _heif(read: Callable[[bytes, int], HeifPicture], content: bytes) -> HeifPicture:
    try:
        return read(content, MAX_PIXELS)
    except HeifTooLarge as large:
        raise _too_many_pixels() from large


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise _too_many_pixels()


def _too_many_pixels() -> PhotoRejected:
    return PhotoRejected("The photo has more than 60 megapixels. Send a smaller copy of it.", too_large=True)


def _animated() -> PhotoRejected:
    return PhotoRejected("The file is an animation. Send a single still photo.")


def _print(negative: _Negative) -> tuple[Rendition, Rendition, Rendition]:
    image = negative.image
    halvings = _halvings(image.size)
    if negative.jpeg is not None and _is_ready(negative, negative.jpeg):
        # The camera's own scans are kept, and the decoder is asked for the display size at once. It reads every byte of
        # them on the way, so a picture that breaks off is found out. In the file's own aspect: nothing is turned here.
        full = _rendition("full", negative.jpeg.content, image.size)
        image.draft(image.mode, (max(1, image.width // halvings), max(1, image.height // halvings)))
        image.load()
    else:
        image = _upright_srgb(negative)
        full = _encoded("full", image, FULL_QUALITY)
        image = image.reduce(halvings)
    longest = max(full.width, full.height)
    if longest <= DISPLAY_LONGEST:
        display = replace(full, size="display")
    else:
        image = _within(image, DISPLAY_LONGEST, DISPLAY_RESIZED)
        display = _encoded("display", image, DISPLAY_QUALITY)
    if longest <= THUMB_LONGEST:
        return full, display, replace(full, size="thumb")
    return full, display, _encoded("thumb", _within(image, THUMB_LONGEST, THUMB_LONGEST), THUMB_QUALITY)


def _is_ready(negative: _Negative, jpeg: BareJpeg) -> bool:
    """Upright, in sRGB, and coded in a way every browser draws: nothing to gain from coding it a second time."""
    mode = negative.image.mode
    upright = negative.shot.orientation == 1
    return upright and jpeg.drawn_everywhere and mode in {"L", "RGB"} and _to_srgb(negative.icc, mode) is None


def _halvings(size: tuple[int, int]) -> int:
    """1, 2, 4 or 8, the divisors the JPEG decoder offers: the one that makes the longest side fit for display or, when
    none does, the one that leaves it just above."""
    sides = {n: -(-max(size) // n) for n in (1, 2, 4, 8)}
    fitting = [n for n, side in sides.items() if DISPLAY_SHORTEST <= side <= DISPLAY_LONGEST]
    above = [n for n, side in sides.items() if side > DISPLAY_LONGEST]
    return next(iter([*fitting, *reversed(above)]), 1)


def _upright_srgb(negative: _Negative) -> Image.Image:
    image = negative.image
    image.load()
    image = _opaque(image)
    conversion = _to_srgb(negative.icc, image.mode)
    if conversion is not None:
        image = ImageCms.applyTransform(image, conversion, inPlace=image.mode == "RGB") or image
    elif image.mode == "CMYK":
        image = image.convert("RGB")
    image.info = {}  # Pillow would write a PNG's "comment" into the JPEG
    turn = _TURNS.get(negative.shot.orientation)
    return image if turn is None else image.transpose(turn)


def _opaque(image: Image.Image) -> Image.Image:
    """In 8 bits of grey, RGB or CMYK, with what shows through shown on white."""
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        paper = Image.new("RGB", layer.size, "white")
        paper.paste(layer, mask=layer.getchannel("A"))
        return paper
    if image.mode in {"L", "RGB", "CMYK"}:
        return image
    if image.mode == "I;16":  # the upper byte of each pair; convert() would make everything above 255 white
        return Image.frombytes("L", image.size, image.tobytes()[1::2])
    return image.convert("L" if image.mode == "1" else "RGB")


def _to_srgb(icc: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """The conversion a profile asks for; None when there is none to make: no profile, one that is broken or meant for
    other pixels, or one that leaves colours as they are, whatever its name."""
    if not 0 < len(icc) <= MAX_PROFILE_BYTES:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(icc))
        conversion = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), mode, "RGB")
        if mode == "CMYK":
            return conversion
        before = Image.frombytes(mode, (len(_SWATCHES) // len(mode), 1), _SWATCHES)
        after = ImageCms.applyTransform(before, conversion)
    except (ImageCms.PyCMSError, OSError):
        return None
    difference = ImageChops.difference(before.convert("RGB"), after or before)
    return conversion if max(difference.tobytes()) > SAME_COLOUR else None


def _within(image: Image.Image, limit: int, target: int) -> Image.Image:
    """The picture itself when no side is longer than the limit, else one whose longest side is the target."""
    longest = max(image.size)
    if longest <= limit:
        return image
    width, height = (max(1, round(side * target / longest)) for side in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)


def _encoded(size: SizeName, image: Image.Image, quality: int) -> Rendition:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality)
    return _rendition(size, out.getvalue(), image.size)


def _rendition(size: SizeName, content: bytes, pixels: tuple[int, int]) -> Rendition:
    return Rendition(size, content, *pixels, sha256(content).hexdigest())
