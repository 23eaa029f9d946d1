"""The rule again, as triggers for both databases: what the operations forgot to ask, the database refuses.

Letters are those of DESIGN.md. A guard raises check_violation with the blocker's code as constraint name on PostgreSQL,
and the code as message on SQLite. Guards (a) and (b) take the patient's row first, so that a booking and a bruise of
one patient come one after the other; that holds at READ COMMITTED only, where the next statement sees what was
committed meanwhile, so each refuses to work at another level. On SQLite the single writer serves (BEGIN IMMEDIATE).
"""

from django.db import DEFAULT_DB_ALIAS, connections

from clinic import database
from clinic.database import Guard, Wall
from treatments.eligibility import BLOCKS, BRUISING_PRESENT, BRUISING_REPORTED, INFECTION_SUSPECTED
from treatments.models.appointment import LIVE
from treatments.models.review import SEEN_BY_EYE
from treatments.models.side_effect import Kind
from treatments.models.treatment import Family

# --- Tables of the rule, as SQL ------------------------------------------------------------------------------------

# DOMAIN.md section 4. From on-hold to arrived only by turning it into a review, which (c) asks beside this table.
TRANSITIONS = (
    ("booked", "on-hold"),
    ("arrived", "on-hold"),
    ("on-hold", "booked"),
    ("on-hold", "arrived"),
    ("booked", "arrived"),
    ("booked", "in-progress"),
    ("arrived", "in-progress"),
    ("booked", "cancelled"),
    ("on-hold", "cancelled"),
    ("arrived", "cancelled"),
    ("booked", "noshow"),
    ("in-progress", "fulfilled"),
)


def _list(values: object) -> str:
    return ", ".join(f"'{value}'" for value in values)  # type: ignore[attr-defined]


_PAIRS = ", ".join(f"('{before}', '{after}')" for before, after in TRANSITIONS)
_BLOCKS = " OR ".join(
    f"(s.kind = '{kind}' AND t.family IN ({_list(sorted(families))}))" for kind, families in BLOCKS.items()
)
_BLOCKING_KINDS = _list(BLOCKS)
_BLOCKED_FAMILIES = _list(sorted({family for families in BLOCKS.values() for family in families}))
_OPEN = "s.closing_review_id IS NULL AND s.error_at IS NULL"
# The question of the rule: open side effects s of the row's patient that block its treatment t.
_BLOCKERS = (
    "FROM treatments_sideeffect s JOIN treatments_treatment t ON t.id = NEW.treatment_id "
    f"WHERE s.patient_id = NEW.patient_id AND {_OPEN} AND ({_BLOCKS})"
)
_CODE = (
    f"CASE WHEN s.kind = '{Kind.INFECTION}' THEN '{INFECTION_SUSPECTED}' "
    f"WHEN s.seen_at IS NULL THEN '{BRUISING_REPORTED}' ELSE '{BRUISING_PRESENT}' END"
)
_RANK = f"CASE WHEN s.kind = '{Kind.INFECTION}' THEN 3 WHEN s.seen_at IS NULL THEN 2 ELSE 1 END"

_READ_COMMITTED = """
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'this guard holds at READ COMMITTED only'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'isolation-not-read-committed';
  END IF;"""
# FOR NO KEY UPDATE: strong enough against each other, weak enough for foreign keys to point at the patient meanwhile.
# Foreign keys are asked at commit only: a row that is not there yet can be neither locked nor asked for its family.
_LOCK_PATIENT = """
  PERFORM 1 FROM patients_patient p WHERE p.id = NEW.patient_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such patient' USING ERRCODE = 'check_violation', CONSTRAINT = 'patient-missing';
  END IF;"""
_NOT_MERGED = """
  IF EXISTS (SELECT 1 FROM patients_patient p WHERE p.id = NEW.patient_id AND p.merged_into_id IS NOT NULL) THEN
    RAISE EXCEPTION 'this record was merged into another'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'patient-merged';
  END IF;"""


def _raise(code: str, words: str) -> str:
    return f"RAISE EXCEPTION '{words}' USING ERRCODE = 'check_violation', CONSTRAINT = '{code}';"


def _abort(code: str, condition: str) -> str:
    return f"SELECT RAISE(ABORT, '{code}') WHERE {condition};"


def _begin(*statements: str) -> str:
    return "BEGIN " + " ".join(statements) + " END"


_MERGED_SQLITE = (
    "EXISTS (SELECT 1 FROM patients_patient p WHERE p.id = NEW.patient_id AND p.merged_into_id IS NOT NULL)"
)


