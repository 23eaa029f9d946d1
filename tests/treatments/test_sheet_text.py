"""How a sheet reads: its parts, and its plain text."""

from treatments.models import Sheet
from treatments.sheet_text import Part, parts_of, text_of


def test_headings_paragraphs_and_points_are_told_apart():
    body = "# After\nRest today,\nand sleep.\n- no cream\n\n- no weights\n\nCall {phone}.\n# Us\n- one"

    assert parts_of(body, "020") == [
        Part("heading", ("After",)),
        Part("paragraph", ("Rest today, and sleep.",)),
        Part("points", ("no cream", "no weights")),
        Part("paragraph", ("Call 020.",)),
        Part("heading", ("Us",)),
        Part("points", ("one",)),
    ]
    assert parts_of("Call {phone}.")[0].text == "Call our usual number."


def test_the_plain_text_ends_with_its_version_and_language():
    sheet = Sheet(title="After", body="# Do\n- rest\n- sleep\n\nThen:\n- run", version=3, language="de")

    assert text_of(sheet) == "After\n\nDo\n\n- rest\n- sleep\n\nThen:\n\n- run\n\n(version 3, de)"
