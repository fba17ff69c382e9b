"""What every form shares: fields that fold what is typed, a refused act that keeps what was typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, ClassVar, Generic, TypeVar

from babel.support import NullTranslations, Translations
from flask import current_app, g, has_request_context
from flask_babel import get_locale, lazy_gettext as _
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    DateField,
    DateTimeLocalField,
    IntegerField,
    PasswordField,
    StringField,
    TimeField,
)
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.i18n import DummyTranslations, messages_path
from wtforms.validators import ValidationError
from wtforms.widgets import TextArea

from market import typed_text
from market.db import db
from market.errors import Refusal
from market.money import parse_yuan
from market.print import missing_glyphs

T = TypeVar("T")


@dataclass(frozen=True)
class Accepted(Generic[T]):
    """An act that the rules let pass. Always true in an `if`, also when its value is None, 0 or empty."""

    value: T
    """What the act returned."""


class MarketForm(FlaskForm):
    """A form whose submission may still be refused by the rules."""

    refusal: Refusal | None = None

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # the stubs do not know it
        @cached_property
        def csrf(self) -> bool:
            """Whether a token of its own is made and checked: not again where the request's own was."""
            checked = g.get("csrf_valid", False)
            return not checked and bool(current_app.config.get("WTF_CSRF_ENABLED", True))

        def get_translations(self, form: Any) -> Any:
            """The library's own sentences; flask-wtf would read their file for every request."""
            return _sentences(str(get_locale()))

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What was sent, without what nobody sees; a password stays as it is."""
            sent = super().wrap_formdata(form, formdata)
            return _seen(sent, form) if sent else sent

    def attempt(self, act: Callable[[], T]) -> Accepted[T] | None:
        """Does the act and hands over what it returned; None when it was refused.

        A `Refusal` undoes all of the act and becomes the form's own error, every field kept.
        """
        try:
            with db.session.begin_nested():
                return Accepted(act())
        except Refusal as refusal:
            self._refused(refusal)
            return None

    def attempt_at_once(self, act: Callable[[], T]) -> Accepted[T] | None:
        """The same for an act that refuses before it writes anything: nothing has to be undone."""
        try:
            return Accepted(act())
        except Refusal as refusal:
            self._refused(refusal)
            return None

    def _refused(self, refusal: Refusal) -> None:
        self.refusal = refusal
        self.say_wrong(str(refusal.sentence), self.said_at.get(refusal.code))

    said_at: ClassVar[Mapping[str, str]] = {}
    """Codes of refusals that belong to one field, and its name."""

    def say_wrong(self, sentence: str, name: str | None = None) -> None:
        """Says what is wrong under a field or above all of them, and before the title of the page."""
        if name is None:
            self.form_errors.append(sentence)
        else:
            self[name].errors = [*self[name].errors, sentence]
        note_trouble(sentence)

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Whether everything can be; what cannot is also what the page's title begins with."""
        good = bool(super().validate(*args, **kwargs))
        if not good:
            note_trouble(" ".join(str(sentence) for sentence in next(iter(self.errors.values()), ())))
        return good

    def known_before(self, values: Mapping[str, Any]) -> None:
        """What stands written already is not asked about again."""
        for name, value in values.items():
            if name in self:
                self[name].object_data = value

    @property
    def status(self) -> int:
        """HTTP status of the page that shows this form."""
        if self.refusal is not None:
            return self.refusal.status
        return 422 if self.errors else 200


@lru_cache(maxsize=8)
def _sentences(locale: str) -> Any:
    catalogue = Translations.load(messages_path(), [locale], domain="wtforms")
    return DummyTranslations() if type(catalogue) is NullTranslations else catalogue


def _seen(sent: Any, form: Any) -> MultiDict[str, str]:
    """The texts; photos and sheets that came with them are read by their views."""
    secret = {field.name for field in form if isinstance(field, SecretField)}
    return MultiDict(
        (name, value if name in secret else typed_text.seen(value))
        for name in sent
        for value in sent.getlist(name)
        if isinstance(value, str)
    )


def note_trouble(sentence: str) -> None:
    """Puts what is wrong with a refused form before the title of the page: it is read out first."""
    if has_request_context() and sentence:
        g.setdefault("trouble", sentence)


def options(pairs: Iterable[tuple[Any, Any]]) -> list[Any]:
    """The choices of a select or radio field from (value, label) pairs."""
    return [SelectChoice(value=value, label=label) for value, label in pairs]