def _odd_id(column: str) -> str:
    """SQLite only. The same UUID in another spelling is another text: joins miss it, and foreign keys may be off."""
    return (
        f"({column} IS NOT NULL AND "
        f"(typeof({column}) <> 'text' OR length({column}) <> 32 OR {column} GLOB '*[^0-9a-f]*'))"
    )


def _odd_time(column: str) -> str:
    """SQLite only. Times are compared as text, so there is one way to write them: Django's, in UTC."""
    return (
        f"({column} IS NOT NULL AND (strftime('%Y-%m-%d %H:%M:%S', {column}) IS NOT substr({column}, 1, 19) "
        f"OR substr({column}, 20) GLOB '*[^.0-9]*'))"
    )


def _spelt_oddly(ids: tuple[str, ...] = (), times: tuple[str, ...] = ()) -> str:
    odd = [_odd_id(f"NEW.{column}") for column in ids] + [_odd_time(f"NEW.{column}") for column in times]
    return f"SELECT RAISE(ABORT, 'spelt-oddly') WHERE {' OR '.join(odd)};"


_APPOINTMENT_SPELT = _spelt_oddly(
    ("id", "patient_id", "treatment_id", "practitioner_id", "room_id", "stood_for_id"), ("starts_at", "ends_at")
)
_SIDE_EFFECT_SPELT = _spelt_oddly(("id", "patient_id", "closing_review_id"), ("recorded_at", "seen_at", "error_at"))
_REVIEW_SPELT = _spelt_oddly(("id", "side_effect_id"), ("seen_at", "recorded_at"))
_NO_PATIENT_SQLITE = (
    "SELECT RAISE(ABORT, 'patient-missing') "
    "WHERE NOT EXISTS (SELECT 1 FROM patients_patient p WHERE p.id = NEW.patient_id);"
)
_NO_TREATMENT_SQLITE = (
    "SELECT RAISE(ABORT, 'treatment-missing') "
    "WHERE NOT EXISTS (SELECT 1 FROM treatments_treatment t WHERE t.id = NEW.treatment_id);"
)
_ONLY_INTO_MERGED = (
    "EXISTS (SELECT 1 FROM patients_patient p WHERE p.id = OLD.patient_id AND p.merged_into_id = NEW.patient_id)"
)

# --- (a) and (c): the appointment -------------------------------------------------------------------------------------

_APPOINTMENT_PG = f"""
DECLARE
  refused_because text;
  moved boolean := false;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    moved := NEW.starts_at IS DISTINCT FROM OLD.starts_at OR NEW.ends_at IS DISTINCT FROM OLD.ends_at
      OR NEW.practitioner_id <> OLD.practitioner_id OR NEW.room_id IS DISTINCT FROM OLD.room_id;
    IF NOT moved AND NEW.status = OLD.status AND NEW.patient_id = OLD.patient_id
       AND NEW.treatment_id = OLD.treatment_id AND NEW.id = OLD.id THEN
      RETURN NEW;
    END IF;
  END IF;{_READ_COMMITTED}{_LOCK_PATIENT}
  -- The family is read under a lock that a change of family (guard e) has to wait for.
  PERFORM 1 FROM treatments_treatment t WHERE t.id = NEW.treatment_id FOR SHARE;
  IF NOT FOUND THEN {_raise("treatment-missing", "no such treatment")} END IF;
  IF TG_OP = 'INSERT' THEN{_NOT_MERGED}
    IF NEW.status <> 'booked' THEN {_raise("wrong-status", "an appointment is born booked")} END IF;
  ELSE
    IF NEW.id <> OLD.id OR (NEW.patient_id <> OLD.patient_id AND NOT {_ONLY_INTO_MERGED}) THEN
      {_raise("patient-fixed", "an appointment keeps its patient")}
    END IF;
    IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN ({_PAIRS}) THEN
      {_raise("wrong-status", "no such step")}
    END IF;
    IF moved AND (OLD.status NOT IN ('booked', 'on-hold') OR NEW.status <> 'booked') THEN
      {_raise("wrong-status", "only a booked or held appointment moves")}
    END IF;
    IF NEW.treatment_id <> OLD.treatment_id AND OLD.status NOT IN ('booked', 'on-hold', 'arrived') THEN
      {_raise("wrong-status", "too late for another treatment")}
    END IF;
    IF OLD.status = 'on-hold' AND NEW.status = 'arrived' AND NOT EXISTS (
      SELECT 1 FROM treatments_treatment t WHERE t.id = NEW.treatment_id AND t.family = '{Family.REVIEW}') THEN
      {_raise("wrong-status", "a held visit arrives only as a review")}
    END IF;
    IF NEW.status = 'on-hold' AND OLD.status <> 'on-hold' AND NOT EXISTS (SELECT 1 {_BLOCKERS}) THEN
      {_raise("wrong-status", "nothing holds it")}
    END IF;
  END IF;
  -- Something that matters changed, or we would have left above.
  IF NEW.status IN ('booked', 'arrived', 'in-progress')
     OR (TG_OP = 'UPDATE' AND NEW.status = 'on-hold' AND NEW.treatment_id <> OLD.treatment_id) THEN
    SELECT {_CODE} INTO refused_because {_BLOCKERS} ORDER BY {_RANK} LIMIT 1;
    IF refused_because IS NOT NULL THEN
      RAISE EXCEPTION 'the rule refuses: %', refused_because
        USING ERRCODE = 'check_violation', CONSTRAINT = refused_because;
    END IF;
  END IF;
  RETURN NEW;
END
"""

