"""What leaves the house, one file for each kind of matter; whoever has another one adds its file here.

A kind says what is wanted now (worked out, nothing is stored), what is said when a row's turn comes, and what
is noted once it was said.
"""

from __future__ import annotations

from market.outbox.matters import group, letter, news, paper, reminder, trial
from market.outbox.matters.matter import Matter, Said, Told, Want, one_by_one
from market.outbox.rules import Errand

__all__ = ["MATTERS", "Matter", "Said", "Told", "Want"]

MATTERS: dict[Errand, Matter] = {
    Errand.NEWS: Matter(news.wants, news.say, news.note),
    Errand.LETTER: Matter(letter.wants, letter.say, letter.note),
    Errand.REMINDER: Matter(reminder.wants, reminder.say),
    Errand.PAPER: Matter(paper.wants, paper.say),
    Errand.GROUP: Matter(group.wants, one_by_one(group.say)),
    Errand.TEST: Matter(trial.wants, one_by_one(trial.say)),
}
"""Asked in this order."""
