"""Developing a phone's 12-megapixel photo beside decoding the same file: CPU in turns, memory in fresh processes.

bench_photo.py develop FILE    how far one call raises the process's peak, in MB; likewise decode
"""

import datetime as dt
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402

from tests.pictures import display_p3, encoded, exif_block  # noqa: E402
from treatments.images import develop  # noqa: E402

LONG, SHORT = 4032, 3024
ROUNDS = 9


def decode(content: bytes) -> None:
    Image.open(BytesIO(content)).load()


CALLS: dict[str, Callable[[bytes], object]] = {"develop": develop, "decode": decode}


@dataclass(frozen=True)
class Figures:
    """Of one photo: MB of the file, CPU ms of each round, MB that the peak rose."""

    name: str
    size: float
    cpu: dict[str, list[float]]
    memory: dict[str, float]


def photos() -> dict[str, bytes]:
    """Soft shapes under a sensor's noise, in a camera's quality: as many bytes as a phone makes of skin in a room."""
    chance = random.Random(1)
    shapes = Image.frombytes("RGB", (24, 18), chance.randbytes(24 * 18 * 3))
    noise = Image.frombytes("RGB", (LONG, SHORT), chance.randbytes(LONG * SHORT * 3))
    image = Image.blend(shapes.resize((LONG, SHORT), Image.Resampling.BICUBIC), noise, 0.13)
    taken = dt.datetime(2026, 3, 14, 9, 26, 53).strftime("%Y:%m:%d %H:%M:%S")

    def jpeg(orientation: int, icc: bytes) -> bytes:
        exif = exif_block(orientation=orientation, taken=taken, offset="+00:00", gps=True)
        return encoded(image, "JPEG", quality=90, exif=exif, icc_profile=icc)

    return {
        "upright, sRGB": jpeg(1, b""),
        "on its side, sRGB": jpeg(6, b""),
        "on its side, Display P3": jpeg(6, display_p3()),
    }


def measure_photos(folder: Path) -> list[Figures]:
    found = []
    for name, content in photos().items():
        file = folder / "photo.jpg"
        file.write_bytes(content)
        cpu: dict[str, list[float]] = {call: [] for call in CALLS}
        for number in range(ROUNDS + 1):
            for call, act in CALLS.items():
                began = time.process_time()
                act(content)
                if number:  # the first one warms up
                    cpu[call].append((time.process_time() - began) * 1000)
        found.append(Figures(name, len(content) / 2**20, cpu, {call: peak(call, file) for call in CALLS}))
    return found


def peak(call: str, file: Path) -> float:
    command = [sys.executable, __file__, call, str(file)]
    runs = [subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(3)]
    return statistics.median(map(float, runs))


def main(call: str, file: str) -> None:
    content = Path(file).read_bytes()
    before = held("VmRSS")
    CALLS[call](content)
    print(held("VmHWM") - before)


def held(which: str) -> float:
    """MB this process holds now (VmRSS) or ever held (VmHWM), NaN where there is no /proc to say so.

    Not getrusage: its peak starts from what the parent held.
    """
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return float("nan")
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{which}:")) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
