"""Guards (d) and (g): what is never deleted, replaced or truncated; what is never changed either."""

from clinic.database import Guard
from treatments.guards.words import ROW_BELOW_ZERO, abort, begin, quoted, refuse
from treatments.models.message import REMINDERS_ONCE

NEVER_DELETED = (
    "treatments_addendum",
    "treatments_alert",
    "treatments_appointment",
    "treatments_call",
    "treatments_deviation",
    "treatments_followup",
    "treatments_hold",
    "treatments_lot",
    "treatments_merge",
    "treatments_mergedrow",
    "treatments_message",
    "treatments_recall",
    "treatments_recallcall",
    "treatments_referralstep",
    "treatments_review",
    "treatments_session",
    "treatments_sheet",
    "treatments_sheetgiven",
    "treatments_sideeffect",
    "treatments_signoff",
    "treatments_skincheck",
    "clinic_auditevent",
    "clinic_auditseal",
    "clinic_refusal",
)
NEVER_CHANGED = (
    "treatments_addendum",
    "treatments_deviation",
    "treatments_mergedrow",
    "treatments_referralstep",
    "treatments_sheet",
    "treatments_signoff",
    "clinic_auditevent",
    "clinic_auditseal",
    "clinic_refusal",
)
_SAME_REMINDER = (
    "appointment_id = NEW.appointment_id AND kind = NEW.kind AND about_starts_at = NEW.about_starts_at "
    f"AND kind IN ({quoted(REMINDERS_ONCE)})"
)
# SQLite's REPLACE drops the row it collides with without firing a DELETE trigger: refuse the collision instead.
_COLLIDES = {
    "clinic_auditseal": "id = NEW.id OR event_id = NEW.event_id",
    "treatments_alert": "id = NEW.id OR rowid = NEW.rowid OR key = NEW.key",
    "treatments_deviation": "id = NEW.id OR appointment_id = NEW.appointment_id OR rowid = NEW.rowid",
    "treatments_lot": "id = NEW.id OR rowid = NEW.rowid OR (product_id = NEW.product_id AND number = NEW.number)",
    "treatments_recall": "id = NEW.id OR rowid = NEW.rowid "
    "OR (lot_id = NEW.lot_id AND ended_at IS NULL AND NEW.ended_at IS NULL)",
    "treatments_recallcall": "id = NEW.id OR rowid = NEW.rowid "
    "OR (recall_id = NEW.recall_id AND patient_id = NEW.patient_id)",
    "treatments_referralstep": "id = NEW.id OR rowid = NEW.rowid "
    "OR (side_effect_id = NEW.side_effect_id AND step = NEW.step)",
    "treatments_sheet": "id = NEW.id OR rowid = NEW.rowid OR (kind = NEW.kind AND treatment_id IS NEW.treatment_id "
    "AND language = NEW.language AND version = NEW.version)",
    "treatments_message": f"id = NEW.id OR rowid = NEW.rowid OR ({_SAME_REMINDER})",
    "treatments_merge": "id = NEW.id OR rowid = NEW.rowid OR (merged_id = NEW.merged_id AND undone_at IS NULL)",
    "treatments_mergedrow": "id = NEW.id OR rowid = NEW.rowid "
    "OR (merge_id = NEW.merge_id AND table_name = NEW.table_name AND row_id = NEW.row_id)",
    "treatments_session": "id = NEW.id OR appointment_id = NEW.appointment_id OR rowid = NEW.rowid",
    "treatments_skincheck": "id = NEW.id OR session_id = NEW.session_id OR rowid = NEW.rowid",
}
# Another unique key than the id that an update could take from a row, which UPDATE OR REPLACE would drop.
_TAKES = {
    "treatments_lot": "(NEW.product_id <> OLD.product_id OR NEW.number <> OLD.number) AND EXISTS (SELECT 1 "
    "FROM treatments_lot WHERE product_id = NEW.product_id AND number = NEW.number AND id <> OLD.id)",
    "treatments_alert": "NEW.key <> OLD.key",
    "treatments_message": f"EXISTS (SELECT 1 FROM treatments_message WHERE {_SAME_REMINDER} AND id <> OLD.id)",
    "treatments_recall": "NEW.lot_id <> OLD.lot_id",
    "treatments_recallcall": "(NEW.recall_id <> OLD.recall_id OR NEW.patient_id <> OLD.patient_id) AND EXISTS (SELECT 1 "
    "FROM treatments_recallcall WHERE recall_id = NEW.recall_id AND patient_id = NEW.patient_id AND id <> OLD.id)",
    "treatments_skincheck": "NEW.session_id IS NOT OLD.session_id",
}
_COLLIDES_BY_ID = "id = NEW.id OR rowid = NEW.rowid"


def _kept(table: str) -> Guard:
    collides = f"EXISTS (SELECT 1 FROM {table} WHERE {_COLLIDES.get(table, _COLLIDES_BY_ID)})"
    body = f"\nBEGIN\n  {refuse('never-deleted', 'rows of this table are kept')}\nEND\n"
    return Guard(
        name=f"guard_kept_{table}",
        table=table,
        events="BEFORE DELETE OR TRUNCATE",
        level="STATEMENT",
        postgresql=body,
        sqlite={
            "BEFORE DELETE": begin("SELECT RAISE(ABORT, 'never-deleted');"),
            "BEFORE INSERT": begin(abort("never-deleted", collides)),
            # UPDATE OR REPLACE drops the row whose key it takes.
            "BEFORE UPDATE": begin(
                abort("never-deleted", "NEW.rowid <> OLD.rowid OR NEW.id <> OLD.id"),
                *([abort("never-deleted", _TAKES[table])] if table in _TAKES else []),
            ),
            "AFTER INSERT": begin(ROW_BELOW_ZERO),
        },
    )


def _unchanged(table: str) -> Guard:
    return Guard(
        name=f"guard_unchanged_{table}",
        table=table,
        events="BEFORE UPDATE",
        level="STATEMENT",
        postgresql=f"\nBEGIN\n  {refuse('never-changed', 'rows of this table are never changed')}\nEND\n",
        sqlite={"BEFORE UPDATE": begin("SELECT RAISE(ABORT, 'never-changed');")},
    )


GUARDS = [
    *(_kept(table) for table in NEVER_DELETED),
    *(_unchanged(table) for table in NEVER_CHANGED),
]
