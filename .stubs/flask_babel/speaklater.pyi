"""A text that is translated when it is shown."""

from collections.abc import Callable

# Not a str while the program runs, but made to stand wherever a text is shown: WTForms, Jinja, formatting.
# What needs a real str (JSON, a database column) is given str(lazy).
class LazyString(str):
    def __new__(cls, func: Callable[..., str], *args: object, **kwargs: object) -> LazyString: ...
