"""From bytes to rows of text, as somebody said they are to be read. Nothing is guessed; what cannot be read is said."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from patients.models.patient_import import PatientImport

Encoding, Delimiter = PatientImport.Encoding, PatientImport.Delimiter

LARGEST = 30 * 1024 * 1024
MOST_COLUMNS = 200
LONGEST_CELL = 5_000
CHARACTERS = {Delimiter.COMMA: ",", Delimiter.SEMICOLON: ";", Delimiter.TAB: "\t"}
# The longest first: UTF-16's mark must not be taken for the beginning of another.
MARKS = {codecs.BOM_UTF8: Encoding.UTF_8, codecs.BOM_UTF16_LE: Encoding.UTF_16, codecs.BOM_UTF16_BE: Encoding.UTF_16}
# With a mark, which is dropped; without one as well.
CODECS = {Encoding.UTF_8: "utf-8-sig", Encoding.UTF_16: "utf-16", Encoding.WINDOWS_1252: "cp1252"}
NO_CSV = {
    b"PK\x03\x04": "This is a zip archive or an Excel workbook, not a CSV file. Save the sheet as CSV first.",
    b"\xd0\xcf\x11\xe0": "This is an old Excel workbook, not a CSV file. Save the sheet as CSV first.",
    b"%PDF": "This is a PDF, not a CSV file.",
    b"\x1f\x8b": "This is a compressed file. Unpack it first.",
    b"\x89PNG": "This is a picture, not a CSV file.",
    b"\xff\xd8\xff": "This is a picture, not a CSV file.",
}
TOO_LARGE = f"The file is larger than {LARGEST // 1024 // 1024} MB. Split it into several."
# Control characters, halves of pairs, and the mark for what could not be read: left where a file was read wrongly.
NO_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd-\uffff]")
# A first line with one of these is a patient, not names of columns: taken for names, the patient would be lost.
LOOKS_LIKE_DATA = re.compile(r"^(\d{4}-\d{2}-\d{2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\S+@\S+\.\S+|\+?[\d ()/-]{6,})$")


class Unreadable(Exception):
    """The file cannot be read so. Its message is a sentence for the person who chose it."""


@dataclass(frozen=True)
class Row:
    line: int
    cells: list[str]


def refuse_what_is_no_text(content: bytes) -> None:
    """Raises Unreadable for an empty or too large file, and for what is plainly something else."""
    if not content.strip(b"\x00 \r\n\t"):
        raise Unreadable("The file is empty.")
    if len(content) > LARGEST:
        raise Unreadable(TOO_LARGE)
    for beginning, sentence in NO_CSV.items():
        if content.startswith(beginning):
            raise Unreadable(sentence)


def format_of(content: bytes) -> str:
    """A file that opens a brace is JSON: no line of column names does."""
    beginning = content.removeprefix(codecs.BOM_UTF8)[:1024].lstrip()
    return PatientImport.Format.FHIR if beginning.startswith(b"{") else PatientImport.Format.CSV


def proven_encoding(content: bytes) -> str:
    """What a byte order mark proves; "" without one."""
    return next((encoding for mark, encoding in MARKS.items() if content.startswith(mark)), "")


def refuse_against_its_mark(content: bytes, encoding: str) -> None:
    """Raises Unreadable where the file's byte order mark says that it is something else."""
    proven = proven_encoding(content)
    if proven and proven != encoding:
        raise Unreadable(f"The file begins with the mark of {Encoding(proven).label}; choose that.")
    if encoding == Encoding.UTF_16 and not proven:
        raise Unreadable("The file has no UTF-16 mark; choose little-endian or big-endian.")


def rows(content: bytes, encoding: str, delimiter: str) -> Iterator[Row]:
    """Each row that holds anything, with the line of the file it begins on; the first one is the column names.

    Raises Unreadable, also from within: decoding goes along with reading, so that memory does not grow with the file.
    """
    reader = csv.reader(_text(content, encoding), delimiter=CHARACTERS[Delimiter(delimiter)], strict=True)
    line, above = 1, True
    try:
        for cells in reader:
            above = above and is_about_the_file(cells)
            if not above and any(cell.strip() for cell in cells):
                _refuse_if_swallowed(cells, line)
                yield Row(line, cells)
            line = reader.line_num + 1
    except UnicodeError as error:
        name = Encoding(encoding).label
        raise Unreadable(f"This is not {name}: near line {line} there are bytes that {name} does not know.") from error
    except csv.Error as error:
        raise Unreadable(
            f"The row that begins on line {line} cannot be read: a quotation mark is not closed, "
            "or is followed by something other than the next field."
        ) from error


def header(content: bytes, encoding: str, delimiter: str) -> list[str]:
    """The names of the columns. Raises Unreadable where the first line cannot be that."""
    first = next(rows(content, encoding, delimiter), None)
    if first is None:
        raise Unreadable("The file is empty.")
    names = [" ".join(cell.split()) for cell in first.cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise Unreadable(f"The first line has {len(names):,} columns; at most {MOST_COLUMNS} can be read.")
    if any(NO_TEXT.search(name) for name in names):
        raise Unreadable("The first line holds characters that are not text. Was another encoding meant?")
    for name in names:
        if LOOKS_LIKE_DATA.match(name):
            raise Unreadable(
                f"The first line must name the columns, but it holds “{name[:40]}”. Add a line of names above it."
            )
    return [name[:100] for name in names]


def is_about_the_file(cells: list[str]) -> bool:
    """One of the lines that our own exports, and others, have above the names of the columns; or an empty one."""
    return not any(cell.strip() for cell in cells[1:]) and (not cells or not cells[0] or cells[0].startswith("# "))


def fits(cells: list[str], columns: int) -> bool:
    """Whether a row has as many fields as the first line; empty ones at its end do not count."""
    return len(cells) == columns or (len(cells) > columns and not any(cell.strip() for cell in cells[columns:]))


def _text(content: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), CODECS.get(Encoding(encoding), encoding), newline="")


def _refuse_if_swallowed(cells: list[str], line: int) -> None:
    if max(map(len, cells)) > LONGEST_CELL:
        raise Unreadable(
            f"The row that begins on line {line} has a field of more than {LONGEST_CELL:,} characters: "
            "is a quotation mark not closed?"
        )
