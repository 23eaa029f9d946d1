"""No two live appointments of one practitioner, room or patient overlap.

The catalogue may let a treatment overlap: then practitioner and room look past its appointments, the patient never.
"""

from clinic.database import Wall
from treatments.guards.words import abort, begin, quoted
from treatments.models.appointment import LIVE

_LIVE_PG = ", ".join(f"('{status}'::character varying)::text" for status in LIVE)


def _wall(name: str, column: str, *, never: bool = False) -> Wall:
    may = "" if never else "AND NOT NEW.overlap_allowed AND NOT o.overlap_allowed "
    overlaps = (
        f"NEW.status IN ({quoted(LIVE)}) AND EXISTS (SELECT 1 FROM treatments_appointment o WHERE o.{column} = NEW.{column} "
        f"AND o.id <> NEW.id AND o.status IN ({quoted(LIVE)}) {may}"
        "AND o.starts_at < NEW.ends_at AND o.ends_at > NEW.starts_at)"
    )
    live = f"((status)::text = ANY (ARRAY[{_LIVE_PG}]))"
    return Wall(
        name=name,
        table="treatments_appointment",
        postgresql=(
            f"EXCLUDE USING gist ({column} WITH =, tstzrange(starts_at, ends_at) WITH &&) "
            f"WHERE ({live if never else f'({live} AND (NOT overlap_allowed))'})"
        ),
        needs=() if never else ("overlap_allowed",),
        sqlite={
            "BEFORE INSERT": begin(abort(name, overlaps)),
            f"BEFORE UPDATE OF starts_at, ends_at, status, overlap_allowed, {column}": begin(abort(name, overlaps)),
        },
    )


WALLS = [
    _wall("practitioner-busy", "practitioner_id"),
    _wall("room-busy", "room_id"),
    _wall("patient-busy", "patient_id", never=True),
]
