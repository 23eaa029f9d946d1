"""What an alert or a recall said when it was made stays as it was; and a recalled lot is in quarantine until the recall ends."""

from clinic.database import Guard
from treatments.guards.words import READ_COMMITTED, abort, begin, odd_id, odd_time, refuse, taken_along


def _differ(pg: bool, *columns: str) -> str:
    different = "IS DISTINCT FROM" if pg else "IS NOT"
    return "(" + " OR ".join(f"NEW.{column} {different} OLD.{column}" for column in columns) + ")"


def _spelt(ids: tuple[str, ...], times: tuple[str, ...]) -> str:
    odd = [odd_id(f"NEW.{one}") for one in ids] + [odd_time(f"NEW.{one}") for one in times]
    return f"SELECT RAISE(ABORT, 'spelt-oddly') WHERE {' OR '.join(odd)};"


# --- Alerts ------------------------------------------------------------------------------------------------------------

_SAID = ("id", "kind", "key", "site_id", "raised_at", "facts", "reason")
_ANSWERED = ("acknowledged_at", "acknowledged_by_id", "remark")


def _alert_changed(pg: bool) -> str:
    return f"{_differ(pg, *_SAID)} OR (OLD.acknowledged_at IS NOT NULL AND {_differ(pg, *_ANSWERED)})"


_ALERT_PG = f"""
BEGIN
  IF {_alert_changed(True)} THEN
    {refuse("never-changed", "what an alert said, and its acknowledgement, are never changed")}
  END IF;
  RETURN NEW;
END
"""

# --- Recalls -----------------------------------------------------------------------------------------------------------

_BEGUN = ("id", "lot_id", "begun_at", "begun_by_id", "reason")
_REST = ("letter", "ended_at", "ended_by_id", "outcome")
_IN_USE = "NOT EXISTS (SELECT 1 FROM treatments_lot l WHERE l.id = NEW.lot_id AND l.quarantined_at IS NOT NULL)"
_SENT = "EXISTS (SELECT 1 FROM treatments_recallcall c WHERE c.recall_id = OLD.id AND c.how = 'letter')"


def _recall_changed(pg: bool) -> str:
    return (
        f"{_differ(pg, *_BEGUN)} OR (OLD.ended_at IS NOT NULL AND {_differ(pg, *_REST)}) "
        f"OR (NEW.letter <> OLD.letter AND {_SENT})"
    )


_RECALL_PG = f"""
BEGIN{READ_COMMITTED}
  IF TG_OP = 'INSERT' THEN
    IF NEW.ended_at IS NOT NULL THEN {refuse("wrong-status", "a recall is born open")} END IF;
    -- A release that is being written is waited for, and asked in the next statement.
    PERFORM 1 FROM treatments_lot l WHERE l.id = NEW.lot_id FOR SHARE;
    IF {_IN_USE} THEN {refuse("lot-in-use", "a recalled lot is in quarantine")} END IF;
    RETURN NEW;
  END IF;
  IF {_recall_changed(True)} THEN
    {refuse("never-changed", "how a recall began, the letter that was sent and its end are never changed")}
  END IF;
  RETURN NEW;
END
"""
_RECALL_SPELT = _spelt(("id", "lot_id"), ("begun_at", "ended_at"))
_RECALL_SQLITE = {
    "BEFORE INSERT": begin(
        _RECALL_SPELT, abort("wrong-status", "NEW.ended_at IS NOT NULL"), abort("lot-in-use", _IN_USE)
    ),
    "BEFORE UPDATE": begin(_RECALL_SPELT, abort("never-changed", _recall_changed(False))),
}

# --- Who was told ------------------------------------------------------------------------------------------------------

# Who could not be reached may be reached later; who was told was told.
_HOW = ("how", "at", "by_id", "note")
_TOLD_OTHERWISE = "NOT (OLD.how = 'not-reached' AND NEW.how <> 'not-reached')"


def _told_changed(pg: bool) -> str:
    other = f"NEW.patient_id <> OLD.patient_id AND NOT {taken_along('treatments_recallcall')}"
    return f"{_differ(pg, 'id', 'recall_id')} OR ({_differ(pg, *_HOW)} AND {_TOLD_OTHERWISE}) OR ({other})"


_TOLD_PG = f"""
BEGIN
  IF {_told_changed(True)} THEN {refuse("never-changed", "who was told, and how, is never changed")} END IF;
  RETURN NEW;
END
"""
_TOLD_SPELT = _spelt(("id", "recall_id", "patient_id"), ("at",))

# --- The lot -----------------------------------------------------------------------------------------------------------

_RELEASED = "OLD.quarantined_at IS NOT NULL AND NEW.quarantined_at IS NULL"
_RECALLED = "EXISTS (SELECT 1 FROM treatments_recall r WHERE r.lot_id = OLD.id AND r.ended_at IS NULL)"
_LOT_PG = f"""
BEGIN{READ_COMMITTED}
  -- This row is locked by now: a recall that is being written (FOR SHARE) was waited for.
  IF {_RELEASED} AND {_RECALLED} THEN {refuse("recall-open", "a recalled lot stays in quarantine")} END IF;
  RETURN NEW;
END
"""

GUARDS = [
    Guard(
        "guard_alert",
        "treatments_alert",
        "BEFORE UPDATE",
        _ALERT_PG,
        {"BEFORE UPDATE": begin(abort("never-changed", _alert_changed(False)))},
    ),
    Guard("guard_recall", "treatments_recall", "BEFORE INSERT OR UPDATE", _RECALL_PG, _RECALL_SQLITE),
    Guard(
        "guard_recall_call",
        "treatments_recallcall",
        "BEFORE UPDATE",
        _TOLD_PG,
        {"BEFORE UPDATE": begin(_TOLD_SPELT, abort("never-changed", _told_changed(False)))},
    ),
    Guard(
        "guard_lot_recalled",
        "treatments_lot",
        "BEFORE UPDATE",
        _LOT_PG,
        {"BEFORE UPDATE": begin(abort("recall-open", f"{_RELEASED} AND {_RECALLED}"))},
    ),
]
