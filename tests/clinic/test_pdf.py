import subprocess
import sys
from pathlib import Path

PDF_THEN_PILLOW = """
from clinic.pdf import pdf_of
made = pdf_of("<p>Advice</p>")
from PIL import ImageFile
print(made[:5], ImageFile.LOAD_TRUNCATED_IMAGES)
"""


def test_making_a_pdf_leaves_broken_pictures_broken():
    # In a process of its own: what a library does when it is first imported, it does once.
    said = subprocess.run(
        [sys.executable, "-c", PDF_THEN_PILLOW],
        cwd=Path(__file__).parents[2],
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    assert said == "b'%PDF-' False\n"
