"""A mark burnt into a copy of a photo, on a band of its own below the picture, so that it hides nothing of it.

No models and no storage: bytes in, bytes out. The letters are those that Pillow brings along, so that a copy looks the
same on every machine.
"""

from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

SMALLEST_LETTERS = 16  # px: below this a mark on a screen is not read any more
LETTERS_PER_SIDE = 40  # of the picture's longest side, so that the mark stays legible where a large copy is shown small
ENOUGH = 3000  # px of the longest side
BETWEEN = " · "
PAPER, INK = "white", "black"
QUALITY = 90

Font = ImageFont.FreeTypeFont


def with_mark(content: bytes, parts: Sequence[str]) -> bytes:
    """The JPEG again, with these words below it, as a JPEG without metadata. A narrow picture gets a wider paper.

    One of twice ENOUGH pixels a side or more is read at a half, or less: a web worker's memory is not for 60 megapixels.
    """
    picture = _read(content)
    font = _font(max(SMALLEST_LETTERS, max(picture.size) // LETTERS_PER_SIDE))
    margin = round(font.size / 2)
    lines = _lines(parts, font, picture.width - 2 * margin)
    width = max(picture.width, 2 * margin + max(_width(line, font) for line in lines))
    step = round(font.size * 1.4)
    paper = Image.new("RGB", (width, picture.height + step * len(lines) + margin), PAPER)
    paper.paste(picture, ((width - picture.width) // 2, 0))
    draw = ImageDraw.Draw(paper)
    for number, line in enumerate(lines):
        draw.text((margin, picture.height + margin + number * step), line, font=font, fill=INK)
    out = BytesIO()
    paper.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _read(content: bytes) -> Image.Image:
    picture: Image.Image = Image.open(BytesIO(content), formats=["JPEG"])
    longest = max(picture.size)
    if longest > ENOUGH:
        # A JPEG's own way of being read smaller: never below the size asked for.
        picture.draft("RGB", (picture.width * ENOUGH // longest, picture.height * ENOUGH // longest))
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def _font(size: int) -> Font:
    font = ImageFont.load_default(size)
    # Without FreeType Pillow has only letters of one small size; a mark nobody can read is none.
    if not isinstance(font, Font):
        raise RuntimeError("Pillow was built without FreeType; install its wheel.")
    return font


def _lines(parts: Sequence[str], font: Font, room: int) -> list[str]:
    """The parts in as few lines as fit the room; a part is never broken."""
    lines = [parts[0]]
    for part in parts[1:]:
        longer = lines[-1] + BETWEEN + part
        if _width(longer, font) <= room:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def _width(line: str, font: Font) -> int:
    return round(font.getlength(line)) + 1
