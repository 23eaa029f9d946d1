"""A form that was sent after its session had ended is kept, and given back to the same person once they sign in again.

Nothing is done with it by itself: they look at it and send it again. Passwords, tokens and files are never kept.
"""

import datetime as dt
import re
import uuid
from urllib.parse import urlsplit

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.urls import Resolver404, resolve
from django.utils import timezone

from clinic.models import KeptForm, Staff
from clinic.session_ends import is_background, who_was_here

KEPT_FOR = dt.timedelta(hours=24)
MOST = 20  # forms of one person; older ones go first
LONGEST = 200_000  # characters in all of one form
LONGEST_PATH = 500  # of its column
# Where people say who they are, and where nobody types for long.
NEVER_FROM = ("/accounts/", "/admin/", "/api/", "/security/", "/kept/", "/signed-in/", "/static/")
NEVER_KEPT = re.compile(r"^(csrfmiddlewaretoken|encoding)$|password|passphrase|secret|credential|token", re.IGNORECASE)


def keep_what_was_sent(request: HttpRequest) -> KeptForm | None:
    """Keep the form that this request brings, for whoever's session had just ended in this browser.

    None where nobody's had, where a script sent it (its page still holds the words), or where it may not be kept.
    """
    by_script = request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate" and "HX-Request" not in request.headers
    if by_script or is_background(request):
        return None
    staff = who_was_here(request)
    return _keep_sent(request, staff) if staff else None


def keep_after_new_sign_in(request: HttpRequest) -> KeptForm | None:
    """The same for a page that is older than the sign-in, in another window: its token is not right any more.

    Only what the browser itself says came from a page of ours; anything else may be another site's doing.
    """
    staff = request.user
    if not isinstance(staff, Staff) or request.headers.get("Sec-Fetch-Site") != "same-origin":
        return None
    return _keep_sent(request, staff) if request.headers.get("Sec-Fetch-Mode") == "navigate" else None


def _keep_sent(request: HttpRequest, staff: Staff) -> KeptForm | None:
    try:
        sent = request.POST
    except (BadRequest, SuspiciousOperation, RequestDataTooBig, MultiPartParserError, OSError):
        return None  # it could not have been taken when signed in either
    return keep_form(staff=staff, path=request.get_full_path(), sent=sent, page=page_of(request))


@transaction.atomic
def keep_form(
    *, staff: Staff, path: str, sent: QueryDict, page: str = "", now: dt.datetime | None = None
) -> KeptForm | None:
    """None where it may not be kept, is too long, or nothing was typed."""
    # Pairs, not an object: PostgreSQL does not keep the order of an object's names.
    fields = [(_cleaned(name), list(map(_cleaned, values))) for name, values in sent.lists() if is_kept(name)]
    length = sum(len(name) + sum(map(len, values)) for name, values in fields)
    if not may_be_kept(path) or not 0 < length <= LONGEST:
        return None
    now = now or timezone.now()
    kept = KeptForm.objects.create(staff=staff, path=path, page=page, fields=fields, kept_at=now)
    newest = list(KeptForm.objects.filter(staff=staff).values_list("pk", flat=True)[:MOST])
    KeptForm.objects.filter(staff=staff).exclude(pk__in=newest).delete()
    return kept


def page_of(request: HttpRequest) -> str:
    """The page of ours that the form stands on, as the browser names it; "" if it names none."""
    try:
        named = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return ""
    page = f"{named.path}?{named.query}" if named.query else named.path
    return page if named.netloc == request.get_host() and may_be_kept(page) else ""


def may_be_kept(path: str) -> bool:
    """An address of our own pages where forms are sent to."""
    bare = path.partition("?")[0]
    if len(path) > LONGEST_PATH or not path.startswith("/") or path.startswith(("//", "/\\", *NEVER_FROM)):
        return False
    try:
        resolve(bare)
    except Resolver404:
        return False
    return True


def kept_for(staff: Staff, kept_id: uuid.UUID, *, now: dt.datetime | None = None) -> KeptForm | None:
    """Theirs and nobody else's, and not for longer than a day."""
    since = (now or timezone.now()) - KEPT_FOR
    return KeptForm.objects.filter(staff=staff, kept_at__gt=since, pk=kept_id).first()


def what_it_is(kept: KeptForm) -> str:
    """The page it was typed on, by its address's name: “Side effect log”."""
    name = resolve(kept.path.partition("?")[0]).url_name or "form"
    return name.replace("-", " ").capitalize()


def forget_old_forms(now: dt.datetime) -> int:
    return KeptForm.objects.filter(kept_at__lte=now - KEPT_FOR).delete()[0]


def is_kept(name: str) -> bool:
    return not NEVER_KEPT.search(name)


def _cleaned(words: str) -> str:
    return words.replace("\0", "")  # PostgreSQL keeps none in JSON
