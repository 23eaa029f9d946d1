"""No expired or quarantined lot goes into a session, not even a second after it was quarantined elsewhere; and what went
into a session that was signed stays as it was written."""

from clinic.database import Guard
from treatments.guards.words import READ_COMMITTED, ROW_BELOW_ZERO, abort, begin, odd_day, odd_id, odd_time, refuse

_SIGNED = "EXISTS (SELECT 1 FROM treatments_session s WHERE s.id = {row}.session_id AND s.finished_at IS NOT NULL)"
# The site's day may be the day before or after UTC's, and no further.
_OTHER_DAY_PG = (
    "NOT EXISTS (SELECT 1 FROM treatments_session s WHERE s.id = NEW.session_id "
    "AND abs((s.started_at AT TIME ZONE 'UTC')::date - NEW.used_on) <= 1)"
)
_OTHER_DAY_SQLITE = (
    "NOT EXISTS (SELECT 1 FROM treatments_session s WHERE s.id = NEW.session_id "
    "AND abs(julianday(date(s.started_at)) - julianday(NEW.used_on)) <= 1)"
)
_QUARANTINED = "EXISTS (SELECT 1 FROM treatments_lot l WHERE l.id = NEW.lot_id AND l.quarantined_at IS NOT NULL)"
_EXPIRED = (
    "NOT EXISTS (SELECT 1 FROM treatments_lot l WHERE l.id = NEW.lot_id AND l.expires_on IS NOT NULL "
    "AND l.expires_on >= NEW.used_on)"
)
# Another volume of what was taken already takes nothing new from the lot.
_TAKES_PG = (
    "TG_OP = 'INSERT' OR NEW.lot_id <> OLD.lot_id OR NEW.session_id <> OLD.session_id OR NEW.used_on <> OLD.used_on"
)
_TAKES_SQLITE = "NEW.lot_id <> OLD.lot_id OR NEW.session_id <> OLD.session_id OR NEW.used_on <> OLD.used_on"

_USE_PG = f"""
BEGIN{READ_COMMITTED}
  -- A signature that is being written is waited for, and asked in the next statement.
  PERFORM 1 FROM treatments_session s WHERE s.id IN (NEW.session_id, OLD.session_id) FOR SHARE;
  IF TG_OP <> 'INSERT' AND {_SIGNED.format(row="OLD")} THEN
    {refuse("session-signed", "what was used in a finished session is never changed")}
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  IF TG_OP = 'UPDATE' AND NEW.id <> OLD.id THEN {refuse("never-changed", "a use keeps its id")} END IF;
  IF {_SIGNED.format(row="NEW")} THEN
    {refuse("session-signed", "a finished session takes no more lots")}
  END IF;
  IF {_TAKES_PG} THEN
    -- A quarantine that is being written is waited for, and asked in the next statement.
    PERFORM 1 FROM treatments_lot l WHERE l.id = NEW.lot_id FOR SHARE;
    IF {_OTHER_DAY_PG} THEN {refuse("lot-other-day", "a lot is used on the day of its session")} END IF;
    IF {_QUARANTINED} THEN {refuse("lot-quarantined", "this lot is in quarantine")} END IF;
    IF {_EXPIRED} THEN {refuse("lot-expired", "this lot has expired, or its expiry is not known")} END IF;
  END IF;
  RETURN NEW;
END
"""


def _asked(when: str) -> tuple[str, ...]:
    return (
        abort("lot-other-day", f"({when}) AND {_OTHER_DAY_SQLITE}"),
        abort("lot-quarantined", f"({when}) AND {_QUARANTINED}"),
        abort("lot-expired", f"({when}) AND {_EXPIRED}"),
    )


def _spelt(*odd: str) -> str:
    return f"SELECT RAISE(ABORT, 'spelt-oddly') WHERE {' OR '.join(odd)};"


_SPELT = _spelt(*(odd_id(f"NEW.{name}") for name in ("id", "session_id", "lot_id")), odd_day("NEW.used_on"))
_COLLIDES = abort(
    "never-deleted",
    "EXISTS (SELECT 1 FROM treatments_lotuse WHERE id = NEW.id OR rowid = NEW.rowid "
    "OR (session_id = NEW.session_id AND lot_id = NEW.lot_id))",
)
_USE_SQLITE = {
    "BEFORE INSERT": begin(_SPELT, _COLLIDES, abort("session-signed", _SIGNED.format(row="NEW")), *_asked("1")),
    "BEFORE UPDATE": begin(
        _SPELT,
        abort("never-changed", "NEW.id <> OLD.id OR NEW.rowid <> OLD.rowid"),
        abort("session-signed", f"{_SIGNED.format(row='OLD')} OR {_SIGNED.format(row='NEW')}"),
        *_asked(_TAKES_SQLITE),
    ),
    "BEFORE DELETE": begin(abort("session-signed", _SIGNED.format(row="OLD"))),
    "AFTER INSERT": begin(ROW_BELOW_ZERO),
}

# Django's admin and a hand in the database alike: a lot that was used keeps its product, number and expiry; a wrong
# expiry is made right only while nothing was taken from it, or towards an earlier day. It is kept (kept.py): a lot that was
# received wrongly is put in quarantine, with the reason.
_USED = "EXISTS (SELECT 1 FROM treatments_lotuse u WHERE u.lot_id = OLD.id)"
_OTHER_LOT = (
    "NEW.id <> OLD.id OR NEW.product_id <> OLD.product_id OR NEW.number <> OLD.number "
    "OR (OLD.expires_on IS NOT NULL AND (NEW.expires_on IS NULL OR NEW.expires_on > OLD.expires_on))"
)
_RECALLED = "EXISTS (SELECT 1 FROM treatments_recall r WHERE r.lot_id = OLD.id AND r.ended_at IS NULL)"
_LOT_PG = f"""
BEGIN{READ_COMMITTED}
  -- This row is locked by now: a use that is being written (FOR SHARE) was waited for, and is seen by the next statement.
  IF ({_OTHER_LOT}) AND ({_USED} OR {_RECALLED}) THEN
    {refuse("lot-fixed", "a lot that was used or is recalled keeps its product, number and expiry")}
  END IF;
  RETURN NEW;
END
"""
_LOT_SPELT = _spelt(
    *(odd_id(f"NEW.{name}") for name in ("id", "product_id")), odd_day("NEW.expires_on"), odd_time("NEW.quarantined_at")
)
_LOT_SQLITE = {
    "BEFORE INSERT": begin(_LOT_SPELT),
    "BEFORE UPDATE": begin(_LOT_SPELT, abort("lot-fixed", f"({_OTHER_LOT}) AND ({_USED} OR {_RECALLED})")),
}

# Row by row is guard_lot_use's; all at once fires no trigger for a row. SQLite has no TRUNCATE.
_ALL_AT_ONCE_PG = f"\nBEGIN\n  {refuse('never-deleted', 'what was used is kept')}\nEND\n"

GUARDS = [
    Guard("guard_lot_use", "treatments_lotuse", "BEFORE INSERT OR DELETE OR UPDATE", _USE_PG, _USE_SQLITE),
    Guard("guard_lot_uses", "treatments_lotuse", "BEFORE TRUNCATE", _ALL_AT_ONCE_PG, {}, "STATEMENT"),
    Guard("guard_lot", "treatments_lot", "BEFORE UPDATE", _LOT_PG, _LOT_SQLITE),
]
