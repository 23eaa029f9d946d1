"""That a search is answered from an index, however many patients there are; scripts/bench_search.py takes the times."""

import pytest
from django.db import connection

from clinic.paging import keyset_page
from patients.models import Patient
from tests.factories import make_patient
from treatments import guards

MANY = 100_000
# Each of them other than its neighbours, as they differ in a real clinic.
GIVEN = "initcap(translate(md5('g' || mod(n, 997))::varchar(6), '0123456789', 'ghijklmnop'))"
FAMILY = "initcap(translate(md5('f' || mod(n, 4999))::varchar(8), '0123456789', 'ghijklmnop'))"
BORN = "date '1935-01-01' + mod(n, 31000)"
PHONE = "'4477' || lpad((mod(n * 7919::bigint, 100000000))::text, 8, '0')"


def plan(search: str) -> str:
    return Patient.objects.current().matching(search)[:26].explain()


def fill_by_one_statement(by) -> None:
    """A hundred thousand copies of one record under other names, numbers, birth dates and phones, past the guards."""
    copied = make_patient(by)
    told = {
        "id": "gen_random_uuid()",
        "number": "'AC-' || lpad((n + 1)::text, 6, '0')",
        "given_name": GIVEN,
        "family_name": FAMILY,
        "date_of_birth": BORN,
        "phone": f"'+' || {PHONE}",
        "search_text": f"lower({GIVEN} || ' ' || {FAMILY}) || ' ac-' || lpad((n + 1)::text, 6, '0') || ' ' "
        f"|| ({BORN})::text || ' ' || {PHONE}",
    }
    columns = [field.column for field in Patient._meta.concrete_fields]
    values = ", ".join(told.get(column, f't."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO patients_patient ({names}) SELECT {values} "
            f"FROM patients_patient t CROSS JOIN generate_series(1, {MANY}) n WHERE t.id = %s",
            [copied.pk],
        )
        cursor.execute("ANALYZE patients_patient")


@pytest.mark.only_on("postgresql")
@pytest.mark.slow
def test_among_a_hundred_thousand_the_trigram_index_answers(reception):
    fill_by_one_statement(reception)
    one = Patient.objects.get(number="AC-090001")
    assert Patient.objects.count() == MANY + 1

    for search in (
        one.family_name[1:7],
        f"{one.given_name[:4]} {one.family_name[2:]}",
        "900123",
        one.phone[-7:],
        "AC-09000",
        one.phone,
        f"{one.date_of_birth:%d.%m.%Y}",
        "xyzzy",
        "qx",
    ):
        said = plan(search)
        assert "Bitmap Index Scan on patient_by_trigrams" in said, (search, said)
        assert "Seq Scan" not in said, (search, said)
    assert one in Patient.objects.current().matching(f"{one.family_name[1:]} {one.phone[-7:]}")


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("search", ["oka", "amara oka", "900123", "AC-09", "xyzzy", "ok"])
def test_one_index_is_read_in_the_order_of_names_and_nothing_is_sorted(search, amara, jonas):
    """Without statistics too: SQLite has none until somebody says ANALYZE."""
    assert plan(search).split(maxsplit=3)[-1] == (
        "SEARCH patients_patient USING INDEX patient_search (merged_into_id=?)"
    )


@pytest.mark.only_on("sqlite")
def test_a_later_page_starts_where_the_one_before_it_ended(reception, django_assert_num_queries):
    for number in range(3):
        make_patient(reception, family_name=f"Okafor{number}")
    first = keyset_page(Patient.objects.current(), "", 1)

    with django_assert_num_queries(2) as captured:  # the row it goes on after, and the page
        keyset_page(Patient.objects.current(), first.next, 1)

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {captured[1]['sql']}")
        plan = " ".join(str(row[-1]) for row in cursor.fetchall())
    assert "patient_search (merged_into_id=? AND family_name>?)" in plan
    assert "TEMP B-TREE" not in plan


def test_the_index_cost_no_guard(records):
    assert guards.faults() == []


@pytest.mark.parametrize(
    "typed, found",
    [
        ("ok", ["Okafor"]),
        ("am", ["Okafor"]),
        ("af", []),  # inside of a word one or two letters are not looked for
        ("kaf", ["Okafor"]),
        ("a o", ["Okafor"]),
        ("a k", []),
        ("14", []),
        ("19", ["Okafor", "Weber"]),
        ("44", ["Okafor", "Weber"]),
        ("ac", ["Okafor", "Weber"]),
        ("w", ["Weber"]),
    ],
)
def test_one_or_two_letters_are_looked_for_where_a_word_begins(typed, found, amara, jonas):
    assert [patient.family_name for patient in Patient.objects.matching(typed)] == found
