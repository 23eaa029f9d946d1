"""Mail to a member of staff about how they sign in. It never stops what it tells of."""

import logging

from django.conf import settings
from django.core.mail import EmailMessage

from clinic.models import Staff

log = logging.getLogger(__name__)


def tell(staff: Staff, subject: str, words: str, *, to: str = "") -> bool:
    """Mail it (to another address than theirs), and say whether the mail server took it.

    A server that is away is noted in the log, without the words.
    """
    if settings.DEMO:  # its people are made up
        return False
    body = f"Hello {staff.name},\n\n{words}\n\n{settings.BASE_URL}\n"
    try:
        return bool(EmailMessage(f"Allclear: {subject}", body, to=[to or staff.email]).send())
    except Exception as error:  # noqa: BLE001  (whatever a mail server may do, the sign-in goes on)
        log.warning("security mail not sent: %s", type(error).__name__)
        return False