# On SQLite RAISE takes a literal, so the question is asked once for each code, the rule's first.
_ASK_SQLITE = " ".join(
    f"SELECT RAISE(ABORT, '{code}') WHERE {{asked}} AND EXISTS (SELECT 1 {_BLOCKERS} AND {_CODE} = '{code}');"
    for code in (BRUISING_PRESENT, BRUISING_REPORTED, INFECTION_SUSPECTED)
)
_APPOINTMENT_CHANGED = (
    "WHEN NEW.status <> OLD.status OR NEW.patient_id <> OLD.patient_id OR NEW.treatment_id <> OLD.treatment_id "
    "OR NEW.starts_at <> OLD.starts_at OR NEW.ends_at <> OLD.ends_at OR NEW.id <> OLD.id "
    "OR NEW.practitioner_id <> OLD.practitioner_id OR NEW.room_id IS NOT OLD.room_id"
)
_MOVED = (
    "(NEW.starts_at <> OLD.starts_at OR NEW.ends_at <> OLD.ends_at "
    "OR NEW.practitioner_id <> OLD.practitioner_id OR NEW.room_id IS NOT OLD.room_id)"
)
_APPOINTMENT_SQLITE = {
    "BEFORE INSERT": _begin(
        _APPOINTMENT_SPELT,
        _NO_PATIENT_SQLITE,
        _NO_TREATMENT_SQLITE,
        _abort("patient-merged", _MERGED_SQLITE),
        _abort("wrong-status", "NEW.status <> 'booked'"),
        _ASK_SQLITE.format(asked="1"),
    ),
    "BEFORE UPDATE": f"{_APPOINTMENT_CHANGED} "
    + _begin(
        _APPOINTMENT_SPELT,
        _NO_PATIENT_SQLITE,
        _NO_TREATMENT_SQLITE,
        _abort("patient-fixed", f"NEW.id <> OLD.id OR (NEW.patient_id <> OLD.patient_id AND NOT {_ONLY_INTO_MERGED})"),
        _abort("wrong-status", f"NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN (VALUES {_PAIRS})"),
        _abort("wrong-status", f"{_MOVED} AND (OLD.status NOT IN ('booked', 'on-hold') OR NEW.status <> 'booked')"),
        _abort(
            "wrong-status",
            "NEW.treatment_id <> OLD.treatment_id AND OLD.status NOT IN ('booked', 'on-hold', 'arrived')",
        ),
        _abort(
            "wrong-status",
            "OLD.status = 'on-hold' AND NEW.status = 'arrived' AND NOT EXISTS (SELECT 1 FROM treatments_treatment t "
            f"WHERE t.id = NEW.treatment_id AND t.family = '{Family.REVIEW}')",
        ),
        _abort(
            "wrong-status", f"NEW.status = 'on-hold' AND OLD.status <> 'on-hold' AND NOT EXISTS (SELECT 1 {_BLOCKERS})"
        ),
        _ASK_SQLITE.format(
            asked="(NEW.status IN ('booked', 'arrived', 'in-progress') "
            "OR (NEW.status = 'on-hold' AND NEW.treatment_id <> OLD.treatment_id))"
        ),
    ),
}

# --- (b) and (d): the side effect ---------------------------------------------------------------------------------

_GOOD_CLOSING = (
    "EXISTS (SELECT 1 FROM treatments_review r JOIN clinic_staff c ON c.id = r.by_id "
    f"WHERE r.id = NEW.closing_review_id AND r.side_effect_id = NEW.id AND r.finding = 'gone' "
    f"AND r.mode IN ({_list(SEEN_BY_EYE)}) AND c.is_practitioner "
    "AND NOT EXISTS (SELECT 1 FROM treatments_review later "
    "WHERE later.side_effect_id = NEW.id AND later.seen_at > r.seen_at))"
)
_ERROR_BY_PRACTITIONER = "EXISTS (SELECT 1 FROM clinic_staff c WHERE c.id = NEW.error_by_id AND c.is_practitioner)"

