"""The diary: a site's day, or somebody's or a room's week; drawn anew at every desk soon after something changes."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.models import Room, Site, Staff
from clinic.pages import needs
from treatments.diary import Diary, day_of, mark_now, week_of, zone_of
from treatments.forms.diary import WEEK, DiaryForm, week_of_day
from treatments.views.diary_squares import Head, squares_of
from treatments.views.worklists import a_review, lists_for
from treatments.worklists import LISTS

BESIDE = ("clear-again", "on-hold", "review-due")


@require_safe
@needs("read-patients")
def diary(request: HttpRequest) -> HttpResponse:
    if "of" in request.GET:
        return redirect(f"{request.path}?{urlencode(_as_asked(request))}")
    form = DiaryForm(request.GET)
    if not form.is_valid() and form.names_nobody:
        raise Http404
    if "date" in form.errors:
        messages.warning(request, "That is not a day of the calendar; this is today.")
        kept = {name: value for name, value in request.GET.items() if name != "date"}
        return redirect(f"{request.path}?{urlencode(kept)}")
    reader: Staff = request.user  # type: ignore[assignment]
    site = _site(form, reader)
    if site is None:
        return render(request, "treatments/diary_no_site.html", {"nav": "diary"})
    # Addresses speak in the reader's zone, as the pages do to which they lead; what is shown, in the site's.
    readers_zone = timezone.get_current_timezone()
    with timezone.override(zone_of(site)):
        return _answer(request, _Asked(form, site, reader), readers_zone)


class _Asked:
    """What is to be shown to whom, with everything left out filled in."""

    def __init__(self, form: DiaryForm, site: Site, reader: Staff) -> None:
        self.site, self.reader, self.now = site, reader, timezone.now()
        self.today = timezone.localdate(self.now)
        self.day = form.chosen_day(self.today)
        self.is_week = form.cleaned_data.get("view") == WEEK
        self.practitioner: Staff | None = form.cleaned_data.get("practitioner")
        self.room: Room | None = form.cleaned_data.get("room") if self.is_week else None
        self.days = week_of_day(self.day) if self.is_week else [self.day]
        self.whose = self._whose() if self.is_week else None

    def _whose(self) -> Staff | Room | None:
        if self.room or self.practitioner:
            return self.room or self.practitioner
        if self.reader.is_practitioner:
            return self.reader
        people = Staff.objects.practitioners().order_by("name", "pk")
        return people.filter(site=self.site).first() or people.first()

    @property
    def is_empty(self) -> bool:
        """A week needs somebody whose it is."""
        return self.is_week and self.whose is None

    def mark(self) -> str:
        return mark_now(self.site, self.days, reader=self.reader, now=self.now, whose=self.whose)

    def drawn(self) -> Diary | None:
        if self.whose is not None:
            return week_of(self.site, self.days, self.whose, reader=self.reader, now=self.now)
        return None if self.is_week else day_of(self.site, self.day, reader=self.reader, now=self.now)

    def address(self, **other: Any) -> str:
        """The address of this diary, or of it with something else of it chosen; what is None is left out."""
        asked = {
            "view": WEEK if self.is_week else None,
            "site": self.site.pk if self.site.pk != self.reader.site_id else None,
            "practitioner": self.practitioner.pk if self.practitioner else None,
            "room": self.room.pk if self.room else None,
            "date": self.day.isoformat(),
        } | other
        return f"?{urlencode({name: value for name, value in asked.items() if value is not None})}"


def _answer(request: HttpRequest, asked: _Asked, readers_zone: dt.tzinfo) -> HttpResponse:
    """The page; or, to a desk that has it, what has changed, and nothing when nothing has."""
    looks_again = bool(request.headers.get("HX-Request")) and "mark" in request.GET
    if looks_again and not asked.is_empty and request.GET["mark"] == asked.mark():
        response = HttpResponse(status=204)
    else:
        template = "treatments/_diary_again.html" if looks_again else "treatments/diary.html"
        response = render(request, template, _page(request, asked, readers_zone))
    response["As-Of"] = f"{timezone.localtime(asked.now):%H:%M}"
    return response


def _page(request: HttpRequest, asked: _Asked, readers_zone: dt.tzinfo) -> dict[str, Any]:
    drawn = asked.drawn()
    step = dt.timedelta(days=7 if asked.is_week else 1)
    page = {
        "nav": "diary",
        "asked": asked,
        "diary": drawn,
        "again": asked.address(),
        "before": asked.address(date=asked.day - step),
        "today_at": asked.address(date=asked.today),
        "after": asked.address(date=asked.day + step),
        "as_day": asked.address(view=None, room=None),
        "as_week": asked.address(view=WEEK),
        "book": urlencode({"date": asked.day, **({"room": asked.room.pk} if asked.room else {})}),
        "list_of_day": urlencode({"date": asked.day, **({"site": asked.site.pk} if "site" in request.GET else {})}),
    }
    if drawn is None:
        return page
    front = asked.day if asked.is_week else asked.practitioner or asked.reader
    shown = squares_of(drawn, reader=asked.reader, now=asked.now, zone=readers_zone, front=front)
    page |= {"shown": shown, "others": _others(asked, shown.heads), "sites": _sites(drawn), "now": asked.now}
    if asked.is_week:
        page |= {"practitioners": drawn.people, "rooms": Room.objects.filter(is_active=True, site=asked.site)}
    lists = lists_for(asked.reader, {code: LISTS[code](asked.now) for code in BESIDE})
    return page | {"lists": lists, "review": a_review(asked.reader)}


def _others(asked: _Asked, heads: list[Head]) -> list[dict[str, Any]]:
    """The columns, to choose one of where there is room for one only."""
    found = []
    for head in heads:
        day, who = head.lane.day, head.lane.practitioner
        other = {"date": day} if asked.is_week else {"practitioner": who.pk if who else None}
        title = f"{day:%a} {day.day}" if asked.is_week else head.who
        found.append({"title": title, "address": asked.address(**other), "is_front": head.is_front})
    return found


def _sites(drawn: Diary) -> list[dict[str, Any]]:
    """Those in use; from the hours, which know them already."""
    found = [{"pk": pk, "name": place.name} for pk, place in drawn.hours.places.items()]
    return sorted(found, key=lambda site: site["name"])


def _site(form: DiaryForm, reader: Staff) -> Site | None:
    room = form.cleaned_data.get("room")
    asked_for = form.cleaned_data.get("site") or (room.site if room else None)
    return asked_for or reader.site or Site.objects.filter(is_active=True).order_by("name").first()


def _as_asked(request: HttpRequest) -> dict[str, str]:
    """“practitioner:…” or “room:…”, as one field of the form says it, as the address says it."""
    kind, _, which = request.GET["of"].partition(":")
    if kind not in ("practitioner", "room"):
        raise Http404
    kept = {name: request.GET[name] for name in ("view", "site", "date") if request.GET.get(name)}
    return kept | {kind: which}