class TextField(StringField):
    """One line of text, as it is kept.

    What residents read on paper is `printed`: letters that the font lacks are asked about once. What is
    published for good is `public`: it names nobody's number.
    """

    tidy: Callable[[str], str] = staticmethod(typed_text.one_line)
    """What is kept of what was typed."""
    unprinted = ""
    """The letters that are asked about; a tick says that they may stay."""
    ticked: str | None = None

    def __init__(
        self,
        label: Any = None,
        validators: Any = None,
        *,
        printed: bool = False,
        public: bool = False,
        **kwargs: Any,
    ) -> None:
        self.printed, self.public = printed, public
        super().__init__(label, validators, filters=[self._tidied], **kwargs)

    def _tidied(self, text: str | None) -> str | None:
        return self.tidy(str(text)) if text else text

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        super().process(formdata, *args, **kwargs)
        self.ticked = formdata.get(f"unprinted-{self.name}") if formdata else None

    def pre_validate(self, form: Any) -> None:
        if self.public and typed_text.names_a_person(self.text):
            raise ValidationError(str(_("这一句会一直公开，请不要写手机号或身份证号。")))
        letters = "".join(missing_glyphs(self.text)) if self.printed else ""
        known = str(self.object_data or "")
        if letters != (self.ticked or "") and any(letter not in known for letter in letters):
            self.unprinted = letters
            sentence = _(
                "「%(letters)s」打印不出来，纸上会空着。请改一改；不要紧就打个勾再存。", letters=letters
            )
            raise ValidationError(str(sentence))

    @property
    def text(self) -> str:
        """What was typed; empty when nothing was."""
        return self.data or ""


class LongTextField(TextField):
    """Several lines of text."""

    widget = TextArea()
    tidy = staticmethod(typed_text.lines)


class SecretField(PasswordField):
    """A password, exactly as typed."""

    @property
    def text(self) -> str:
        return self.data or ""


class FigureField(TextField):
    """A number with its unit. Several pasted into one field are still told apart, and never one number."""

    tidy = staticmethod(typed_text.cells)


class PastedField(LongTextField):
    """A table as it was pasted: tabs and breaks tell its cells."""

    tidy = staticmethod(typed_text.cells)


class YuanField(FigureField):
    """An amount typed in yuan; `fen` is what it means."""

    fen: int | None = None

    def pre_validate(self, form: Any) -> None:
        if not self.data:
            return
        try:
            self.fen = parse_yuan(self.data)
        except Refusal as refusal:
            raise ValidationError(str(refusal.sentence)) from refusal


KILOWATT = {"千瓦": 1000, "kw": 1000, "瓦": 1, "w": 1}


class KilowattField(FigureField):
    """Power typed in kW; `watts` is what it means."""

    watts: int = 0

    def pre_validate(self, form: Any) -> None:
        if not self.data:
            return
        watts = typed_text.scaled(self.data, {"": 1000, **KILOWATT})
        self.watts = -1 if watts is None else watts
        if not 0 <= self.watts <= 20_000:
            raise ValidationError(str(_("请填 0 到 20 之间的千瓦数，比如 1.5。不用电就填 0。")))


COUNTED = ("个", "件", "人", "人次", "家", "户", "摊", "位", "张", "份")


class CountField(IntegerField):
    """A whole number; people also type `1,200` and `20 件`."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist or not valuelist[0].strip():
            return
        self.data = self.read(valuelist[0])
        if self.data is None:
            raise ValueError(_("请只填数字，比如 600。"))

    def read(self, text: str) -> int | None:
        """The number; one below zero is read, so that the range can be named."""
        figure = typed_text.plain(text)
        number = typed_text.whole_number(figure.removeprefix("-"), COUNTED)
        return -number if number is not None and figure.startswith("-") else number


class WattField(CountField):
    """Power typed in watts, or in kW when it says so."""

    def read(self, text: str) -> int | None:
        return typed_text.scaled(text, {"": 1, **KILOWATT})


YEARS = range(2000, 2101)
"""Years that anybody could mean; outside of them a date cannot even be put on a wall."""


class DayField(DateField):
    """A date, with a sentence for what is none."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        plain = [typed_text.plain_date(value) for value in valuelist]
        _parse(self, super().process_formdata, plain, _("请选一个日期，比如 2026-11-28。"))
        if self.data is not None and self.data.year not in YEARS:
            raise ValueError(_("请看看年份是不是填错了。"))


class WallTimeField(DateTimeLocalField):
    """A date and an hour on the community's wall; has no zone yet."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        plain = [typed_text.plain(value).replace("/", "-") for value in valuelist]
        _parse(self, super().process_formdata, plain, _("请选日期和时间，比如 2026-11-20 18:00。"))
        if self.data is not None and self.data.year not in YEARS:
            raise ValueError(_("请看看年份是不是填错了。"))


class HourField(TimeField):
    """An hour of the day; midnight may be called 24:00."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        hours = [typed_text.hour_of(value) for value in valuelist]
        plain = [f"{hour[0] % 24:02d}:{hour[1]:02d}" if hour else "" for hour in hours]
        _parse(self, super().process_formdata, plain, _("请填时间，比如 8:00。"))


def _parse(field: Any, parse: Any, valuelist: list[Any], sentence: Any) -> None:
    try:
        parse(valuelist)
    except ValueError as error:
        field.data = None
        raise ValueError(sentence) from error
