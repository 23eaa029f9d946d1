"""The tables of the rule as SQL, and the sentences that the guards are made of."""

from treatments.eligibility import BLOCKS, BRUISING_PRESENT, BRUISING_REPORTED, INFECTION_SUSPECTED
from treatments.models.side_effect import Kind

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
# Steps back, and only to where the row came from (status_before): the undo of a slip. The rule is asked again.
STEPS_BACK = (
    ("arrived", "booked"),
    ("cancelled", "booked"),
    ("cancelled", "arrived"),
    ("cancelled", "on-hold"),
    ("noshow", "booked"),
)


def quoted(values: object) -> str:
    return ", ".join(f"'{value}'" for value in values)  # type: ignore[attr-defined]


def _pairs(steps: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"('{before}', '{after}')" for before, after in steps)


ALLOWED_STEPS = _pairs(TRANSITIONS)
ALLOWED_BACK = _pairs(STEPS_BACK)
KIND_BLOCKS_FAMILY = " OR ".join(
    f"(s.kind = '{kind}' AND t.family IN ({quoted(sorted(families))}))" for kind, families in BLOCKS.items()
)
OPEN = "s.closing_review_id IS NULL AND s.error_at IS NULL"
# The question of the rule: open side effects s of the row's patient that block its treatment t.
BLOCKERS = (
    "FROM treatments_sideeffect s JOIN treatments_treatment t ON t.id = NEW.treatment_id "
    f"WHERE s.patient_id = NEW.patient_id AND {OPEN} AND ({KIND_BLOCKS_FAMILY})"
)
CODE = (
    f"CASE WHEN s.kind = '{Kind.INFECTION}' THEN '{INFECTION_SUSPECTED}' "
    f"WHEN s.seen_at IS NULL THEN '{BRUISING_REPORTED}' ELSE '{BRUISING_PRESENT}' END"
)
BLOCKED_FAMILIES = sorted(set().union(*BLOCKS.values()))
RANK = f"CASE WHEN s.kind = '{Kind.INFECTION}' THEN 3 WHEN s.seen_at IS NULL THEN 2 ELSE 1 END"

READ_COMMITTED = """
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'this guard holds at READ COMMITTED only'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'isolation-not-read-committed';
  END IF;"""
# FOR NO KEY UPDATE: strong enough against each other, weak enough for foreign keys to point at the patient meanwhile.
# Foreign keys are asked at commit only: a row that is not there yet can be neither locked nor asked for its family.
LOCK_PATIENT = """
  PERFORM 1 FROM patients_patient p WHERE p.id = NEW.patient_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such patient' USING ERRCODE = 'check_violation', CONSTRAINT = 'patient-missing';
  END IF;"""
NOT_MERGED = """
  IF EXISTS (SELECT 1 FROM patients_patient p WHERE p.id = NEW.patient_id AND p.merged_into_id IS NOT NULL) THEN
    RAISE EXCEPTION 'this record was merged into another'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'patient-merged';
  END IF;"""

# Later than now by more than two clocks may differ.
AHEAD_PG = "clock_timestamp() + interval '10 minutes'"
AHEAD_SQLITE = "strftime('%Y-%m-%d %H:%M:%f', 'now', '+10 minutes')"


def refuse(code: str, words: str) -> str:
    return f"RAISE EXCEPTION '{words}' USING ERRCODE = 'check_violation', CONSTRAINT = '{code}';"


def abort(code: str, condition: str) -> str:
    return f"SELECT RAISE(ABORT, '{code}') WHERE {condition};"


def begin(*statements: str) -> str:
    return "BEGIN " + " ".join(statements) + " END"


MERGED_SQLITE = "EXISTS (SELECT 1 FROM patients_patient p WHERE p.id = NEW.patient_id AND p.merged_into_id IS NOT NULL)"


def blank_pg(column: str) -> str:
    """Nothing but white space, of whatever kind."""
    return f"{column} !~ '[^[:space:]]'"


def blank_sqlite(column: str) -> str:
    return f"trim({column}, ' ' || char(9, 10, 11, 12, 13, 160)) = ''"


def odd_id(column: str) -> str:
    """SQLite only. The same UUID in another spelling is another text: joins miss it, and foreign keys may be off."""
    return (
        f"({column} IS NOT NULL AND "
        f"(typeof({column}) <> 'text' OR length({column}) <> 32 OR {column} GLOB '*[^0-9a-f]*'))"
    )


def odd_time(column: str) -> str:
    """SQLite only. Times are compared as text, so there is one way to write them: Django's, in UTC."""
    return (
        f"({column} IS NOT NULL AND (strftime('%Y-%m-%d %H:%M:%S', {column}) IS NOT substr({column}, 1, 19) "
        f"OR substr({column}, 20) GLOB '*[^.0-9]*'))"
    )


def odd_day(column: str) -> str:
    """SQLite only. Days are compared as text too."""
    return f"({column} IS NOT NULL AND date({column}, '+0 days') IS NOT {column})"


def spelt_oddly(ids: tuple[str, ...] = (), times: tuple[str, ...] = ()) -> str:
    odd = [odd_id(f"NEW.{column}") for column in ids] + [odd_time(f"NEW.{column}") for column in times]
    return f"SELECT RAISE(ABORT, 'spelt-oddly') WHERE {' OR '.join(odd)};"


# SQLite only, and after the insert: before it, a row that leaves its number to SQLite reads -1, so that one which has that
# number would look taken to every row that comes after it.
ROW_BELOW_ZERO = abort("spelt-oddly", "NEW.rowid < 0")
NO_PATIENT_SQLITE = (
    "SELECT RAISE(ABORT, 'patient-missing') "
    "WHERE NOT EXISTS (SELECT 1 FROM patients_patient p WHERE p.id = NEW.patient_id);"
)


def taken_along(table: str) -> str:
    """A row of `table` changes its patient only with a merge that recorded it: there, or back when that is undone."""
    return (
        "EXISTS (SELECT 1 FROM treatments_mergedrow r JOIN treatments_merge m ON m.id = r.merge_id "
        "JOIN patients_patient p ON p.id = m.merged_id "
        f"WHERE r.table_name = '{table}' AND r.row_id = OLD.id AND r.moved AND m.undone_at IS NULL "
        "AND ((m.merged_id = OLD.patient_id AND m.kept_id = NEW.patient_id AND p.merged_into_id = m.kept_id) "
        "OR (m.kept_id = OLD.patient_id AND m.merged_id = NEW.patient_id AND p.merged_into_id IS NULL)))"
    )
