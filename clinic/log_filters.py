"""What must not stand in a log is taken out before it is written."""

import logging
import re

PRIVATE_ADDRESS = re.compile(r"(/calendar/|/accounts/invitation/)[^\s\"'?]+")


class WithoutCalendarTokens(logging.Filter):
    """The requested address is logged with each 4xx and 5xx; a calendar address is itself the key to a diary, and an
    invitation's to an account."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if PRIVATE_ADDRESS.search(said):
            record.msg, record.args = PRIVATE_ADDRESS.sub(r"\1…", said), ()
        return True


def install() -> None:
    for name in ("django.request", "django.server", "django.security.DisallowedHost"):
        logging.getLogger(name).addFilter(WithoutCalendarTokens())
