"""A sheet that goes by mail: its text stands in the letter, and the same is attached as a PDF where one can be made."""

from clinic.pdf import PdfUnavailable
from treatments.messages.wording import Wording, clinical_word, written
from treatments.models import Message, SheetGiven
from treatments.models.message import MessageKind
from treatments.sheet_text import sheet_pdf, text_of

# A site's own name may be a clinical word, and a subject line is read by anybody who sees the phone.
UNNAMED_PLACE = "the clinic"
# Nothing clinical in a file's name either: phones show it with the subject.
FILE_NAME = "sheet.pdf"


def why_not_given(message: Message) -> str:
    """Why it is no longer to be sent, in words without anything clinical; "" while it is to be."""
    given = _given(message)
    if given is None:
        return "No sheet goes with it."
    if given.session is not None and given.session.error_at is not None:
        return "What it was given after was entered in error."
    return ""


def sheet_letter(message: Message, wording: Wording, values: dict[str, str]) -> Wording:
    """The clinic's words, then the sheet as it was given."""
    given = _given(message)
    sheet = text_of(given.sheet, given.phone) if given else ""
    letter = written(Wording(wording.subject, f"{wording.body}\n\n{{sheet}}"), values | {"sheet": sheet})
    place = UNNAMED_PLACE if clinical_word(values["place"]) else values["place"]
    subject = written(wording, values | {"place": place}).subject
    return Wording(subject, letter.body)


def attachment(message: Message) -> tuple[str, bytes, str] | None:
    """Name, content and type of what goes with the mail; None for other kinds, and where no PDF can be made."""
    given = _given(message) if message.kind == MessageKind.SHEET else None
    if given is None:
        return None
    try:
        return FILE_NAME, sheet_pdf(given.sheet, given.phone), "application/pdf"
    except PdfUnavailable:
        return None


def _given(message: Message) -> SheetGiven | None:
    return SheetGiven.objects.filter(message=message).select_related("sheet", "session").first()
