"""What a file shows of itself, for the person who says how it is read: proofs where there are any, else samples."""

import itertools
from dataclasses import dataclass

from patients.importing import reading
from patients.importing.reading import Unreadable
from patients.models import PatientImport

Encoding, Delimiter = PatientImport.Encoding, PatientImport.Delimiter
BEGINNING = 64 * 1024
LONGEST = 60


@dataclass(frozen=True)
class Sample:
    """How the file looks read so. `sentence` is set where it cannot be read so."""

    value: str
    label: str
    shown: str = ""
    sentence: str = ""
    proven: bool = False


def encodings(content: bytes) -> list[Sample]:
    """Each encoding with the file's first words that differ between them."""
    proven = reading.proven_encoding(content)
    return [_encoding(content, encoding, proven) for encoding in Encoding if encoding in _possible(content, proven)]


def delimiters(content: bytes, encoding: str) -> list[Sample]:
    """Each delimiter with the columns that it makes; proven where it is the only one that makes several."""
    dividing = delimiters_that_divide(content, encoding)
    return [_delimiter(content, encoding, delimiter, dividing == [delimiter]) for delimiter in Delimiter]


def delimiters_that_divide(content: bytes, encoding: str) -> list[str]:
    return [str(one) for one in Delimiter if len(_header(content, encoding, one)) > 1]


def sample_rows(content: bytes, encoding: str, delimiter: str, count: int = 5) -> list[list[str]]:
    """The first rows below the header."""
    rows = reading.rows(content, encoding, delimiter)
    next(rows, None)
    return [[" ".join(cell.split())[:LONGEST] for cell in row.cells] for row in itertools.islice(rows, count)]


def _possible(content: bytes, proven: str) -> set[str]:
    """With a mark there is one. Without: in UTF-16 each comma and each line's end has a NUL, elsewhere text has none."""
    if proven:
        return {proven}
    if b"\x00" in content[:BEGINNING]:
        return {Encoding.UTF_16_LE, Encoding.UTF_16_BE}
    return {Encoding.UTF_8, Encoding.LATIN_1, Encoding.WINDOWS_1252}


def _encoding(content: bytes, encoding: str, proven: str) -> Sample:
    label = str(Encoding(encoding).label)
    codec = reading.CODECS.get(Encoding(encoding), encoding)
    try:
        text = content.decode(codec)
    except UnicodeError:
        return Sample(encoding, label, sentence=f"The file holds bytes that {label} does not know.")
    telling = next((word for word in text[: 4 * BEGINNING].split() if not word.isascii()), "")
    shown = telling or next(iter(text.split()), "")
    return Sample(encoding, label, reading.NO_TEXT.sub("\ufffd", shown)[:LONGEST], proven=encoding == proven)


def _delimiter(content: bytes, encoding: str, delimiter: str, proven: bool) -> Sample:
    names = _header(content, encoding, delimiter)
    label = str(Delimiter(delimiter).label)
    if len(names) < 2:
        return Sample(delimiter, label, sentence="One column only.")
    return Sample(delimiter, label, f"{len(names)} columns: {', '.join(names)}"[: 4 * LONGEST], proven=proven)


def _header(content: bytes, encoding: str, delimiter: str) -> list[str]:
    try:
        return reading.header(content, encoding, delimiter)
    except Unreadable:
        return []
