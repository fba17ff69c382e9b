"""Papers that are handed in as pictures: handing in, looking at the original, refusing, and what runs out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from market import audit, clock
from market.communities.models import Community
from market.communities.service import profile_of
from market.db import db, lock_row, still_there
from market.errors import NotFound, Refusal
from market.people.models import User
from market.photos import Photo
from market.vendors import papers as rules
from market.vendors.models import Document, StallPerson, Vendor
from market.vendors.paper_rows import HandedPaper, PaperPicture
from market.vendors.papers import MOST_PICTURES, MOST_WAITING, DuePaper, Need, PaperAnswer
from market.vendors.rules import OF_A_BATCH, SIGNED, DocumentKind
from market.vendors.service.documents import check_document
from market.vendors.service.eligibility import vendor_facts

# ── the vendor hands in ───────────────────────────────────────────────────────────────────────────────────


def hand_in(
    vendor: Vendor,
    kind: DocumentKind,
    photos: Sequence[Photo],
    *,
    person: StallPerson | None = None,
    brought_for: date | None = None,
    by: User,
    at: datetime,
) -> HandedPaper:
    """Pictures of a paper, for staff to look at. While it waits, more pictures are further pages of it.

    Refuses `vendors.no_picture`, `vendors.enough_pictures`, `vendors.signed_elsewhere`,
    `vendors.which_market`, `vendors.many_papers` and `vendors.forgotten`.
    """
    lock_row(vendor)
    _refuse_unfit(vendor, kind, photos, brought_for)
    paper = _waiting(vendor, kind, person, brought_for)
    if paper is None:
        _refuse_heap(vendor)
        paper = HandedPaper(
            vendor=vendor, kind=kind, person=person, brought_for=brought_for, handed_at=at, handed_by=by.id
        )
        db.session.add(paper)
    if len(paper.pictures) + len(photos) > MOST_PICTURES:
        raise Refusal("vendors.enough_pictures", _("一张证照最多 6 张照片。拍错了的，先撤回再重新拍。"), 422)
    paper.pictures += [PaperPicture(content=p.content, width=p.width, height=p.height) for p in photos]
    db.session.flush()
    principal = vendor.trading_name if not vendor.is_of(by) else None
    audit.record(
        "vendors.hand_in", vendor, by=by, at=at, on_behalf_of=principal, kind=kind.value, pictures=len(photos)
    )
    return paper


def _refuse_unfit(
    vendor: Vendor, kind: DocumentKind, photos: Sequence[Photo], brought_for: date | None
) -> None:
    if vendor.forgotten:
        raise Refusal("vendors.forgotten", _("这位商户的资料已经删去。要再来，请重新登记。"))
    if kind in SIGNED:
        raise Refusal("vendors.signed_elsewhere", _("协议不用拍照：在我的摊位里点同意，或者签在纸上。"), 422)
    if not photos:
        raise Refusal("vendors.no_picture", _("没有收到照片，请再拍一张。"), 422)
    if (kind in OF_A_BATCH) != (brought_for is not None):
        raise Refusal("vendors.which_market", _("请选这张证明是哪一场的货。"), 422)


def _refuse_heap(vendor: Vendor) -> None:
    """Nobody fills the database: what waits must be looked at first."""
    waiting = sa.select(sa.func.count()).where(
        HandedPaper.vendor_id == vendor.id, HandedPaper.answer == PaperAnswer.WAITING
    )
    if (db.session.scalar(waiting) or 0) >= MOST_WAITING:
        raise Refusal("vendors.many_papers", _("交上来的已经很多了，等社区看过再交。"))


def _waiting(
    vendor: Vendor, kind: DocumentKind, person: StallPerson | None, brought_for: date | None
) -> HandedPaper | None:
    return db.session.scalar(
        sa.select(HandedPaper).where(
            HandedPaper.vendor_id == vendor.id,
            HandedPaper.kind == kind,
            HandedPaper.person_id == (person.id if person is not None else None),
            HandedPaper.brought_for == brought_for,
            HandedPaper.answer == PaperAnswer.WAITING,
        )
    )


def take_back_paper(paper: HandedPaper, *, by: User, at: datetime) -> None:
    """The wrong picture: deleted with its row. Refuses `vendors.paper_answered`, `vendors.no_paper`."""
    _lock(paper)
    if not paper.waits:
        raise _answered()
    vendor, kind = paper.vendor, paper.kind
    for picture in paper.pictures:
        db.session.delete(picture)
    db.session.delete(paper)
    db.session.flush()
    audit.record("vendors.take_back_paper", vendor, by=by, at=at, kind=kind.value)


def _lock(paper: HandedPaper) -> None:
    """Nobody else acts on the vendor; refuses `vendors.no_paper` when it was taken back meanwhile."""
    lock_row(paper.vendor)
    if not still_there(paper):
        raise _no_paper()


def _no_paper() -> NotFound:
    return NotFound("vendors.no_paper", _("没有这张证照，可能已经撤回了。"))


def _answered() -> Refusal:
    return Refusal("vendors.paper_answered", _("这张证照社区已经看过了。请刷新页面看看。"))


# ── staff look at it ──────────────────────────────────────────────────────────────────────────────────────


def see_original(
    paper: HandedPaper, *, number: str, issuer: str, valid_to: date | None, by: User, at: datetime
) -> Document:
    """`by` has seen the original of what the pictures show: from now on it counts. Twice is once.

    Refuses `vendors.paper_answered`, `vendors.not_for_oneself` and what `check_document` refuses.
    """
    _lock_for_answer(paper, by)
    if paper.document is not None:
        return paper.document
    if not paper.waits:
        raise _answered()
    document = check_document(
        paper.vendor,
        paper.kind,
        number=number,
        issuer=issuer,
        valid_to=valid_to,
        person=paper.person,
        brought_for=paper.brought_for,
        by=by,
        at=at,
    )
    paper.answer, paper.document = PaperAnswer.SEEN, document
    paper.answered_at, paper.answered_by = at, by.id
    db.session.flush()
    return document


def refuse_paper(paper: HandedPaper, reason: str, *, by: User, at: datetime) -> None:
    """It does not do, and the vendor reads why. Refusing it again changes nothing.

    Refuses `vendors.paper_answered`, `vendors.no_reason` and `vendors.not_for_oneself`.
    """
    _lock_for_answer(paper, by)
    if paper.answer is PaperAnswer.REFUSED:
        return
    if not paper.waits:
        raise _answered()
    reason = reason.strip()[:200]
    if not reason:
        raise Refusal("vendors.no_reason", _("请写一句哪里不行，商户会看到这句话。"), 422)
    paper.answer, paper.reason = PaperAnswer.REFUSED, reason
    paper.answered_at, paper.answered_by = at, by.id
    db.session.flush()
    audit.record("vendors.refuse_paper", paper.vendor, by=by, at=at, kind=paper.kind.value, reason=reason)


def _lock_for_answer(paper: HandedPaper, by: User) -> None:
    _lock(paper)
    if paper.vendor.is_of(by):
        raise Refusal("vendors.not_for_oneself", _("自己的证照要请另一位同事来看。"), 403)


# ── finding them ──────────────────────────────────────────────────────────────────────────────────────────


def find_handed(community: Community, ref: str) -> HandedPaper:
    """A paper that was handed in here."""
    query = sa.select(HandedPaper).join(HandedPaper.vendor)
    return _found(query.where(Vendor.community_id == community.id, HandedPaper.ref == ref))


def find_own_handed(vendor: Vendor, ref: str) -> HandedPaper:
    """A paper that this vendor handed in."""
    return _found(sa.select(HandedPaper).where(HandedPaper.vendor_id == vendor.id, HandedPaper.ref == ref))


def _found(query: sa.Select[HandedPaper]) -> HandedPaper:
    paper = db.session.scalar(query)
    if paper is None:
        raise _no_paper()
    return paper


def picture_of(paper: HandedPaper, ref: str) -> PaperPicture:
    """One page of a paper."""
    for picture in paper.pictures:
        if picture.ref == ref:
            return picture
    raise NotFound("vendors.no_picture_here", _("没有这张照片，可能已经到期删掉了。"))


def waiting_papers(community: Community) -> list[HandedPaper]:
    """What staff have not looked at yet, the longest waiting first."""
    query = (
        sa.select(HandedPaper)
        .join(HandedPaper.vendor)
        .where(Vendor.community_id == community.id, HandedPaper.answer == PaperAnswer.WAITING)
        .order_by(HandedPaper.handed_at, HandedPaper.id)
        .options(contains_eager(HandedPaper.vendor), joinedload(HandedPaper.person))
    )
    return list(db.session.scalars(query))


def has_open_papers(vendor: Vendor) -> bool:
    """Whether something that this vendor handed in waits, or was refused."""
    query = sa.select(HandedPaper.id).where(HandedPaper.vendor_id == vendor.id)
    return db.session.scalar(query.where(HandedPaper.answer != PaperAnswer.SEEN).limit(1)) is not None


def handed_papers(vendor: Vendor) -> list[HandedPaper]:
    """Everything a vendor handed in, the newest first."""
    query = (
        sa.select(HandedPaper)
        .where(HandedPaper.vendor_id == vendor.id)
        .order_by(HandedPaper.id.desc())
        .options(selectinload(HandedPaper.pictures), joinedload(HandedPaper.person))
    )
    return list(db.session.scalars(query))


# ── what is owed, and what runs out ───────────────────────────────────────────────────────────────────────


def needs(vendor: Vendor, on: date) -> list[Need]:
    """What a vendor must have on a day, and what else it has."""
    return rules.needs_of(vendor_facts([vendor], on)[vendor.id], on, profile_of(vendor.community))


class VendorPaperDue(NamedTuple):
    """A document that runs out, and whose it is."""

    vendor: Vendor
    paper: DuePaper


def due_papers(vendors: Sequence[Vendor], today: date) -> list[VendorPaperDue]:
    """What of these vendors ran out or soon does, worked out now: nobody has to think of reminding."""
    return [one for one in ending_papers(vendors, today) if one.paper.due is not None]


def ending_papers(vendors: Sequence[Vendor], today: date) -> list[VendorPaperDue]:
    """Everything of these vendors that runs out one day, the nearest end first."""
    by_ref = {vendor.ref: vendor for vendor in vendors if not vendor.forgotten}
    if not by_ref:
        return []
    facts = vendor_facts(list(by_ref.values()), today).values()
    found = rules.ending_papers(facts, today, profile_of(vendors[0].community))
    return [VendorPaperDue(by_ref[paper.vendor], paper) for paper in found]


# ── what is not kept ──────────────────────────────────────────────────────────────────────────────────────


def purge_pictures(*, at: datetime) -> int:
    """Deletes pictures whose time is over; how many. Number, term and who saw the original stay."""
    spans: dict[timedelta, list[tuple[DocumentKind, PaperAnswer]]] = {}
    for kind in DocumentKind:
        for answer in PaperAnswer:
            spans.setdefault(rules.kept_for(kind, answer), []).append((kind, answer))
    since = sa.func.coalesce(HandedPaper.answered_at, HandedPaper.handed_at)
    over = [
        sa.and_(
            since < sa.bindparam(None, at - span, type_=HandedPaper.handed_at.type),
            sa.tuple_(HandedPaper.kind, HandedPaper.answer).in_(pairs),
        )
        for span, pairs in spans.items()
    ]
    old = sa.select(HandedPaper.id).where(sa.or_(*over))
    gone = db.session.execute(sa.delete(PaperPicture).where(PaperPicture.paper_id.in_(old)))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # CursorResult


def forget_pictures(vendor: Vendor, *, at: datetime) -> None:
    """All pictures and names of people of a vendor who is forgotten."""
    handed = sa.select(HandedPaper.id).where(HandedPaper.vendor_id == vendor.id)
    db.session.execute(sa.delete(PaperPicture).where(PaperPicture.paper_id.in_(handed)))
    own = sa.update(HandedPaper).where(HandedPaper.vendor_id == vendor.id)
    db.session.execute(own.where(HandedPaper.reason != "").values(reason="—"))
    people = sa.update(StallPerson).where(StallPerson.vendor_id == vendor.id)
    db.session.execute(people.values(name="—", until=sa.func.coalesce(StallPerson.until, at)))


def page_date(vendor: Vendor, otherwise: date, *, at: datetime) -> date:
    """For which date a vendor's papers are judged: that of the next market it is in, else another."""
    zone = vendor.community.zone
    ahead = [a.day.open_at for a in vendor.applications if a.is_live and a.day.open_at >= at]
    return clock.local(min(ahead), zone).date() if ahead else otherwise
