"""Lists as files: what the page shows as filtered, named in the head, nothing a spreadsheet would run, and long ones by the worker."""

import csv
import datetime as dt
import html
import io
import re
from decimal import Decimal

import openpyxl
import pytest
from django.http import QueryDict
from django.utils import timezone

from clinic import exports
from clinic.absences import record_absence
from clinic.exports import csv_chunks, filled
from clinic.leaving import deactivate_staff
from clinic.list_exports import ListExport
from clinic.models import AuditEvent, Export
from clinic.staffing import set_roles
from clinic.workbooks import write_workbook
from tests.factories import make_lot, make_side_effect, make_staff
from tests.pages.desk import booked, signed_in, statements, today_at, words
from tests.treatments.figured import logged, treat
from treatments.export_asking import ask_for_list
from treatments.export_jobs import make_due, make_export
from treatments.exports import LISTS
from treatments.recalls import recall_lot, tell_patient
from treatments.side_effects import enter_in_error

AT = dt.datetime(2026, 10, 25, 9, 30, tzinfo=dt.UTC)
CELLS = (
    "=1+1", "+44 7700", "-5 mm", "@SUM(A1)", "\t=1", "plain", 7, Decimal("1.50"), dt.date(2026, 11, 3), AT, True, False, None,
)  # fmt: skip


def a_list(rows, count=None) -> ListExport:
    return ListExport(
        code="made-up",
        title="Made up",
        permission="read-audit",
        columns=[f"Column {number}" for number in range(len(CELLS))],
        rows=lambda staff, query: rows,
        count=lambda staff, query: count,
        filter_words=lambda staff, query: "Nothing but these",
    )


def as_csv(one: ListExport, by) -> list[list[str]]:
    text = "".join(csv_chunks(filled(one, by, "")))
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def as_book(one: ListExport, by, tmp_path):
    with (tmp_path / "book.xlsx").open("w+b") as file:
        write_workbook(filled(one, by, ""), file, folder=tmp_path)
    return openpyxl.load_workbook(tmp_path / "book.xlsx")


def test_the_head_names_the_list_the_filter_the_time_and_who(manager):
    rows = as_csv(a_list([CELLS]), manager)

    head = [row[0] for row in rows if row and row[0].startswith("#")]
    assert head[0] == "# List: Made up"
    assert head[1] == "# Filter: Nothing but these"
    assert head[2].startswith("# Made: ")
    assert head[3] == "# By: Maud Keane"


def test_nothing_in_a_csv_is_run_by_a_spreadsheet(manager):
    row = as_csv(a_list([CELLS]), manager)[-1]

    assert not [cell for cell in row[:6] if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert row[5] == "plain"
    assert row[6:8] == ["7", "1.50"]
    assert row[8] == "2026-11-03"
    assert row[10:] == ["yes", "no", ""]


def test_in_a_workbook_numbers_and_days_are_numbers_and_days_and_no_formula_stands(manager, tmp_path):
    book = as_book(a_list([CELLS]), manager, tmp_path)

    last = list(book.worksheets[0].iter_rows(values_only=True))[-1]
    kinds = [cell.data_type for cell in list(book.worksheets[0].iter_rows())[-1]]
    assert "f" not in kinds
    assert last[6:8] == (7, 1.5)
    assert last[8] == dt.datetime(2026, 11, 3)
    assert last[10:12] == ("yes", "no")


def test_rows_are_read_as_they_are_written_and_never_all_at_once(manager):
    asked = []

    def rows():
        for number in range(1_000_000):
            asked.append(number)
            yield (number,)

    chunks = csv_chunks(filled(a_list(rows()), manager, ""))
    next(chunks)
    next(chunks)

    assert 0 < len(asked) <= 3 * exports.AT_A_TIME


def test_a_list_longer_than_a_sheet_goes_on_on_the_next(manager, tmp_path):
    with (tmp_path / "book.xlsx").open("w+b") as file:
        write_workbook(filled(a_list([(number,) for number in range(25)]), manager, ""), file, most_rows=12)
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")

    assert len(book.worksheets) > 1
    found = [
        row[0] for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) if isinstance(row[0], int)
    ]
    assert found == list(range(25))


