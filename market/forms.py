"""What every form shares: stripped text, money and power fields, a refused act that keeps what was typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar
from unicodedata import category

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField, TextAreaField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import ValidationError

from market.db import db
from market.errors import Refusal
from market.money import parse_yuan

T = TypeVar("T")


@dataclass(frozen=True)
class Accepted(Generic[T]):
    """An act that the rules let pass. Always true in an `if`, also when its value is None, 0 or empty."""

    value: T
    """What the act returned."""


class MarketForm(FlaskForm):
    """A form whose submission may still be refused by the rules."""

    refusal: Refusal | None = None

    def attempt(self, act: Callable[[], T]) -> Accepted[T] | None:
        """Does the act and hands over what it returned; None when it was refused.

        A `Refusal` undoes all of the act and becomes the form's own error, every field kept.
        """
        try:
            with db.session.begin_nested():
                return Accepted(act())
        except Refusal as refusal:
            self.refusal = refusal
            self._say(refusal)
            return None

    said_at: ClassVar[Mapping[str, str]] = {}
    """Codes of refusals that belong to one field, and its name."""

    def _say(self, refusal: Refusal) -> None:
        name = self.said_at.get(refusal.code)
        if name is None:
            self.form_errors.append(str(refusal.sentence))
        else:
            self[name].errors = [*self[name].errors, str(refusal.sentence)]

    @property
    def status(self) -> int:
        """HTTP status of the page that shows this form."""
        if self.refusal is not None:
            return self.refusal.status
        return 422 if self.errors else 200


def options(pairs: Iterable[tuple[Any, Any]]) -> list[Any]:
    """The choices of a select or radio field from (value, label) pairs."""
    return [SelectChoice(value=value, label=label) for value, label in pairs]


def strip(text: str | None) -> str | None:
    """Filter of text fields: people type blanks before and after, and paste control characters (PostgreSQL
    refuses NUL, and no page can show the others)."""
    return (
        "".join(letter for letter in text if letter == "\n" or category(letter) != "Cc").strip()
        if text
        else text
    )


class TextField(StringField):
    """One line of text without blanks around it."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, filters=[strip], **kwargs)

    @property
    def text(self) -> str:
        """What was typed; empty when nothing was."""
        return self.data or ""


class LongTextField(TextAreaField):
    """Several lines of text."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, filters=[strip], **kwargs)

    @property
    def text(self) -> str:
        """What was typed; empty when nothing was."""
        return self.data or ""


class SecretField(PasswordField):
    """A password, exactly as typed."""

    @property
    def text(self) -> str:
        return self.data or ""


class YuanField(TextField):
    """An amount typed in yuan; `fen` is what it means."""

    fen: int | None = None

    def pre_validate(self, form: Any) -> None:
        if not self.data:
            return
        try:
            self.fen = parse_yuan(self.data)
        except Refusal as refusal:
            raise ValidationError(str(refusal.sentence)) from refusal


class KilowattField(TextField):
    """Power typed in kW; `watts` is what it means."""

    watts: int = 0

    def pre_validate(self, form: Any) -> None:
        if not self.data:
            return
        try:
            self.watts = round(float(self.data) * 1000)
        except (ValueError, OverflowError):
            self.watts = -1
        if not 0 <= self.watts <= 20_000:
            raise ValidationError(str(_("请填 0 到 20 之间的千瓦数，比如 1.5。不用电就填 0。")))
