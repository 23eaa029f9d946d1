"""What `develop` makes of an uploaded file. Needs no database, no storage and no settings."""

import zipfile
import zlib
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from tests.pictures import (
    PLANTED,
    animation,
    corners,
    crowded_heic,
    deep_png,
    display_p3,
    encoded,
    exif_block,
    heic,
    jpeg_segment,
    jpeg_with,
    phone_jpeg,
    png_chunk,
    png_claiming,
    png_file,
    quarters,
    talkative_segments,
)
from treatments.heif_structure import heif_pixels
from treatments.images import MAX_BYTES, Developed, PhotoRejected, develop

UPRIGHT = ["red", "green", "blue", "yellow"]

ANIMATED = "The file is an animation. Send a single still photo."
DAMAGED = "The photo is damaged or incomplete. Send it again, or take another one."
EMPTY = "The file is empty. Choose the photo again."
NO_PHOTO = "This is not a photo we can keep. Send a JPEG, PNG, WebP or HEIC picture."
TOO_MANY_BYTES = "The photo is larger than 25 MB. Send a smaller copy of it."
TOO_MANY_PIXELS = "The photo has more than 60 megapixels. Send a smaller copy of it."


def sizes(photo: Developed) -> list[tuple[str, int, int]]:
    return [(one.size, one.width, one.height) for one in photo.renditions]


def full(photo: Developed) -> Image.Image:
    return Image.open(BytesIO(photo.renditions[0].content))


def refusal(upload: bytes) -> tuple[str, bool]:
    with pytest.raises(PhotoRejected) as refused:
        develop(upload)
    return refused.value.reason, refused.value.too_large


def outcome(upload: bytes) -> list[str] | str:
    try:
        return [one.size for one in develop(upload).renditions]
    except PhotoRejected as refused:
        return refused.reason


def scans(jpeg: bytes) -> bytes:
    return jpeg[jpeg.index(b"\xff\xdb") :]


def still_files() -> dict[str, bytes]:
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


STILLS = still_files()


# --- Upright -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_turned_upright(orientation: int) -> None:
    photo = develop(phone_jpeg(width=640, height=480, orientation=orientation))

    assert [corners(one.content) for one in photo.renditions] == [UPRIGHT] * 3
    assert sizes(photo) == [("full", 640, 480), ("display", 640, 480), ("thumb", 320, 240)]


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_large_photo_is_upright_in_all_sizes(orientation: int) -> None:
    photo = develop(phone_jpeg(width=3024, height=4032, orientation=orientation))

    assert [corners(one.content) for one in photo.renditions] == [UPRIGHT] * 3
    assert sizes(photo) == [("full", 3024, 4032), ("display", 1512, 2016), ("thumb", 240, 320)]


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_formats_are_turned_upright_too(kind: str) -> None:
    sideways = quarters(64, 96).transpose(Image.Transpose.ROTATE_90)
    photo = develop(encoded(sideways, kind, exif=exif_block(orientation=6)))

    assert corners(photo.renditions[0].content) == UPRIGHT
    assert sizes(photo)[0] == ("full", 64, 96)


@pytest.mark.parametrize("nonsense", [0, 9, 4711])
def test_an_orientation_that_does_not_exist_turns_nothing(nonsense: int) -> None:
    photo = develop(encoded(quarters(96, 64), "JPEG", exif=exif_block(orientation=nonsense)))

    assert corners(photo.renditions[0].content) == UPRIGHT


