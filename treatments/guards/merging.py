"""What a merge moves, and takes back when it is undone: recorded by the database, so that both are exact.

Setting `merged_into` writes the Merge, records every row that hangs on either record and how it stands, seals the record
and moves what hung on the merged one. Emptying it again takes exactly those back. No row changes its patient otherwise
(words.taken_along), and nothing can be recorded after the seal: a merge and its undo hand no bruise to anybody.
"""

from clinic.database import Guard
from treatments.guards.words import (
    KIND_BLOCKS_FAMILY,
    OPEN,
    READ_COMMITTED,
    abort,
    begin,
    quoted,
    refuse,
    spelt_oddly,
    taken_along,
)

# What the rule and the state ask for. Something new in one of these, and the merge can no longer be undone.
RULE_TABLES = ("treatments_sideeffect", "treatments_appointment", "treatments_session", "treatments_skincheck")
# What makes the chart whole.
CHART_TABLES = (
    "patients_consent",
    "treatments_call",
    "treatments_closure",
    "treatments_course",
    "treatments_followup",
    "treatments_recallcall",
    "treatments_sheetgiven",
    "treatments_waitinglistentry",
)
# One of a kind in force; one open wish for a treatment; told of a recall once. The merged record's stays behind where the kept one has its own,
# and so does a consent that was withdrawn at the kept one after it was given: no consent comes back by a merge.
_STAYS = {
    "treatments_recallcall": "t.patient_id = NEW.id AND EXISTS (SELECT 1 FROM treatments_recallcall k "
    "WHERE k.patient_id = NEW.merged_into_id AND k.recall_id = t.recall_id)",
    "patients_consent": "t.patient_id = NEW.id AND t.withdrawn_at IS NULL AND EXISTS (SELECT 1 FROM patients_consent k "
    "WHERE k.patient_id = NEW.merged_into_id AND k.kind = t.kind "
    "AND (k.withdrawn_at IS NULL OR k.withdrawn_at > t.given_at))",
    "treatments_waitinglistentry": "t.patient_id = NEW.id AND t.closed_at IS NULL AND EXISTS (SELECT 1 "
    "FROM treatments_waitinglistentry k WHERE k.patient_id = NEW.merged_into_id AND k.treatment_id = t.treatment_id "
    "AND k.closed_at IS NULL)",
}
LOOKS = (
    "CASE WHEN t.closing_review_id IS NULL AND t.error_at IS NULL THEN 'open-' ELSE 'closed-' END "
    "|| (SELECT count(*) FROM treatments_review v WHERE v.side_effect_id = t.id)"
)
_NOTHING = "''"
# How a row stands once the merge is done; for an appointment, held by what is open on either side.
_WAS = {
    "treatments_sideeffect": LOOKS,
    "treatments_appointment": "CASE WHEN t.status IN ('booked', 'arrived') AND EXISTS (SELECT 1 "
    "FROM treatments_sideeffect s JOIN treatments_treatment t2 ON t2.id = t.treatment_id "
    f"WHERE s.patient_id IN (NEW.id, NEW.merged_into_id) AND {OPEN} AND ({KIND_BLOCKS_FAMILY.replace('t.family', 't2.family')})) "
    "THEN 'on-hold' ELSE t.status END",
}
_STANDS = {"treatments_sideeffect": LOOKS, "treatments_appointment": "t.status"}
_MERGE = "(SELECT m.id FROM treatments_merge m WHERE m.merged_id = NEW.id AND m.undone_at IS NULL)"


def _record(table: str) -> str:
    stays = f" AND NOT ({_STAYS[table]})" if table in _STAYS else ""
    return (
        "INSERT INTO treatments_mergedrow (merge_id, table_name, row_id, moved, was) "
        f"SELECT {_MERGE}, '{table}', t.id, t.patient_id = NEW.id, {_WAS.get(table, _NOTHING)} FROM {table} t "
        f"WHERE t.patient_id IN (NEW.id, NEW.merged_into_id){stays};"
    )


def _recorded(table: str) -> str:
    return (
        f"(SELECT r.row_id FROM treatments_mergedrow r WHERE r.merge_id = {_MERGE} "
        f"AND r.table_name = '{table}' AND r.moved)"
    )


