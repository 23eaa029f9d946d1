"""Copies of photos: marked, for a use that the patient agrees to now, and noted."""

import datetime as dt
import io
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from PIL import Image

from clinic.models import AuditEvent
from clinic.refusals import Refused
from patients.models import PhotoUse
from patients.registration import withdraw_consent
from tests.factories import make_consent, make_side_effect, on
from tests.pictures import encoded, phone_jpeg, quarters
from tests.treatments.test_races import at_once
from treatments.models import Photo, PhotoFile
from treatments.photo_copies import find_copy, make_copy, mark_of, marked_picture, photos_of, uses_of
from treatments.photo_files import read_stored
from treatments.photo_mark import with_mark
from treatments.photos import add_photo
from treatments.side_effects import enter_in_error

LATER = dt.timedelta(minutes=5)
USES = ("care", "teaching", "publicity")


@pytest.fixture
def bruise(amara, rosa, reception):
    make_consent(amara, reception)
    return make_side_effect(patient=amara, by=rosa, site="thigh", side="left")


@pytest.fixture
def photo(bruise, rosa) -> Photo:
    return taken(bruise, rosa)


def taken(bruise, by, width=640, at=None) -> Photo:
    at = at or on(3)
    return add_photo(side_effect=bruise, image=io.BytesIO(phone_jpeg(width=width)), by=by, taken_at=at, now=at + LATER)


def copied(photo, by, use="care", how="save"):
    return make_copy(side_effect=photo.side_effect, photos=[photo], use=use, how=how, by=by)


def refused(photo, by, use) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refusal:
        copied(photo, by, use)
    return [(one.code, one.message) for one in refusal.value.blockers]


def noted() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(kind__in=["photo-saved", "photo-printed"]).order_by("pk"))


# --- The mark -------------------------------------------------------------------------------------------------------------------


def test_a_care_copys_mark_says_clinical_photo_number_and_day(photo, amara):
    assert mark_of(photo, "care", copied_at=on(9)) == ["Clinical photo", amara.number, "3 Nov 2026"]


def test_where_nobody_knows_when_it_was_taken_the_mark_says_when_it_was_sent(bruise, rosa, amara):
    image = io.BytesIO(phone_jpeg(width=640))

    sent = add_photo(side_effect=bruise, image=image, by=rosa, now=on(4))

    assert mark_of(sent, "care") == ["Clinical photo", amara.number, "sent 4 Nov 2026"]


@pytest.mark.parametrize("use", ["teaching", "publicity"])
def test_what_leaves_care_is_marked_without_number_name_or_day_it_was_taken(use, photo, amara):
    mark = mark_of(photo, use, copied_at=on(9))

    assert mark == ["Clinical photo", f"for {use} only", "copied 9 Nov 2026", f"photo {photo.pk}"]


@pytest.mark.parametrize("shade", [0, 128, 255])
@pytest.mark.parametrize("size", [(1200, 900), (900, 1200), (320, 240), (40, 300)])
def test_the_mark_is_dark_on_a_white_band_below_whatever_the_photo_is(shade, size):
    picture = encoded(Image.new("RGB", size, (shade,) * 3), "JPEG")

    marked = Image.open(io.BytesIO(with_mark(picture, ["Clinical photo", "AC-00001", "3 Nov 2026"]))).convert("L")
    band = marked.crop((0, size[1] + 2, marked.width, marked.height))

    assert (band.getextrema()[0] < 40, band.getextrema()[1] > 215) == (True, True)
    assert 0.02 < sum(band.histogram()[:100]) / (band.width * band.height) < 0.4
    # None of the letters is cut off: the band's edge all around is paper.
    edge = [band.getpixel((x, y)) for x in (0, band.width - 1) for y in range(3, band.height)]
    assert min(edge) > 215


def test_the_mark_hides_nothing_of_the_picture_and_carries_no_metadata():
    marked = Image.open(io.BytesIO(with_mark(phone_jpeg(gps=True, width=800, height=600), ["Clinical photo"])))

    assert marked.width == 800
    assert marked.height > 600
    wanted, got = quarters(800, 600), marked.crop((0, 0, 800, 600))
    for place in ((50, 50), (750, 50), (50, 590), (750, 590)):
        assert max(abs(a - b) for a, b in zip(wanted.getpixel(place), got.getpixel(place), strict=True)) < 12
    assert (dict(marked.getexif()), "exif" in marked.info) == ({}, False)


