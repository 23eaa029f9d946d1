"""What `develop` refuses, with the near misses beside it, and that it never fails in any other way."""

import zlib
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.pictures import (
    STILLS,
    animation,
    archive,
    corners,
    encoded,
    exif_block,
    heic,
    heic_with_exif,
    jpeg_segment,
    jpeg_with,
    phone_jpeg,
    png_chunk,
    png_claiming,
    png_file,
    quarters,
)
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


def refusal(upload: bytes) -> tuple[str, bool]:
    with pytest.raises(PhotoRejected) as refused:
        develop(upload)
    return refused.value.reason, refused.value.too_large


def outcome(upload: bytes) -> list[str] | str:
    try:
        return [one.size for one in develop(upload).renditions]
    except PhotoRejected as refused:
        return refused.reason


# --- Refused ----------------------------------------------------------------------------------------------------------


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


def test_a_heic_that_ends_the_process_it_is_opened_in_is_refused() -> None:
    """pi_heif 1.4.0 dies of a name in the metadata that is no UTF-8: opened here, it would end the tests."""
    assert refusal(heic("phone_on_its_side").replace(b"mime\0", b"\xffime\0")) == (DAMAGED, False)


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


@pytest.mark.slow
def test_a_heic_that_unpacks_to_gigabytes_is_refused() -> None:
    small, bomb = (heic_with_exif(copies, length=5_000_000) for copies in (2, 600))

    assert outcome(small) == ["full", "display", "thumb"]
    assert refusal(bomb) == (DAMAGED, False)


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


# --- Whatever comes ---------------------------------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_spoilt_photo_is_developed_or_refused_and_nothing_else(data: st.DataObject) -> None:
    spoilt = bytearray(data.draw(st.sampled_from(sorted(STILLS.values()))))
    for _ in range(data.draw(st.integers(0, 6))):
        spoilt[data.draw(st.integers(0, len(spoilt) - 1))] = data.draw(st.integers(0, 255))
    kept = bytes(spoilt[: data.draw(st.integers(0, len(spoilt)))]) if data.draw(st.booleans()) else bytes(spoilt)

    assert outcome(kept) in [["full", "display", "thumb"], ANIMATED, DAMAGED, EMPTY, NO_PHOTO, TOO_MANY_PIXELS]


@settings(max_examples=100, deadline=None)
@given(tail=st.binary(max_size=300), head=st.sampled_from([STILLS[name][:20] for name in sorted(STILLS)]))
def test_noise_behind_a_photos_first_bytes_is_refused(head: bytes, tail: bytes) -> None:
    with pytest.raises(PhotoRejected):
        develop(head + tail)
