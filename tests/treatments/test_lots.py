"""Products and lots: received once, opened, quarantined, released; each with who did it."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from clinic.models import AuditEvent
from clinic.refusals import Refused
from tests.factories import NOW, make_lot, make_session, on
from treatments.asepsis import add_step, retire_step
from treatments.lot_list import in_groups
from treatments.lots import add_product, change_product, open_lot, quarantine_lot, receive_lot, release_lot
from treatments.models import AsepsisItem, Lot, LotUse, Product
from treatments.sessions import write_session

LATER = dt.date(2027, 6, 30)
TODAY = NOW.date()


@pytest.fixture
def lipostab(records) -> Product:
    return Product.objects.create(name="Lipostab")


def wrong(act) -> list[str]:
    with pytest.raises(ValidationError) as error:
        act()
    return list(error.value.message_dict)


def test_a_lot_is_received_with_its_expiry_by_somebody(lipostab, rosa):
    lot = receive_lot(product=lipostab, number=" L7 ", expires_on=LATER, dose="multi", by=rosa, now=NOW)

    lot.refresh_from_db()
    assert (lot.number, lot.expires_on, lot.dose, lot.received_at, lot.received_by) == ("L7", LATER, "multi", NOW, rosa)
    assert lot.history.get().history_user == rosa


@pytest.mark.parametrize(
    "given, field",
    [
        ({"expires_on": None}, "expires_on"),
        ({"expires_on": TODAY - dt.timedelta(days=1)}, "expires_on"),
        ({"number": "  "}, "number"),
        ({"number": "x" * 61}, "number"),
        ({"dose": "half"}, "dose"),
    ],
)
def test_what_cannot_be_received_is_said_by_field(given, field, lipostab, rosa):
    known = {"product": lipostab, "number": "L7", "expires_on": LATER} | given

    assert wrong(lambda: receive_lot(**known, by=rosa, now=NOW)) == [field]
    assert not Lot.objects.exists()


def test_a_lot_that_expires_today_is_received(lipostab, rosa):
    assert receive_lot(product=lipostab, number="L7", expires_on=TODAY, by=rosa, now=NOW).expires_on == TODAY


def test_a_number_is_received_once_for_a_product_and_again_for_another(lipostab, rosa):
    make_lot(rosa, "L7")

    assert wrong(lambda: receive_lot(product=lipostab, number="L7", expires_on=LATER, by=rosa, now=NOW)) == ["number"]
    assert make_lot(rosa, "L7", name="Saline").product.name == "Saline"


def test_a_lot_from_before_expiries_is_given_its_own(lipostab, rosa):
    old = Lot.objects.create(product=lipostab, number="L7", expires_on=None)

    assert receive_lot(product=lipostab, number="L7", expires_on=LATER, by=rosa, now=NOW) == old
    old.refresh_from_db()
    assert old.expires_on == LATER


def test_a_product_no_longer_in_use_is_not_received(lipostab, rosa):
    Product.objects.update(is_active=False)

    assert wrong(lambda: receive_lot(product=lipostab, number="L7", expires_on=LATER, by=rosa, now=NOW)) == ["product"]


def test_a_multi_dose_vial_is_opened_and_a_single_dose_is_not(rosa):
    multi, single = make_lot(rosa, "A1", dose="multi"), make_lot(rosa, "B2")

    assert open_lot(lot=multi, by=rosa, now=on(3)).opened_at == on(3)
    with pytest.raises(ValidationError, match="only a multi-dose vial stands open"):
        open_lot(lot=single, by=rosa, now=on(3))


def test_quarantine_takes_a_reason_and_only_a_manager_releases(rosa, manager, reception):
    lot = make_lot(rosa)

    assert wrong(lambda: quarantine_lot(lot=lot, reason=" ", by=rosa)) == ["reason"]
    held = quarantine_lot(lot=lot, reason="recalled by the maker", by=rosa, now=NOW)
    with pytest.raises(Refused) as again:
        quarantine_lot(lot=lot, reason="once more", by=manager, now=NOW)
    for nobody in (rosa, reception):
        with pytest.raises(PermissionDenied):
            release_lot(lot=lot, reason="looked at", by=nobody)

    assert (held.quarantined_at, held.quarantined_by) == (NOW, rosa)
    assert again.value.codes == ["lot-quarantined"]
    released = release_lot(lot=lot, reason="the recall was of another lot", by=manager)
    assert (released.quarantined_at, released.quarantine_reason) == (None, "")
    assert [row.history_change_reason for row in lot.history.order_by("history_id")] == [
        "received", "quarantined", "released: the recall was of another lot",
    ]  # fmt: skip
    assert list(AuditEvent.objects.filter(kind="lots-changed").order_by("at").values_list("actor__name", flat=True)) == [
        "Rosa Lind", "Maud Keane",
    ]  # fmt: skip


def test_a_quarantined_or_expired_lot_is_not_opened(rosa):
    lot = make_lot(rosa, dose="multi", expires_on=LATER)

    with pytest.raises(Refused) as late:
        open_lot(lot=lot, by=rosa, now=on(1, month=11).replace(year=2028))
    quarantine_lot(lot=lot, reason="recalled", by=rosa)
    with pytest.raises(Refused) as held:
        open_lot(lot=lot, by=rosa, now=NOW)

    assert (late.value.codes, held.value.codes) == (["lot-expired"], ["lot-quarantined"])


# --- Products ------------------------------------------------------------------------------------------------------------


def test_a_product_is_added_and_changed_by_a_manager_only(manager, rosa):
    with pytest.raises(PermissionDenied):
        add_product(name="Saline", by=rosa)

    product = add_product(name="Saline", use="injected", most_ml=Decimal("5"), by=manager)

    assert change_product(product=product, most_ml=Decimal("7.5"), by=manager).most_ml == Decimal("7.5")
    assert product.history.count() == 2


def test_two_products_share_neither_name_nor_number(manager):
    add_product(name="Saline", gtin="09501101530003", by=manager)

    assert wrong(lambda: add_product(name="SALINE", by=manager)) == ["name"]
    assert wrong(lambda: add_product(name="Other", gtin="09501101530003", by=manager)) == ["gtin"]
    assert wrong(lambda: add_product(name="Other", gtin="95011", by=manager)) == ["gtin"]
    assert wrong(lambda: add_product(name="Other", most_ml=Decimal("0"), by=manager)) == ["most_ml"]


def test_what_stands_in_records_keeps_its_name_and_the_rest_may_change(amara, rosa, mesotherapy, manager):
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, finished=False)
    lot = make_lot(rosa)
    write_session(session=session, by=rosa, lots=[{"lot": lot, "volume_ml": None}])

    assert wrong(lambda: change_product(product=lot.product, name="Other", by=manager)) == ["name"]
    assert wrong(lambda: change_product(product=lot.product, use="anaesthetic", by=manager)) == ["use"]
    assert change_product(product=lot.product, name="Lipostab", most_ml=Decimal("3"), by=manager).most_ml == Decimal(
        "3"
    )
    assert LotUse.objects.get().lot.product.name == "Lipostab"


# --- On the shelf --------------------------------------------------------------------------------------------------------


def test_each_lot_stands_in_one_group_the_gravest_first(rosa):
    days = {"in use": 31, "soon": 30, "today": 0, "held": 2}
    for name, left in days.items():
        make_lot(rosa, name, expires_on=TODAY + dt.timedelta(days=left))
    quarantine_lot(lot=Lot.objects.get(number="held"), reason="recalled", by=rosa)
    for name, ago in (("old", 1), ("older", 90), ("forgotten", 91)):
        product = Product.objects.get()
        Lot.objects.create(product=product, number=name, expires_on=TODAY - dt.timedelta(days=ago))

    groups = {group.name: [lot.number for lot in group.lots] for group in in_groups(Lot.objects.all(), TODAY)}

    assert groups == {
        "In quarantine": ["held"],
        "Expires soon": ["today", "soon"],
        "In use": ["in use"],
        "Expired": ["older", "old"],
    }


# --- The list against infection --------------------------------------------------------------------------------------------


def test_a_step_is_added_at_the_end_taken_off_and_comes_back_under_its_code(manager):
    step = add_step(words="Mask  worn", by=manager)
    assert wrong(lambda: add_step(words="mask worn", by=manager)) == ["words"]

    retire_step(item=step, by=manager)
    back = add_step(words="Mask worn", by=manager)

    assert (back.pk, back.code, back.words, back.is_active) == (step.pk, "mask-worn", "Mask worn", True)
    assert AsepsisItem.objects.last() == back


def test_a_step_taken_off_stays_where_it_was_ticked_and_is_not_ticked_anew(amara, jonas, rosa, mesotherapy, manager):
    ticked, other = (
        make_session(patient=patient, practitioner=rosa, treatment=mesotherapy, at=at, finished=False)
        for patient, at in ((amara, NOW), (jonas, on(2, 12)))
    )
    write_session(session=ticked, by=rosa, asepsis=["hands-washed"])
    retire_step(item=AsepsisItem.objects.get(code="hands-washed"), by=manager)

    assert write_session(session=ticked, by=rosa, asepsis=["hands-washed", "clean-surface"]).asepsis == [
        "hands-washed", "clean-surface",
    ]  # fmt: skip
    assert wrong(lambda: write_session(session=other, by=rosa, asepsis=["hands-washed"])) == ["asepsis"]


@pytest.mark.parametrize("spelt", ["l2209-b", "L2209\N{EN DASH}B", " L2209 -B", "L2209-B\u200b", "\uff2c2209-B"])
def test_a_lot_does_not_come_back_under_another_spelling(rosa, spelt):
    lot = make_lot(rosa, "L2209-B")

    with pytest.raises(ValidationError) as wrong:
        receive_lot(product=lot.product, number=spelt, expires_on=dt.date(2036, 12, 31), by=rosa)

    assert wrong.value.message_dict == {"number": ["Lipostab has a lot of this number already: L2209-B."]}
    assert Lot.objects.count() == 1


@pytest.mark.parametrize("other", ["L2209B", "L2209-C", "L2209-B1"])
def test_another_number_is_another_lot(rosa, other):
    lot = make_lot(rosa, "L2209-B")

    receive_lot(product=lot.product, number=other, expires_on=dt.date(2036, 12, 31), by=rosa)

    assert Lot.objects.count() == 2
