"""Types of the part of Flask-WTF that is used here; the library states none."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms import Form as Form

from .csrf import CSRFProtect as CSRFProtect

class FlaskForm(Form):
    def __init__(
        self,
        formdata: MultiDict[str, Any] | None = ...,
        *,
        obj: object = None,
        prefix: str = "",
        data: Mapping[str, Any] | None = None,
        meta: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None: ...
    def is_submitted(self) -> bool: ...
    def validate_on_submit(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool: ...
    def hidden_tag(self, *fields: Any) -> Markup: ...
