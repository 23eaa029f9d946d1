"""How the API describes itself."""

import json

import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator

from tests.api.calls import API


@pytest.fixture(scope="module")
def described() -> dict:
    return json.loads(json.dumps(SchemaGenerator().get_schema(request=None, public=True)))


def _operations(described):
    return [
        (method, path, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_description_is_valid_and_nothing_in_it_is_guessed(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))

    assert (tmp_path / "schema.yml").read_text().startswith("openapi: 3.0.3")


def test_it_is_served_as_yaml_and_as_json(api, reception, described):
    client = api(reception)

    assert client.get(f"{API}schema/").headers["Content-Type"].startswith("application/vnd.oai.openapi")
    served = client.get(f"{API}schema/?format=json")
    assert json.loads(served.content)["paths"].keys() == described["paths"].keys()


def test_both_ways_to_sign_in_are_described(described):
    assert described["components"]["securitySchemes"] == {
        "bearer": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
    }
    assert all(operation["security"] == [{"bearer": []}, {"session": []}] for _, _, operation in _operations(described))


def test_every_problem_is_described_where_it_is_answered(described):
    for method, path, operation in _operations(described):
        expected = {"401", "403", "405"}
        if method in ("post", "patch"):
            expected |= {"400", "409", "413", "415"}
        if "{id}" in path:
            expected |= {"404"}
        if any(parameter["in"] == "query" for parameter in operation.get("parameters", [])):
            expected |= {"400"}
        if (method, path) == ("post", "/api/v1/side-effects/{id}/photos/"):
            expected |= {"429"}
        problems = {
            status: list(answer["content"]) for status, answer in operation["responses"].items() if status >= "400"
        }
        assert problems == dict.fromkeys(sorted(expected), ["application/problem+json"]), (method, path)


def test_every_post_may_carry_an_idempotency_key(described):
    for method, path, operation in _operations(described):
        headers = [parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "header"]
        assert headers == (["Idempotency-Key"] if method == "post" else []), (method, path)


def test_creating_answers_201_and_a_step_200(described):
    made = {
        path.removeprefix(API)
        for method, path, operation in _operations(described)
        if method == "post" and "201" in operation["responses"]
    }

    assert made == {
        "patients/",
        "patients/{id}/consents/",
        "appointments/",
        "lots/",
        "side-effects/",
        "side-effects/together/",
        "side-effects/{id}/reviews/",
        "side-effects/{id}/referral-steps/",
        "side-effects/{id}/wrong-patient/",
    }
    assert {
        (path.removeprefix(API), *sorted(answers))
        for _, path, operation in _operations(described)
        if len(answers := [status for status in operation["responses"] if status < "300"]) != 1
    } == {
        # Made ready by the queue: there already, or taken in and not ready yet.
        ("side-effects/{id}/photos/", "200", "202"),
    }


def test_every_operation_says_what_it_does(described):
    assert all(operation["description"].endswith(".") for _, _, operation in _operations(described))


# --- The page to look through it -------------------------------------------------------------------------------------


def test_the_page_asks_no_other_host_and_has_no_inline_style_or_script(client, reception):
    client.force_login(reception)

    page = client.get(f"{API}docs/").content.decode()

    assert "//" not in page
    assert "<style" not in page
    assert " style=" not in page
    assert page.count("<script src=") == page.count("<script") == 3


def test_the_page_is_for_who_has_signed_in(client, reception):
    assert client.get(f"{API}docs/").url == "/accounts/login/?next=/api/v1/docs/"
    client.force_login(reception)
    assert client.get(f"{API}docs/").status_code == 200


def test_the_page_is_not_for_somebody_without_a_role(client, superuser):
    client.force_login(superuser)

    response = client.get(f"{API}docs/")

    assert (response.status_code, response.headers["Content-Type"]) == (403, "application/problem+json")
    assert response.json()["status"] == 403
