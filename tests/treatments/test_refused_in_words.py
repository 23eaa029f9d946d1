"""What only a guard noticed, because it changed a moment ago, is refused in words as everything else is."""

import pytest
from django.core.exceptions import ValidationError

from clinic.models import Staff
from clinic.refusals import Refused
from patients.registration import record_consent
from tests import raw_sql
from tests.factories import make_gone, make_side_effect, on
from treatments.models import Photo
from treatments.side_effects import enter_in_error, review_side_effect

CHANGED = "Somebody else has just changed this."


@pytest.fixture
def bruise(amara, rosa):
    return make_side_effect(patient=amara, by=rosa)


@pytest.fixture
def demoted(bruise, rosa) -> Staff:
    """Rosa as the request knew her, no longer a practitioner."""
    Staff.objects.filter(pk=rosa.pk).update(is_practitioner=False)
    return rosa


def _said(refusal: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    return [(blocker.code, blocker.message) for blocker in refusal.value.blockers]


def test_gone_by_somebody_just_demoted(bruise, demoted):
    with pytest.raises(Refused) as refusal:
        make_gone(bruise, demoted)

    assert _said(refusal) == [("closing-review-needed", CHANGED)]
    bruise.refresh_from_db()
    assert bruise.is_open


def test_an_error_by_somebody_just_demoted(bruise, demoted):
    with pytest.raises(Refused) as refusal:
        enter_in_error(side_effect=bruise, reason="wrong person", by=demoted)

    assert _said(refusal) == [("error-needs-reason", CHANGED)]
    bruise.refresh_from_db()
    assert bruise.is_open


def test_a_consent_of_a_record_just_merged(amara, jonas, rosa):
    raw_sql.update(amara, merged_into_id=jonas.pk)

    with pytest.raises(ValidationError) as error:
        record_consent(patient=amara, kind="treatment", by=rosa)

    assert error.value.messages == ["This record was merged into another. Use the other one."]


@pytest.mark.parametrize(("taken", "closes"), [(on(1), False), (on(2, 10), True)], ids=["before", "after"])
def test_gone_from_a_photo_older_than_the_report(taken, closes, bruise, rosa):
    Photo.objects.create(
        side_effect=bruise,
        taken_at=taken,
        uploaded_at=on(2, 11),
        uploaded_by=rosa,
        original_sha256="0" * 64,
        original_format="jpeg",
    )
    look = {"side_effect": bruise, "mode": "photo", "finding": "gone", "by": rosa, "now": on(2, 12)}

    if closes:
        review_side_effect(**look)
    else:
        with pytest.raises(ValidationError) as error:
            review_side_effect(**look)
        assert list(error.value.message_dict) == ["mode"]

    bruise.refresh_from_db()
    assert bruise.is_open is not closes