def _move(there: str, here: str, since: str) -> str:
    """Side effects first, which hold what is booked there (guard b); then what they block here comes along on hold."""
    blocking = (
        "FROM treatments_sideeffect s JOIN treatments_treatment t ON t.id = treatments_appointment.treatment_id "
        f"WHERE s.patient_id = {there} AND {OPEN} AND ({KIND_BLOCKS_FAMILY})"
    )
    along = f"patient_id = {here} AND id IN {_recorded('treatments_appointment')}"
    blocked = f"{along} AND status IN ('booked', 'arrived') AND EXISTS (SELECT 1 {blocking})"
    rest = [
        f"UPDATE {table} SET patient_id = {there} WHERE patient_id = {here} AND id IN {_recorded(table)};"
        for table in (*RULE_TABLES[2:], *CHART_TABLES)
    ]
    return " ".join(
        [
            f"UPDATE treatments_sideeffect SET patient_id = {there} "
            f"WHERE patient_id = {here} AND id IN {_recorded('treatments_sideeffect')};",
            "INSERT INTO treatments_hold (appointment_id, side_effect_id, status_before, held_from) "
            f"SELECT id, (SELECT s.id {blocking} ORDER BY s.recorded_at LIMIT 1), status, {since} "
            f"FROM treatments_appointment WHERE {blocked};",
            f"UPDATE treatments_appointment SET patient_id = {there}, status = 'on-hold' WHERE {blocked};",
            f"UPDATE treatments_appointment SET patient_id = {there} WHERE {along};",
            # A message speaks of an appointment and goes where that goes.
            f"UPDATE treatments_message SET patient_id = {there} "
            f"WHERE patient_id = {here} AND appointment_id IN {_recorded('treatments_appointment')};",
            *rest,
        ]
    )


def merged(since: str) -> str:
    return " ".join(
        [
            *(_record(table) for table in (*RULE_TABLES, *CHART_TABLES)),
            f"UPDATE treatments_merge SET sealed = true WHERE id = {_MERGE};",
            _move("NEW.merged_into_id", "NEW.id", since),
        ]
    )


def undone(since: str) -> str:
    return " ".join(
        [
            _move("NEW.id", "OLD.merged_into_id", since),
            f"UPDATE treatments_merge SET undone_at = {since} WHERE id = {_MERGE};",
        ]
    )


NO_MERGE = f"NOT EXISTS (SELECT 1 FROM treatments_merge m WHERE m.id = {_MERGE})"
# Asked of the row in patients_patient whose merge is to be undone.
NEW_SINCE = " OR ".join(
    f"EXISTS (SELECT 1 FROM {table} t WHERE t.patient_id = OLD.merged_into_id AND NOT EXISTS (SELECT 1 "
    f"FROM treatments_mergedrow r WHERE r.merge_id = {_MERGE} AND r.table_name = '{table}' AND r.row_id = t.id "
    f"AND r.was = {_STANDS.get(table, _NOTHING)}))"
    for table in RULE_TABLES
)

# --- The merge's own rows -------------------------------------------------------------------------------------------