def test_broken_exif_costs_the_photo_nothing() -> None:
    photo = develop(jpeg_with(phone_jpeg(), [jpeg_segment(0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff")]))

    assert (corners(photo.renditions[0].content), photo.taken_at) == (UPRIGHT, None)


# --- Formats -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("baseline", "JPEG"),
        ("progressive", "JPEG"),
        ("PNG", "PNG"),
        ("WebP", "WEBP"),
        ("lossless WebP", "WEBP"),
        ("HEIC", "HEIF"),
        ("phone's HEIC", "HEIF"),
    ],
)
def test_what_was_sent_is_told_by_its_content(name: str, kind: str) -> None:
    photo = develop(STILLS[name])

    assert (photo.original_format, photo.original_sha256) == (kind, sha256(STILLS[name]).hexdigest())
    assert corners(photo.renditions[0].content) == UPRIGHT


@pytest.mark.parametrize("name", STILLS)
def test_all_three_renditions_are_whole_jpegs_of_the_size_they_say(name: str) -> None:
    for one in develop(STILLS[name]).renditions:
        picture = Image.open(BytesIO(one.content))
        picture.load()
        assert (picture.format, picture.size) == ("JPEG", (one.width, one.height))
        assert one.sha256 == sha256(one.content).hexdigest()


def test_an_open_file_is_developed_like_its_bytes() -> None:
    assert develop(BytesIO(STILLS["PNG"])) == develop(STILLS["PNG"])


def test_a_heic_is_turned_once_though_it_says_so_twice() -> None:
    photo = develop(heic("phone_on_its_side"))

    assert corners(photo.renditions[0].content) == UPRIGHT
    assert sizes(photo)[0] == ("full", 128, 96)


@pytest.mark.parametrize("name", ["burst", "ten_bits"])
def test_the_primary_picture_of_a_heic_is_taken(name: str) -> None:
    assert corners(develop(heic(name)).renditions[0].content) == UPRIGHT


def test_a_second_picture_in_a_jpeg_is_left_out() -> None:
    both = encoded(quarters(96, 64), "MPO", save_all=True, append_images=[Image.new("RGB", (96, 64), "black")])
    assert Image.open(BytesIO(both)).format == "MPO"

    photo = develop(both)

    assert (photo.original_format, corners(photo.renditions[0].content)) == ("JPEG", UPRIGHT)
    assert photo.renditions[0].content.count(b"\xff\xd8\xff") == 1


# --- Colour ------------------------------------------------------------------------------------------------------------


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


# --- Metadata ----------------------------------------------------------------------------------------------------------


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


def archive() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as files:
        files.writestr("page.html", "<script>alert(1)</script>")
    return out.getvalue()


@pytest.mark.parametrize("orientation", [1, 3])
@pytest.mark.parametrize("trailer", [archive(), b"<?php system($_GET['c']); ?>", b"\xff\xd8\xff\xe0" + PLANTED])
def test_what_follows_the_picture_is_cut_off(trailer: bytes, orientation: int) -> None:
    photo = develop(phone_jpeg(orientation=orientation) + trailer)

    assert [(trailer in one.content, one.content[-2:]) for one in photo.renditions] == [(False, b"\xff\xd9")] * 3
    assert photo.renditions[0] == develop(phone_jpeg(orientation=orientation)).renditions[0]


# --- When it was taken -------------------------------------------------------------------------------------------------

NOON = "2026:03:14 12:00:00"


@pytest.mark.parametrize(
    ("taken", "offset", "moment"),
    [
        (NOON, None, datetime(2026, 3, 14, 12)),
        (NOON, "+01:00", datetime(2026, 3, 14, 12, tzinfo=timezone(timedelta(hours=1)))),
        (NOON, "-03:30", datetime(2026, 3, 14, 12, tzinfo=timezone(timedelta(hours=-3, minutes=-30)))),
        (NOON, "+14:00", datetime(2026, 3, 14, 12, tzinfo=timezone(timedelta(hours=14)))),
        (NOON, "Z", datetime(2026, 3, 14, 12, tzinfo=UTC)),
        (NOON, "+14:01", datetime(2026, 3, 14, 12)),
        (NOON, "+01:60", datetime(2026, 3, 14, 12)),
        (NOON, "   :  ", datetime(2026, 3, 14, 12)),
        (None, None, None),
        (None, "+01:00", None),
        ("0000:00:00 00:00:00", None, None),
        ("    :  :     :  :  ", None, None),
        ("2026:02:30 12:00:00", None, None),
        ("1989:12:31 23:59:59", None, None),
        ("1990:01:01 00:00:00", None, datetime(1990, 1, 1)),
        ("2099:12:31 23:59:59", None, datetime(2099, 12, 31, 23, 59, 59)),
        ("2100:01:01 00:00:00", "+01:00", None),
        ("yesterday", None, None),
    ],
)
def test_the_time_taken_is_told_as_the_camera_knew_it(
    taken: str | None, offset: str | None, moment: datetime | None
) -> None:
    got = develop(phone_jpeg(width=64, height=48, taken=taken, offset=offset)).taken_at

    assert (got, got and got.tzinfo) == (moment, moment and moment.tzinfo)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_formats_tell_the_time_taken(kind: str) -> None:
    assert develop(encoded(quarters(64, 48), kind, exif=exif_block(taken=NOON))).taken_at == datetime(2026, 3, 14, 12)


def test_a_heic_tells_the_time_taken() -> None:
    zone = timezone(timedelta(hours=1))

    assert develop(heic("phone_on_its_side")).taken_at == datetime(2026, 3, 14, 9, 26, 53, tzinfo=zone)


# --- Sizes -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize(
    ("sent", "display", "thumb"),
    [
        ((4032, 3024), (2016, 1512), (320, 240)),  # 12 MP: half
        ((4001, 3001), (2001, 1501), (320, 240)),
        ((8064, 6048), (2016, 1512), (320, 240)),  # 48 MP: a quarter
        ((9000, 300), (1600, 53), (320, 11)),  # neither 2250 nor 1125 will do
        ((12000, 40), (1500, 5), (320, 1)),  # an eighth
        ((30000, 3), (1600, 1), (320, 1)),
        ((2398, 900), (1600, 601), (320, 120)),  # the half would be 1199
        ((2399, 900), (1200, 450), (320, 120)),
        ((2101, 900), (1600, 685), (320, 137)),
        ((2100, 900), (2100, 900), (320, 137)),
        ((1600, 1200), (1600, 1200), (320, 240)),
        ((800, 600), (800, 600), (320, 240)),
        ((321, 200), (321, 200), (320, 199)),
        ((320, 200), (320, 200), (320, 200)),
        ((1, 1), (1, 1), (1, 1)),
    ],
)
def test_display_and_thumb_come_in_their_sizes(
    sent: tuple[int, int], display: tuple[int, int], thumb: tuple[int, int], kind: str
) -> None:
    photo = develop(encoded(Image.new("L", sent, 90), kind))

    assert sizes(photo) == [("full", *sent), ("display", *display), ("thumb", *thumb)]


def test_a_small_photo_is_the_same_in_all_three() -> None:
    assert len({one.sha256 for one in develop(phone_jpeg(width=300, height=200)).renditions}) == 1


def test_the_turned_display_size_is_the_half_as_well() -> None:
    assert sizes(develop(phone_jpeg(width=3024, height=4032, orientation=8)))[1] == ("display", 1512, 2016)


# --- Refused -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", [0.2, 0.3, 0.4, 0.6, 0.8, 0.9, 0.95, 0.99, "but 2", "but 1"])
@pytest.mark.parametrize("name", STILLS)
def test_a_file_that_breaks_off_is_refused(name: str, part: float | str) -> None:
    sent = STILLS[name]
    kept = sent[: -int(str(part)[-1])] if isinstance(part, str) else sent[: int(len(sent) * part)]

    assert refusal(kept) == (DAMAGED, False)


@pytest.mark.parametrize(
    "upload",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"#!/bin/sh\nrm -rf /\n",
        b"%PDF-1.7\n",
        b"\xff",
        b"\0" * 64,
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
        b"\0\0\0\x1cftypavif\0\0\0\0avifmif1",
        encoded(quarters(96, 64), "BMP"),
        encoded(quarters(96, 64), "TIFF"),
        encoded(quarters(96, 64), "AVIF"),
        archive() + phone_jpeg(),
    ],
)
def test_what_is_no_photo_is_refused(upload: bytes) -> None:
    assert refusal(upload) == (NO_PHOTO, False)


