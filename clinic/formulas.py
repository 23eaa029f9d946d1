"""Text that a spreadsheet would take for a formula, and how it stays text: behind an apostrophe, as sheets do it.

`defused` and `undefused` are each other's way back, so that what is exported and imported again is the same.
"""

import re

# Sheets skip spaces, and some take the full-width signs as well. Apostrophes: or a value that has one would lose it.
_FORMULA = re.compile(r"^['\s]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^'*[\t\r\n]")


def defused(value: str) -> str:
    return f"'{value}" if _FORMULA.match(value) else value


def undefused(value: str) -> str:
    return value[1:] if value.startswith("'") and _FORMULA.match(value[1:]) else value
