"""Certificates' files: looked into, kept privately, handed out as downloads; nothing half-kept."""

import datetime as dt

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from clinic.models import AuditEvent
from tests.pages.clinical import picture
from tests.pages.desk import signed_in, words
from treatments import certificates
from treatments.models import TrainingRecord

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def kept() -> list[str]:
    folder = "certificates"
    found = []
    for inner in storages["files"].listdir(folder)[0] if storages["files"].exists(folder) else []:
        found += storages["files"].listdir(f"{folder}/{inner}")[1]
    return found + (storages["files"].listdir(folder)[1] if storages["files"].exists(folder) else [])


def given(file=None, **more) -> dict[str, object]:
    today = timezone.localdate()
    typed = {"certificate": "Academy, no. 7", "valid_from": today, "valid_until": today + dt.timedelta(days=400)}
    return typed | more | ({"file": file} if file is not None else {})


def upload(content: bytes, name: str = "scan.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def test_a_certificate_is_kept_and_handed_out_as_it_came(omar, manager):
    client = signed_in(manager)
    assert client.post(f"/people/{omar.pk}/training/", given(upload(PDF))).status_code == 302
    record = omar.training_records.get()

    response = client.get(f"/training/{record.pk}/file/")

    assert response.content == PDF
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "scan" not in response["Content-Disposition"]
    assert AuditEvent.objects.filter(subject="training", subject_id=record.pk, actor=manager).exists()


def test_a_picture_may_be_one_too_and_can_follow_later(omar, manager):
    client = signed_in(manager)
    client.post(f"/people/{omar.pk}/training/", given())
    record = omar.training_records.get()
    assert "Add the certificate" in words(client.get(f"/people/{omar.pk}/"))

    assert client.post(f"/training/{record.pk}/certificate/", {"file": picture()}).status_code == 302

    record.refresh_from_db()
    assert record.file_type == "image/jpeg"
    # One that is there is never replaced.
    assert client.post(f"/training/{record.pk}/certificate/", {"file": picture()}).status_code == 422


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<html><script>alert(1)</script></html>", "no PDF, JPEG, PNG or WebP"),
        (b"GIF89a<html>", "no PDF, JPEG, PNG or WebP"),
        (b"%PDF-1.4\ncut off", "its end is missing"),
        (b"\xff\xd8\xff\xe0" + b"x" * 200, "This picture is broken"),
        (b"", "The file is empty."),
    ],
)
def test_what_is_none_is_refused_in_words_and_leaves_no_file(content, sentence, omar, manager):
    response = signed_in(manager).post(f"/people/{omar.pk}/training/", given(upload(content)))

    assert response.status_code == 422
    assert sentence in words(response)
    assert 'value="Academy, no. 7"' in response.content.decode()
    assert (TrainingRecord.objects.filter(staff=omar).count(), kept()) == (0, [])


def test_too_large_a_file_is_refused(omar, manager, monkeypatch):
    monkeypatch.setattr(certificates, "MOST_BYTES", 100)

    response = signed_in(manager).post(f"/people/{omar.pk}/training/", given(upload(PDF + b" " * 200)))

    assert response.status_code == 422
    assert "larger than 10 MB" in words(response)
    assert kept() == []


def test_a_record_that_is_refused_leaves_no_file(omar, manager):
    wrong = given(upload(PDF), valid_until=timezone.localdate() - dt.timedelta(days=1))

    response = signed_in(manager).post(f"/people/{omar.pk}/training/", wrong)

    assert response.status_code == 422
    assert "The training ends before it begins." in words(response)
    assert kept() == []


def test_a_name_with_a_path_goes_nowhere(omar, manager):
    file = upload(PDF, "../../etc/passwd.pdf")

    signed_in(manager).post(f"/people/{omar.pk}/training/", given(file))

    record = omar.training_records.get()
    assert ".." not in record.file
    assert "passwd" not in record.file


def test_a_file_that_was_changed_in_the_store_is_not_handed_out(omar, manager):
    client = signed_in(manager)
    client.post(f"/people/{omar.pk}/training/", given(upload(PDF)))
    record = omar.training_records.get()
    storages["files"].delete(record.file)
    storages["files"].save(record.file, upload(PDF + b"more"))

    response = client.get(f"/training/{record.pk}/file/", follow=True)

    assert "is not the one that was kept" in words(response)


@pytest.mark.parametrize("who", ["reception", "rosa"])
def test_nobody_else_opens_it(who, omar, manager, request):
    signed_in(manager).post(f"/people/{omar.pk}/training/", given(upload(PDF)))
    record = omar.training_records.get()

    assert signed_in(request.getfixturevalue(who)).get(f"/training/{record.pk}/file/").status_code == 403
