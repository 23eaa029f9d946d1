"""From bytes to rows: every encoding and delimiter, and files that are none."""

import codecs

import pytest
from django.core.exceptions import ValidationError

from patients.importing import proposing, reading, staging
from patients.importing.columns import proposed
from patients.models import PatientImport, PatientImportRow
from tests.patients.files import AMARA, HEADER, JONAS, ZOE, checked, csv_file, received

TEXT = csv_file(AMARA, JONAS, ZOE).decode()
ENCODED = {
    "UTF-8": (TEXT.encode(), "utf-8"),
    "UTF-8 with its mark": (codecs.BOM_UTF8 + TEXT.encode(), "utf-8"),
    "UTF-16 with a little-endian mark": (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16"),
    "UTF-16 with a big-endian mark": (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
    "UTF-16 without a mark": (TEXT.encode("utf-16-le"), "utf-16-le"),
    "UTF-16 big-endian without a mark": (TEXT.encode("utf-16-be"), "utf-16-be"),
    "Latin-1": (TEXT.encode("latin-1"), "latin-1"),
    "Windows": (TEXT.replace("'", "’").encode("cp1252"), "windows-1252"),
}


@pytest.mark.parametrize("content, encoding", ENCODED.values(), ids=ENCODED)
def test_every_encoding_comes_to_the_same_patients(content, encoding, manager):
    made = checked(content, manager, encoding=encoding)

    names = made.rows.order_by("line").values_list("line", "given_name", "family_name")
    assert [(line, given, family.replace("’", "'")) for line, given, family in names] == [
        (2, "Amara", "Okafor"),
        (3, "Jonas", "Weber"),
        (4, "Zoë", "O'Brien"),
    ]


@pytest.mark.parametrize("delimiter, between", [("comma", ","), ("semicolon", ";"), ("tab", "\t")])
def test_every_delimiter(delimiter, between, manager):
    made = checked(csv_file(AMARA, JONAS, between=between), manager, delimiter=delimiter)

    assert list(made.rows.values_list("family_name", flat=True)) == ["Okafor", "Weber"]


def test_a_mark_proves_the_encoding_and_nothing_else_does():
    proven = {name: reading.proven_encoding(content) for name, (content, _) in ENCODED.items()}

    assert {name: one for name, one in proven.items() if one} == {
        "UTF-8 with its mark": "utf-8",
        "UTF-16 with a little-endian mark": "utf-16",
        "UTF-16 with a big-endian mark": "utf-16",
    }


def test_without_a_mark_each_reading_is_shown_by_a_word_that_tells_them_apart():
    shown = {one.value: one.shown for one in proposing.encodings(csv_file(ZOE)) if not one.sentence}

    assert (shown["utf-8"], shown["latin-1"]) == ("C3,Zoë,O'Brien,1.12.1990,", "C3,ZoÃ«,O'Brien,1.12.1990,")


def test_a_delimiter_is_proven_where_it_alone_makes_columns():
    one, other = csv_file(AMARA), csv_file(AMARA, header=(*HEADER, "a;b"))

    assert proposing.delimiters_that_divide(one, "utf-8") == ["comma"]
    assert proposing.delimiters_that_divide(other, "utf-8") == ["comma", "semicolon"]


@pytest.mark.parametrize(
    "content, sentence",
    [
        (b"", "The file is empty."),
        (b"\x00\x00 \r\n", "The file is empty."),
        (b"PK\x03\x04" + b"x" * 99, "This is a zip archive or an Excel workbook, not a CSV file. Save the sheet as CSV first."),
        (b"%PDF-1.7", "This is a PDF, not a CSV file."),
        (b"{", "This is not JSON: it ends early, or has a comma or bracket too many."),
        (b'{"resourceType": "Observation"}', "This is neither a FHIR Patient nor a Bundle, but Observation."),
        (b'{"resourceType": "Bundle", "entry": [7]}', "There is no Patient in this Bundle."),
        (b"[" * 100_000, None),
        (b"a" * (reading.LARGEST + 1), "The file is larger than 30 MB. Split it into several."),
    ],
)  # fmt: skip
def test_what_is_no_such_file_is_refused_in_a_sentence(content, sentence, manager):
    if sentence is None:
        assert received(content, manager).format == "csv"
        return
    with pytest.raises(ValidationError) as error:
        received(content, manager)

    assert error.value.message_dict == {"file": [sentence]}
    assert not PatientImport.objects.exists()


@pytest.mark.parametrize(
    "content, encoding, sentence",
    [
        (csv_file(ZOE).decode().encode("latin-1"), "utf-8", "This is not UTF-8: near line 1 there are bytes that UTF-8 does not know."),
        (csv_file(AMARA), "utf-16-le", "This is not UTF-16, little-endian: near line 1 there are bytes that UTF-16, little-endian does not know."),
        (csv_file(AMARA), "utf-16", "The file has no UTF-16 mark; choose little-endian or big-endian."),
        (codecs.BOM_UTF8 + csv_file(AMARA), "latin-1", "The file begins with the mark of UTF-8; choose that."),
        (TEXT.encode("utf-16-le"), "latin-1", "The first line holds characters that are not text. Was another encoding meant?"),
        (csv_file(header=AMARA), "utf-8", "The first line must name the columns, but it holds “14/02/1988”. Add a line of names above it."),
        (csv_file(), "utf-8", "Below the names of the columns there is no row."),
        (b",".join(b"a" for _ in range(10_000)) + b"\n1", "utf-8", "The first line has 10,000 columns; at most 200 can be read."),
        (csv_file(AMARA) + b'C2,"Jonas,Weber\r\n' + b"x,y\r\n" * 3, "utf-8", "The row that begins on line 3 cannot be read: a quotation mark is not closed, or is followed by something other than the next field."),
        (csv_file(AMARA) + b'C2,"Jonas,Weber\r\n' + b"x,y\r\n" * 2_000 + b'"', "utf-8", "The row that begins on line 3 has a field of more than 5,000 characters: is a quotation mark not closed?"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_so_is_said_and_nothing_is_staged(content, encoding, sentence, manager):
    made = received(content, manager)

    with pytest.raises(ValidationError) as error:
        staging.describe_file(patient_import=made, encoding=encoding, delimiter="comma", dates="iso", by=manager)

    assert error.value.message_dict == {"encoding": [sentence]}
    assert not PatientImportRow.objects.exists()


def test_the_wrong_delimiter_is_said(manager):
    made = received(csv_file(AMARA), manager)

    with pytest.raises(ValidationError) as error:
        staging.describe_file(patient_import=made, encoding="utf-8", delimiter="tab", dates="iso", by=manager)

    assert error.value.message_dict == {
        "delimiter": ["Read so, there is one column only: “Client ID,First name,Surname,DOB,Mobile”. Choose another."]
    }


def test_a_file_read_with_the_wrong_bytes_first_has_no_columns_to_choose(manager):
    made = received(TEXT.encode("utf-16-le"), manager)

    with pytest.raises(ValidationError):
        staging.describe_file(patient_import=made, encoding="utf-16-be", delimiter="comma", dates="iso", by=manager)


def test_columns_are_proposed_by_their_names():
    names = ["Ref", "Vorname", "LAST NAME", "e-mail", "Date of Birth", "Phone", "Mobile", "Notes", "wants_messages"]

    assert proposed(names) == {
        "identifier": 0, "given_name": 1, "family_name": 2, "email": 3, "date_of_birth": 4, "phone": 5, "wants_messages": 8
    }  # fmt: skip


@pytest.mark.parametrize(
    "columns, sentences",
    [
        ({"given_name": 0, "family_name": 1}, ["Choose the column with the date of birth."]),
        ({"given_name": 0, "family_name": 0, "date_of_birth": 1}, ["One column cannot be both given name and family name."]),
        ({"given_name": 0, "family_name": 1, "date_of_birth": 5}, ["There is no such column."]),
        ({"given_name": 0, "family_name": 1, "date_of_birth": 2, "number": 3}, ["There is no such column."]),
    ],
)  # fmt: skip
def test_a_choice_of_columns_that_will_not_do(columns, sentences, manager):
    made = received(csv_file(AMARA), manager)
    staging.describe_file(patient_import=made, encoding="utf-8", delimiter="comma", dates="day-first", by=manager)

    with pytest.raises(ValidationError) as error:
        staging.begin_check(patient_import=made, columns=columns, by=manager)

    assert error.value.messages == sentences
