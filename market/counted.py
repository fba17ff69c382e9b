"""One day, two days: English takes another form for one, Chinese does not.

The sentence in the English catalogue holds both forms with the number that decides, `%(n)s {n:day|days}`; so
a sentence with several numbers needs no other way, and the code, which is Chinese, says each sentence once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_babel import Babel, Domain, get_translations
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

FORMS = re.compile(r"\{(\w+):([^|{}]*)\|([^|{}]*)\}")
"""`{name of the number:form for one|form for any other}`."""


def choose_forms(sentence: str, values: Mapping[str, Any]) -> str:
    """The sentence with the form that fits each of its numbers; the numbers are still blanks."""
    if "|" not in sentence:
        return sentence
    return FORMS.sub(lambda form: form[2] if str(values.get(form[1])) == "1" else form[3], sentence)


class CountedDomain(Domain):
    """Translations whose forms follow the numbers that are filled in."""

    def gettext(self, string: str, **variables: Any) -> str:
        sentence = choose_forms(self.get_translations().ugettext(string), variables)
        return sentence % variables if variables else sentence


@pass_context
def _in_template(context: Context, string: str, /, **variables: Any) -> str:
    """The same in templates: always filled in, and safe where the template is HTML."""
    sentence = choose_forms(get_translations().ugettext(string), variables)
    if context.eval_ctx.autoescape:
        sentence = Markup(sentence)  # noqa: S704 - our own sentence; what is filled in is escaped
    return sentence % variables


def init_app(app: Flask, babel: Babel) -> None:
    """Every sentence of the code and of the templates goes through here."""
    babel.domain_instance = CountedDomain()  # type: ignore[attr-defined]  # it is, as a cached property
    app.jinja_env.globals["gettext"] = _in_template
