"""Whose address is written down: never what a header says on its own word."""

import ipaddress

import pytest
from django.test import Client, RequestFactory

from clinic.addresses import client_address, networks
from clinic.models import AuditEvent
from tests.pages.signing import SIGN_IN

PROXY, CLIENT, MADE_UP = "10.0.0.7", "203.0.113.9", "198.51.100.1"


def address(peer: str, forwarded: str | None = None) -> str | None:
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return client_address(RequestFactory().get("/", REMOTE_ADDR=peer, **headers))


@pytest.fixture
def behind_proxy(settings) -> None:
    settings.TRUSTED_PROXIES = networks(["10.0.0.0/24", "2001:db8::/32"])


def test_without_a_named_proxy_the_header_is_never_read():
    assert address(PROXY, CLIENT) == PROXY
    assert address(CLIENT, "127.0.0.1") == CLIENT


@pytest.mark.parametrize(
    "peer, forwarded, found",
    [
        (PROXY, CLIENT, CLIENT),
        (PROXY, f"{MADE_UP}, {CLIENT}", CLIENT),  # what the client wrote itself stands on the left
        (PROXY, f"{CLIENT}, 10.0.0.8", CLIENT),  # two proxies of ours
        (PROXY, f"{MADE_UP},{CLIENT} ,10.0.0.8", CLIENT),
        (CLIENT, MADE_UP, CLIENT),  # not through the proxy at all
        ("10.0.1.7", MADE_UP, "10.0.1.7"),  # a neighbour of the named network
        (PROXY, None, PROXY),
        (PROXY, "", PROXY),
        (PROXY, "10.0.0.9, 10.0.0.8", "10.0.0.9"),  # from within
        (PROXY, f"{CLIENT}:51234", CLIENT),
        (PROXY, "2001:db9::1", "2001:db9::1"),
        (PROXY, "[2001:db9::1]:443", "2001:db9::1"),
        (PROXY, "::ffff:203.0.113.9", CLIENT),
        (f"::ffff:{PROXY}", CLIENT, CLIENT),
        ("2001:db8::5", CLIENT, CLIENT),
    ],
)
def test_behind_a_named_proxy_it_is_the_rightmost_that_is_no_proxy(peer, forwarded, found, behind_proxy):
    assert address(peer, forwarded) == found


@pytest.mark.parametrize(
    "forwarded",
    ["unknown", "_hidden", "'; DROP TABLE", "999.1.1.1", "1.2.3", "fe80::1%eth0", "\0", "é", ",", ", ,", "x" * 9_000,
     f"{CLIENT}, nonsense", "[", "[::1", ":", "::1::2", "0x7f.1", f"{CLIENT}/32", "127.0.0.1\r\nX: y"],
)  # fmt: skip
def test_a_header_that_is_no_address_leaves_the_proxys_own(forwarded, behind_proxy):
    assert address(PROXY, forwarded) == PROXY


def test_a_header_of_ten_thousand_stations_is_not_walked_to_its_end(behind_proxy):
    assert address(PROXY, f"{CLIENT}, " + ", ".join(["10.0.0.8"] * 10_000)) == "10.0.0.8"


@pytest.mark.parametrize("peer", ["", "unix:"])
def test_a_unix_socket_has_no_address_and_is_trusted_only_by_name(peer, settings):
    assert address(peer, CLIENT) is None

    settings.TRUSTED_PROXIES = networks(["10.0.0.0/24"])
    assert address(peer, CLIENT) is None

    settings.TRUSTED_PROXIES = networks(["unix"])
    assert address(peer, CLIENT) == CLIENT
    assert address(PROXY, CLIENT) == PROXY


def test_the_setting_is_networks_or_unix_and_nothing_else():
    assert networks(["10.0.0.7", " unix ", "fd00::/8", ""]) == [
        ipaddress.ip_network("10.0.0.7/32"), "unix", ipaddress.ip_network("fd00::/8"),
    ]  # fmt: skip
    for wrong in ("proxy.example", "10.0.0.300", "10.0.0.1/24", "*"):
        with pytest.raises(ValueError, match="does not appear to be|has host bits set"):
            networks([wrong])


def failed_sign_in(peer: str, forwarded: str):
    return Client().post(
        SIGN_IN,
        {"login": "nobody@clinic.example", "password": "wrong"},
        REMOTE_ADDR=peer,
        HTTP_X_FORWARDED_FOR=forwarded,
    )


def test_the_trail_names_the_client_behind_the_proxy(records, behind_proxy):
    failed_sign_in(PROXY, f"{MADE_UP}, {CLIENT}")
    failed_sign_in(CLIENT, MADE_UP)
    failed_sign_in(PROXY, "nonsense")

    assert list(AuditEvent.objects.order_by("pk").values_list("address", flat=True)) == [CLIENT, CLIENT, PROXY]


def test_a_made_up_header_is_no_way_around_the_limit_of_tries(records, behind_proxy):
    statuses = [failed_sign_in(CLIENT, f"198.51.100.{number}").status_code for number in range(31)]

    assert statuses[-1] == 429


def test_behind_a_proxy_the_limit_is_each_clients_own(records, behind_proxy):
    for _ in range(31):
        last = failed_sign_in(PROXY, CLIENT)

    assert last.status_code == 429
    assert failed_sign_in(PROXY, "203.0.113.10").status_code == 200


def test_by_a_unix_socket_without_a_name_signing_in_works(records):
    assert failed_sign_in("", CLIENT).status_code == 200
    assert AuditEvent.objects.get().address is None


@pytest.mark.parametrize("peer, is_secure", [(PROXY, True), (CLIENT, False)])
def test_https_is_believed_from_the_named_proxy_only(peer, is_secure, records, behind_proxy, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_SSL_REDIRECT = True

    response = Client().get(SIGN_IN, REMOTE_ADDR=peer, HTTP_X_FORWARDED_PROTO="https")

    assert (response.status_code == 200) is is_secure
