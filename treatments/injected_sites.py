"""What may stand of an injected site: where, how, how deep, with which needle, how much."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError

from treatments.models.session import Technique
from treatments.models.side_effect import BodySite, Side

NUMBERS = {"volume_ml": Decimal("9999.99"), "depth_mm": Decimal("99.99")}
LONGEST = {"needle": 30, "view": 20}
CODES = {"site": BodySite.values, "side": Side.values, "technique": Technique.values}


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
        if name in CODES:
            if value not in CODES[name] and not (name == "side" and value == ""):
                raise _wrong(f"“{value}” is no {name}: {', '.join(CODES[name])}.")
        elif name in NUMBERS:
            kept[name] = _number(name, value)
        elif name in ("x", "y"):
            if not isinstance(value, int) or not 0 <= value <= 1000:
                raise _wrong("A point lies within its view: 0 to 1000.")
        elif name not in LONGEST or not isinstance(value, str) or len(value) > LONGEST[name]:
            raise _wrong(f"“{name}” is not part of a site, or too long.")
    return kept


def _number(name: str, value: Any) -> str:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not Decimal("0.01") <= number <= NUMBERS[name]:
        raise _wrong(f"“{value}” is no volume or depth: from 0.01 to {NUMBERS[name]}.")
    if number != round(number, 2):
        raise _wrong(f"“{value}” has more than two decimals.")
    return plain(number)


def plain(number: Decimal) -> str:
    """“0.5”, “10”: as it is said, without noughts at the end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _wrong(sentence: str) -> ValidationError:
    return ValidationError({"sites": sentence})
