"""Pictures for the demo clinic: drawn patches of skin; nobody's."""

import io
import random

from PIL import Image, ImageDraw, ImageFilter


def drawn_skin(tint: tuple[int, int, int], strength: float, size: int = 1400) -> bytes:
    """A JPEG of a drawn patch of skin with a bruise of that colour."""
    draw_at = random.Random(7)  # noqa: S311  (a picture, not a secret)
    skin = Image.new("RGB", (size, size), (222, 184, 160))
    grain = Image.effect_noise((size, size), 18)
    skin = Image.blend(skin, Image.merge("RGB", (grain, grain, grain)), 0.06)
    mask = Image.new("L", (size, size), 0)
    draw = ImageDraw.Draw(mask)
    for _ in range(26):
        x, y = (size / 2 + draw_at.gauss(0, size * 0.09) for _ in range(2))
        reach = draw_at.uniform(0.05, 0.12) * size
        draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=int(255 * strength))
    skin.paste(Image.new("RGB", (size, size), tint), (0, 0), mask.filter(ImageFilter.GaussianBlur(size * 0.035)))
    written = io.BytesIO()
    skin.save(written, "JPEG", quality=88)
    return written.getvalue()
