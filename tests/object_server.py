"""A real S3 server on loopback, with a secret of its own and nobody let in without it; its files go with the tests."""

import contextlib
import json
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SERVER = shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")


@dataclass(frozen=True)
class ObjectServer:
    endpoint: str
    key: str
    secret: str


def _free_ports(count: int) -> list[int]:
    """Below 30000 and apart from each other: the server adds 10000 to each for its own talk."""
    found: list[int] = []
    for port in range(18_300 + secrets.randbelow(8_000), 30_000):
        with socket.socket() as one, socket.socket() as other:
            try:
                one.bind(("127.0.0.1", port))
                other.bind(("127.0.0.1", port + 10_000))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise RuntimeError("no free ports")


@contextlib.contextmanager
def object_server(folder: Path) -> Iterator[ObjectServer]:
    assert SERVER, "the S3 server of requirements/dev.txt is not installed"
    key, secret = secrets.token_hex(8), secrets.token_hex(16)
    everything = ["Admin", "Read", "Write", "List", "Tagging"]
    people = {"identities": [
        {"name": "tests", "credentials": [{"accessKey": key, "secretKey": secret}], "actions": everything}
    ]}  # fmt: skip
    config = folder / "people.json"
    config.write_text(json.dumps(people))
    master, volume, filer, s3 = _free_ports(4)
    command = [
        SERVER, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-master.port={master}",
        f"-volume.port={volume}", f"-filer.port={filer}", "-s3", f"-s3.port={s3}", f"-s3.config={config}",
        "-master.volumeSizeLimitMB=64", "-volume.max=0",
    ]  # fmt: skip
    with (folder / "said").open("w") as said:
        server = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said)
    try:
        _wait_until_it_answers(f"http://127.0.0.1:{s3}/", server, folder / "said")
        yield ObjectServer(f"http://127.0.0.1:{s3}", key, secret)
    finally:
        server.kill()
        server.wait()


def _wait_until_it_answers(address: str, server: subprocess.Popen[bytes], said: Path) -> None:
    for _ in range(600):
        assert server.poll() is None, said.read_text()[-2000:]
        try:
            urllib.request.urlopen(address, timeout=1)
            return
        except urllib.error.HTTPError as answer:
            if answer.code == 403:
                return  # it is there, and asks who we are
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError(said.read_text()[-2000:])
