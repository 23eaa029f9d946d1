"""What may stand of an injected site: where, how, how deep, with which needle, how much."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError

from treatments.body_map import THOUSAND, VIEWS, misplaced
from treatments.models.session import Technique
from treatments.models.side_effect import BodySite, Side

CODES = {"site": BodySite.values, "side": Side.values, "technique": Technique.values, "view": list(VIEWS)}
MOST = {"depth_mm": Decimal(30), "volume_ml": Decimal("9999.99")}
LONGEST_NEEDLE = 30
OF_A_SITE = (*CODES, *MOST, "needle", "x", "y")


def checked_sites(sites: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as they are kept: what is empty left out but for the side, numbers with decimals as text.

    Raises ValidationError for `sites`.
    """
    return [_checked(row) for row in sites]


def _checked(row: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {"side": ""} | {name: value for name, value in row.items() if value not in (None, "")}
    if not kept.get("site"):
        raise _wrong("A row without a site.")
    for name, value in kept.items():
        if name not in OF_A_SITE:
            raise _wrong(f"“{name}” is not part of a site.")
        if name in CODES and value not in CODES[name] and not (name == "side" and value == ""):
            raise _wrong(f"“{value}” is no {name}: {', '.join(CODES[name])}.")
        if name in MOST:
            kept[name] = _number(value, MOST[name])
    if len(str(kept.get("needle", ""))) > LONGEST_NEEDLE:
        raise _wrong(f"Write the needle in at most {LONGEST_NEEDLE} characters, such as “30G 4 mm”.")
    _require_point(kept)
    return kept


def _require_point(row: dict[str, Any]) -> None:
    for name in ("x", "y"):
        value = row.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise _wrong(f"“{value}” is no {name} on the body map: a whole number from 0 to {THOUSAND}.")
    if wrong := misplaced(row["site"], row["side"], row.get("view", ""), row.get("x"), row.get("y")):
        raise _wrong(wrong)


def _number(value: Any, most: Decimal) -> str:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise _wrong(f"“{value}” is no number.") from None
    if not number.is_finite() or not Decimal("0.01") <= number <= most or number != round(number, 2):
        raise _wrong(f"“{value}” is no volume or depth: from 0.01 to {most}, with two decimals at most.")
    return plain(number)


def plain(number: Decimal) -> str:
    """“0.5”, “10”: as it is said, without noughts at the end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _wrong(sentence: str) -> ValidationError:
    return ValidationError({"sites": sentence})