_SIDE_EFFECT_PG = f"""
BEGIN{_READ_COMMITTED}{_LOCK_PATIENT}
  IF TG_OP = 'INSERT' THEN{_NOT_MERGED}
    IF NEW.closing_review_id IS NOT NULL OR NEW.error_at IS NOT NULL THEN
      {_raise("side-effect-fixed", "a side effect is born open")}
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.id <> OLD.id OR NEW.kind <> OLD.kind OR (NEW.patient_id <> OLD.patient_id AND NOT {_ONLY_INTO_MERGED}) THEN
    {_raise("side-effect-fixed", "kind and patient never change")}
  END IF;
  IF NEW.recorded_at <> OLD.recorded_at OR (OLD.seen_at IS NOT NULL AND NEW.seen_at IS DISTINCT FROM OLD.seen_at) THEN
    {_raise("side-effect-fixed", "when it was recorded and first seen never changes")}
  END IF;
  IF NEW.closing_review_id IS DISTINCT FROM OLD.closing_review_id AND NEW.closing_review_id IS NOT NULL
     AND NOT {_GOOD_CLOSING} THEN
    {_raise("closing-review-needed", "gone is found by a practitioner, in person or from a photo, at the newest look")}
  END IF;
  IF OLD.error_at IS NOT NULL AND (NEW.error_at, NEW.error_by_id, NEW.error_reason)
     IS DISTINCT FROM (OLD.error_at, OLD.error_by_id, OLD.error_reason) THEN
    {_raise("side-effect-fixed", "entered in error is final")}
  END IF;
  IF OLD.error_at IS NULL AND NEW.error_at IS NOT NULL AND (trim(NEW.error_reason) = '' OR NOT {_ERROR_BY_PRACTITIONER}) THEN
    {_raise("error-needs-reason", "entered in error needs a practitioner and a reason")}
  END IF;
  RETURN NEW;
END
"""
_SIDE_EFFECT_SQLITE = {
    "BEFORE INSERT": _begin(
        _SIDE_EFFECT_SPELT,
        _NO_PATIENT_SQLITE,
        _abort("patient-merged", _MERGED_SQLITE),
        _abort("side-effect-fixed", "NEW.closing_review_id IS NOT NULL OR NEW.error_at IS NOT NULL"),
    ),
    "BEFORE UPDATE": _begin(
        _SIDE_EFFECT_SPELT,
        _NO_PATIENT_SQLITE,
        _abort(
            "side-effect-fixed",
            "NEW.id <> OLD.id OR NEW.kind <> OLD.kind "
            f"OR (NEW.patient_id <> OLD.patient_id AND NOT {_ONLY_INTO_MERGED}) "
            "OR NEW.recorded_at <> OLD.recorded_at OR (OLD.seen_at IS NOT NULL AND NEW.seen_at IS NOT OLD.seen_at)",
        ),
        _abort(
            "closing-review-needed",
            "NEW.closing_review_id IS NOT OLD.closing_review_id AND NEW.closing_review_id IS NOT NULL "
            f"AND NOT {_GOOD_CLOSING}",
        ),
        _abort(
            "side-effect-fixed",
            "OLD.error_at IS NOT NULL AND (NEW.error_at IS NOT OLD.error_at OR NEW.error_by_id IS NOT OLD.error_by_id "
            "OR NEW.error_reason IS NOT OLD.error_reason)",
        ),
        _abort(
            "error-needs-reason",
            "OLD.error_at IS NULL AND NEW.error_at IS NOT NULL "
            f"AND (trim(NEW.error_reason) = '' OR NOT {_ERROR_BY_PRACTITIONER})",
        ),
    ),
}

_NEW_OPEN = "NEW.closing_review_id IS NULL AND NEW.error_at IS NULL"
_WAS_OPEN = "OLD.closing_review_id IS NULL AND OLD.error_at IS NULL"
# Booked and arrived appointments of the patient whose treatment this kind of side effect blocks.
_TO_HOLD = (
    "treatments_appointment.patient_id = NEW.patient_id AND treatments_appointment.status IN ('booked', 'arrived') "
    "AND EXISTS (SELECT 1 FROM treatments_treatment t WHERE t.id = treatments_appointment.treatment_id "
    f"AND ({_BLOCKS.replace('s.kind', 'NEW.kind')}))"
)
# A new one holds from when it was recorded; one reopened by hand, from now.
_HOLD_PG = f"""
DECLARE
  since timestamptz := NEW.recorded_at;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF ({_WAS_OPEN}) AND NEW.patient_id = OLD.patient_id THEN RETURN NULL; END IF;
    since := clock_timestamp();
  END IF;
  IF NOT ({_NEW_OPEN}) THEN RETURN NULL; END IF;
  INSERT INTO treatments_hold (appointment_id, side_effect_id, status_before, held_from)
    SELECT id, NEW.id, status, since FROM treatments_appointment WHERE {_TO_HOLD};
  UPDATE treatments_appointment SET status = 'on-hold' WHERE {_TO_HOLD};
  RETURN NULL;
END
"""


