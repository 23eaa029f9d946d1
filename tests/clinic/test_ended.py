"""What is over is not kept for ever."""

import datetime as dt

from django.utils import timezone

from clinic.browsers import KEPT_FOR
from clinic.ended import forget_ended
from clinic.models import KeptForm, KnownBrowser, SignInSession
from tests.pages.desk import signed_in


def test_kept_forms_go_after_a_day_browsers_after_their_cookie_and_sessions_with_their_end(reception):
    now = timezone.now()
    signed_in(reception), signed_in(reception)
    SignInSession.objects.filter(pk=SignInSession.objects.first().pk).update(expire_date=now)
    for age in (dt.timedelta(hours=23, minutes=59), dt.timedelta(hours=24)):
        KeptForm.objects.create(staff=reception, path="/patients/new/", fields=[], kept_at=now - age)
    for number, age in enumerate((KEPT_FOR - dt.timedelta(days=1), KEPT_FOR)):
        KnownBrowser.objects.create(staff=reception, token_hash=f"{number:064}", last_seen_at=now - age)

    assert forget_ended(now) == 3
    assert (SignInSession.objects.count(), KeptForm.objects.count(), KnownBrowser.objects.count()) == (1, 1, 1)
    assert forget_ended(now) == 0
