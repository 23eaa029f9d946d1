"""What must not stand in a log is taken out before it is written."""

import logging
import re

PRIVATE_ADDRESS = re.compile(r"(/calendar/)[^\s\"'?]+")


class WithoutCalendarTokens(logging.Filter):
    """The requested address is logged with each 4xx and 5xx; a calendar address is itself the key to a diary."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if "/calendar/" in said:
            record.msg, record.args = PRIVATE_ADDRESS.sub(r"\1…", said), ()
        return True


def install() -> None:
    for name in ("django.request", "django.server", "django.security.DisallowedHost"):
        logging.getLogger(name).addFilter(WithoutCalendarTokens())