@pytest.mark.parametrize("longest, kept", [(3000, 3000), (5990, 5990), (6000, 3000), (8944, 4472)])
def test_a_very_large_one_is_halved_and_never_below_three_thousand_pixels(longest, kept):
    picture = encoded(quarters(longest, 640), "JPEG")

    assert Image.open(io.BytesIO(with_mark(picture, ["Clinical photo"]))).width == kept


@pytest.mark.parametrize("size", PhotoFile.Size.values)
def test_the_photo_itself_stays_as_it_is(size, photo):
    file = photo.files.get(size=size)
    before = read_stored(file.name)

    marked = marked_picture(photo, "care", size=size)

    assert read_stored(file.name) == before
    assert Image.open(io.BytesIO(marked)).height > file.height


def test_a_file_that_is_missing_is_said_to_be(photo, settings):
    with pytest.raises(FileNotFoundError):
        marked_picture(photo, "care", size="enormous")


# --- Made, and noted --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how, kind", [("save", "photo-saved"), ("print", "photo-printed")])
def test_a_copy_is_noted_with_who_what_and_what_for(how, kind, photo, rosa, amara):
    before = timezone.now()

    copy = copied(photo, rosa, how=how)

    event = noted()[0]
    assert (event.kind, event.actor, event.patient_id, event.subject_id) == (kind, rosa, amara.pk, photo.pk)
    assert event.details == {"use": "care", "copy": str(copy.pk), "photos": [str(photo.pk)]}
    assert before <= event.at <= timezone.now()
    assert len(noted()) == 1


def test_several_printed_are_one_event_that_names_them(photo, bruise, rosa):
    second = taken(bruise, rosa, 641, on(4))

    make_copy(side_effect=bruise, photos=[photo, second], use="care", how="print", by=rosa)

    event = noted()[0]
    assert (event.subject, event.subject_id) == ("photos", bruise.pk)
    assert sorted(event.details["photos"]) == sorted([str(photo.pk), str(second.pk)])


def test_a_photo_that_is_not_ready_or_of_another_one_is_left_out(photo, bruise, rosa, amara):
    waiting, elsewhere = taken(bruise, rosa, 641), taken(make_side_effect(patient=amara, by=rosa), rosa, 642)
    Photo.objects.filter(pk=waiting.pk).update(state=Photo.State.DEVELOPING)

    copy = make_copy(side_effect=bruise, photos=[photo, waiting, elsewhere], use="care", how="print", by=rosa)

    assert copy.photo_ids == [str(photo.pk)]
    assert refused(waiting, rosa, "care") == [("wrong-status", "There is no photo that is ready.")]


def test_reception_makes_none_and_a_manager_does(photo, reception, manager):
    with pytest.raises(PermissionDenied):
        copied(photo, reception)
    assert noted() == []

    copied(photo, manager)

    assert [event.actor for event in noted()] == [manager]


# --- For a use the patient agrees to ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("use", ["teaching", "publicity"])
def test_each_use_needs_its_own_consent_of_this_patient(use, photo, rosa, jonas, reception):
    others = {"teaching": "photo-publicity", "publicity": "photo-teaching"}
    make_consent(photo.side_effect.patient, reception, others[use])
    make_consent(jonas, reception, f"photo-{use}")

    sentence = f"The patient's consent to photos for {use} is not on record."
    assert refused(photo, rosa, use) == [("photo-consent-missing", sentence)]
    assert noted() == []

    make_consent(photo.side_effect.patient, reception, f"photo-{use}")
    copied(photo, rosa, use)
    assert [event.details["use"] for event in noted()] == [use]


