"""What was injected and given stood in a session as words; now it is uses of lots of the catalogue's products.

Nobody wrote expiries down before, so these lots have none, and cannot be used again until they are received with one.
The history of the words is kept as history of the uses: who wrote which lot down, when, and who took it out again.
"""

import uuid
import zoneinfo

from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

from clinic.database import with_guards
from treatments.guards import guards

NOT_RECORDED = "not recorded"
UNNAMED = "Local anaesthetic, name not recorded"
REASON = "was words before lots were recorded"
INJECTED, ANAESTHETIC = "injected", "anaesthetic"


def words_to_lots(apps, editor):
    stock = Stock(apps)
    sessions = apps.get_model("treatments", "Session").objects
    histories = apps.get_model("treatments", "HistoricalSession").objects
    with_words = sessions.exclude(products=[], anaesthetic_agent="", anaesthetic_lot="")
    changed = histories.exclude(products=[], anaesthetic_agent="", anaesthetic_lot="").values_list("id", flat=True)
    for session in sessions.filter(models.Q(pk__in=with_words.values("pk")) | models.Q(pk__in=changed)).order_by(
        "started_at", "pk"
    ):
        stock.move(session, histories.filter(id=session.pk).order_by("history_date", "history_id"))
    if editor.connection.vendor == "postgresql":
        # The foreign keys of the new rows are asked now: a table is not altered while some are still to be asked.
        editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Stock:
    """Products and lots as they are named by the words; the same name and number are one."""

    def __init__(self, apps):
        self.products, self.lots, self.uses, self.use_history = (
            apps.get_model("treatments", name) for name in ("Product", "Lot", "LotUse", "HistoricalLotUse")
        )

    def move(self, session, history):
        zone = zoneinfo.ZoneInfo(session.appointment.site.time_zone) if session.appointment.site else None
        used_on = timezone.localtime(session.started_at, zone).date()
        ids, noted = {}, set()
        for row in history:
            now = self.lots_of(row)
            self._step(session, row, now, noted, ids, used_on)
            noted = now
        for lot in sorted(self.lots_of(session)):
            self.uses.objects.create(
                id=ids.setdefault(lot, uuid.uuid4()), session=session, lot_id=lot, used_on=used_on,
                recorded_at=session.started_at,
            )

    def _step(self, session, row, now, before, ids, used_on):
        for kind, lots in (("+", now - before), ("-", before - now)):
            for lot in sorted(lots):
                self.use_history.objects.create(
                    id=ids.setdefault(lot, uuid.uuid4()), session=session, lot_id=lot, used_on=used_on,
                    recorded_at=session.started_at, history_type=kind, history_date=row.history_date,
                    history_user=row.history_user, history_change_reason=REASON,
                )

    def lots_of(self, row):
        """Ids: two spellings of one lot are one."""
        return {self.lot(key).pk for key in sorted(named(row))}

    def lot(self, key):
        use, name, number = key
        return self.lots.objects.get_or_create(product=self.product(use, name), number=number)[0]

    def product(self, use, name):
        known = self.products.objects.filter(name__iexact=name).first()
        if known is None:
            return self.products.objects.create(name=name, use=use)
        if known.use == use:
            return known
        # One name for something injected and for an anaesthetic: two products, as the uses are told apart by it.
        other = f"{name[:80]} ({use})"
        return self.products.objects.get_or_create(name=other, defaults={"use": use})[0]


def named(row):
    """{(use, product's name, lot's number)} out of a session's words, or out of a row of its history."""
    keys = {
        (INJECTED, one["name"].strip()[:100] or NOT_RECORDED, one.get("lot", "").strip()[:60] or NOT_RECORDED)
        for one in row.products or []
        if one.get("name", "").strip() or one.get("lot", "").strip()
    }
    agent, lot = row.anaesthetic_agent.strip(), row.anaesthetic_lot.strip()
    if agent or lot:
        keys.add((ANAESTHETIC, agent or UNNAMED, lot or NOT_RECORDED))
    return keys


class Migration(migrations.Migration):

    dependencies = [
        ("treatments", "0005_asepsis_items"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = with_guards(
        [
            migrations.RunPython(words_to_lots, migrations.RunPython.noop),
            *(
                migrations.RemoveField(model_name=model, name=name)
                for model in ("historicalsession", "session")
                for name in ("anaesthetic_agent", "anaesthetic_lot", "products")
            ),
            migrations.AlterField(
                model_name="session",
                name="asepsis",
                field=models.JSONField(blank=True, default=list, help_text="codes of AsepsisItem that were done"),
            ),
            migrations.AlterField(
                model_name="historicalsession",
                name="asepsis",
                field=models.JSONField(blank=True, default=list, help_text="codes of AsepsisItem that were done"),
            ),
        ],
        guards,
    )
