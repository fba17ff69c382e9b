"""Types of the upload fields of Flask-WTF."""

from collections.abc import Iterable
from typing import Any

from werkzeug.datastructures import FileStorage
from wtforms import FileField as _FileField, MultipleFileField as _MultipleFileField

class FileField(_FileField):
    data: FileStorage | None

class MultipleFileField(_MultipleFileField):
    data: list[FileStorage] | None  # type: ignore[assignment]  # the library narrows it

class FileRequired:
    def __init__(self, message: str | None = None) -> None: ...
    def __call__(self, form: Any, field: Any) -> None: ...

class FileAllowed:
    def __init__(self, upload_set: Iterable[str], message: str | None = None) -> None: ...
    def __call__(self, form: Any, field: Any) -> None: ...

class FileSize:
    def __init__(self, max_size: int, min_size: int = 0, message: str | None = None) -> None: ...
    def __call__(self, form: Any, field: Any) -> None: ...