@pytest.mark.parametrize("code", sorted(LISTS))
def test_every_list_can_be_had_as_both_in_a_clinic_with_nothing_in_it(code, manager, tmp_path):
    one = LISTS[code]
    table = as_csv(one, manager)
    columns = next(row for row in table if row and not row[0].startswith("#"))
    assert columns == list(one.columns)
    assert as_book(one, manager, tmp_path).worksheets
    assert isinstance(one.filter_words(manager, QueryDict("")), str)


# --- By page ----------------------------------------------------------------------------------------------------------


def test_a_short_list_is_the_answer_itself_and_is_in_the_trail(rosa, manager):
    response = signed_in(manager).post("/exports/start/people/", {"format": "csv", "query": "role=practitioner"})

    text = b"".join(response.streaming_content).decode()
    assert "Rosa Lind" in text
    assert "Maud Keane,manager" not in text
    event = AuditEvent.objects.get(kind="list-exported")
    assert (event.actor, event.details["list"], event.details["rows"]) == (manager, "people", 1)


def test_what_was_filtered_by_stands_in_the_trail_without_words_that_may_be_a_name(manager):
    signed_in(manager).post("/exports/start/people/", {"format": "csv", "query": "search=Okafor&role=manager"})

    assert "Okafor" not in str(AuditEvent.objects.get(kind="list-exported").details)


@pytest.fixture
def long(manager, settings) -> Export:
    """More than is made at once: asked for, and waiting for the worker."""
    settings.EXPORT_AT_ONCE = 0
    response = signed_in(manager).post("/exports/start/people/", {"format": "xlsx", "query": ""})
    export = Export.objects.get()
    assert response.url == f"/exports/{export.pk}/"
    return export


def made(export: Export) -> Export:
    make_export(export.pk, now=timezone.now())
    export.refresh_from_db()
    return export


def test_a_long_one_is_made_by_the_worker_and_taken_once_it_is_there(long, manager):
    client = signed_in(manager)
    assert "progress" in client.get(f"/exports/{long.pk}/").content.decode()
    assert client.get(f"/exports/{long.pk}/file/").status_code == 410

    assert made(long).state == "ready"
    response = client.get(f"/exports/{long.pk}/file/")

    content = b"".join(response.streaming_content)
    book = openpyxl.load_workbook(io.BytesIO(content))
    # By its length a browser notices a download that was cut off.
    assert (int(response["Content-Length"]), long.size) == (len(content), len(content))
    assert "Maud Keane" in [row[0] for row in book.worksheets[0].iter_rows(values_only=True)]
    assert AuditEvent.objects.filter(kind="data-downloaded", subject_id=long.pk).exists()


def test_its_row_in_the_trail_says_where_it_was_asked_for(manager, settings):
    settings.EXPORT_AT_ONCE = 0
    asked = signed_in(manager).post("/exports/start/people/", {"format": "csv", "query": ""}, REMOTE_ADDR="192.0.2.7")

    made(Export.objects.get())

    event = AuditEvent.objects.get(kind="list-exported")
    assert (event.actor, event.door, event.address) == (manager, "page", "192.0.2.7")
    assert event.request_id == asked["X-Request-Id"]


def test_one_that_no_page_asked_for_says_that(manager):
    made(ask_for_list(code="people", format="csv", query="", total=None, by=manager))

    event = AuditEvent.objects.get(kind="list-exported")
    assert (event.door, event.address, event.request_id) == ("command-line", None, "")


def test_a_second_click_finds_the_first_ones(long, manager):
    signed_in(manager).post("/exports/start/people/", {"format": "xlsx", "query": ""})
    assert Export.objects.count() == 1


def test_a_job_that_was_lost_is_taken_up_by_the_clock(long):
    assert make_due(timezone.now()) == 0  # its own job has its time first
    assert make_due(timezone.now() + dt.timedelta(minutes=1)) == 1
    assert Export.objects.get().state == "ready"


