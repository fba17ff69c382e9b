"""What staff do about wishes: votes on paper, what means the same, answers in public, and undoing each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit, clock
from market.communities.models import Community
from market.db import db, lock_row
from market.demand.models import NetworkVerdict, Wish, WishAnswer, WishListing, WishMerge, WishVotes
from market.demand.rules import ANSWERS, MOST_PEOPLE, NEEDS_REASON, PaperKind, WishState, head_of, week_of
from market.demand.service.ranking import merges_in_force
from market.demand.service.voices import is_listed, known_or_new
from market.errors import NotFound, Refusal
from market.people.models import User
from market.typed_text import names_a_person
from market.vendors.rules import Category

Undoable = WishVotes | WishMerge | WishAnswer


# ── votes on paper, and walks ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class VotesDraft:
    """What a sheet or a walk brought for one thing."""

    word: str
    kind: PaperKind
    people: int
    place: str
    collected_on: date
    collector: str = ""


def add_votes(community: Community, draft: VotesDraft, *, by: User, at: datetime) -> WishVotes:
    """Enters what was counted away from the screen; a word that nobody asked for yet joins the list.

    Refuses as `known_or_new`, and `demand.bad_people`, `demand.bad_date`, `demand.names_a_person`.
    """
    if not 1 <= draft.people <= MOST_PEOPLE:
        raise Refusal("demand.bad_people", _("人数请填 1 到 %(n)s 的整数。", n=MOST_PEOPLE), 422)
    if draft.collected_on > clock.local(at, community.zone).date():
        raise Refusal("demand.bad_date", _("这一天还没到。请填收票或走访的那一天。"), 422)
    _refuse_persons(draft.place, draft.collector)
    wish = known_or_new(community, draft.word, at=at)
    if not is_listed(wish):
        list_wish(wish, listed=True, category=None, by=by, at=at)
    row = WishVotes(
        wish=wish,
        kind=draft.kind,
        people=draft.people,
        place=draft.place,
        collected_on=draft.collected_on,
        collector=draft.collector,
        noted_at=at,
        noted_by=by.id,
    )
    db.session.add(row)
    db.session.flush()
    people, kind = draft.people, draft.kind.value
    audit.record("demand.add_votes", wish, by=by, at=at, word=wish.word, people=people, kind=kind)
    return row


def _refuse_persons(*texts: str) -> None:
    if any(names_a_person(text) for text in texts):
        raise Refusal("demand.names_a_person", _("大家都看得到，请不要写手机号或身份证号。"), 422)


# ── what stands in the list ───────────────────────────────────────────────────────────────────────────────


def list_wish(wish: Wish, *, listed: bool, category: Category | None, by: User, at: datetime) -> WishListing:
    """Lets a word stand in the public list and says where it belongs, or takes it out; the last counts."""
    lock_row(wish)
    row = WishListing(wish=wish, listed=listed, category=category, decided_at=at, decided_by=by.id)
    db.session.add(row)
    db.session.flush()
    audit.record("demand.list_wish", wish, by=by, at=at, word=wish.word, listed=listed)
    return row


# ── what means the same ───────────────────────────────────────────────────────────────────────────────────


def merge(wish: Wish, into: Wish, *, by: User, at: datetime) -> WishMerge:
    """From now on one is counted under the other; no voice is touched. Twice is once.

    Refuses `demand.same_wish` and `demand.merged_already`.
    """
    lock_row(wish.community)
    merged = merges_in_force(wish.community)
    if merged.get(wish.id) == into.id:
        return _merge_of(wish)
    if wish.id in merged:
        raise Refusal(
            "demand.merged_already", _("「%(word)s」已经算到别的里面了。先拆开，再算到一起。", word=wish.word)
        )
    if head_of(into.id, merged) == wish.id:
        raise Refusal("demand.same_wish", _("这两样本来就算在一起。"))
    row = WishMerge(wish=wish, into=into, merged_at=at, merged_by=by.id)
    db.session.add(row)
    db.session.flush()
    audit.record("demand.merge", wish, by=by, at=at, word=wish.word, into=into.word)
    return row


def _merge_of(wish: Wish) -> WishMerge:
    query = sa.select(WishMerge).where(WishMerge.wish_id == wish.id, WishMerge.ended_at.is_(None))
    return db.session.scalars(query).one()


# ── answers ───────────────────────────────────────────────────────────────────────────────────────────────


def answer(wish: Wish, state: WishState, sentence: str, *, by: User, at: datetime) -> WishAnswer:
    """Says in public how it stands.

    Refuses `demand.no_state`, `demand.reason_missing` and `demand.names_a_person`.
    """
    lock_row(wish)
    if state not in ANSWERS:
        raise Refusal("demand.no_state", _("请选一个答复。"), 422)
    if state in NEEDS_REASON and not sentence.strip():
        raise Refusal("demand.reason_missing", _("请写一句给居民看的话：在哪里，或者为什么。"), 422)
    _refuse_persons(sentence)
    row = WishAnswer(wish=wish, state=state, sentence=sentence.strip(), answered_at=at, answered_by=by.id)
    db.session.add(row)
    db.session.flush()
    audit.record("demand.answer", wish, by=by, at=at, word=wish.word, state=state)
    return row


# ── networks that spoke too often ─────────────────────────────────────────────────────────────────────────


def say_of_network(
    community: Community, week: date, network: str, *, counts: bool, by: User, at: datetime
) -> NetworkVerdict:
    """Staff looked: a house full of people, all of whose voices count, or a machine, none of whose do."""
    row = NetworkVerdict(
        community_id=community.id,
        week=week_of(week),
        network=network,
        counts=counts,
        said_at=at,
        said_by=by.id,
    )
    db.session.add(row)
    db.session.flush()
    of_week = week.isoformat()
    audit.record("demand.say_of_network", row, by=by, at=at, week=of_week, counts=counts)
    return row


# ── undoing ───────────────────────────────────────────────────────────────────────────────────────────────


def undo(row: Undoable, *, by: User, at: datetime) -> None:
    """Takes an entry back; it stays in the history. Twice is once."""
    lock_row(row)
    if row.ended_at is not None:
        return
    row.ended_at, row.ended_by = at, by.id
    db.session.flush()
    wish = row.wish
    audit.record("demand.undo", wish, by=by, at=at, word=wish.word, what=type(row).__name__.lower())


def find_entry(wish: Wish, ref: str) -> Undoable:
    """A row of this wish that can be taken back."""
    votes = sa.select(WishVotes).where(WishVotes.ref == ref, WishVotes.wish_id == wish.id)
    said = sa.select(WishAnswer).where(WishAnswer.ref == ref, WishAnswer.wish_id == wish.id)
    of_merge = sa.or_(WishMerge.wish_id == wish.id, WishMerge.into_id == wish.id)
    merged = sa.select(WishMerge).where(WishMerge.ref == ref, of_merge)
    found = db.session.scalar(votes) or db.session.scalar(said) or db.session.scalar(merged)
    if found is None:
        raise NotFound("demand.no_entry", _("没有这一条。请回到这一样再点一次。"))
    return found
