"""Once for a repeated request, and once more after a lost deadlock."""

import datetime as dt

import pytest
from django.db import OperationalError
from django.utils import timezone

from clinic.doors import KeyUsedOtherwise, digest, once, retry_once
from clinic.models import IdempotencyKey


class Lost(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def _loses(times: int, sqlstate: str):
    """An act that loses its first `times` tries, and counts them."""
    tries: list[int] = []

    def act() -> int:
        tries.append(1)
        if len(tries) <= times:
            raise OperationalError("lost") from Lost(sqlstate)
        return len(tries)

    return act, tries


@pytest.mark.parametrize("sqlstate", ["40P01", "40001"])
def test_a_lost_deadlock_is_tried_once_more(sqlstate):
    act, tries = _loses(1, sqlstate)

    assert (retry_once(act), len(tries)) == (2, 2)


def test_a_second_loss_is_not_tried_again():
    act, tries = _loses(2, "40P01")

    with pytest.raises(OperationalError):
        retry_once(act)
    assert len(tries) == 2


def test_another_failure_is_not_tried_again():
    act, tries = _loses(1, "57014")

    with pytest.raises(OperationalError):
        retry_once(act)
    assert len(tries) == 1


def test_a_repeated_request_reads_the_first_answer(reception):
    done = []

    def act() -> tuple[int, str]:
        done.append(1)
        return 201, "made"

    answers = [once("k", staff=reception, request_digest="d", act=act) for _ in range(2)]

    assert (answers, len(done)) == ([(201, "made"), (201, "made")], 1)


def test_a_key_is_one_persons(reception, rosa):
    for staff in (reception, rosa):
        assert once("k", staff=staff, request_digest="d", act=lambda s=staff: (201, s.name)) == (201, staff.name)


def test_a_key_with_another_request_is_refused(reception):
    once("k", staff=reception, request_digest="d", act=lambda: (201, "made"))

    with pytest.raises(KeyUsedOtherwise):
        once("k", staff=reception, request_digest="other", act=lambda: (201, "made"))


def test_what_failed_keeps_no_key(reception):
    with pytest.raises(ZeroDivisionError):
        once("k", staff=reception, request_digest="d", act=lambda: (1 // 0, ""))

    assert once("k", staff=reception, request_digest="d", act=lambda: (201, "made")) == (201, "made")


def test_answers_are_forgotten_after_a_day(reception):
    once("old", staff=reception, request_digest="d", act=lambda: (201, "a note"))
    IdempotencyKey.objects.update(at=timezone.now() - dt.timedelta(days=2))

    once("new", staff=reception, request_digest="d", act=lambda: (201, "another"))

    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["new"]


def test_a_digest_tells_its_parts_apart():
    assert digest(b"ab", b"c") != digest(b"a", b"bc")
