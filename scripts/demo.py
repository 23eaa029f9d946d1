"""The demo clinic, as `make run` serves it and `make demo-env` describes it.

demo.py env    print the environment as KEY=VALUE lines, nothing else; needs only the standard library
demo.py run    bring database and static files up to date, say where and as whom to sign in, start the worker that sends
               messages, become the server
"""

import hashlib
import io
import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def environment() -> dict[str, str]:
    """What the demo is served with. Where the data lives may be chosen from outside; that it is a demo may not."""
    host, port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
    var = os.environ.get("VAR_DIR", str(ROOT / "var"))
    hosts = ["localhost", "127.0.0.1", "[::1]"]
    if host not in (*hosts, "::1", "0.0.0.0", "::"):
        hosts.append(host)
    return {
        "SECRET_KEY": secret_key(Path(var)),
        "DEBUG": "off",
        "DEMO": "on",
        "ALLOWED_HOSTS": os.environ.get("ALLOWED_HOSTS", ",".join(hosts)),
        "BASE_URL": os.environ.get("BASE_URL", f"http://localhost:{port}"),
        "VAR_DIR": var,
        "DATABASE_URL": os.environ.get("DATABASE_URL", f"sqlite:///{var}/allclear.sqlite3"),
        "PHOTOS_DIR": os.environ.get("PHOTOS_DIR", f"{var}/photos"),
    }


def secret_key(var: Path) -> str:
    """Made once and kept, so that a restart signs nobody out. `make run` and `make demo-env` may both come first."""
    kept = var / "demo.env"
    if not kept.exists():
        var.mkdir(parents=True, exist_ok=True)
        written = var / f"demo.env.{os.getpid()}"
        written.touch(mode=0o600)
        written.write_text(f"SECRET_KEY={secrets.token_hex(32)}\n")
        try:
            os.link(written, kept)  # whole, and never over another's
        except FileExistsError:
            pass
        finally:
            written.unlink()
    return kept.read_text().strip().removeprefix("SECRET_KEY=")


def run() -> None:
    served_with = environment()
    os.environ.update(served_with, DJANGO_SETTINGS_MODULE="clinic.settings")
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    host, port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
    refuse_unless_free(host, port)

    # One process for all of it: each `manage.py` call would load the whole project again, a second each.
    import django
    from django.core.management import call_command

    django.setup()
    from django.db import connection

    if not connection.introspection.table_names():
        print("Making the demo clinic, with a year of records: a minute or two, this first time ...", flush=True)
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    collect_static_files()
    said = io.StringIO()
    call_command("seed_demo", if_empty=True, stdout=said)
    # Last, when it can be opened.
    print(f"\nAllclear, a demo clinic: {served_with['BASE_URL']}\n\n{said.getvalue()}\nCtrl-C stops it.", flush=True)

    # Beside the server, and gone with it however it ends: it looks whether this process, which becomes the server, is
    # still its parent.
    subprocess.Popen([sys.executable, "manage.py", "worker", f"--with-parent={os.getpid()}"], stdin=subprocess.DEVNULL)

    # No access log: an address can name a patient. Few threads: it is a demo, on any machine.
    server = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", port]
    server += ["--no-access-log", "--log-level", "warning", "--blocking-threads", "4", "--backpressure", "64"]
    # Ctrl-C reaches granian's worker twice, from the terminal and from its parent, and now and then the second
    # finds it holding the lock the first took: it then never ends by itself.
    server += ["--workers-kill-timeout", "2"]
    os.execv(sys.executable, [*server, "clinic.wsgi:application"])


def refuse_unless_free(host: str, port: str) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, OverflowError) as problem:
        sys.exit(f"Cannot serve on {host}, port {port}: {problem}. Choose another: make run PORT=8001")


def collect_static_files() -> None:
    """Compressing takes seconds, so only when a file, its date or the settings have changed."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    seen = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = os.stat(storage.path(path))
            seen.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    root = Path(settings.STATIC_ROOT)
    stamp = root.with_name(f"{root.name}.sha256")
    if root.exists() and stamp.exists() and stamp.read_text() == seen.hexdigest():
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(seen.hexdigest())


if __name__ == "__main__":
    if sys.argv[1:] == ["env"]:
        print("\n".join(f"{key}={value}" for key, value in environment().items()))
    elif sys.argv[1:] == ["run"]:
        run()
    else:
        sys.exit(__doc__)
