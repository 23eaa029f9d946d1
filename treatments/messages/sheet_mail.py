"""A sheet that goes by mail: attached as a PDF to a letter that says nothing of the patient but the name.

Only where no PDF can be made does the sheet's text stand in the letter, so that nobody waits for it in vain.
"""

from clinic.pdf import can_make_pdfs
from treatments.messages.wording import Wording, clinical_word, written
from treatments.models import Message, SheetGiven
from treatments.models.message import MessageKind
from treatments.sheet_text import sheet_pdf, shown_as_given, text_of

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
    """The clinic's words; under them the general text of the sheet, where it cannot be attached."""
    given = None if can_make_pdfs() else _given(message)
    body = wording.body if given is None else f"{wording.body}\n\n{{sheet}}"
    sheet = text_of(given.sheet, given.phone) if given else ""
    place = UNNAMED_PLACE if clinical_word(values["place"]) else values["place"]
    subject = written(wording, values | {"place": place}).subject
    return Wording(subject, written(Wording(wording.subject, body), values | {"sheet": sheet}).body)


def attachment(message: Message) -> tuple[str, bytes, str] | None:
    """Name, content and type of what goes with the mail; None for other kinds, and where no PDF can be made."""
    given = _given(message) if message.kind == MessageKind.SHEET and can_make_pdfs() else None
    if given is None:
        return None
    return FILE_NAME, sheet_pdf(shown_as_given(given)), "application/pdf"


def _given(message: Message) -> SheetGiven | None:
    return SheetGiven.objects.filter(message=message).select_related("sheet", "session").first()
