"""What of signing in is over, and is not kept for ever. The trail keeps that it was."""

import datetime as dt

from clinic.browsers import KEPT_FOR
from clinic.kept_forms import forget_old_forms
from clinic.models import KnownBrowser, SignInSession


def forget_ended(now: dt.datetime) -> int:
    """Remove sessions that time has ended, browsers not seen for longer than they keep a cookie, and old kept forms.

    A session that ended for want of anybody there stays for its hours: by it, a form that is sent late is kept for whose
    it was. Returns how many rows went.
    """
    sessions, _ = SignInSession.objects.filter(expire_date__lte=now).delete()
    browsers, _ = KnownBrowser.objects.filter(last_seen_at__lte=now - KEPT_FOR).delete()
    return sessions + browsers + forget_old_forms(now)