def test_withdrawn_it_is_refused_with_the_day_and_allowed_once_given_anew(photo, rosa, reception):
    consent = make_consent(photo.side_effect.patient, reception, "photo-teaching")
    withdraw_consent(consent=consent, by=reception, now=dt.datetime(2026, 11, 5, 12, tzinfo=dt.UTC))

    [(code, message)] = refused(photo, rosa, "teaching")
    assert code == "photo-consent-missing"
    assert message.startswith("The patient withdrew the consent to photos for teaching on 5 Nov")

    make_consent(photo.side_effect.patient, reception, "photo-teaching")
    copied(photo, rosa, "teaching")


def test_of_what_was_entered_in_error_no_copy_is_made(photo, bruise, rosa):
    enter_in_error(side_effect=bruise, reason="Ink", by=rosa, now=on(4))
    bruise.refresh_from_db()

    sentence = "It was entered in error, so no copy of its photos is made."
    assert refused(Photo.objects.get(), rosa, "care") == [("wrong-status", sentence)]


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("how", ["never", "given", "withdrawn", "again", "error"])
def test_what_is_offered_and_what_is_shown_are_the_same(use, how, photo, bruise, reception, rosa):
    """`uses_of` says it in words and `usable_for` in a query: neither may drift from the other."""
    given = None if how == "never" else make_consent(bruise.patient, reception, PhotoUse(use).consent_kind)
    if how in ("withdrawn", "again"):
        withdraw_consent(consent=given, by=reception)
    if how == "again":
        make_consent(bruise.patient, reception, PhotoUse(use).consent_kind)
    if how == "error":
        enter_in_error(side_effect=bruise, reason="Ink", by=rosa, now=on(4))
        bruise.refresh_from_db()

    offered = next(one.blocker is None for one in uses_of(bruise) if one.use == use)

    # Care was agreed to before the photo was taken.
    wanted = how in ("given", "again") or (use == "care" and how == "never")
    assert (offered, list(Photo.objects.usable_for(use)) == [photo]) == (wanted, wanted)


# --- Fetched ----------------------------------------------------------------------------------------------------------------------


def test_a_copy_is_found_by_who_made_it_for_an_hour(photo, rosa, manager):
    copy = copied(photo, rosa, how="print")

    assert find_copy(copy.pk, by=rosa) == copy
    assert find_copy(copy.pk, by=manager) is None
    assert find_copy(uuid.uuid4(), by=rosa) is None
    assert find_copy(copy.pk, by=rosa, now=copy.at + dt.timedelta(minutes=59)) == copy
    assert find_copy(copy.pk, by=rosa, now=copy.at + dt.timedelta(minutes=61)) is None


def test_a_copy_made_holds_nothing_a_second_after_the_withdrawal(photo, rosa, reception):
    consent = make_consent(photo.side_effect.patient, reception, "photo-publicity")
    copy, for_care = copied(photo, rosa, "publicity"), copied(photo, rosa, "care")
    assert list(photos_of(copy, by=rosa)) == [photo]

    withdraw_consent(consent=consent, by=reception)

    assert list(photos_of(copy, by=rosa)) == []
    assert list(photos_of(for_care, by=rosa)) == [photo]


def test_reception_sees_no_photo_of_any_use(photo, reception, rosa):
    for use in USES[1:]:
        make_consent(photo.side_effect.patient, reception, f"photo-{use}")
    for use in USES:
        assert list(Photo.objects.visible_to(reception).usable_for(use)) == []
        assert list(Photo.objects.visible_to(rosa).usable_for(use)) == [photo]


@pytest.mark.parametrize("attempt", range(3))
def test_a_copy_and_a_withdrawal_at_once_come_one_after_the_other(attempt, own_database, photo, rosa, reception):
    """The trail never has a copy later than the withdrawal: each takes the consent's row first."""
    consent = make_consent(photo.side_effect.patient, reception, "photo-teaching")

    copy, withdrawn = at_once(
        lambda: copied(photo, rosa, "teaching"), lambda: withdraw_consent(consent=consent, by=reception)
    )

    if isinstance(copy, Refused):
        assert ([one.code for one in copy.blockers], noted()) == (["photo-consent-missing"], [])
    else:
        assert [event.at < withdrawn.withdrawn_at for event in noted()] == [True]
