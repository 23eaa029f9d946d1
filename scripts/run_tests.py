"""Runs every check and every test, says what this machine could not run, and sums up.

run_tests.py             everything: checks, tests on SQLite and PostgreSQL, in a browser, coverage
run_tests.py --checks    the checks alone

Everything runs even where an earlier part failed. What cannot run here is said in one line and is no failure, unless
NOTHING_SKIPPED=1 (CI sets it); then a test that no database ran is one too.
"""

import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

from with_postgres import HOW_TO_INSTALL, find_binaries

ROOT = Path(__file__).resolve().parent.parent
LEFT_BEHIND = ROOT / "var" / "tests"  # pytest's results and coverage, to look into afterwards
COVERAGE = LEFT_BEHIND / "coverage.json"
PYTHON = sys.executable
MANAGE = [PYTHON, "manage.py"]
POSTGRES = [PYTHON, "scripts/with_postgres.py"]
LONGEST = 60 * 60  # seconds for one part: something hangs, and the rest should still be heard
STRICT = os.environ.get("NOTHING_SKIPPED") == "1"
# The clinic's configuration is each part's own: neither the demo's data nor the caller's settings are in play.
NOT_INHERITED = "SECRET_KEY ALLOWED_HOSTS BASE_URL DATABASE_URL VAR_DIR PHOTOS_DIR DEBUG DEMO DJANGO_SETTINGS_MODULE"

results: list[tuple[str, str, float, str]] = []


def part(name: str, do: list[str] | Callable[[], int], env: dict[str, str], *, lacking: str = "") -> None:
    print(f"\n== {name}", flush=True)
    if lacking:
        print(f"not run: {name}: {lacking}", flush=True)
        results.append((name, "not run", 0, lacking))
        return
    began = time.monotonic()
    code = do() if callable(do) else call(do, env)
    results.append((name, "FAILED" if code else "ok", time.monotonic() - began, f"exit code {code}" if code else ""))


def call(command: list[str], env: dict[str, str]) -> int:
    with subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL) as process:
        try:
            return process.wait(timeout=LONGEST)
        except subprocess.TimeoutExpired:
            print(f"stopped: it took more than {LONGEST // 60} minutes", flush=True)
            process.terminate()
            return process.wait() or 1
        except BaseException:
            process.terminate()  # not kill(): with_postgres.py must be let remove its server
            raise


def environment(scratch: Path) -> dict[str, str]:
    """For the tests: they bring their settings, and whatever they leave behind goes with the scratch folder."""
    inherited = {key: value for key, value in os.environ.items() if key not in NOT_INHERITED.split()}
    return {**inherited, "TMPDIR": str(scratch)}


def in_production(scratch: Path) -> dict[str, str]:
    return {
        **environment(scratch),
        "SECRET_KEY": secrets.token_hex(32),
        "ALLOWED_HOSTS": "clinic.example",
        "BASE_URL": "https://clinic.example",
        "VAR_DIR": str(scratch / "var"),
    }


