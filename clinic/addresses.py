"""Where a request comes from. A header is only believed when a named proxy sent it (TRUSTED_PROXIES)."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Named among the trusted: whatever comes in by a Unix socket, which has no address of its own.
UNIX_SOCKET = "unix"
# A header that names more stations than this is nobody's honest way here.
MOST_STATIONS = 20


def client_address(request: HttpRequest) -> str | None:
    """The address of whoever asks, as a bare IP address; None where there is none, as on a Unix socket.

    `X-Forwarded-For` is read from the right, where the nearest proxy wrote: past every trusted proxy, to the first
    address that is none. What stands left of that may be made up, and is not looked at.
    """
    peer = _parsed(request.META.get("REMOTE_ADDR", ""))
    nearest = peer
    if comes_by_trusted_proxy(request):
        for said in _stations(request):
            station = _parsed(said)
            if station is None:
                break
            nearest = station
            if not _is_trusted(station):
                break
    return str(nearest) if nearest else None


def comes_by_trusted_proxy(request: HttpRequest) -> bool:
    """Whether the other end of the connection is named in TRUSTED_PROXIES."""
    said = request.META.get("REMOTE_ADDR", "")
    if not said or said.startswith("unix:"):
        return UNIX_SOCKET in settings.TRUSTED_PROXIES
    peer = _parsed(said)
    return peer is not None and _is_trusted(peer)


def _stations(request: HttpRequest) -> list[str]:
    """What the header lists, nearest first."""
    return str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")[: -MOST_STATIONS - 1 : -1]


def _is_trusted(address: Address) -> bool:
    return any(address in network for network in settings.TRUSTED_PROXIES if not isinstance(network, str))


def _parsed(said: str) -> Address | None:
    """`1.2.3.4`, `1.2.3.4:567`, `::1`, `[::1]:567`; None for anything else, a scoped address among it."""
    said = said.strip()
    if said.startswith("["):
        said, closed, _ = said[1:].partition("]")
        if not closed:
            return None
    elif said.count(":") == 1:
        said = said.partition(":")[0]
    try:
        address = ipaddress.ip_address(said)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id:
            return None
        return address.ipv4_mapped or address
    return address


def networks(named: list[str]) -> list[str | ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """TRUSTED_PROXIES as it is written in the environment. Raises ValueError for what is neither `unix` nor a network."""
    return [one if one == UNIX_SOCKET else ipaddress.ip_network(one) for one in map(str.strip, named) if one]