def test_an_empty_file_is_refused() -> None:
    assert refusal(b"") == (EMPTY, False)


@pytest.mark.parametrize(
    "upload",
    [
        b"\xff\xd8\xff<script>alert(1)</script>",
        b"\xff\xd8\xff\xd9",
        b"\x89PNG\r\n\x1a\n<script>",
        png_file((b"IEND", b"")),
        b"RIFF\x10\0\0\0WEBPVP8 <script>",
        b"\0\0\0\x18ftypheic<script>alert(1)</script>",
        b"\0\0\0\x1cftypmif1\0\0\0\0avifmif1",
        STILLS["HEIC"].replace(b"hvc1", b"av01"),
    ],
)
def test_the_first_bytes_of_a_photo_do_not_make_one(upload: bytes) -> None:
    assert refusal(upload) == (DAMAGED, False)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_an_animation_is_refused(kind: str) -> None:
    assert refusal(animation(kind)) == (ANIMATED, False)


@pytest.mark.parametrize("brand", [b"hevc", b"msf1"])
def test_a_heic_sequence_is_refused(brand: bytes) -> None:
    assert refusal(STILLS["HEIC"].replace(b"ftypheic", b"ftyp" + brand)) == (ANIMATED, False)


def test_a_still_gif_is_refused() -> None:
    assert refusal(encoded(quarters(96, 64), "GIF"))[1] is False


def test_a_png_of_2500_megapixels_is_refused_from_its_header() -> None:
    assert refusal(png_claiming(50_000, 50_000)) == (TOO_MANY_PIXELS, True)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TURNED"])
def test_60_megapixels_are_kept_and_61_refused(kind: str) -> None:
    how: dict[str, Any] = {"exif": exif_block(orientation=6)} if kind == "TURNED" else {}
    kind = "JPEG" if kind == "TURNED" else kind

    assert max(sizes(develop(encoded(Image.new("L", (10_000, 6_000)), kind, **how)))[0][1:]) == 10_000
    assert refusal(encoded(Image.new("L", (10_000, 6_001)), kind, **how)) == (TOO_MANY_PIXELS, True)