_STANDS_ALONE = "EXISTS (SELECT 1 FROM patients_patient p WHERE p.id = NEW.merged_id AND p.merged_into_id IS NULL)"
_BORN_WRONG = f"NEW.sealed OR NEW.undone_at IS NOT NULL OR NOT {_STANDS_ALONE}"
_REWRITTEN = " OR ".join(
    [
        "NEW.id <> OLD.id OR NEW.kept_id <> OLD.kept_id OR NEW.merged_id <> OLD.merged_id",
        "(OLD.sealed AND NOT NEW.sealed)",
        "(OLD.undone_at IS NOT NULL AND NEW.undone_at IS NULL)",
        "(OLD.by_id IS NOT NULL AND (NEW.by_id IS NULL OR NEW.by_id <> OLD.by_id OR NEW.at <> OLD.at))",
        "(OLD.undone_by_id IS NOT NULL AND (NEW.undone_by_id IS NULL OR NEW.undone_by_id <> OLD.undone_by_id "
        "OR NEW.undone_at <> OLD.undone_at))",
    ]
)
_BACK = " OR ".join(
    f"(r.table_name = '{table}' AND EXISTS (SELECT 1 FROM {table} t WHERE t.id = r.row_id AND t.patient_id = OLD.merged_id))"
    for table in RULE_TABLES
)
_NOT_ALL_BACK = (
    f"NEW.undone_at IS NOT NULL AND OLD.undone_at IS NULL AND (NOT {_STANDS_ALONE} OR EXISTS (SELECT 1 "
    f"FROM treatments_mergedrow r WHERE r.merge_id = OLD.id AND r.moved "
    f"AND r.table_name IN ({quoted(RULE_TABLES)}) AND NOT ({_BACK})))"
)
_MERGE_PG = f"""
BEGIN{READ_COMMITTED}
  IF TG_OP = 'INSERT' THEN
    IF {_BORN_WRONG} THEN {refuse("merge-untrue", "a merge is recorded when it is made")} END IF;
    RETURN NEW;
  END IF;
  IF {_REWRITTEN} THEN {refuse("merge-untrue", "what was merged, when and by whom is never rewritten")} END IF;
  IF {_NOT_ALL_BACK} THEN {refuse("merge-untrue", "it is undone when everything is back")} END IF;
  RETURN NEW;
END
"""
_MERGE_SQLITE = {
    "BEFORE INSERT": begin(
        spelt_oddly(("id", "kept_id", "merged_id"), ("at",)),
        abort("merge-untrue", _BORN_WRONG),
    ),
    "BEFORE UPDATE": begin(abort("merge-untrue", _REWRITTEN), abort("merge-untrue", _NOT_ALL_BACK)),
}

# A row is recorded before the seal, and as it hangs.
_HANGS = " OR ".join(
    f"(NEW.table_name = '{table}' AND EXISTS (SELECT 1 FROM {table} t WHERE t.id = NEW.row_id "
    "AND t.patient_id = CASE WHEN NEW.moved THEN m.merged_id ELSE m.kept_id END))"
    for table in (*RULE_TABLES, *CHART_TABLES)
)
_UNTRUE_ROW = (
    "NOT EXISTS (SELECT 1 FROM treatments_merge m "
    f"WHERE m.id = NEW.merge_id AND NOT m.sealed AND m.undone_at IS NULL AND ({_HANGS}))"
)
_MERGED_ROW_PG = f"""
BEGIN
  IF {_UNTRUE_ROW} THEN {refuse("merge-untrue", "a merge is recorded when it is made")} END IF;
  RETURN NEW;
END
"""

# --- What a merge takes along and nothing else changes ----------------------------------------------------------------


def _taken_along_only(table: str, *columns: str) -> Guard:
    other = f"NEW.patient_id <> OLD.patient_id AND NOT {taken_along(table)}"
    rows = (", ".join(f"{row}.{column}" for column in columns) for row in ("NEW", "OLD"))
    return Guard(
        f"guard_unchanged_{table}",
        table,
        "BEFORE UPDATE",
        f"""
BEGIN
  IF ({next(rows)}) IS DISTINCT FROM ({next(rows)})
     OR ({other}) THEN
    {refuse("never-changed", "rows of this table are never changed")}
  END IF;
  RETURN NEW;
END
""",
        {
            "BEFORE UPDATE": begin(
                abort(
                    "never-changed",
                    " OR ".join([*(f"NEW.{column} IS NOT OLD.{column}" for column in columns), f"({other})"]),
                )
            )
        },
    )


GUARDS = [
    Guard("guard_merge_record", "treatments_merge", "BEFORE INSERT OR UPDATE", _MERGE_PG, _MERGE_SQLITE),
    Guard(
        "guard_merged_row",
        "treatments_mergedrow",
        "BEFORE INSERT",
        _MERGED_ROW_PG,
        {"BEFORE INSERT": begin(abort("merge-untrue", _UNTRUE_ROW))},
    ),
    _taken_along_only("treatments_skincheck", "id", "session_id", "finding", "checked_at", "by_id"),
    _taken_along_only(
        "treatments_sheetgiven",
        *("id", "sheet_id", "session_id", "how", "given_at", "by_id", "phone", "creams", "message_id"),
    ),
]