def test_one_that_a_killed_worker_left_lying_is_begun_anew(long):
    Export.objects.update(state="making", claimed_at=timezone.now() - dt.timedelta(minutes=4), file="exports/half")

    assert make_due(timezone.now()) == 1
    assert Export.objects.get().state == "ready"


def test_one_that_somebody_is_at_is_left_to_them(long):
    Export.objects.update(state="making", claimed_at=timezone.now())

    assert make_due(timezone.now()) == 0


def test_its_time_over_it_is_neither_given_out_nor_kept(long, manager):
    from django.core.files.storage import storages

    file = made(long).file
    later = timezone.now() + dt.timedelta(hours=25)
    Export.objects.update(expires_at=timezone.now() - dt.timedelta(minutes=1))
    assert signed_in(manager).get(f"/exports/{long.pk}/file/").status_code == 410

    make_due(later)

    assert Export.objects.get().state == "gone"
    assert not storages["files"].exists(file)


def test_called_off_it_leaves_no_file(long, manager):
    from django.core.files.storage import storages

    file = made(long).file
    signed_in(manager).post(f"/exports/{long.pk}/cancel/")

    assert not storages["files"].exists(file)


def test_nobody_else_sees_or_takes_it(long, rosa):
    made(long)
    una = make_staff("manager", name="Una")
    assert signed_in(una).get(f"/exports/{long.pk}/").status_code == 404
    assert signed_in(una).get(f"/exports/{long.pk}/file/").status_code == 404


def test_whose_role_was_taken_meanwhile_gets_nothing(long, manager):
    una = make_staff("manager", name="Una")
    deactivate_staff(staff=manager, reason="Left.", by=una)

    assert made(long).state == "failed"
    assert "Your role does not allow this any more." in long.problem


@pytest.mark.parametrize(
    ("code", "format", "status"), [("nothing", "csv", 404), ("people", "pdf", 404), ("people", "", 404)]
)
def test_a_list_or_form_that_is_none_is_404(code, format, status, manager):
    assert signed_in(manager).post(f"/exports/start/{code}/", {"format": format}).status_code == status


def test_reception_exports_nothing(reception):
    assert signed_in(reception).post("/exports/start/people/", {"format": "csv"}).status_code == 403
    assert signed_in(reception).get("/exports/").status_code == 403


def test_no_export_yet_is_said(manager):
    assert "You have asked for no file." in words(signed_in(manager).get("/exports/"))


def file_of(manager, code: str, query: str = "") -> list[list[str]]:
    """The rows of a list, taken at once."""
    answer = signed_in(manager).post(f"/exports/start/{code}/", {"format": "csv", "query": query})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    return [row for row in rows if not row[0].startswith("# ")][1:]


def test_what_is_asked_anew_each_time_can_be_had_too(amara, jonas, rosa, mesotherapy, reception, manager):
    booked(amara, mesotherapy, rosa, reception, today_at(days=3))
    make_side_effect(patient=amara, by=rosa, now=timezone.now())
    make_lot(rosa, "A1")
    wrong = make_side_effect(patient=jonas, by=rosa, now=timezone.now())
    enter_in_error(side_effect=wrong, reason="Another patient's.", by=rosa)

    def cells(code: str, query: str = "") -> list[list[str]]:
        return file_of(manager, code, query)

    assert [row[:1] + row[3:4] for row in cells("unusual")] == [["Bruises entered in error", "Jonas Weber"]]
    assert cells("unusual", "kind=deviation") == []
    assert [row[:3] for row in cells("lots")] == [["In use", "Lipostab", "A1"]]
    assert {row[0]: row[2] for row in cells("worklists")}["On hold"] == "Amara Okafor"
    assert cells("worklists", "list=training-lapses") == []
    assert cells("messages", "patient=rubbish") == []


