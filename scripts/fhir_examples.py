#!/usr/bin/env python3
"""Fetches HL7's own FHIR R4 examples (CC0) by npm, Patients and Bundles, into the folder that is named; prints where they stand.

    scripts/fhir_examples.py var/fhir-examples

What is fetched is compared with the checksum below. Fetched once, it stays.
"""

import contextlib
import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "hl7.fhir.r4.examples@4.0.1"
SHA256 = "dce87f1b5b9341867033f7d1f544fa1b5232503f6d62813887ac6b8a8b6cb682"
WANTED = ("package/Patient-", "package/Bundle-")


def fetched_into(folder: Path) -> Path:
    """The folder with the examples' JSON files. Raises OSError or CalledProcessError where npm cannot fetch them."""
    examples = folder.resolve() / "package"
    if examples.is_dir():
        return examples
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        command = ["npm", "pack", PACKAGE, "--silent", "--pack-destination", "."]
        subprocess.run(command, cwd=scratch, check=True, capture_output=True, timeout=300)
        [packed] = Path(scratch).glob("*.tgz")
        if hashlib.sha256(packed.read_bytes()).hexdigest() != SHA256:
            sys.exit("fhir_examples.py: what npm fetched is not what was fetched before")
        with tarfile.open(packed) as archive:
            wanted = [one for one in archive.getmembers() if one.isfile() and one.name.startswith(WANTED)]
            archive.extractall(scratch, members=wanted, filter="data")
        # Whole or not at all: another run may have put it there meanwhile, and then that one stays.
        with contextlib.suppress(OSError):
            (Path(scratch) / "package").rename(examples)
    return examples


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(fetched_into(Path(sys.argv[1])))
