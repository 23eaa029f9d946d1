"""What the product's own settings say of signing in; the tests run with some of it off."""

import pytest

from tests.clinic.test_house import REAL, _django

NAMED = "MFA_REQUIRED_FOR names manager and practitioner, and may add receptionist"


def shown(name: str, **environment: str) -> str:
    ran = _django(
        "shell", "-v", "0", "-c", f"from django.conf import settings; print(settings.{name})", **REAL, **environment
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip().splitlines()[-1]


def test_managers_and_practitioners_need_a_second_step_unless_nothing_is_said():
    assert shown("MFA_REQUIRED_FOR") == "['manager', 'practitioner']"


def test_a_clinic_may_ask_it_of_reception_too():
    asked = shown("MFA_REQUIRED_FOR", MFA_REQUIRED_FOR="manager,practitioner,receptionist")

    assert asked == "['manager', 'practitioner', 'receptionist']"


@pytest.mark.parametrize("roles", ["", "receptionist", "manager", "manager,practitioner,nurse"])
def test_it_does_not_start_with_less(roles):
    ran = _django("check", **REAL, MFA_REQUIRED_FOR=roles)

    assert ran.returncode != 0
    assert NAMED in ran.stderr


@pytest.mark.parametrize("wrong", [{"TRUSTED_PROXIES": "proxy.example"}, {"SESSION_IDLE_MINUTES": "0"},
                                   {"SESSION_IDLE_MINUTES": "721"}])  # fmt: skip
def test_it_does_not_start_with_a_setting_that_means_nothing(wrong):
    ran = _django("check", **REAL, **wrong)

    assert ran.returncode != 0
    assert next(iter(wrong)) in ran.stderr


def test_a_proxy_that_nobody_named_is_a_warning():
    unnamed = _django("check", "--deploy", **REAL, BEHIND_TLS_PROXY="on")
    named = _django("check", "--deploy", **REAL, BEHIND_TLS_PROXY="on", TRUSTED_PROXIES="127.0.0.1")

    assert "clinic.W001" in unnamed.stderr
    assert "clinic.W001" not in named.stderr


def test_cookies_are_for_https_and_out_of_reach_of_scripts():
    assert shown("SESSION_COOKIE_SECURE") == "True"
    assert shown("SESSION_COOKIE_HTTPONLY") == "True"
    assert shown("SESSION_COOKIE_NAME") == "__Host-sessionid"
    assert shown("CSRF_COOKIE_NAME") == "__Host-csrftoken"
    assert shown("SESSION_IDLE_MINUTES") == "15"
