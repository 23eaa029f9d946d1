"""The house stands as DESIGN.md draws it: layers, migrations, settings, checks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).parents[2]


def _django(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "VAR_DIR", "LANG")}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


REAL = {
    "SECRET_KEY": "a-long-and-random-value-of-the-kind-docs/install.md-describes-0123456789",
    "ALLOWED_HOSTS": "clinic.test",
    "BASE_URL": "https://clinic.test",
}


def test_no_migration_is_missing(records):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS"])
def test_it_does_not_start_half_configured(missing):
    ran = _django("check", **{name: value for name, value in REAL.items() if name != missing})

    assert ran.returncode != 0
    assert f"Set {missing}" in ran.stderr


def test_a_real_clinics_settings_pass_the_deployment_check():
    ran = _django("check", "--deploy", "--fail-level", "WARNING", **REAL)

    assert (ran.returncode, ran.stdout) == (0, "System check identified no issues (0 silenced).\n")


def test_a_demo_does_not_pass_it():
    ran = _django("check", "--deploy", **REAL, DEMO="on")

    assert ran.returncode != 0
    assert "clinic.E001" in ran.stderr


def test_debug_is_off_by_default():
    ran = _django("shell", "-c", "from django.conf import settings; print(settings.DEBUG)", **REAL)

    assert ran.stdout.strip().splitlines()[-1] == "False"


def test_imports_go_treatments_patients_clinic_and_never_back():
    ran = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert ran.returncode == 0, ran.stdout


def test_the_lower_apps_do_not_reach_up_by_reverse_accessors():
    """`patient.appointments` inside patients would be an import that no linter sees."""
    upward = ("appointments", "side_effects", "sessions", "skin_checks", "closures", "training_records", "reviews")
    found = [
        f"{path.relative_to(ROOT)}: .{name}"
        for app in ("clinic", "patients")
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts and path.name != "settings.py"
        for said in [path.read_text().replace("django.contrib.sessions", "")]
        for name in upward
        if f".{name}." in said or f".{name})" in said
    ]

    assert found == []


def test_lock_files_name_no_host():
    assert [path.name for path in (ROOT / "requirements").glob("*.txt") if "://" in path.read_text()] == []
