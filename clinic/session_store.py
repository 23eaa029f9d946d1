"""Sessions in the database, each with whose it is beside it (SESSION_ENGINE; Django's documented way to extend it)."""

import datetime as dt
import re
from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore

from clinic.models.sign_in_session import SignInSession

KEY = re.compile(r"[a-z0-9]{8,40}")
# What a session says of itself, in seconds since 1970: written by clinic/session_ends.py.
BEGAN, SEEN, BROWSER, ADDRESS = "began", "seen", "browser", "address"


class SessionStore(DatabaseSessionStore):
    cache_key_prefix = "clinic.session_store"

    def __init__(self, session_key: str | None = None) -> None:
        # What a cookie claims: PostgreSQL would fail on a NUL, where this is just nobody's session.
        super().__init__(session_key if session_key and KEY.fullmatch(session_key) else None)

    @classmethod
    def get_model_class(cls) -> type[SignInSession]:
        return SignInSession

    def create_model_instance(self, data: dict[str, Any]) -> SignInSession:
        row = cast(SignInSession, super().create_model_instance(data))
        row.staff_id = data.get(SESSION_KEY)
        row.browser = data.get(BROWSER, "")
        row.address = data.get(ADDRESS)
        row.began_at, row.last_seen_at = _time(data.get(BEGAN)), _time(data.get(SEEN))
        return row


def _time(seconds: float | None) -> dt.datetime | None:
    return dt.datetime.fromtimestamp(seconds, dt.UTC) if seconds else None
