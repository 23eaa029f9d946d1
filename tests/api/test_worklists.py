from tests.api.calls import API, ahead
from tests.factories import make_gone, make_side_effect
from treatments.calls import record_call
from treatments.worklists import LISTS


def test_eight_lists_and_nobody_on_them(api, reception):
    assert api(reception).get(f"{API}worklists/").json() == {code: [] for code in LISTS}


def test_a_report_puts_the_appointment_on_hold_and_itself_on_the_lists(api, reception, booked, amara):
    bruise = make_side_effect(patient=amara, by=reception, now=ahead(-2))

    found = api(reception).get(f"{API}worklists/").json()

    assert {name: len(rows) for name, rows in found.items() if rows} == {"on-hold": 1, "review-due": 1, "reported": 1}
    (held,), (due,), (reported,) = found["on-hold"], found["review-due"], found["reported"]
    assert (held["patient"], held["patient_name"]) == (str(amara.pk), "Amara Okafor")
    assert (held["appointment"], held["side_effect"]) == (str(booked.pk), None)
    assert (due["side_effect"], due["due"]) == (str(bruise.pk), ahead(0).date().isoformat())
    assert reported == {
        "patient": str(amara.pk),
        "patient_name": "Amara Okafor",
        "appointment": None,
        "side_effect": str(bruise.pk),
        "why": "Bruising reported 2 days ago, not yet seen.",
        "since": ahead(-2).date().isoformat(),
        "next_step": "A practitioner looks at it.",
        "due": None,
        "urgent": False,
        "overdue": False,
        "later": False,
        "phone": "+44 7700 900123",
        "session": None,
        "message": None,
        "told": "",
        "calls": [],
        "next_try_on": None,
    }
    assert held["told"] == "Not told yet: call."


def test_somebody_clear_again_is_to_be_called(api, reception, booked, rosa, amara, bruise):
    make_gone(bruise, by=rosa, now=ahead(-1))

    found = api(reception).get(f"{API}worklists/").json()

    assert [row["patient"] for row in found["clear-again"]] == [str(amara.pk)]
    assert found["clear-again"][0]["next_step"] == "Call to confirm the held appointment or book a new one."
    assert [row["next_step"] for row in found["on-hold"]] == ["Clear again: confirm or move it."]


def test_a_row_names_the_calls_made_for_it_newest_first(api, reception, booked, amara, bruise):
    for hour, outcome, again in ((9, "no-answer", None), (10, "left-message", ahead(1).date())):
        record_call(
            patient=amara, worklist="on-hold", outcome=outcome, note=f"at {hour}", next_try_on=again, by=reception,
            now=ahead(0, hour=hour),
        )  # fmt: skip

    [held] = api(reception).get(f"{API}worklists/").json()["on-hold"]

    assert [(call["outcome"], call["note"], call["by"]) for call in held["calls"]] == [
        ("left-message", "at 10", reception.name),
        ("no-answer", "at 9", reception.name),
    ]
    assert (held["next_try_on"], held["later"]) == (ahead(1).date().isoformat(), True)
