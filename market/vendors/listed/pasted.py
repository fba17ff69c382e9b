"""Lines as people paste them: a chain (接龙) of a chat group, chat messages, one vendor a line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from market.typed_text import lines as tidy_lines, one_line, plain
from market.vendors.listed.entry import Entry, Listed, Odd, Passed, PassedLine
from market.vendors.listed.headings import LABELS, Column, entry_of_cells
from market.vendors.listed.values import Phone, category_of, phones_in, watts_of

_NUMBER = re.compile(
    r"^\s*(?:[（(【\[]\s*\d{1,3}\s*[)）】\]]\s*[.．、:：]?|\d{1,3}\s*[.．、)）:：](?!\d)"
    r"|\d{1,3}\ufe0f?\u20e3|[①-⑳]|\d{1,3}(?=[ \t\u3000]+[^\d\s月日号家点年]))\s*"
)
"""How a chain counts: `1.`, `１、`, `（3）`, `①`, the digits of a keyboard in a box, `12 ` before a word."""
_CHAIN = re.compile(r"^\s*#?\s*接龙")
_EXAMPLE = re.compile(r"^\s*(?:例|示例|格式|样例)(?:[如:：\s]|$)")
_CLOCK = r"(?:(?:昨天|今天|前天|星期.|周.|上午|下午|晚上|早上|中午|凌晨)\s*)*\d{1,2}:\d{2}(?::\d{2})?"
_DATE = r"(?:(?:\d{4}[-/年.])?\d{1,2}[-/月.]\d{1,2}日?\s+)?"
_CHAT_HEAD = re.compile(rf"^(?P<who>\S.{{0,19}}?):?\s+{_DATE}{_CLOCK}$")
_SPOKEN = re.compile(r"^(?P<who>[^:,，\d]{1,12}):\s*(?P<rest>.*)$")
_CHAT_LINE = re.compile(
    r"^(?:[-—─=_*\s]{3,}.*|\[[^\]]{1,8}\]|.*(?:聊天记录|撤回了一条消息|加入了群聊|拍了拍).*)$"
)
_CALLED_OFF = re.compile(r"取消|不来了|不去了|来不了|去不了|不参加|下次再|退出")
_BRACKETS = re.compile(r"[(（【]([^()（）【】]*)[)）】]")
_ADDRESS = re.compile(r"(?<![\d-])\d{1,3}(?:[-#]\d{1,4}){1,2}(?![\d-])|\d{1,3}号楼(?:\d{1,4})?")
_SIGN = re.compile(r"[\t\s,;|、/:。]+|(?<=\D)-+|-+(?=\D|\d{4}$)")
_SOLD = re.compile(r"^(?:卖|主营|经营|专卖|主要卖|做的?是)")
_FILLER = re.compile(
    r"^(?:我?(?:要)?报名|参加|我来|\d{1,2}|收到|来|去|我|电话|手机号?|号码|尾号|联系电话|联系方式|卖|做|是|@\S*)$"
)
_INTRO = re.compile(r"^(?:我是|我叫|这里是|报名)(?=\S)")
_POWER = re.compile(
    r"(?:需要|需|要)?(?:用|要|接)?电?\s*(\d+(?:\.\d+)?\s*(?:千瓦|kw|瓦|w))(?![a-z])", re.IGNORECASE
)
_NO_POWER = re.compile(r"(?:不用|不要|不需要|无需|不接)电(?!话|动|器|脑|子|视)")
_WANTS_POWER = re.compile(r"(?:(?:需要|需|要)?(?:用|要|接)|需要|需|得有)电(?!话|动|器|脑|子|视)|插座|插排")
_WATER = re.compile(r"(?<!不)(?:需要|要|用|接|需)水(?!果)")
_FLAME = re.compile(r"(?<!不)(?<!不用)(?:用?明火|煤气灶?|液化气)")
_TENT = re.compile(r"自带(?:帐篷|棚子?|遮阳伞|伞)")
_ANY_LABEL = "|".join(sorted(map(re.escape, LABELS), key=len, reverse=True))
_LABEL = re.compile(rf"(?:^|(?<=[\s,;|、。]))({_ANY_LABEL})\s*:\s*")
_PERSON = re.compile(r"^.{1,3}(?:姐|哥|叔|婶|嫂|姨|师傅|老板|大爷|大妈|大姐|大叔|阿姨)$")
_HEADED = re.compile(r"电话|手机|联系方式")


def read_text(text: str) -> Listed:
    """What each line says; lines that are nobody's are kept with the reason."""
    found = Listed()
    for item in _items(text, found):
        if item.text.strip():
            found.entries.append(_entry(item))
        else:
            found.passed.append(PassedLine(item.number, item.raw[0], Passed.EMPTY_NUMBER))
    found.passed.sort(key=lambda line: line.number)
    return found