def _hold_sqlite(since: str) -> str:
    return _begin(
        "INSERT INTO treatments_hold (appointment_id, side_effect_id, status_before, held_from) "
        f"SELECT id, NEW.id, status, {since} FROM treatments_appointment WHERE {_TO_HOLD};",
        f"UPDATE treatments_appointment SET status = 'on-hold' WHERE {_TO_HOLD};",
    )


_HOLD_SQLITE = {
    "AFTER INSERT": _hold_sqlite("NEW.recorded_at"),
    "AFTER UPDATE": f"WHEN {_NEW_OPEN} AND (NOT ({_WAS_OPEN}) OR NEW.patient_id <> OLD.patient_id) "
    + _hold_sqlite("strftime('%Y-%m-%d %H:%M:%f', 'now')"),
}

# --- (d): the look -------------------------------------------------------------------------------------------------

_CLOSED = f"NOT EXISTS (SELECT 1 FROM treatments_sideeffect s WHERE s.id = NEW.side_effect_id AND {_OPEN})"
_REVIEW_PG = f"""
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW IS DISTINCT FROM OLD THEN {_raise("never-changed", "a look is never changed")} END IF;
    RETURN NEW;
  END IF;{_READ_COMMITTED}
  PERFORM 1 FROM patients_patient p WHERE p.id =
    (SELECT s.patient_id FROM treatments_sideeffect s WHERE s.id = NEW.side_effect_id) FOR NO KEY UPDATE;
  IF NEW.seen_at > NEW.recorded_at THEN {_raise("look-in-the-future", "a look is never in the future")} END IF;
  IF {_CLOSED} THEN {_raise("side-effect-closed", "a closed side effect takes no more looks")} END IF;
  RETURN NEW;
END
"""
_REVIEW_SQLITE = {
    "BEFORE INSERT": _begin(
        _REVIEW_SPELT,
        _abort("look-in-the-future", "NEW.seen_at > NEW.recorded_at"),
        _abort("side-effect-closed", _CLOSED),
    ),
    "BEFORE UPDATE": _begin(
        _abort(
            "never-changed",
            " OR ".join(
                f"NEW.{column} IS NOT OLD.{column}"
                for column in (
                    "id",
                    "side_effect_id",
                    "mode",
                    "finding",
                    "outcome",
                    "seen_at",
                    "size_mm",
                    "colour",
                    "note",
                    "by_id",
                    "recorded_at",
                )
            ),
        )
    ),
}

# --- (c): the session ------------------------------------------------------------------------------------------------

_BAD_SESSION = (
    "NOT EXISTS (SELECT 1 FROM treatments_appointment a JOIN treatments_treatment t ON t.id = a.treatment_id "
    "WHERE a.id = NEW.appointment_id AND a.patient_id = NEW.patient_id AND t.family = NEW.family "
    "AND a.status = 'in-progress')"
)
_SESSION_MOVED = "NEW.id <> OLD.id OR NEW.appointment_id <> OLD.appointment_id OR NEW.family <> OLD.family"
_SESSION_PG = f"""
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF {_SESSION_MOVED} OR (NEW.patient_id <> OLD.patient_id AND NOT {_ONLY_INTO_MERGED}) THEN
      {_raise("session-fixed", "a session keeps its appointment and its patient")}
    END IF;
    RETURN NEW;
  END IF;{_READ_COMMITTED}{_LOCK_PATIENT}{_NOT_MERGED}
  PERFORM 1 FROM treatments_appointment a WHERE a.id = NEW.appointment_id FOR SHARE;
  IF {_BAD_SESSION} THEN {_raise("wrong-status", "a session needs its appointment in progress")} END IF;
  RETURN NEW;
END
"""
_SESSION_SQLITE = {
    "BEFORE INSERT": _begin(_abort("patient-merged", _MERGED_SQLITE), _abort("wrong-status", _BAD_SESSION)),
    "BEFORE UPDATE": _begin(
        _abort(
            "session-fixed",
            f"{_SESSION_MOVED} OR (NEW.patient_id <> OLD.patient_id AND NOT {_ONLY_INTO_MERGED})",
        )
    ),
}

