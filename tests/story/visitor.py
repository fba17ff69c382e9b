"""A person with a browser that has no JavaScript: opens pages, reads them, fills in the forms they find."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

from flask import Flask
from werkzeug.test import TestResponse


@dataclass
class Form:
    """A form as the page offers it: where it goes and what is already filled in."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)
    """Label, name and value of each button."""


class _Reader(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select: str | None = None
        self._first_option = False
        self._chosen = False
        self._spelled = True
        self._area: str | None = None
        self._button: tuple[str, str] | None = None
        self._text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").upper())
            self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag == "input":
            self._input(self._form, given)
        elif tag == "select":
            self._select, self._first_option = given.get("name", ""), True
        elif tag == "option" and self._select:
            self._option(self._form, given)
        elif tag == "textarea":
            self._area, self._text = given.get("name", ""), ""
        elif tag == "button":
            self._button, self._text = (given.get("name", ""), given.get("value", "")), ""

    def _option(self, form: Form, given: dict[str, str]) -> None:
        self._chosen = self._first_option or "selected" in given
        self._text = ""
        if self._chosen and self._select:
            form.fields[self._select] = [given.get("value", "")]
            self._spelled = "value" in given
        self._first_option = False

    @staticmethod
    def _input(form: Form, given: dict[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "text")
        if not name or kind in ("submit", "file"):
            return
        if kind in ("checkbox", "radio"):
            if "checked" in given:
                form.fields.setdefault(name, []).append(given.get("value", "on"))
        else:
            form.fields.setdefault(name, []).append(given.get("value", ""))

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif (
            tag == "option" and self._form is not None and self._select and self._chosen and not self._spelled
        ):
            self._form.fields[self._select] = [self._text.strip()]
        elif self._form is not None and tag == "textarea" and self._area is not None:
            self._form.fields[self._area], self._area = [self._text.lstrip("\n")], None
        elif self._form is not None and tag == "button" and self._button is not None:
            self._form.buttons.append((" ".join(self._text.split()), *self._button))
            self._button = None


def forms_of(page: str) -> list[Form]:
    """The forms of a page, in their order."""
    return _Reader(page).forms


def _full_name(form: Form, name: str) -> str:
    """The name of a field; forms that share a page put a prefix before it."""
    prefixed = [known for known in form.fields if known.endswith(f"-{name}")]
    return prefixed[0] if name not in form.fields and len(prefixed) == 1 else name


class Visitor:
    """Somebody's browser session."""

    def __init__(self, app: Flask) -> None:
        self._client = app.test_client()
        self.address = "/"
        self.page = ""
        self.status = 0

    def open(self, address: str) -> str:
        """Opens an address (redirects followed) and returns the page, which must be there."""
        self._arrive(self._client.get(address, follow_redirects=True))
        assert self.status == 200, f"{address}: {self.status}\n{self.text}"
        return self.page

    def get(self, address: str) -> TestResponse:
        """The bare answer, for files."""
        return self._client.get(address)

    def send(self, action: str, *, button: str | None = None, status: int = 200, **typed: Any) -> str:
        """Fills in and sends the form of this page whose action ends with `action`.

        What is not typed keeps what the page had filled in. `button` chooses among several by its label.
        The page that follows (after redirects) must have `status`.
        """
        form = self.form(action, button)
        data: dict[str, Any] = {**form.fields}
        for label, name, value in form.buttons:
            if name and (button is None or button in label):
                data[name] = value
                break
        data |= {_full_name(form, name): value for name, value in typed.items()}
        target = urljoin(self.address, form.action) if form.action else self.address
        self._arrive(self._client.open(target, method=form.method, data=data, follow_redirects=True))
        assert self.status == status, f"{target}: {self.status}, wanted {status}\n{self.text}"
        return self.page

    def form(self, action: str, button: str | None = None) -> Form:
        """The first form that goes there, with that button when one is named."""
        for form in forms_of(self.page):
            target = (form.action or self.address).split("?")[0]
            fits = button is None or any(button in label for label, _name, _value in form.buttons)
            if target.endswith(action) and fits:
                return form
        known = [(form.action, [label for label, *_rest in form.buttons]) for form in forms_of(self.page)]
        raise AssertionError(f"no form to {action!r} with {button!r} on {self.address}; there are {known}")

    def links(self, part: str) -> list[str]:
        """Addresses on this page that contain `part`, in their order."""
        return [href for href in re.findall(r'href="([^"]+)"', self.page) if part in href]

    @property
    def text(self) -> str:
        """What a reader sees: the page without its marks."""
        body = re.sub(r"(?s)<(script|style|head)\b.*?</\1>", " ", self.page)
        return " ".join(re.sub(r"(?s)<[^>]+>", " ", body).split())

    def _arrive(self, response: TestResponse) -> None:
        self.address = response.request.path
        self.status = response.status_code
        self.page = response.get_data(as_text=True)
