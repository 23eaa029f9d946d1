"""HEIC, decoded in a process of its own.

One byte that is no UTF-8 in the name of a HEIC's metadata ends the process that opens it (a segmentation fault of
pi_heif 1.4.0); 24 KB can ask for a minute of decoding, and 5 MB for 2 GB. So it is a child that ends, or runs out of
time or memory. It has no environment: whoever takes it over finds no key and no database there.
"""

import json
import resource
import subprocess
import sys
from dataclasses import dataclass
from subprocess import DEVNULL, PIPE
from threading import Timer

CPU_SECONDS = 20  # a phone's 12 megapixels take 0.7, 60 of them 4
WALL_SECONDS = 40
MEMORY = 1_500_000_000  # bytes of address space; 60 megapixels, 10 bits deep, take half of it

_MOST_SAID = 4 * 1024 * 1024  # bytes of a profile, or of EXIF: no camera has so much to say
_CHANNELS = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "RGBa": 4}


@dataclass(frozen=True)
class HeifPicture:
    """The primary picture of a HEIC, turned as its container says: its pixels row by row, in Pillow's `mode`."""

    mode: str
    size: tuple[int, int]
    pixels: bytearray
    icc: bytes
    exif: bytes


class HeifTooLarge(Exception):
    """The picture has more pixels than were asked for. None of them was decoded."""


def decode_heif(content: bytes, max_pixels: int) -> HeifPicture:
    """Raises HeifTooLarge, and ValueError or OSError when nothing came of it."""
    picture = _in_a_child(content, max_pixels, decodes=True)
    if not picture.pixels:
        raise HeifTooLarge
    return picture


def read_heif_header(content: bytes, max_pixels: int) -> HeifPicture:
    """What it says of itself, without its pixels: none is decoded. Raises as `decode_heif`."""
    picture = _in_a_child(content, max_pixels, decodes=False)
    if not 0 < picture.size[0] * picture.size[1] <= max_pixels:
        raise HeifTooLarge
    return picture


def _in_a_child(content: bytes, max_pixels: int, *, decodes: bool) -> HeifPicture:
    command = [sys.executable, "-I", __file__, str(max_pixels if decodes else 0)]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}) as child:  # noqa: S603
        deadline = Timer(WALL_SECONDS, child.kill)
        deadline.start()
        try:
            return _ask(child, content, max_pixels if decodes else 0)
        finally:
            deadline.cancel()
            child.kill()


def _ask(child: "subprocess.Popen[bytes]", content: bytes, max_pixels: int) -> HeifPicture:
    """Without pixels where it has more of them than are asked for."""
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(content)
    child.stdin.close()
    said = json.loads(child.stdout.readline(1000))
    mode, width, height = said["mode"], int(said["width"]), int(said["height"])
    icc, exif = (child.stdout.read(min(int(said[part]), _MOST_SAID)) for part in ("icc", "exif"))
    if not 0 < width * height <= max_pixels:
        return HeifPicture(mode, (width, height), bytearray(), icc, exif)
    pixels = bytearray(width * height * _CHANNELS[mode])
    if child.stdout.readinto(pixels) != len(pixels):  # type: ignore[attr-defined]
        raise ValueError("the decoder stopped half way")  # pragma: no cover - killed while it wrote
    return HeifPicture(mode, (width, height), pixels, icc, exif)


def _answer(max_pixels: int) -> None:  # pragma: no cover - the child's side
    import pi_heif

    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, CPU_SECONDS), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most))
    pi_heif.options.THUMBNAILS = pi_heif.options.DEPTH_IMAGES = pi_heif.options.AUX_IMAGES = False
    heif = pi_heif.open_heif(sys.stdin.buffer.read(), convert_hdr_to_8bit=True)
    said = {"mode": heif.mode, "width": heif.size[0], "height": heif.size[1]}
    icc, exif = ((heif.info.get(part) or b"")[:_MOST_SAID] for part in ("icc_profile", "exif"))
    pixels = b""
    if said["width"] * said["height"] <= max_pixels:
        pixels = heif.data
        said |= {"width": heif.size[0], "height": heif.size[1]}  # as decoded, which the header need not know
    sys.stdout.buffer.write(json.dumps(said | {"icc": len(icc), "exif": len(exif)}).encode() + b"\n")
    for part in (icc, exif, pixels):
        sys.stdout.buffer.write(part)


if __name__ == "__main__":  # pragma: no cover
    _answer(int(sys.argv[1]))