def run_checks(scratch: Path) -> None:
    env = in_production(scratch)
    lint_imports = str(Path(PYTHON).with_name("lint-imports"))
    part("style (ruff check)", [PYTHON, "-m", "ruff", "check"], env)
    part("format (ruff format)", [PYTHON, "-m", "ruff", "format", "--check"], env)
    part("types (mypy)", [PYTHON, "-m", "mypy", "."], env)
    part("layers (import-linter)", [PYTHON, lint_imports, "--no-logo"], env)
    part("migrations", [*MANAGE, "makemigrations", "--check", "--dry-run"], env)
    part("deployment", [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"], env)
    # In production every static file a style sheet or template names must exist; in the tests none need to.
    part("static files", [*MANAGE, "collectstatic", "--no-input", "--verbosity", "0"], env)
    part("locks", check_locks, env)


def check_locks() -> int:
    """No address in a lock, and the tests run the very versions the app runs."""
    problems, pins = [], {}
    for name in ("app", "dev"):
        file = f"requirements/{name}.txt"
        lines = (ROOT / file).read_text().splitlines()
        problems += [f"{file}:{number}: holds an address" for number, line in enumerate(lines, 1) if "://" in line]
        pins[name] = {match[0] for line in lines if (match := re.match(r"[\w.-]+==[^\s;]+", line))}
    problems += [f"requirements/dev.txt: does not hold the app's {pin}" for pin in sorted(pins["app"] - pins["dev"])]
    print("\n".join(problems) or "no address; dev.txt holds all of app.txt")
    return len(problems) > 0


def run_tests(scratch: Path) -> None:
    """All tests on each database, a real browser's among them. Lines are counted on SQLite: what only PostgreSQL can reach
    is a few of them (treatments/guards/)."""
    env = environment(scratch)
    no_postgres = "" if find_binaries() else HOW_TO_INSTALL
    browsers = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    no_browser = "" if any(map(shutil.which, browsers)) else "no Chromium found; on Debian: apt-get install chromium"
    # One more than there are cores: a test that waits for a browser or a clock leaves its core to another.
    workers = str((os.cpu_count() or 1) + 1)
    options = ["-n", workers, "--dist", "worksteal", *(["-m", "not browser"] if no_browser else [])]
    # Its other settings stand in pyproject.toml; whether enough was reached is a part of its own.
    counting = ["-m", "slipcover", "--json", f"--out={COVERAGE}", "--fail-under=0"]
    run_pytest("tests on SQLite", [PYTHON, *counting], options, env)
    run_pytest("tests on PostgreSQL", [*POSTGRES, PYTHON], options, env, lacking=no_postgres)
    if no_browser:
        part("browser tests", [], env, lacking=no_browser)
    part("coverage of treatments/", check_coverage, env)
    part("skipped tests", check_skipped, env)


def run_pytest(name: str, on: list[str], options: list[str], env: dict[str, str], *, lacking: str = "") -> None:
    file = LEFT_BEHIND / name.replace(" ", "-").lower()
    part(name, [*on, "-m", "pytest", *options, f"--junitxml={file}.xml"], env, lacking=lacking)


def check_coverage() -> int:
    """Prints what no test reached, and fails where that is too much."""
    return call([PYTHON, "-m", "slipcover", "--merge", str(COVERAGE), f"--out={COVERAGE}"], dict(os.environ))


def check_skipped() -> int:
    """Lists what was skipped and ran nowhere: a test for PostgreSQL alone is skipped on SQLite, and that is no gap."""
    reasons: dict[str, str] = {}
    ran: set[str] = set()
    for file in LEFT_BEHIND.glob("*.xml"):
        for test in ElementTree.parse(file).iter("testcase"):
            name = f"{test.get('classname')}::{test.get('name')}"
            skipped = test.find("skipped")
            if skipped is not None and skipped.get("type") == "pytest.skip":
                reasons[name] = skipped.get("message", "")
            else:
                ran.add(name)
    if not ran:
        print("no test ran")
        return 1
    nowhere = sorted(reasons.keys() - ran)
    print("\n".join(f"not run: {name}: {reasons[name]}" for name in nowhere) or "every test ran somewhere")
    return 1 if nowhere and STRICT else 0


def sum_up() -> int:
    print("\n== summary")
    for name, verdict, seconds, why in results:
        print(f"{verdict:8} {seconds:5.0f} s  {name}{': ' if why else ''}{why}")
    bad = ("FAILED", "not run") if STRICT else ("FAILED",)
    failed = [name for name, verdict, _, _ in results if verdict in bad]
    print(f"\n{'FAILED: ' + ', '.join(failed) if failed else 'all that ran is ok'}", flush=True)
    return 1 if failed else 0


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--checks"]):
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # so that call() tidies up
    with tempfile.TemporaryDirectory(prefix="allclear-tests-") as scratch:
        Path(scratch).chmod(0o711)  # where we are root, PostgreSQL runs as somebody else and must get through
        run_checks(Path(scratch))
        if not arguments:
            shutil.rmtree(LEFT_BEHIND, ignore_errors=True)
            LEFT_BEHIND.mkdir(parents=True)
            run_tests(Path(scratch))
    return sum_up()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