def is_chain(text: str) -> bool:
    """Whether a text says of itself that it is a chain; then no line of it is a heading of columns."""
    return any(_CHAIN.match(row) for row in text.splitlines())


# ── which lines belong together ───────────────────────────────────────────────────────────────────────────


@dataclass
class _Item:
    """What one person wrote, be it over several lines."""

    number: int
    raw: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    who: str = ""
    counted: str = ""
    """Its number in the chain."""

    @property
    def text(self) -> str:
        return "\n".join(part for part in self.parts if part)

    def add(self, raw: str, part: str) -> None:
        self.raw.append(raw)
        self.parts.append(part)


def _items(text: str, found: Listed) -> list[_Item]:
    """Groups of lines in their order; what is nobody's goes into `found`."""
    rows = [(n, row) for n, row in enumerate(tidy_lines(text).split("\n"), 1) if row.strip()]
    is_chain = any(_CHAIN.match(row) for _n, row in rows) or sum(map(_is_counted, rows)) > 1
    grouping = _Grouping(found, is_chain)
    for number, row in rows:
        grouping.take(number, row, plain(row))
    return grouping.items


@dataclass
class _Grouping:
    """Who is speaking, and what they have begun to say."""

    found: Listed
    is_chain: bool
    items: list[_Item] = field(default_factory=list)
    who: str = ""
    goes_on: bool = False

    def take(self, number: int, row: str, line: str) -> None:
        head = _CHAT_HEAD.match(line)
        why = Passed.CHAT if head else _why_passed(row, line, self.is_chain and not self.items)
        if why is not None:
            self.found.passed.append(PassedLine(number, one_line(row), why))
            self.who = head["who"].rstrip(":") if head else ("" if why is Passed.HEADING else self.who)
            self.goes_on = False
            return
        said = _begun(number, row, line, self.who)
        if self.goes_on and _goes_on(self.items[-1], said):
            self.items[-1].add(row, said.parts[0])
        else:
            self.items.append(said)
        self.goes_on = True


def _is_counted(row: tuple[int, str]) -> bool:
    return _NUMBER.match(row[1]) is not None


def _why_passed(row: str, line: str, before_the_chain: bool) -> Passed | None:
    if _CHAIN.match(row):
        return Passed.HEADING
    if _EXAMPLE.match(_NUMBER.sub("", row)):
        return Passed.EXAMPLE
    if _CHAT_LINE.match(line):
        return Passed.CHAT
    if _HEADED.search(line) and not any(letter.isdigit() for letter in line) and not _LABEL.search(line):
        return Passed.HEADING
    opens = before_the_chain and not _NUMBER.match(row) and not phones_in(line)
    return Passed.HEADING if opens and not _CHAT_HEAD.match(line) else None


def _begun(number: int, row: str, line: str, who: str) -> _Item:
    number_said = _NUMBER.match(row)
    rest = plain(row[number_said.end() :]) if number_said else line
    spoken = _SPOKEN.match(rest)
    if spoken and not _LABEL.match(rest):
        who, rest = spoken["who"].strip(), spoken["rest"]
    told = re.search(r"\d+", plain(number_said[0])) if number_said else None
    item = _Item(number, who=who, counted=told[0] if told else "")
    item.add(row, rest)
    return item


def _goes_on(item: _Item, said: _Item) -> bool:
    """Whether a line goes on with what the one before it began."""
    if said.counted or (said.who and said.who != item.who):
        return False
    if _LABEL.match(said.parts[0]):
        told, more = _labels(item.text), _labels(said.text)
        one_a_line = len(_labels(item.parts[0])) == len(more) == 1
        return one_a_line and said.number == item.number + len(item.raw) and not set(told) & set(more)
    told_both = bool(phones_in(item.text)) and bool(phones_in(said.text))
    return bool(item.counted or item.who) and not told_both


def _labels(text: str) -> list[Column]:
    return [LABELS[label] for label in _LABEL.findall(text)]


