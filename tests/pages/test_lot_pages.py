"""The catalogue's pages: products, lots on the shelf, received, opened, in quarantine; the list against infection."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.models import AuditEvent
from tests.factories import make_lot, make_patient, make_session
from tests.pages.clinical import NOBODY, ago, browser, errors, links, said, statements, words
from treatments.lots import quarantine_lot
from treatments.models import AsepsisItem, Lot, Product
from treatments.sessions import finish_session, write_session

GTIN = "09501101530003"
LOTS, RECEIVE, PRODUCTS = reverse("lots"), reverse("lot-receive"), reverse("products")
NEW_PRODUCT, ASEPSIS = reverse("product-new"), reverse("asepsis")


def page_of(lot: Lot, step: str = "") -> str:
    return reverse(f"lot-{step}" if step else "lot", args=[lot.pk])


@pytest.fixture
def lipostab(records) -> Product:
    return Product.objects.create(name="Lipostab", gtin=GTIN)


def test_reception_opens_none_of_it_and_a_practitioner_changes_no_product(reception, rosa, manager):
    for address in (LOTS, RECEIVE, PRODUCTS, NEW_PRODUCT, ASEPSIS):
        assert browser(reception).get(address).status_code == 403
        assert browser(manager).get(address).status_code == 200
    assert [browser(rosa).get(address).status_code for address in (LOTS, RECEIVE, PRODUCTS, NEW_PRODUCT, ASEPSIS)] == [
        200, 200, 200, 403, 403,
    ]  # fmt: skip
    assert LOTS not in browser(reception).get("/").content.decode()
    assert LOTS in browser(rosa).get("/").content.decode()


def test_an_unknown_lot_or_product_is_not_found(manager):
    assert browser(manager).get(reverse("lot", args=[NOBODY])).status_code == 404
    assert browser(manager).get(reverse("product", args=[NOBODY])).status_code == 404


def test_an_empty_catalogue_says_where_to_begin(rosa, manager):
    assert "No products yet. A manager adds them." in words(browser(rosa).get(LOTS))
    assert links(browser(manager).get(LOTS), "product-new")


def test_the_shelf_is_read_by_group(rosa, manager):
    soon = timezone.localdate() + dt.timedelta(days=10)
    make_lot(rosa, "A1")
    make_lot(rosa, "B2", expires_on=soon, now=ago(1))
    quarantine_lot(lot=make_lot(rosa, "C3"), reason="recalled", by=rosa)

    read = words(browser(manager).get(LOTS))

    assert "In quarantine 1 Lipostab, lot C3 single dose recalled: Rosa Lind," in read
    assert "Expires soon 1 Lipostab, lot B2" in read
    assert "In use 1 Lipostab, lot A1" in read


@pytest.mark.parametrize("count", [1, 3])
def test_the_lists_ask_the_same_however_many(count, rosa, amara, mesotherapy, reception):
    lot = make_lot(rosa, "A0")
    for number in range(count):
        make_lot(rosa, f"L{number}", name=f"Product {number}")
        patient = make_patient(reception)
        session = make_session(
            patient=patient, practitioner=rosa, treatment=mesotherapy, at=ago(number + 1), finished=False
        )
        write_session(session=session, by=rosa, lots=[{"lot": lot}])
        finish_session(session=session, by=rosa)

    client = browser(rosa)
    # The lot, its sessions, what followed them; how many of each, which run now, its recall and its history; and
    # that it was read.
    assert [statements(client, address) for address in (LOTS, PRODUCTS, page_of(lot))] == [3, 2, 10]


# --- Received ------------------------------------------------------------------------------------------------------------


def test_a_lot_is_received_by_hand_once(rosa, lipostab):
    sent = {"product": lipostab.pk, "number": "L7", "expires_on": "2036-12-31", "dose": "multi", "once": "one-page"}
    client = browser(rosa)

    answers = [client.post(RECEIVE, sent) for _ in range(2)]

    lot = Lot.objects.get()
    assert [answer.url for answer in answers] == [page_of(lot)] * 2
    assert (lot.number, lot.expires_on, lot.dose) == ("L7", dt.date(2036, 12, 31), "multi")


def test_a_lot_is_received_by_its_code_alone(rosa, lipostab):
    browser(rosa).post(RECEIVE, {"code": f"]d201{GTIN}1736120010L7", "dose": "single"})

    lot = Lot.objects.get()
    assert (lot.product, lot.number, lot.expires_on) == (lipostab, "L7", dt.date(2036, 12, 31))


@pytest.mark.parametrize(
    "sent, field, sentence",
    [
        ({"number": ""}, "number", "Write the lot’s number."),
        ({"product": ""}, "product", "Choose the product."),
        ({"expires_on": ""}, "expires_on", "Say the last day on which it may be used."),
        ({"expires_on": "2020-01-31"}, "expires_on", "It expired on 31 Jan 2020, so it is not taken in."),
        ({"expires_on": "0036-12-31"}, "expires_on", "Look at the year again."),
        ({"expires_on": "soon"}, "expires_on", "Enter a valid date."),
        ({"code": f"01{GTIN}10OTHER"}, "number", "The code says otherwise. Empty the one that is wrong."),
        ({"code": "0104012345000009"}, "code", "No product of the catalogue has the GTIN 04012345000009."),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_what_was_typed_stays(sent, field, sentence, rosa, lipostab):
    known = {"product": lipostab.pk, "number": "L7", "expires_on": "2036-12-31", "dose": "single"}

    answer = browser(rosa).post(RECEIVE, known | sent)

    assert (answer.status_code, errors(answer, field)) == (422, [sentence])
    assert not Lot.objects.exists()
    if field != "number":
        assert 'value="L7"' in answer.content.decode()


def test_begun_in_a_session_it_goes_back_to_it(rosa, amara, mesotherapy, lipostab):
    running = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(hours=1), finished=False)
    address = f"{RECEIVE}?product={lipostab.pk}&number=L7&expires_on=2036-12-31&session={running.pk}"
    client = browser(rosa)

    page = client.get(address).content.decode()
    answer = client.post(
        address, {"product": lipostab.pk, "number": "L7", "expires_on": "2036-12-31", "dose": "single"}
    )

    assert 'value="L7"' in page
    assert 'value="2036-12-31"' in page
    assert answer.url == reverse("session", args=[running.pk])


@pytest.mark.parametrize("junk", ["product=x", "session=x", f"session={NOBODY}", "expires_on=x"])
def test_junk_in_the_address_is_no_crash(junk, rosa, lipostab):
    assert browser(rosa).get(f"{RECEIVE}?{junk}").status_code == 200


# --- Opened, quarantined, released -------------------------------------------------------------------------------------


def test_quarantine_and_release_by_page(rosa, manager):
    lot = make_lot(rosa, dose="multi")
    client = browser(rosa)

    assert said(client.post(page_of(lot, "open"))) == ["Opened now."]
    assert client.post(page_of(lot, "quarantine"), {"reason": "recalled"}).url == page_of(lot)
    page = client.get(page_of(lot))
    assert "In quarantine" in words(page)
    assert not links(page, "lot-release", lot.pk)
    assert client.post(page_of(lot, "release"), {"reason": "looked at"}).status_code == 403
    assert links(browser(manager).get(page_of(lot)), "lot-release", lot.pk)
    browser(manager).post(page_of(lot, "release"), {"reason": "another lot was meant"})
    lot.refresh_from_db()
    assert lot.quarantined_at is None
    assert {event.details["change"] for event in AuditEvent.objects.filter(kind="lots-changed")} == {
        "quarantined", "released",
    }  # fmt: skip


def test_quarantine_without_a_reason_and_a_second_one_are_told(rosa):
    lot = make_lot(rosa)
    client = browser(rosa)

    assert client.post(page_of(lot, "quarantine"), {"reason": ""}).status_code == 422
    client.post(page_of(lot, "quarantine"), {"reason": "recalled"})
    again = client.post(page_of(lot, "quarantine"), {"reason": "again"})

    assert again.status_code == 409
    assert "has been in quarantine since" in words(again)
    assert client.get(page_of(lot, "quarantine")).url == page_of(lot)


def test_a_single_dose_is_not_opened(rosa):
    lot = make_lot(rosa)

    answer = browser(rosa).post(page_of(lot, "open"))

    assert answer.status_code == 422
    assert "A single dose is used at once" in words(answer)


def test_a_lot_says_in_whom_it_was_used(rosa, amara, mesotherapy):
    running = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(hours=1), finished=False)
    lot = make_lot(rosa)
    write_session(session=running, by=rosa, lots=[{"lot": lot, "volume_ml": "4"}])

    page = browser(rosa).get(page_of(lot))

    assert "Used in 1 session" in words(page)
    assert "Amara Okafor Rosa Lind 4.00 ml" in words(page)
    assert links(page, "session", running.pk)


# --- Products, and the list against infection --------------------------------------------------------------------------


def test_a_product_is_added_with_a_shorter_number_and_changed(manager):
    sent = {"name": "Saline", "use": "injected", "gtin": "9501101530003", "most_ml": "7,5", "is_active": "on"}
    browser(manager).post(NEW_PRODUCT, sent)
    product = Product.objects.get()

    answer = browser(manager).post(reverse("product", args=[product.pk]), sent | {"most_ml": "5", "allergens": "salt"})

    product.refresh_from_db()
    assert (answer.url, product.gtin, str(product.most_ml), product.allergens) == (PRODUCTS, GTIN, "5.00", "salt")


def test_a_name_that_is_taken_is_said_beside_it(manager, lipostab):
    answer = browser(manager).post(NEW_PRODUCT, {"name": "lipostab", "use": "injected", "is_active": "on"})

    assert (answer.status_code, errors(answer, "name")) == (422, ["The catalogue has a product of this name already."])


def test_the_clinics_own_list_is_kept_by_a_manager(manager):
    client = browser(manager)

    client.post(ASEPSIS, {"words": "Mask worn"})
    twice = client.post(ASEPSIS, {"words": "mask worn"})
    client.post(reverse("asepsis-take-off", args=["hands-washed"]))

    assert errors(twice, "words") == ["That stands on the list already."]
    assert list(AsepsisItem.objects.filter(is_active=True).values_list("words", flat=True)) == [
        "Skin disinfected", "Sterile single-use needles", "Clean surface and fresh cover", "Sharps disposed of", "Mask worn",
    ]  # fmt: skip
    assert client.post(reverse("asepsis-take-off", args=["hands-washed"])).status_code == 404
    trail = AuditEvent.objects.filter(subject="asepsis-item").order_by("pk")
    assert list(trail.values_list("details__change", "door", "address")) == [
        ("asepsis-step-added", "page", "127.0.0.1"), ("asepsis-step-taken-off", "page", "127.0.0.1"),
    ]  # fmt: skip