# --- (e): the catalogue ----------------------------------------------------------------------------------------------

_USED = "EXISTS (SELECT 1 FROM treatments_appointment a WHERE a.treatment_id = OLD.id OR a.stood_for_id = OLD.id)"
_FAMILY_PG = f"""
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.family = OLD.family AND NEW.id = OLD.id THEN RETURN NEW; END IF;
  END IF;{_READ_COMMITTED}
  IF {_USED} THEN {_raise("family-fixed", "an appointment names this treatment")} END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END
"""
_FAMILY_SQLITE = {
    "BEFORE INSERT": _begin(
        _abort(
            "family-fixed",
            # Taken by its name, row or id; or gone already, and an appointment still names the id.
            "EXISTS (SELECT 1 FROM treatments_treatment t JOIN treatments_appointment a "
            "ON a.treatment_id = t.id OR a.stood_for_id = t.id "
            "WHERE t.id = NEW.id OR t.name = NEW.name OR t.rowid = NEW.rowid) "
            "OR EXISTS (SELECT 1 FROM treatments_appointment a WHERE a.treatment_id = NEW.id OR a.stood_for_id = NEW.id)",
        ),
        _spelt_oddly(("id",)),
    ),
    "BEFORE UPDATE": _begin(
        _abort("family-fixed", f"(NEW.family <> OLD.family OR NEW.id <> OLD.id) AND {_USED}"),
        # UPDATE OR REPLACE drops the row whose name, row or id it takes.
        _abort(
            "family-fixed",
            "NEW.rowid <> OLD.rowid OR EXISTS (SELECT 1 FROM treatments_treatment t "
            "WHERE t.id <> OLD.id AND (t.name = NEW.name OR t.id = NEW.id))",
        ),
        _spelt_oddly(("id",)),
    ),
    "BEFORE DELETE": _begin(_abort("family-fixed", _USED)),
}

# --- The patient: keeps the id, is merged once and for good, and takes what the rule asks for along ----------------

_BLOCKED_TARGET = (
    f"EXISTS (SELECT 1 FROM treatments_sideeffect s JOIN treatments_treatment t "
    f"ON t.id = treatments_appointment.treatment_id WHERE s.patient_id = NEW.merged_into_id AND {_OPEN} AND ({_BLOCKS}))"
)
_FIRST_BLOCKER = (
    "(SELECT s.id FROM treatments_sideeffect s JOIN treatments_treatment t ON t.id = treatments_appointment.treatment_id "
    f"WHERE s.patient_id = NEW.merged_into_id AND {_OPEN} AND ({_BLOCKS}) ORDER BY s.recorded_at LIMIT 1)"
)
_BAD_TARGET = (
    "NEW.merged_into_id = NEW.id OR NOT EXISTS (SELECT 1 FROM patients_patient p "
    "WHERE p.id = NEW.merged_into_id AND p.merged_into_id IS NULL)"
)
_MOVE_ALONG = f"""
  UPDATE treatments_sideeffect SET patient_id = NEW.merged_into_id WHERE patient_id = NEW.id;
  INSERT INTO treatments_hold (appointment_id, side_effect_id, status_before, held_from)
    SELECT id, {_FIRST_BLOCKER}, status, {{since}} FROM treatments_appointment
    WHERE patient_id = NEW.id AND status IN ('booked', 'arrived') AND {_BLOCKED_TARGET};
  UPDATE treatments_appointment SET patient_id = NEW.merged_into_id, status = 'on-hold'
    WHERE patient_id = NEW.id AND status IN ('booked', 'arrived') AND {_BLOCKED_TARGET};
  UPDATE treatments_appointment SET patient_id = NEW.merged_into_id WHERE patient_id = NEW.id;
  UPDATE treatments_session SET patient_id = NEW.merged_into_id WHERE patient_id = NEW.id;"""
