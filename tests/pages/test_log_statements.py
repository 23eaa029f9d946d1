"""The page for logging asks the database as often for a long history as for a short one."""

from tests.factories import make_gone, make_session, make_side_effect
from tests.pages.clinical import ago, browser, log, statements
from treatments.models import Appointment
from treatments.models.appointment import Status


def test_the_log_page_asks_the_same_for_one_side_effect_and_for_three(rosa, amara, jonas, mesotherapy):
    counts = []
    for patient, times in ((amara, 1), (jonas, 3)):
        for number in range(times):
            make_session(patient=patient, practitioner=rosa, treatment=mesotherapy, at=ago(40 - 5 * number))
            make_gone(make_side_effect(patient=patient, by=rosa, now=ago(20 - number)), rosa, now=ago(9))
        for site in ("thigh", "calf", "arm")[:times]:
            make_side_effect(patient=patient, by=rosa, kind="swelling", site=site, now=ago(2))
        counts.append(statements(browser(rosa), log(patient)))

    assert counts[0] == counts[1] <= 8
    assert set(Appointment.objects.values_list("status", flat=True)) == {Status.FULFILLED}
