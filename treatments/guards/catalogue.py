"""Guard (e): a treatment that an appointment names keeps its family, its id and its row."""

from clinic.database import Guard
from treatments.guards.words import READ_COMMITTED, ROW_BELOW_ZERO, abort, begin, refuse, spelt_oddly

_USED = "EXISTS (SELECT 1 FROM treatments_appointment a WHERE a.treatment_id = OLD.id OR a.stood_for_id = OLD.id)"
_FAMILY_PG = f"""
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.family = OLD.family AND NEW.id = OLD.id THEN RETURN NEW; END IF;
  END IF;{READ_COMMITTED}
  IF {_USED} THEN {refuse("family-fixed", "an appointment names this treatment")} END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END
"""
_FAMILY_SQLITE = {
    "BEFORE INSERT": begin(
        abort(
            "family-fixed",
            # Taken by its name, row or id; or gone already, and an appointment still names the id.
            "EXISTS (SELECT 1 FROM treatments_treatment t JOIN treatments_appointment a "
            "ON a.treatment_id = t.id OR a.stood_for_id = t.id "
            "WHERE t.id = NEW.id OR t.name = NEW.name OR t.rowid = NEW.rowid) "
            "OR EXISTS (SELECT 1 FROM treatments_appointment a WHERE a.treatment_id = NEW.id OR a.stood_for_id = NEW.id)",
        ),
        spelt_oddly(("id",)),
    ),
    "BEFORE UPDATE": begin(
        abort("family-fixed", f"(NEW.family <> OLD.family OR NEW.id <> OLD.id) AND {_USED}"),
        # UPDATE OR REPLACE drops the row whose name, row or id it takes.
        abort(
            "family-fixed",
            "NEW.rowid <> OLD.rowid OR EXISTS (SELECT 1 FROM treatments_treatment t "
            "WHERE t.id <> OLD.id AND (t.name = NEW.name OR t.id = NEW.id))",
        ),
        spelt_oddly(("id",)),
    ),
    "BEFORE DELETE": begin(abort("family-fixed", _USED)),
    "AFTER INSERT": begin(ROW_BELOW_ZERO),
}

GUARDS = [Guard("guard_family", "treatments_treatment", "BEFORE DELETE OR UPDATE", _FAMILY_PG, _FAMILY_SQLITE)]
