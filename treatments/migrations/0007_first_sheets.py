"""The first version of the sheet of risks and of the aftercare sheet, in English; and a kind of message to send them by.

What stands under “What the source says” keeps to the source's own terms; what the clinic does stands under a heading of
its own. A sheet is never changed: a clinic that does it otherwise publishes its version 2.
"""

from django.db import migrations, models

RISKS = """\
# What the source says

There are some risks involved and a chance of complications occurring. While the side effects are rare and minimal, it \
is still very important that you consider them before committing yourself to undergoing the treatment.

- Main risk: a severe skin infection. This is more common if the procedure is performed in an unclean environment.
- It seems that risks are more prevalent when a trained professional does not perform the treatment.
- Pain: if you have a low pain threshold, you may be administered a local anaesthetic, which is applied to the skin for \
numbing purposes. If you are not given it, you may feel a low level of pain or discomfort when the injections are given.
- Burning: a burning sensation is a relatively common, short-term side effect during the treatment and is not \
considered serious. If you are at all worried, make your practitioner aware immediately.
- Numbness: you may experience some numbness in the area. This should ease within the two weeks after the procedure.
- Bruises and swelling at the site where the treatment was performed are among the more prevalent side effects.
- The swelling will most likely be small, raised bumps. They should not be painful to touch, and should subside within \
a couple of days.
- Itching in these locations should last less than a day.
- Creams that have not been recommended may cause irritation.
- You are unable to undergo any subsequent mesotherapy treatments until the bruising is gone.

If you are worried at all after your treatment, contact your practitioner as soon as possible.

Source: Risks & Side Effects of Mesotherapy.

# How this clinic does it

These are the clinic's own decisions; the source does not speak of them.

- While you have a bruise, wherever it is and whatever caused it, we book no mesotherapy for you. What is booked \
already goes on hold.
- Only a practitioner who has looked can find that a bruise is gone. Until then we offer you a review.
- A suspected infection holds your bookings in the same way.
- Only a practitioner with a valid training record for mesotherapy treats you, and only after looking at your skin on \
the day.
- Ask us whatever you want to know before you decide. You can change your mind at any time.

You reach us at {phone}.
"""

AFTERCARE = """\
# What the source says

- Do not use any creams that have not been recommended by your practitioner: they may cause irritation.
- Wear loose clothes for the first couple of days after your procedure.
- Avoid returning immediately to vigorous activities such as cardiovascular exercise or weights training.
- If you are worried at all, contact your practitioner as soon as possible: {phone}.

What you may notice:

- Bruises and swelling at the site where the treatment was performed. The swelling will most likely be small, raised \
bumps; they should not be painful to touch, and should subside within a couple of days.
- Some itching in these locations. It should last less than a day.
- Some numbness in the area. It should ease within the two weeks after the procedure.

You are unable to undergo any subsequent mesotherapy treatments until the bruising is gone.

Source: Risks & Side Effects of Mesotherapy.

# How this clinic does it

These are the clinic's own decisions; the source does not speak of them.

- Call us at once if redness spreads, if there is pus, or if you have a fever.
- Call us if burning is still felt after the treatment, or if the bumps are painful to touch.
- Tell us of any bruise. We hold what is booked for you and look at it with you until it is gone.
- Ask us which creams were recommended to you if you are not sure; the answer stands in your record.
"""

FIRST = (
    ("pre-treatment", "Risks of mesotherapy", RISKS),
    ("aftercare", "After your mesotherapy", AFTERCARE),
)
MESSAGE_KINDS = [
    ("confirmation", "Confirmation"),
    ("hold", "On hold"),
    ("reminder-48h", "Reminder, 48 hours before"),
    ("reminder-3h", "Reminder, 3 hours before"),
    ("cancellation", "Cancellation"),
    ("sheet", "Sheet"),
]


def install(apps, editor):
    sheets = apps.get_model("treatments", "Sheet").objects
    for kind, title, body in FIRST:
        if not sheets.filter(kind=kind, treatment=None, language="en").exists():
            sheets.create(kind=kind, language="en", version=1, title=title, body=body.strip())


class Migration(migrations.Migration):

    dependencies = [
        ("treatments", "0006_lots_instead_of_words"),
    ]

    operations = [
        migrations.AlterField("historicalmessagetemplate", "kind", models.CharField(choices=MESSAGE_KINDS, db_index=True, max_length=20)),
        migrations.AlterField("message", "kind", models.CharField(choices=MESSAGE_KINDS, max_length=20)),
        migrations.AlterField("messagetemplate", "kind", models.CharField(choices=MESSAGE_KINDS, max_length=20, unique=True)),
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
