"""What `develop` changes in a photo: its colours become sRGB, and nothing but pixels is left."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from tests.pictures import (
    PLANTED,
    archive,
    corners,
    deep_png,
    display_p3,
    encoded,
    exif_block,
    heic,
    jpeg_segment,
    jpeg_with,
    phone_jpeg,
    quarters,
    red_press,
    talkative_segments,
)
from treatments.images import Developed, develop

UPRIGHT = ["red", "green", "blue", "yellow"]


def full(photo: Developed) -> Image.Image:
    return Image.open(BytesIO(photo.renditions[0].content))


def scans(jpeg: bytes) -> bytes:
    return jpeg[jpeg.index(b"\xff\xdb") :]


# --- Colour -----------------------------------------------------------------------------------------------------------


def p3_in_srgb(pixel: tuple[int, int, int]) -> list[int]:
    """Display P3 to sRGB by the book (CSS Color 4, 10.6): same curve, another matrix."""
    part = [value / 255 for value in pixel]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in part]
    rows = ((1.22494, -0.22494, 0.0), (-0.04206, 1.04206, 0.0), (-0.01964, -0.07864, 1.09827))
    mixed = [sum(a * b for a, b in zip(row, linear, strict=True)) for row in rows]
    return [round(255 * (12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055)) for v in mixed]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_display_p3_is_converted_to_srgb(kind: str) -> None:
    sent = (200, 100, 50)
    how: dict[str, Any] = {"quality": 100, "lossless": True}
    photo = develop(encoded(Image.new("RGB", (64, 64), sent), kind, icc_profile=display_p3(), **how))

    pixel: Any = full(photo).getpixel((30, 30))
    assert [abs(got - due) <= 3 for got, due in zip(pixel, p3_in_srgb(sent), strict=True)] == [True] * 3
    assert p3_in_srgb(sent) == [215, 93, 31]


@pytest.mark.parametrize(
    "icc", [b"", ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), b"not a profile"]
)
def test_without_colours_to_convert_the_scans_stay_as_they_were(icc: bytes) -> None:
    sent = phone_jpeg(icc=icc)

    assert scans(develop(sent).renditions[0].content) == scans(sent)


def test_a_progressive_photo_keeps_its_scans_too() -> None:
    sent = phone_jpeg(progressive=True)

    assert scans(develop(sent).renditions[0].content) == scans(sent)


def test_a_grey_jpeg_stays_grey() -> None:
    photo = develop(encoded(Image.new("L", (64, 64), 100), "JPEG"))

    assert (full(photo).mode, full(photo).getpixel((9, 9))) == ("L", 100)


def test_cmyk_becomes_rgb() -> None:
    photo = develop(encoded(quarters(96, 64).convert("CMYK"), "JPEG"))

    assert (full(photo).mode, corners(photo.renditions[0].content)) == ("RGB", UPRIGHT)


def test_cmyk_is_converted_by_its_profile() -> None:
    photo = develop(encoded(Image.new("CMYK", (96, 64), (200, 0, 0, 0)), "JPEG", icc_profile=red_press()))

    assert corners(photo.renditions[0].content) == ["red"] * 4


def test_a_profile_with_a_piece_missing_is_left_aside() -> None:
    piece = jpeg_segment(0xE2, b"ICC_PROFILE\0\x01\x02" + display_p3())
    sent = jpeg_with(phone_jpeg(), [piece])

    assert scans(develop(sent).renditions[0].content) == scans(phone_jpeg())


@pytest.mark.parametrize(
    ("pixel", "name"), [((0xFFFF, 0, 0), "red"), ((0, 0xA000, 0), "green"), ((0xFFFF,) * 3, "white")]
)
def test_16_bits_a_channel_become_8(pixel: tuple[int, int, int], name: str) -> None:
    photo = develop(deep_png(96, 64, pixel))

    assert corners(photo.renditions[0].content) == [name] * 4


@pytest.mark.parametrize(("deep", "shallow"), [(0, 0), (0x8000, 128), (0xFFFF, 255)])
def test_16_bits_of_grey_become_8(deep: int, shallow: int) -> None:
    photo = develop(encoded(Image.new("I;16", (64, 64), deep), "PNG"))

    assert full(photo).getpixel((9, 9)) == shallow


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_shows_through_is_white(mode: str) -> None:
    image = quarters(96, 64).convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 48, 32))
    photo = develop(encoded(image.quantize() if mode == "P" else image.convert(mode), "PNG"))

    assert corners(photo.renditions[0].content)[0] == "white"
    assert full(photo).mode == "RGB"


def test_a_palette_with_one_transparent_colour_is_laid_on_white() -> None:
    image = quarters(96, 64).quantize(4)
    photo = develop(encoded(image, "PNG", transparency=image.getpixel((5, 5))))

    assert corners(photo.renditions[0].content) == ["white", "green", "blue", "yellow"]


def test_a_see_through_heic_is_laid_on_white() -> None:
    assert corners(develop(heic("see_through")).renditions[0].content) == ["white", "green", "blue", "yellow"]


def test_a_see_through_webp_is_laid_on_white() -> None:
    photo = develop(encoded(Image.new("RGBA", (64, 64), (0, 0, 0, 0)), "WEBP", lossless=True))

    assert corners(photo.renditions[0].content) == ["white"] * 4


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_every_kind_of_png_pixel_is_read(mode: str) -> None:
    photo = develop(encoded(Image.new("RGB", (64, 64), "white").convert(mode), "PNG"))

    assert corners(photo.renditions[0].content) == ["white"] * 4


# --- Metadata ---------------------------------------------------------------------------------------------------------


def talkative_files() -> dict[str, bytes]:
    exif = exif_block(orientation=1, taken="2026:03:14 09:26:53", gps=True)
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + PLANTED + b"</x:xmpmeta>"
    words = PngImagePlugin.PngInfo()
    words.add_text("comment", PLANTED.decode())
    words.add_text("Author", PLANTED.decode(), zip=True)
    words.add_itxt("XML:com.adobe.xmp", xmp.decode())
    picture = quarters(400, 300)
    progressive = phone_jpeg(progressive=True, gps=True)
    second_scan = progressive.index(b"\xff\xda", progressive.index(b"\xff\xda") + 2)
    return {
        "JPEG": jpeg_with(phone_jpeg(gps=True), talkative_segments()) + PLANTED,
        "turned JPEG": jpeg_with(phone_jpeg(gps=True, orientation=6), talkative_segments()) + PLANTED,
        "P3 JPEG": jpeg_with(phone_jpeg(gps=True, icc=display_p3()), talkative_segments()),
        "between scans": progressive[:second_scan] + jpeg_segment(0xFE, PLANTED) + progressive[second_scan:],
        "PNG": encoded(picture, "PNG", exif=exif, pnginfo=words, icc_profile=display_p3()) + PLANTED,
        "WebP": encoded(picture, "WEBP", exif=exif, xmp=xmp, icc_profile=display_p3()),
        "HEIC": heic("phone_on_its_side"),
    }


@pytest.mark.parametrize("name", talkative_files())
def test_no_metadata_is_left_in_any_rendition(name: str) -> None:
    sent = talkative_files()[name]
    assert PLANTED in sent

    for one in develop(sent).renditions:
        picture = Image.open(BytesIO(one.content), formats=["JPEG"])
        applied = [(segment, len(body)) for segment, body in picture.applist]  # type: ignore[attr-defined]
        spoken = set(picture.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
        assert applied == [("APP0", 14)]  # JFIF, and nothing behind it
        assert (spoken, dict(picture.getexif())) == (set(), {})
        assert [word for word in (PLANTED, b"Exif", b"adobe", b"ICC_PROFILE", b"MPF") if word in one.content] == []


@pytest.mark.parametrize("orientation", [1, 3])
@pytest.mark.parametrize("trailer", [archive(), b"<?php system($_GET['c']); ?>", b"\xff\xd8\xff\xe0" + PLANTED])
def test_what_follows_the_picture_is_cut_off(trailer: bytes, orientation: int) -> None:
    photo = develop(phone_jpeg(orientation=orientation) + trailer)

    assert [(trailer in one.content, one.content[-2:]) for one in photo.renditions] == [(False, b"\xff\xd9")] * 3
    assert photo.renditions[0] == develop(phone_jpeg(orientation=orientation)).renditions[0]