_PATIENT_PG = f"""
BEGIN
  IF NEW.id <> OLD.id THEN {_raise("patient-fixed", "a patient keeps the id")} END IF;
  IF NEW.merged_into_id IS NOT DISTINCT FROM OLD.merged_into_id THEN RETURN NEW; END IF;{_READ_COMMITTED}
  IF OLD.merged_into_id IS NOT NULL THEN {_raise("merge-final", "a merge is for good")} END IF;
  PERFORM 1 FROM patients_patient p WHERE p.id = NEW.merged_into_id FOR NO KEY UPDATE;
  IF {_BAD_TARGET} THEN {_raise("merge-final", "only into a record that stands")} END IF;
  RETURN NEW;
END
"""
_MERGE_PG = f"""
BEGIN
  IF NEW.merged_into_id IS NULL OR OLD.merged_into_id IS NOT NULL THEN RETURN NULL; END IF;{_MOVE_ALONG.format(since="clock_timestamp()")}
  RETURN NULL;
END
"""
_PATIENT_SQLITE = {
    "BEFORE INSERT": _begin(
        _spelt_oddly(("id",)),
        _abort("patient-fixed", "EXISTS (SELECT 1 FROM patients_patient p WHERE p.id = NEW.id OR p.rowid = NEW.rowid)"),
        _abort("patient-fixed", "EXISTS (SELECT 1 FROM patients_patient p WHERE p.number = NEW.number)"),
    ),
    "BEFORE UPDATE": _begin(
        _abort(
            "patient-fixed",
            "NEW.id <> OLD.id OR NEW.rowid <> OLD.rowid "
            "OR EXISTS (SELECT 1 FROM patients_patient p WHERE p.id <> OLD.id AND p.number = NEW.number)",
        ),
        _abort("merge-final", "OLD.merged_into_id IS NOT NULL AND NEW.merged_into_id IS NOT OLD.merged_into_id"),
        _abort(
            "merge-final",
            f"NEW.merged_into_id IS NOT NULL AND OLD.merged_into_id IS NULL AND ({_BAD_TARGET})",
        ),
    ),
}
_MERGE_SQLITE = {
    "AFTER UPDATE": "WHEN NEW.merged_into_id IS NOT NULL AND OLD.merged_into_id IS NULL "
    + _begin(" ".join(_MOVE_ALONG.format(since="strftime('%Y-%m-%d %H:%M:%f', 'now')").split())),
}

# --- (f): a merged-away patient gets nothing new ---------------------------------------------------------------------

_MERGED_PG = f"""
BEGIN{_READ_COMMITTED}{_LOCK_PATIENT}{_NOT_MERGED}
  RETURN NEW;
END
"""
_MERGED = {"BEFORE INSERT": _begin(_abort("patient-merged", _MERGED_SQLITE))}

# --- (d) and (g): what is never deleted, replaced or truncated; what is never changed either -------------------------

NEVER_DELETED = (
    "treatments_appointment",
    "treatments_hold",
    "treatments_review",
    "treatments_session",
    "treatments_sideeffect",
    "treatments_skincheck",
    "clinic_auditevent",
    "clinic_refusal",
)
NEVER_CHANGED = ("treatments_skincheck", "clinic_auditevent", "clinic_refusal")
# SQLite's REPLACE drops the row it collides with without firing a DELETE trigger: refuse the collision instead.
_COLLIDES = {
    "treatments_session": "id = NEW.id OR appointment_id = NEW.appointment_id OR rowid = NEW.rowid",
    "treatments_skincheck": "id = NEW.id OR session_id = NEW.session_id OR rowid = NEW.rowid",
}
_COLLIDES_BY_ID = "id = NEW.id OR rowid = NEW.rowid"


def _kept(table: str) -> list[Guard | Wall]:
    collides = f"EXISTS (SELECT 1 FROM {table} WHERE {_COLLIDES.get(table, _COLLIDES_BY_ID)})"
    refuse = f"\nBEGIN\n  {_raise('never-deleted', 'rows of this table are kept')}\nEND\n"
    return [
        Guard(
            name=f"guard_kept_{table}",
            table=table,
            events="BEFORE DELETE OR TRUNCATE",
            level="STATEMENT",
            postgresql=refuse,
            sqlite={
                "BEFORE DELETE": _begin("SELECT RAISE(ABORT, 'never-deleted');"),
                "BEFORE INSERT": _begin(_abort("never-deleted", collides)),
                # UPDATE OR REPLACE drops the row whose key it takes.
                "BEFORE UPDATE": _begin(
                    _abort("never-deleted", "NEW.rowid <> OLD.rowid OR NEW.id <> OLD.id"),
                    *(
                        [_abort("never-deleted", "NEW.session_id IS NOT OLD.session_id")]
                        if table == "treatments_skincheck"
                        else []
                    ),
                ),
            },
        )
    ]


def _unchanged(table: str) -> Guard:
    return Guard(
        name=f"guard_unchanged_{table}",
        table=table,
        events="BEFORE UPDATE",
        level="STATEMENT",
        postgresql=f"\nBEGIN\n  {_raise('never-changed', 'rows of this table are never changed')}\nEND\n",
        sqlite={"BEFORE UPDATE": _begin("SELECT RAISE(ABORT, 'never-changed');")},
    )


# --- The hold: says once why and how long -----------------------------------------------------------------------------

