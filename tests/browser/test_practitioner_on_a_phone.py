"""Every page a practitioner opens beside the chart, on a phone: none is wider than it, and axe finds nothing."""

import io

from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.factories import make_appointment, make_consent, make_lot, make_side_effect
from tests.pages.clinical import ago
from tests.pages.desk import today_at
from tests.pictures import phone_jpeg
from tests.treatments.figured import treat
from treatments.booking import check_in
from treatments.photos import add_photo


def test_every_page_of_a_practitioner_is_sound_on_a_phone(desk, amara, jonas, rosa, reception, mesotherapy, room):
    lot = make_lot(rosa, now=ago(60))
    for kind in ("photo-care", "photo-teaching"):
        make_consent(amara, reception, kind)
    given = treat(amara, rosa, mesotherapy, ago(9), sites=["thigh"], lots=[lot])
    bruise = make_side_effect(patient=amara, by=rosa, session=given, site="thigh", side="left", now=ago(8))
    photo, _ = (
        add_photo(
            side_effect=bruise, image=io.BytesIO(phone_jpeg(width=900 + days, height=600)), by=rosa, now=ago(days)
        )
        for days in (7, 3)
    )
    due = make_appointment(
        patient=jonas, practitioner=rosa, treatment=mesotherapy, by=reception, starts_at=today_at(23, 45), now=ago(1)
    )
    check_in(appointment=due, by=reception)
    side_effect, patient = f"/side-effects/{bruise.pk}/", f"/patients/{amara.pk}/"

    doctor = desk(rosa, PHONE)
    for address, heading in (
        (f"/appointments/{due.pk}/start/", "Start the session"),
        (f"/appointments/{due.pk}/bruising-found/", "Bruising seen"),
        (patient, "Amara Okafor"),
        (f"{patient}side-effects/new/", "Log a side effect"),
        (f"{patient}deviation/", "A treatment given all the same"),
        (f"{patient}chart-copy/", "A copy of the whole chart"),
        (f"{patient}consents/", "Consents of Amara Okafor"),
        (f"/sessions/{given.pk}/", "Mesotherapy session"),
        (f"/sessions/{given.pk}/addendum/", "Add to a finished session"),
        (f"/sessions/{given.pk}/enter-in-error/", "Enter the session in error"),
        (side_effect, "Bruising, left thigh"),
        (f"{side_effect}review/", "Review: bruising, left thigh"),
        (f"{side_effect}compare/", "Compare photos"),
        (f"{side_effect}photos/copy/", "Print all photos"),
        (f"/photos/{photo.pk}/", "Photo 1 of 2"),
        (f"/photos/{photo.pk}/copy/", "Save or print a copy"),
        ("/lots/", "Lots"),
        ("/lots/receive/", "Receive a lot"),
        (f"/lots/{lot.pk}/", "Lipostab, lot L2209-B"),
    ):
        doctor.open(address)
        expect(doctor.page.get_by_role("heading", level=1)).to_contain_text(heading)
        doctor.expect_sound()
