"""What somebody asks for: the words of a question, and the things that are meant by each."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from enum import IntEnum
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from market.search.pieces import joined, one_after_the_other, uncounted, wants_all, without_later
from market.search.sounds import near, spoken
from market.search.words import (
    by_initials,
    by_near_sound,
    by_sound,
    by_word,
    longest,
    slips_of_sounds,
    slips_of_words,
    things,
)
from market.typed_text import one_line, search_key

LONGEST_QUESTION = 60
MOST_WISHES = 3
"""Things of one question that are answered."""

_WORDS = re.compile(r"[^\W_]+")
_LETTERS = re.compile("[a-z]+")
_STALL = re.compile("[a-z][0-9]{1,3}")

_AROUND = Path(__file__).with_name("said_around.txt")
_PHRASES = sorted(_AROUND.read_text(encoding="utf-8").split(), key=len, reverse=True)
"""What is said around the thing that is asked for; the longest is taken away first."""
_EDGES = "我俺咱您请问有没的了吗呢么啊呀吧嘛来要想找买卖个把点些斤能会在去给让帮谁那这哪还又也就都"
"""Single characters that say nothing at the edge of what is left."""


class How(IntEnum):
    """How sure it is what was meant; the smaller, the surer."""

    SAID = 0
    """A word of the table."""
    INSIDE = 1
    """A word of the table stands in the question."""
    SOUND = 2
    """Written in pinyin, or with other characters that sound the same."""
    BEGUN = 3
    """The beginning of a word, or its initials."""
    SLIP = 4
    """One slip away, or sounding nearly so."""
    UNKNOWN = 5
    """Nothing of the table."""


class Wish(NamedTuple):
    """One thing that is asked for."""

    text: str
    """As it was asked, without what was said around it."""
    things: tuple[str, ...]
    """What may be meant: more than one where the letters leave it open."""
    how: How

    @property
    def is_stall(self) -> bool:
        """Whether a stall is named: A03."""
        return _STALL.fullmatch(self.text) is not None


def wishes(question: str) -> list[Wish]:
    """What a question asks for, thing by thing; empty for one without a word (`？？？`, `%_%`)."""
    words = _WORDS.findall(folded(question))[: MOST_WISHES * 2]
    if not words:
        return []
    if len(words) > 1 and (whole := _together(words)) is not None:
        return [whole]
    read = [wish for word in words for wish in _of_one_word(word) if wish.text]
    known = [wish for wish in read if wish.things or not wish.text.isascii() or wish.is_stall]
    return _once(known or read)[:MOST_WISHES]


def folded(question: str) -> str:
    """A question as it is read: one line, one width, one case, without the tones that some write (lǐfà)."""
    text = unicodedata.normalize("NFD", search_key(one_line(question)[:LONGEST_QUESTION]))
    return unicodedata.normalize("NFC", "".join(c for c in text if unicodedata.category(c) != "Mn"))


def _together(words: list[str]) -> Wish | None:
    """One thing that was written in pieces: `li fa`, `sweet potato`."""
    joined = "".join(words)
    if not _LETTERS.fullmatch(joined):
        return None
    for index in (by_word, by_sound):
        if joined in index():
            return Wish(joined, index()[joined], How.SOUND)
    return None


def _of_one_word(word: str) -> list[Wish]:
    """What is asked for between two commas: mostly one thing."""
    whole = _wish(word)
    if whole.how is How.SAID or word.isascii():
        return [whole]
    return _and(joined(word)) or _then(word) or _each(word) or [whole]


def _and(parts: list[str]) -> list[Wish]:
    """豆腐和大葱. One of them may be something that nobody knows."""
    several = [_wish(part) for part in parts]
    known = len(several) > 1 and any(map(_is_sure, several))
    if not known or not all(_is_sure(wish) or len(wish.text) > 1 for wish in several):
        return []
    return [wish for part in parts for wish in _of_one_word(part)]


def _then(word: str) -> list[Wish]:
    """磨刀顺便配把钥匙. What stands between them stands in much else, so each has to be known."""
    for parts in one_after_the_other(word):
        several = [wish for part in parts if (wish := _wish(part)).text]
        if len(several) > 1 and all(map(_is_sure, several)):
            return several
    return []


def _each(word: str) -> list[Wish]:
    """香油麻酱各一瓶."""
    return [_wish(said) for said in said_in(word)] if wants_all(word) else []


def _is_sure(wish: Wish) -> bool:
    return bool(wish.things) and (wish.how <= How.INSIDE or wish.text[-1:] in by_word())


def _once(known: list[Wish]) -> list[Wish]:
    return list({wish.things or (wish.text,): wish for wish in reversed(known)}.values())[::-1]


@lru_cache(maxsize=2048)
def _wish(word: str) -> Wish:
    tiers = _letters_mean if _LETTERS.fullmatch(word) else _characters_mean
    bare = _bare(word)
    for how, meant in tiers(word, bare):
        if meant:
            return Wish(bare or word, tuple(dict.fromkeys(meant)), how)
    return Wish(bare, (), How.UNKNOWN)


def _bare(word: str) -> str:
    """What is left without what is said around it: 哪里能剪头 → 剪头."""
    for phrase in _PHRASES:
        if word != phrase:
            word = word.replace(phrase, "")
    word = uncounted(word)
    while len(word) > 1 and word[0] in _EDGES:
        word = word[1:]
    while len(word) > 1 and word[-1] in _EDGES:
        word = word[:-1]
    return "" if word in _PHRASES or word in _EDGES else word


# ── in pinyin ─────────────────────────────────────────────────────────────────────────────────────────────

Tiers = Iterator[tuple[How, tuple[str, ...]]]
LEAST_INITIALS, LEAST_BEGUN, LEAST_INSIDE = 2, 4, 5


def _letters_mean(word: str, _bare: str) -> Tiers:
    """What may be meant by letters, the surest first."""
    yield How.SAID, by_word().get(word, ())
    yield How.SOUND, by_sound().get(word, ())
    if len(word) >= LEAST_INITIALS:
        yield How.BEGUN, by_initials().get(word, ())
    yield How.SLIP, by_near_sound().get(near(word), ()) if len(word) > 2 else ()
    yield How.SLIP, _of_slips(slips_of_sounds().near(word))
    if len(word) >= LEAST_BEGUN:
        yield How.BEGUN, tuple(t for sound, of in by_sound().items() if sound.startswith(word) for t in of)
    yield How.INSIDE, _sounds_inside(word)


def _of_slips(keys: list[str]) -> tuple[str, ...]:
    """What these mean: things whose own word is one of them, else those that are also called so."""
    found = [thing for key in keys for thing in (*by_sound().get(key, ()), *by_word().get(key, ()))]
    own = [thing for thing in found if {thing, spoken(thing)} & set(keys)]
    return tuple(own or found)


def _sounds_inside(word: str) -> tuple[str, ...]:
    """The longest word that is heard in a sentence of letters."""
    parts = [word[at:end] for at in range(len(word)) for end in range(at + LEAST_INSIDE, len(word) + 1)]
    known = [part for part in parts if part in by_sound()]
    return by_sound()[max(known, key=len)] if known else ()


# ── in characters ─────────────────────────────────────────────────────────────────────────────────────────


def _characters_mean(word: str, bare: str) -> Tiers:
    """What may be meant by characters, the surest first."""
    yield How.SAID, by_word().get(word, ()) or by_word().get(bare, ())
    yield How.INSIDE, _inside(without_later(word)) or _inside(word)
    if len(bare) < 2:
        yield How.BEGUN, _begun_by(bare)
        return
    sound = spoken(bare)
    yield How.SOUND, by_sound().get(sound, ())
    yield How.BEGUN, tuple(t for known, of in by_word().items() if known.startswith(bare) for t in of)
    yield How.SOUND, _heard_in(bare)
    yield How.SLIP, by_near_sound().get(near(sound), ())
    yield How.SLIP, _of_slips(slips_of_words().near(bare))
    yield How.SLIP, _last_of_all(without_later(bare)) or _by_pairs(bare)


def _begun_by(character: str) -> tuple[str, ...]:
    """Half a word, 卤 or 剃: the things whose own word begins so, else what most words that begin so mean."""
    begun = {word: of for word, of in by_word().items() if word.startswith(character)} if character else {}
    own = tuple(thing for word, of in begun.items() for thing in of if thing == word)
    counted = Counter(thing for of in begun.values() for thing in of)
    return own or tuple(thing for thing, n in counted.items() if n == max(counted.values()))


def _last_of_all(text: str) -> tuple[str, ...]:
    """The thing of one character at the end, which the rest only describes: 奶奶穿的鞋."""
    meant = by_word().get(text[-1], ()) if text else ()
    return _mended(text, meant)


_BROKEN = re.compile("修|磨|补|坏|破|钝|断|掉|漏|裂|锈|不[快热转亮动响通]|冒烟|没[声气]|开[胶线]")


def _inside(text: str) -> tuple[str, ...]:
    """The thing of which the last word in a question speaks, as in 包饺子的韭菜 and 手工馒头; for 雨伞坏了
    who mends it."""
    return _mended(text, [thing for word in said_in(text)[-1:] for thing in by_word()[word]])


def _mended(text: str, meant: Iterable[str]) -> tuple[str, ...]:
    """The things, or who mends them where something is broken."""
    broken = _BROKEN.search(text) is not None
    return tuple((broken and things()[thing].mended) or thing for thing in meant)


def said_in(text: str) -> list[str]:
    """The words of the table that stand in a text, the longest first where several begin; single characters
    do not count."""
    found, at = [], 0
    while at < len(text):
        end = next(
            (e for e in range(min(len(text), at + longest()), at + 1, -1) if text[at:e] in by_word()), 0
        )
        if end:
            found.append(text[at:end])
        at = end or at + 1
    return found


def _heard_in(text: str) -> tuple[str, ...]:
    """The longest word that half of the characters or more sound like: 里发的 → 理发. Two of many mean
    nothing: 着火了怎么办 is not 找活."""
    parts = [text[at:end] for at in range(len(text)) for end in range(at + 2, len(text) + 1)]
    known = [part for part in parts if spoken(part) in by_sound() and len(part) * 2 >= len(text)]
    return by_sound()[spoken(max(known, key=len))] if known else ()


PAIRS_SHARED = 0.5
LEAST_OF_PAIRS = 3
"""Characters of a question that is compared pair by pair: with two there is only one pair."""


def pairs(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters."""
    return frozenset(text[at : at + 2] for at in range(len(text) - 1))


def _by_pairs(asked: str) -> tuple[str, ...]:
    """The words of which at least half of the pairs stand in the question, or the other way round."""
    if len(asked) < LEAST_OF_PAIRS:
        return ()
    best: float = PAIRS_SHARED
    meant: tuple[str, ...] = ()
    for word, of in by_word().items():
        if len(word) >= max(LEAST_OF_PAIRS, len(asked) / 2) and not word.isascii():
            mine, theirs = pairs(asked), pairs(word)
            share = len(mine & theirs) / min(len(mine), len(theirs))
            if share > best:
                best, meant = share, of
    return meant