_HOLD_FIXED = " OR ".join(
    f"NEW.{column} <> OLD.{column}" for column in ("id", "appointment_id", "side_effect_id", "status_before", "held_from")
)
_HOLD_KEPT_PG = f"""
BEGIN
  IF {_HOLD_FIXED} OR (OLD.held_until IS NOT NULL AND NEW IS DISTINCT FROM OLD) THEN
    {_raise("never-changed", "a hold ends once, and is otherwise never changed")}
  END IF;
  IF NEW.held_until IS NOT NULL AND OLD.held_until IS NULL AND NEW.released_by_id IS NULL THEN
    {_raise("never-changed", "somebody ends a hold")}
  END IF;
  RETURN NEW;
END
"""
_HOLD_KEPT_SQLITE = {
    "BEFORE UPDATE": _begin(
        _abort(
            "never-changed",
            f"{_HOLD_FIXED} OR (OLD.held_until IS NOT NULL AND (NEW.held_until IS NOT OLD.held_until "
            "OR NEW.released_by_id IS NOT OLD.released_by_id)) "
            "OR (NEW.held_until IS NOT NULL AND OLD.held_until IS NULL AND NEW.released_by_id IS NULL)",
        )
    )
}

# --- Walls: no two live appointments of one practitioner, room or patient overlap --------------------------------------

_LIVE_PG = ", ".join(f"('{status}'::character varying)::text" for status in LIVE)


def _wall(name: str, column: str) -> Wall:
    overlaps = (
        f"NEW.status IN ({_list(LIVE)}) AND EXISTS (SELECT 1 FROM treatments_appointment o WHERE o.{column} = NEW.{column} "
        f"AND o.id <> NEW.id AND o.status IN ({_list(LIVE)}) "
        "AND o.starts_at < NEW.ends_at AND o.ends_at > NEW.starts_at)"
    )
    return Wall(
        name=name,
        table="treatments_appointment",
        postgresql=(
            f"EXCLUDE USING gist ({column} WITH =, tstzrange(starts_at, ends_at) WITH &&) "
            f"WHERE (((status)::text = ANY (ARRAY[{_LIVE_PG}])))"
        ),
        sqlite={
            "BEFORE INSERT": _begin(_abort(name, overlaps)),
            f"BEFORE UPDATE OF starts_at, ends_at, status, {column}": _begin(_abort(name, overlaps)),
        },
    )


GUARDS: list[Guard | Wall] = [
    Guard(
        "guard_appointment", "treatments_appointment", "BEFORE INSERT OR UPDATE", _APPOINTMENT_PG, _APPOINTMENT_SQLITE
    ),
    Guard(
        "guard_side_effect", "treatments_sideeffect", "BEFORE INSERT OR UPDATE", _SIDE_EFFECT_PG, _SIDE_EFFECT_SQLITE
    ),
    Guard("guard_hold", "treatments_sideeffect", "AFTER INSERT OR UPDATE", _HOLD_PG, _HOLD_SQLITE),
    Guard("guard_review", "treatments_review", "BEFORE INSERT OR UPDATE", _REVIEW_PG, _REVIEW_SQLITE),
    Guard("guard_session", "treatments_session", "BEFORE INSERT OR UPDATE", _SESSION_PG, _SESSION_SQLITE),
    Guard("guard_hold_kept", "treatments_hold", "BEFORE UPDATE", _HOLD_KEPT_PG, _HOLD_KEPT_SQLITE),
    Guard("guard_patient", "patients_patient", "BEFORE UPDATE", _PATIENT_PG, _PATIENT_SQLITE),
    Guard("guard_merge", "patients_patient", "AFTER UPDATE", _MERGE_PG, _MERGE_SQLITE),
    Guard("guard_family", "treatments_treatment", "BEFORE DELETE OR UPDATE", _FAMILY_PG, _FAMILY_SQLITE),
    *(
        Guard(f"guard_merged_{table}", table, "BEFORE INSERT", _MERGED_PG, _MERGED)
        for table in ("patients_consent", "treatments_skincheck", "treatments_closure")
    ),
    *(guard for table in NEVER_DELETED for guard in _kept(table)),
    *(_unchanged(table) for table in NEVER_CHANGED),
    _wall("practitioner-busy", "practitioner_id"),
    _wall("room-busy", "room_id"),
    _wall("patient-busy", "patient_id"),
]


def guards() -> list[Guard | Wall]:
    return GUARDS


def faults(alias: str = DEFAULT_DB_ALIAS) -> list[str]:
    """A sentence for each guard or wall that is missing or altered."""
    return database.faults(connections[alias], GUARDS)


def reinstall(alias: str = DEFAULT_DB_ALIAS) -> None:
    """All guards off and back on, in the words of today."""
    database.remove(connections[alias], GUARDS)
    database.install(connections[alias], GUARDS)