# ── what an item says ─────────────────────────────────────────────────────────────────────────────────────


def _entry(item: _Item) -> Entry:
    raw, text = one_line(" ".join(item.raw)), item.text
    labels = _LABEL.findall(text)
    if len(labels) > 1:
        entry = _labelled(item, text)
    else:
        entry = _told(item, " ".join(text.split("\n")))
    off = (Odd.CALLED_OFF,) if _CALLED_OFF.search(text) else ()
    return replace(entry, text=raw, counted=item.counted, odd=(*off, *entry.odd))


def _labelled(item: _Item, text: str) -> Entry:
    """`摊名：… 电话：… 卖：…`, in one line or several."""
    pieces = _LABEL.split(text)[1:]
    cells = {
        LABELS[label]: value.strip(" ,;、。\n")
        for label, value in zip(pieces[::2], pieces[1::2], strict=True)
    }
    entry = entry_of_cells(item.number, cells)
    return replace(entry, holder=entry.holder or item.who or entry.trading_name)


def _told(item: _Item, text: str) -> Entry:
    """Name, number, goods in whatever order, by what they look like."""
    rest = plain(_unbracketed(text))
    phones = phones_in(rest)
    for phone in phones:
        rest = rest.replace(phone.text, "\t", 1)
    entry, rest = _marks(Entry(item.number, "", note=_bracketed(text)), rest)
    words = _words(rest)
    if not phones and words and re.fullmatch(r"\d{4}", words[-1]):
        entry = replace(entry, tail=words.pop())
    entry = replace(entry, phone=phones[0].number if phones else "", odd=(*entry.odd, *_phone_odds(phones)))
    return _named(entry, words, item.who)


def _phone_odds(phones: Sequence[Phone]) -> tuple[Odd, ...]:
    two = (Odd.TWO_PHONES,) if len({phone.number for phone in phones}) > 1 else ()
    return (*two, Odd.BAD_PHONE) if phones and not phones[0].good else two


def _bracketed(text: str) -> str:
    kept = [inner for inner in _BRACKETS.findall(text) if inner.strip() and not phones_in(inner)]
    return "；".join(inner.strip() for inner in kept)


def _unbracketed(text: str) -> str:
    return _BRACKETS.sub(lambda match: f" {match[1]} " if phones_in(match[1]) else " ", text)


def _marks(entry: Entry, text: str) -> tuple[Entry, str]:
    """What a text says of power, water, fire and tent, and the text without it."""
    told, whole = _POWER.search(text), f"{text} {entry.note}"
    if told:
        entry = replace(entry, power_w=watts_of(told[1]))
    elif _NO_POWER.search(whole):
        entry = replace(entry, power_w=0)
    elif _WANTS_POWER.search(whole):
        entry = replace(entry, odd=(*entry.odd, Odd.POWER_UNSAID))
    entry = replace(
        entry,
        needs_water=bool(_WATER.search(whole)),
        open_flame=bool(_FLAME.search(whole)),
        own_tent=bool(_TENT.search(whole)),
    )
    for pattern in (_POWER, _NO_POWER, _WANTS_POWER, _WATER, _FLAME, _TENT, _ADDRESS, _CALLED_OFF):
        text = pattern.sub(" ", text)
    return entry, text


def _words(text: str) -> list[str]:
    pieces = (_INTRO.sub("", piece.strip(" .-+*#~!?")) for piece in _SIGN.split(text))
    return [piece for piece in pieces if piece and not _FILLER.match(piece)]


def _named(entry: Entry, words: list[str], who: str) -> Entry:
    """The first word is the name unless it says what is sold; who wrote it stands in where it has none."""
    people = [word for word in words[1:] if _PERSON.match(word)] if len(words) > 2 else []
    person = people[0] if people else ""
    words = [word for word in words if word != person]
    sold = [word for word in words if _SOLD.match(word)]
    others = [word for word in words if word not in sold]
    told = [_SOLD.sub("", word) for word in sold]
    if who and len(words) < 2:
        name, goods = who, [*told, *others]
    else:
        name, goods = (others[0] if others else who or next(iter(told), "")), [*others[1:], *told]
    goods_text = "、".join(word for word in goods if word) or name
    category = next((c for c in map(category_of, [*goods, name]) if c is not None), None)
    return replace(
        entry,
        trading_name=name[:60],
        holder=(person or who or name)[:60],
        goods=goods_text[:120],
        category=category,
    )
