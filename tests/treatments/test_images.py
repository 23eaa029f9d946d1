"""What `develop` makes of a photo: upright, in three sizes, with its time. Needs no database, storage or settings."""

from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image

from tests.pictures import STILLS, corners, encoded, exif_block, heic, jpeg_segment, jpeg_with, phone_jpeg, quarters
from treatments.images import Developed, develop

UPRIGHT = ["red", "green", "blue", "yellow"]


def sizes(photo: Developed) -> list[tuple[str, int, int]]:
    return [(one.size, one.width, one.height) for one in photo.renditions]


# --- Upright ----------------------------------------------------------------------------------------------------------


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


# --- Formats ----------------------------------------------------------------------------------------------------------


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


# --- When it was taken ------------------------------------------------------------------------------------------------


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


# --- Sizes ------------------------------------------------------------------------------------------------------------


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
