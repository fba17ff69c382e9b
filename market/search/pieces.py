"""The pieces of a question without commas: two things asked for at once, what is done with a thing later."""

from __future__ import annotations

import re

_JOINED = re.compile("还有|以及|和|跟|与|及")
_THEN = re.compile("还要|还想|还得|顺便|顺带|顺路|捎带|另外|外加|然后|之后|再|想|去")
_DONE_THEN = re.compile(f"完|{_THEN.pattern}")
_ALL_OF_THEM = re.compile("都要|都买|各[一二两三半来要买]|两样")
_LATER = re.compile(
    "(?:带|拿)?(?:回家|回去).*$|(?:炒|做)菜$|做饭$|[做煮炖煲]汤$|炖肉$|包(?:饺子|包子|粽子)$|下面条$|蒸(?:馒头|包子)$|腌咸菜$"
)
_COUNTED = re.compile("^[买卖要称弄整](?:[一二两三几半]?[点些个本口双棵瓶袋盒包条块碗只件份把斤])")


def joined(text: str) -> list[str]:
    """豆腐 and 大葱 of 豆腐和大葱."""
    return _parts(_JOINED, text)


def one_after_the_other(text: str) -> tuple[list[str], list[str]]:
    """磨刀 and 配把钥匙 of 磨刀顺便配把钥匙; in two ways, as 完 stands behind what was done (玩完买点菜) or
    in the midst of it (剪完头发去喝羊汤)."""
    return _parts(_DONE_THEN, text), _parts(_THEN, text.replace("完", ""))


def _parts(between: re.Pattern[str], text: str) -> list[str]:
    return [part for part in between.split(text) if part]


def wants_all(text: str) -> bool:
    """Whether each thing that is named is asked for: 香油麻酱各一瓶."""
    return _ALL_OF_THEM.search(text) is not None


def without_later(text: str) -> str:
    """What is left of 买口新锅炒菜 without what will be done with it at home."""
    return _LATER.sub("", text)


def uncounted(text: str) -> str:
    """袜子 of 买双袜子."""
    return _COUNTED.sub("", text) or text