def test_a_webp_of_more_than_60_megapixels_is_refused() -> None:
    assert refusal(encoded(Image.new("RGB", (10_000, 6_100)), "WEBP", method=0)) == (TOO_MANY_PIXELS, True)


def test_a_heic_that_says_it_is_larger_than_60_megapixels_is_refused() -> None:
    said, claimed = (value.to_bytes(4, "big") for value in (128, 700_000))
    assert STILLS["HEIC"].count(said) == 1

    assert refusal(STILLS["HEIC"].replace(said, claimed)) == (TOO_MANY_PIXELS, True)


def test_25_megabytes_are_kept_and_one_byte_more_refused() -> None:
    photo = phone_jpeg()
    padded = photo + bytes(MAX_BYTES - len(photo))

    assert sizes(develop(padded))[0] == ("full", 640, 480)
    assert refusal(padded + b"\0") == (TOO_MANY_BYTES, True)


def test_no_more_than_25_megabytes_are_read() -> None:
    upload = BytesIO(bytes(MAX_BYTES * 2))
    with pytest.raises(PhotoRejected):
        develop(upload)

    assert upload.tell() == MAX_BYTES + 1


def test_a_heic_that_gives_the_same_bytes_out_many_times_is_refused() -> None:
    crowd = crowded_heic(999, side=64, shared_bytes=10_000)
    with pytest.raises(ValueError, match="the same bytes stand for many things"):
        heif_pixels(crowd)

    assert refusal(crowd) == (DAMAGED, False)


def test_the_pixels_of_a_heic_are_those_of_all_its_pictures() -> None:
    names = ["still", "burst", "phone_on_its_side", "see_through"]

    assert [heif_pixels(heic(name)) // (128 * 96) for name in names] == [1, 3, 1, 2]  # with its alpha channel, 2
    assert heif_pixels(crowded_heic(14, side=4096, shared_bytes=16)) == 14 * 4096 * 4096


def test_a_heic_of_more_pixels_than_any_photo_is_refused() -> None:
    assert refusal(crowded_heic(16, side=4096, shared_bytes=16)) == (TOO_MANY_PIXELS, True)


def test_a_jpeg_of_more_scans_than_any_photo_is_refused() -> None:
    photo = phone_jpeg(progressive=True)
    last_scan = photo.rindex(b"\xff\xda")

    assert refusal(photo[:-2] + photo[last_scan:-2] * 100 + photo[-2:]) == (DAMAGED, False)


@pytest.mark.parametrize("segments", [9_000, 10_001])
def test_a_jpeg_of_countless_segments_is_refused(segments: int) -> None:
    sent = jpeg_with(phone_jpeg(), [jpeg_segment(0xEF, b"")] * segments)

    if segments < 10_000:
        assert corners(develop(sent).renditions[0].content) == UPRIGHT
    else:
        assert refusal(sent) == (DAMAGED, False)


def test_a_png_of_countless_chunks_is_refused() -> None:
    photo = STILLS["PNG"]

    assert refusal(photo[:33] + png_chunk(b"noTe", b"") * 50_001 + photo[33:]) == (DAMAGED, False)


def test_a_png_whose_words_unpack_to_gigabytes_is_refused() -> None:
    photo = STILLS["PNG"]
    bomb = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(50_000_000)))

    assert refusal(photo[:33] + bomb + photo[33:]) == (DAMAGED, False)


@pytest.mark.parametrize("at", [50, 200, 500])
def test_a_jpeg_of_nothing_but_fill_bytes_is_refused_at_once(at: int) -> None:
    assert refusal(phone_jpeg()[:at] + b"\xff" * 20_000_000) == (DAMAGED, False)


# --- Whatever comes ----------------------------------------------------------------------------------------------------


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_a_spoilt_photo_is_developed_or_refused_and_nothing_else(data: st.DataObject) -> None:
    spoilt = bytearray(data.draw(st.sampled_from(sorted(STILLS.values()))))
    for _ in range(data.draw(st.integers(0, 6))):
        spoilt[data.draw(st.integers(0, len(spoilt) - 1))] = data.draw(st.integers(0, 255))
    kept = bytes(spoilt[: data.draw(st.integers(0, len(spoilt)))]) if data.draw(st.booleans()) else bytes(spoilt)

    assert outcome(kept) in [["full", "display", "thumb"], ANIMATED, DAMAGED, EMPTY, NO_PHOTO, TOO_MANY_PIXELS]


@settings(max_examples=200, deadline=None)
@given(tail=st.binary(max_size=300), head=st.sampled_from([STILLS[name][:20] for name in sorted(STILLS)]))
def test_noise_behind_a_photos_first_bytes_is_refused(head: bytes, tail: bytes) -> None:
    with pytest.raises(PhotoRejected):
        develop(head + tail)
