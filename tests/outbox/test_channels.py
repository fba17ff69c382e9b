"""Each way against a real server: what is sent, and what its answers mean."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from market.config import Settings
from market.outbox.channels import Parcel, Undelivered, deliver
from market.outbox.channels.sms import signature
from market.outbox.rules import Fault, Way
from tests.parts.receivers import Hook, Mailbox, hook, mailbox

SECRET = "a secret for tests only, long enough"
PUBLIC = "https://market.example.org"


def parcel(to: str, **changes: object) -> Parcel:
    facts: dict[str, object] = {
        "id": "abcdefghjk.0123456789",
        "to": to,
        "title": "【金秋生活集市】11 月 28 日 星期六",
        "text": "甲您好：您在 A01 号摊位。",
        "sender": "槐荫社区",
        "template": "gate.placed",
        "params": {"stall": "A01"},
    }
    return Parcel(**{**facts, **changes})  # type: ignore[arg-type]  # plain keyword values


def settings(**more: object) -> Settings:
    return Settings(secret_key=SECRET, public_url=PUBLIC, **more)  # type: ignore[arg-type]  # plain keyword values


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as found:
        yield found


@pytest.fixture
def web() -> Iterator[Hook]:
    with hook() as found:
        yield found


def fault(way: Way, sent: Parcel, known: Settings) -> tuple[Fault, bool]:
    with pytest.raises(Undelivered) as failed:
        deliver(way, sent, known)
    return failed.value.fault, failed.value.for_good


# ── e-mail ────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_email_names_the_community_and_its_own_number(box: Mailbox) -> None:
    deliver(Way.EMAIL, parcel("jia@example.com", reply_to="shequ@example.com"), settings(smtp=box.url))
    (message,) = box.received
    assert message["Message-ID"] == "<abcdefghjk.0123456789@market.example.org>"
    assert message["From"] == "槐荫社区 <market@market.example.org>"
    assert (message["To"], message["Reply-To"]) == ("jia@example.com", "shequ@example.com")
    assert message["Subject"] == "【金秋生活集市】11 月 28 日 星期六"
    assert message["Auto-Submitted"] == "auto-generated"
    assert box.texts() == ["甲您好：您在 A01 号摊位。"]


def test_we_sign_in_where_the_server_wants_it(box: Mailbox) -> None:
    address = f"smtp://us%40example.com:p%3Aw@127.0.0.1:{box.port}"
    deliver(Way.EMAIL, parcel("jia@example.com"), settings(smtp=address))
    assert len(box.logins) == len(box.received) == 1
    box.mood = lambda: "535"
    assert fault(Way.EMAIL, parcel("jia@example.com"), settings(smtp=address)) == (Fault.LOCKED_OUT, False)


@pytest.mark.parametrize(
    ("mood", "meant"),
    [("550", (Fault.BAD_ADDRESS, True)), ("451", (Fault.BUSY, False)), ("drop", (Fault.UNREACHABLE, False))],
)
def test_what_the_mail_server_answers(mood: str, meant: tuple[Fault, bool], box: Mailbox) -> None:
    box.mood = lambda: mood
    assert fault(Way.EMAIL, parcel("jia@example.com"), settings(smtp=box.url)) == meant


@pytest.mark.parametrize("to", ["a@example.com\r\nBcc: b@example.com", "", "a@example.com, b@example.com"])
def test_no_address_brings_a_header_along(to: str, box: Mailbox) -> None:
    assert fault(Way.EMAIL, parcel(to), settings(smtp=box.url)) == (Fault.BAD_ADDRESS, True)
    assert box.connections == 0


def test_nobody_answers_is_no_answer_for_good() -> None:
    with mailbox() as gone:
        pass
    assert fault(Way.EMAIL, parcel("a@example.com"), settings(smtp=gone.url)) == (Fault.UNREACHABLE, False)
    assert fault(Way.EMAIL, parcel("a@example.com"), settings()) == (Fault.NOT_ALLOWED, True)


def test_a_server_elsewhere_is_only_spoken_to_encrypted(
    box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("market.outbox.channels.email.LOOPBACK", ())
    assert fault(Way.EMAIL, parcel("jia@example.com"), settings(smtp=box.url))[0] is Fault.UNREACHABLE
    assert (box.connections, box.received) == (1, [])


# ── text messages ─────────────────────────────────────────────────────────────────────────────────────────


def gateway(web: Hook) -> Settings:
    return settings(sms_url=f"{web.origin}/send", sms_secret="shared")


def test_a_text_message_is_asked_for_as_the_contract_says(web: Hook) -> None:
    assert deliver(Way.SMS, parcel("13800000001", sign="槐荫"), gateway(web)) == "ok"
    (post,) = web.posts
    assert post.headers["Idempotency-Key"] == post.json["id"] == "abcdefghjk.0123456789"
    assert post.headers["X-Signature"] == signature("shared", post.headers["X-Timestamp"], post.body)
    assert post.json == {
        "id": "abcdefghjk.0123456789", "phone": "13800000001", "sign": "槐荫", "template": "gate.placed",
        "params": {"stall": "A01"}, "text": "甲您好：您在 A01 号摊位。",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("mood", "meant"),
    [
        ('{"code": "bad_phone"}', (Fault.BAD_ADDRESS, True)),
        ('{"code": "no_template"}', (Fault.REFUSED, True)),
        ('{"errcode": 0}', (Fault.REFUSED, True)),
        ("400", (Fault.REFUSED, True)),
        ("401", (Fault.LOCKED_OUT, False)),
        ("429", (Fault.BUSY, False)),
        ("503", (Fault.BUSY, False)),
        ("302", (Fault.REFUSED, True)),
        ("drop", (Fault.UNREACHABLE, False)),
    ],
)
def test_what_the_gateway_answers(mood: str, meant: tuple[Fault, bool], web: Hook) -> None:
    web.mood = lambda: mood
    assert fault(Way.SMS, parcel("13800000001"), gateway(web)) == meant
    assert not [post for post in web.posts if post.path == "/elsewhere"]


# ── robots ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_robot_says_a_text(web: Hook) -> None:
    deliver(Way.ROBOT, parcel(web.robot), settings(webhook_origins=web.origin))
    (post,) = web.posts
    assert post.path == "/cgi-bin/webhook/send?key=0a1b2c3d-robot-4e5f"
    assert post.json == {"msgtype": "text", "text": {"content": "甲您好：您在 A01 号摊位。"}}
    assert post.headers["X-Message-Id"] == "abcdefghjk.0123456789"


@pytest.mark.parametrize(
    ("mood", "meant"),
    [
        ('{"errcode": 45009, "errmsg": "freq out of limit"}', (Fault.BUSY, False)),
        ('{"errcode": 93000, "errmsg": "invalid webhook url"}', (Fault.BAD_ADDRESS, True)),
        ("{}", (Fault.BUSY, False)),
        ("[1]", (Fault.BUSY, False)),
        ("302", (Fault.REFUSED, True)),
        ("500", (Fault.BUSY, False)),
        ("drop", (Fault.UNREACHABLE, False)),
    ],
)
def test_a_robot_has_spoken_only_when_the_answer_says_so(
    mood: str, meant: tuple[Fault, bool], web: Hook
) -> None:
    web.mood = lambda: mood
    if mood.startswith("["):
        web.mood, web.answer = (lambda: ""), mood
    assert fault(Way.ROBOT, parcel(web.robot), settings(webhook_origins=web.origin)) == meant
    assert not [post for post in web.posts if post.path == "/elsewhere"]


def test_a_robot_elsewhere_is_never_asked(web: Hook) -> None:
    assert fault(Way.ROBOT, parcel(web.robot), settings()) == (Fault.NOT_ALLOWED, True)
    assert web.posts == []


def test_no_fault_repeats_the_address_of_a_robot() -> None:
    with hook() as gone:
        pass
    with pytest.raises(Undelivered) as failed:
        deliver(Way.ROBOT, parcel(gone.robot), settings(webhook_origins=gone.origin))
    assert "robot" not in failed.value.detail + str(failed.value)
    assert failed.value.__cause__ is None
