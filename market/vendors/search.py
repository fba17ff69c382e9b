"""Finding what is sold by other words for it, and by pinyin: 剪头发 and `lifa` find 理发."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from market.typed_text import matches, search_key
from market.vendors.pinyin import initials, syllables

SAME = (
    (
        *("理发", "剪头", "剪头发", "剪发", "剃头", "推头", "修面", "haircut"),
        *("理髮", "理發", "剪頭", "剪頭髮", "剪頭發", "剪髮", "剪發", "剃頭"),
    ),
    ("测血压", "量血压", "血压", "测血糖", "量血糖", "义诊", "看病", "体检"),
    ("缝补", "缝纫", "补衣服", "改衣服", "裁缝", "缝裤脚", "改裤脚", "换拉链"),
    ("修鞋", "补鞋", "擦鞋"),
    ("磨刀", "磨剪刀", "磨剪子", "戗刀"),
    ("配钥匙", "开锁", "修锁"),
    ("修伞", "修雨伞"),
    ("修车", "修自行车", "修电动车", "补胎"),
    ("家电", "电器", "修电器", "修家电"),
    ("手机贴膜", "贴膜", "修手机"),
    ("西红柿", "番茄", "洋柿子"),
    ("土豆", "马铃薯", "洋芋"),
    ("红薯", "地瓜", "山芋"),
    ("玉米", "苞米", "棒子"),
    ("圆白菜", "卷心菜", "包菜"),
    ("鸡蛋", "土鸡蛋", "笨鸡蛋", "柴鸡蛋"),
    ("馒头", "馍", "馍馍"),
    ("水饺", "饺子"),
    ("豆浆", "豆汁"),
    ("蔬菜", "青菜", "买菜"),
    ("旧书", "二手书"),
    ("绿植", "花卉", "盆栽", "养花"),
    ("托育", "看孩子", "带孩子"),
    ("养老", "助老", "老人"),
)
"""Words by which neighbours ask for one thing; a search for any of them is a search for all."""


def finds(query: str, texts: Iterable[str]) -> bool:
    """Whether every word of a search stands in the texts, as it is, by another word, or in pinyin."""
    known = list(texts)
    return all(_finds_word(word, known) for word in search_key(query).split())


def _finds_word(word: str, texts: list[str]) -> bool:
    if any(matches(other, texts) for other in other_words(word)):
        return True
    return is_pinyin(word) and any(sounds_like(word, text) for text in texts)


def other_words(word: str) -> list[str]:
    """The word itself, and what else people say for it."""
    same = [others for others in SAME if any(_is(word, other) for other in others)]
    return [word, *(other for others in same for other in others)]


def _is(word: str, known: str) -> bool:
    begun = len(word) >= 2 and known.startswith(word)
    return word == known or begun or (is_pinyin(word) and word == "".join(_syllables(known)))


def is_pinyin(word: str) -> bool:
    return len(word) >= 2 and word.isascii() and word.isalpha()


def sounds_like(word: str, text: str) -> bool:
    """Whether some syllables of a text are written so in pinyin, whole (`lifa`) or as initials (`lf`)."""
    read = _syllables(text)
    begun = any("".join(read[at:]).startswith(word) for at in range(len(read)))
    return begun or word in initials(" ".join(read))


@lru_cache(maxsize=4096)
def _syllables(text: str) -> tuple[str, ...]:
    return tuple(part for read in syllables(text) for part in read.split())