def as_filtered(client, address: str) -> str:
    """The filter that the page's buttons send along."""
    [query] = re.findall(r'name="query" value="([^"]*)"', client.get(address).content.decode())
    return html.unescape(query)


def test_a_lots_uses_are_those_of_the_page(amara, jonas, rosa, mesotherapy, manager):
    now = timezone.now()
    lot = make_lot(rosa, "A1", now=now - dt.timedelta(days=9))
    session = treat(amara, rosa, mesotherapy, now - dt.timedelta(days=8), lots=[lot])
    treat(jonas, rosa, mesotherapy, now - dt.timedelta(days=7), lots=[lot])
    logged(session, "swelling", rosa)
    client = signed_in(manager)

    def patients(asked: str) -> list[str]:
        query = QueryDict(as_filtered(client, f"/lots/{lot.pk}/{asked}"))
        return [row[3] for row in LISTS["lot-uses"].rows(manager, query)]

    assert patients("") == ["Jonas Weber", "Amara Okafor"]
    assert patients("?only=side-effects") == ["Amara Okafor"]
    assert patients("?only=infections") == []
    assert LISTS["lot-uses"].filter_words(manager, QueryDict(f"lot={lot.pk}&only=infections")) == (
        "Lipostab, lot A1, with a suspected infection"
    )


def test_whom_a_recall_concerns_and_who_was_told_how(amara, jonas, rosa, mesotherapy, manager):
    now = timezone.now()
    lot = make_lot(rosa, "A1", now=now - dt.timedelta(days=9))
    for number, patient in enumerate((amara, jonas)):
        treat(patient, rosa, mesotherapy, now - dt.timedelta(days=8 - number), lots=[lot])
    recall = recall_lot(lot=lot, reason="The maker took it back.", by=manager)
    tell_patient(patient=amara, how="phone", note="At noon.", by=manager, now=now)

    rows = file_of(manager, "recall", as_filtered(signed_in(manager), f"/recalls/{recall.pk}/"))

    assert [(row[1], row[2], row[4], row[5]) for row in rows] == [
        ("Jonas Weber", "Still to be told", "", ""),
        ("Amara Okafor", "By phone", "Maud Keane", "At noon."),
    ]
    assert file_of(manager, "recall", "recall=rubbish") == []


def test_products_absences_and_what_was_changed_about_a_person(rosa, omar, manager):
    make_lot(rosa, "A1", most_ml=5)
    now = timezone.now()
    record_absence(
        staff=rosa, starts_at=now, ends_at=now + dt.timedelta(days=1), reason="A course.", by=manager, now=now
    )
    set_roles(staff=omar, roles=["practitioner", "receptionist"], by=manager)
    client = signed_in(manager)

    assert file_of(manager, "products", as_filtered(client, "/lots/products/")) == [
        ["Lipostab", "Injected", "", "5.00", "", "yes"]
    ]
    assert [[row[0], row[1], row[4]] for row in file_of(manager, "absences", as_filtered(client, "/absences/"))] == [
        ["Rosa Lind", "High Street", "A course."]
    ]
    changes = file_of(manager, "person-changes", as_filtered(client, f"/people/{omar.pk}/"))
    assert changes[0][1:] == ["Maud Keane", "Roles", "Practitioner", "Receptionist, Practitioner"]
    assert file_of(manager, "person-changes", "person=rubbish") == []


def test_every_list_with_a_patients_phone_or_email_says_so():
    """By which erasing contact data finds the files that hold it. The people's own list has theirs, not a patient's."""
    named = {code for code, one in LISTS.items() if re.search("phone|email", " ".join(one.columns).lower())}

    assert {code for code, one in LISTS.items() if one.holds_contact} == named - {"people"}


def test_the_page_of_ones_files_asks_the_same_however_many(manager):
    client, counts = signed_in(manager), []
    for number in range(3):
        ask_for_list(code="people", format="csv", query=f"search={number}", total=None, by=manager)
        with statements() as asked:
            assert len(client.get("/exports/").context["rows"]) == number + 1
        counts.append(len(asked))
    assert counts[0] == counts[2]
