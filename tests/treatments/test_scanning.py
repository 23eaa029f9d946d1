"""What a scanner types is read: GTIN, lot and expiry out of GS1 text, or a lot's number by hand."""

import datetime as dt

import pytest
from django.utils import timezone

from tests.factories import make_lot
from treatments.models import Lot, Product
from treatments.scanning import NotFound, Scanned, find_lot, read

# GS1's own example number, under a prefix that is given to nobody.
GTIN = "09501101530003"
END = dt.date(2029, 3, 31)
WHOLE = Scanned(gtin=GTIN, number="L2209-B", expires_on=END)
FNC1 = "\x1d"


@pytest.mark.parametrize(
    "text",
    [
        f"01{GTIN}1729033110L2209-B",
        f"]d201{GTIN}1729033110L2209-B",  # GS1 DataMatrix, as the scanner names it
        f"]C101{GTIN}1729033110L2209-B",  # GS1-128
        f"]Q301{GTIN}1729033110L2209-B",  # GS1 QR
        f"{FNC1}01{GTIN}1729033110L2209-B",
        f"01{GTIN}10L2209-B{FNC1}17290331",  # the lot first: its end is marked
        f"01{GTIN}10L2209-B{FNC1}1729033121123456",  # with a serial number after it
        f"01{GTIN}10L2209-B{{GS}}17290331",  # a scanner that writes the mark out
        f"01{GTIN}10L2209-B<GS>17290331",
        f"01{GTIN}10L2209-B^]17290331",
        f"01{GTIN}10L2209-B\u241d17290331",
        f"01{GTIN}10L2209-B~17290331",
        f"(01){GTIN}(17)290331(10)L2209-B",  # as it stands in print beside the code
        f"(01){GTIN}(10)L2209-B(17)290331",
        f"  ]d201{GTIN}1729033110L2209-B\r\n",
    ],
)
def test_the_same_box_reads_the_same_however_the_scanner_writes_it(text):
    assert read(text) == WHOLE


@pytest.mark.parametrize("day, last", [("290200", dt.date(2029, 2, 28)), ("280200", dt.date(2028, 2, 29)),
                                       ("291200", dt.date(2029, 12, 31))])  # fmt: skip
def test_an_expiry_without_a_day_is_the_last_of_its_month(day, last):
    assert read(f"01{GTIN}17{day}10A1") == Scanned(gtin=GTIN, number="A1", expires_on=last)


def test_a_box_may_say_less():
    assert read(f"01{GTIN}") == Scanned(gtin=GTIN)
    assert read(f"01{GTIN}10A1") == Scanned(gtin=GTIN, number="A1")
    assert read("9501101530003") == Scanned(gtin=GTIN)  # the bare bar code, 13 digits
    assert read(GTIN) == Scanned(gtin=GTIN)


@pytest.mark.parametrize("number", ["L2209-B", "123456", "12345678", "9501101530004", "2209 B", "10A1"])
def test_what_is_no_code_is_a_lots_number(number):
    assert read(number) == Scanned(number=number)


@pytest.mark.parametrize(
    "text",
    [
        f"01{GTIN[:-1]}417290331",  # a wrong check digit
        f"]d201{GTIN[:-1]}41729033110A1",
        f"01{GTIN}1729023110A1",  # no 31st of February
        f"(01){GTIN}(17)2903(10)A1",
        f"]d210A1{FNC1}17290331",  # no GTIN
    ],
)
def test_a_code_that_cannot_be_read_is_no_lots_number(text):
    with pytest.raises(NotFound, match="This code cannot be read as a product's"):
        read(text)


# --- In the catalogue ----------------------------------------------------------------------------------------------------


@pytest.fixture
def lot(rosa) -> Lot:
    return make_lot(rosa, gtin=GTIN, expires_on=END)


def test_the_lot_is_found_by_its_code_or_by_its_number(rosa, lot):
    make_lot(rosa, "B2")

    assert find_lot(f"]d201{GTIN}1729033110L2209-B", by=rosa) == lot
    assert find_lot("l2209-b", by=rosa) == lot


@pytest.mark.parametrize("number", ["l2209-b", "L 2209-B", "Ｌ2209‑B"])
def test_a_lot_is_found_however_its_number_is_spelt_on_the_box_or_on_record(number, rosa):
    spelt = make_lot(rosa, number, gtin=GTIN, expires_on=END)

    assert find_lot(f"01{GTIN}1729033110L2209-B", by=rosa) == spelt
    assert find_lot("L2209-B", by=rosa) == spelt
    assert find_lot("l2209 -b", by=rosa) == spelt


def test_another_number_is_another_lot(rosa, lot):
    with pytest.raises(NotFound, match="Lipostab, lot L2209-C, is not here yet."):
        find_lot(f"01{GTIN}1729033110L2209-C", by=rosa)


def test_of_two_spellings_of_one_lot_the_one_in_quarantine_is_found(rosa, lot):
    """Two rows from before a lot was known again however it is spelt."""
    held = Lot.objects.create(
        product=lot.product,
        number="l2209-b",
        expires_on=None,
        quarantined_at=timezone.now(),
        quarantine_reason="Recall",
    )

    assert find_lot(f"01{GTIN}1729033110L2209-B", by=rosa) == held
    assert find_lot("L2209-B", by=rosa) == held


@pytest.mark.parametrize(
    "text, words",
    [
        ("01" + "04012345000009" + "10A1", "No product of the catalogue has the GTIN 04012345000009."),
        (f"01{GTIN}", "This code names Lipostab, but no lot."),
        (f"01{GTIN}1720033110OLD", "Lipostab, lot OLD, expired on 31 Mar 2020."),
        (
            f"01{GTIN}1728033110L2209-B",
            "The code says that Lipostab, lot L2209-B expires on 31 Mar 2028, the record says",
        ),
        ("X9", "No lot here has the number “X9”."),
    ],
)
def test_what_is_unknown_is_said_and_cannot_be_received_from_here(text, words, rosa, lot):
    with pytest.raises(NotFound) as missing:
        find_lot(text, by=rosa)

    assert str(missing.value).startswith(words)
    assert missing.value.product is None


def test_a_new_lot_of_a_known_product_can_be_received(rosa, lot):
    with pytest.raises(NotFound) as missing:
        find_lot(f"01{GTIN}1729033110NEW", by=rosa)

    assert str(missing.value) == "Lipostab, lot NEW, is not here yet."
    assert missing.value.product == lot.product
    assert missing.value.scanned == Scanned(gtin=GTIN, number="NEW", expires_on=END)


def test_a_number_that_two_products_share_is_not_guessed(rosa, lot):
    make_lot(rosa, name="Saline")

    with pytest.raises(NotFound, match="More than one product has a lot “L2209-B”"):
        find_lot("L2209-B", by=rosa)
    assert Product.objects.count() == 2


def test_nobody_without_the_clinical_record_finds_a_lot(reception, lot):
    with pytest.raises(NotFound):
        find_lot("L2209-B", by=reception)
