"""Templates, stylesheets and scripts are written to be read, as the Python is.

Every rule is a function from a text to what is wrong with it, and has a control: a text that it must refuse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from jinja2 import Environment

ROOT = Path(__file__).resolve().parent.parent

LONGEST_LINE = 120
INDENTED_SHARE = 0.65
"""Of the template lines that are not empty; what stands at the left edge is only the outermost block."""
ARGUMENTS_ON_A_LINE = 3
SHARED_LINE = 80
SHARED_DECLARATIONS = 3
LONGEST_FUNCTION = 50


def _read(*patterns: str) -> dict[str, str]:
    """The text of every file by its name; a pattern that finds nothing is a mistake of this test."""
    paths: list[Path] = []
    for pattern in patterns:
        found = sorted(ROOT.glob(pattern))
        assert found, f"{pattern} finds nothing"
        paths += found
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}


@cache
def _templates() -> dict[str, str]:
    return _read("templates/**/*.html")


@cache
def _styles() -> dict[str, str]:
    return _read("static/css/**/*.css")


@cache
def _scripts() -> dict[str, str]:
    return _read("static/js/**/*.js")


# ── lines ──


def long_lines(text: str) -> list[str]:
    return [
        f"line {number}: {len(line)} characters"
        for number, line in enumerate(text.splitlines(), 1)
        if len(line) > LONGEST_LINE
    ]


@pytest.mark.parametrize("texts", [_templates, _styles, _scripts], ids=["templates", "styles", "scripts"])
def test_no_line_is_longer_than_a_screen_is_wide(texts: Callable[[], dict[str, str]]) -> None:
    assert [f"{name}, {found}" for name, text in texts().items() for found in long_lines(text)] == []


def test_a_long_line_would_be_seen() -> None:
    assert long_lines("x" * 120 + "\n" + "市" * 121) == ["line 2: 121 characters"]


# ── templates ──


def indented_share(texts: list[str]) -> float:
    lines = [line for text in texts for line in text.splitlines() if line.strip()]
    return sum(line.startswith("  ") for line in lines) / len(lines)


def test_nested_template_blocks_are_indented() -> None:
    assert indented_share(list(_templates().values())) >= INDENTED_SHARE


def test_a_flat_template_would_be_seen() -> None:
    assert indented_share(["<ul>\n<li>1</li>\n</ul>", "\n<p>\n  2\n</p>"]) == 1 / 6


class Call(NamedTuple):
    """A call of a macro in a template."""

    name: str
    line: int
    lines: int
    arguments: int


def macro_calls(text: str, macros: set[str]) -> Iterator[Call]:
    """Jinja's own lexer reads the text, so that words outside its braces never count."""
    silent = ("whitespace", "comment")
    tokens = [token for token in Environment(autoescape=True).lex(text) if token[1] not in silent]
    for before, at in pairwise(range(len(tokens) - 1)):
        (_, _, keyword), (line, kind, name), (_, _, opening) = tokens[before], tokens[at], tokens[at + 1]
        if kind == "name" and name in macros and opening == "(" and keyword != "macro":
            arguments, end = _arguments([(row, value) for row, _, value in tokens[at + 1 :]])
            yield Call(name, line, end - line + 1, arguments)


def _arguments(tokens: list[tuple[int, str]]) -> tuple[int, int]:
    """How many arguments stand in the bracket that opens here, and the line where it closes."""
    depth, commas, trailing = 0, 0, True
    for line, value in tokens:
        depth += (value in ("(", "[", "{")) - (value in (")", "]", "}"))
        if depth == 0:
            return commas + (not trailing), line
        comma = depth == 1 and value == ","
        commas += comma
        trailing = comma or (trailing and value == "(")
    raise ValueError("a bracket stays open")


def crowded_calls(text: str, macros: set[str]) -> list[str]:
    return [
        f"line {call.line}: {call.name} has {call.arguments} arguments on one line"
        for call in macro_calls(text, macros)
        if call.arguments > ARGUMENTS_ON_A_LINE and call.lines == 1
    ]


def test_a_macro_call_with_many_arguments_stands_on_several_lines() -> None:
    macros = set(re.findall(r"\{%-? macro (\w+)\(", "".join(_templates().values())))
    found = [f"{name}, {call}" for name, text in _templates().items() for call in crowded_calls(text, macros)]
    assert found == []


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("<p>field(1, 2, 3, 4)\n{{ ui.field(1, [2, 3], {4: 5}, f(6, 7)) }}", 4),
        ("\n{% call field(1, b=2, c=3, d=4,) %}{% endcall %}", 4),
        ("{# field(1, 2, 3, 4) #}\n{{ other(field(1, 2, 3, 4, '5)')) }}", 5),
    ],
)
def test_a_crowded_call_would_be_seen(text: str, arguments: int) -> None:
    assert crowded_calls(text, {"field"}) == [f"line 2: field has {arguments} arguments on one line"]


@pytest.mark.parametrize(
    "text",
    [
        "{% macro field(a, b, c, d) %}{% endmacro %}",
        "{{ field((1, 2), [3, 4], 5) }}{{ field() }}{{ other(1, 2, 3, 4) }}",
        "{{ field(\n  1, 2,\n  3, 4) }}",
    ],
)
def test_what_is_no_crowded_call_is_not_taken_for_one(text: str) -> None:
    assert crowded_calls(text, {"field"}) == []


# ── stylesheets ──

CSS_COMMENT_OR_STRING = re.compile(r"/\*.*?\*/|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'", re.S)
DECLARATION = re.compile(r"[^{};]*:[^{};]*(?=[;}])|[\w-]+:(?:\s[^{};]*)?$")
"""Ends with its sign, or goes on in the next line."""


def crowded_rules(text: str) -> list[str]:
    """Declarations share a line only when they are short and few: `width: 1rem; height: 1rem;`."""
    plain = CSS_COMMENT_OR_STRING.sub(lambda found: "\n" * found.group().count("\n"), text)
    crowded = []
    for number, (line, bare) in enumerate(zip(text.splitlines(), plain.splitlines(), strict=True), 1):
        count = len(DECLARATION.findall(bare))
        if count > 1 and (len(line) > SHARED_LINE or count > SHARED_DECLARATIONS):
            crowded.append(f"line {number}: {count} declarations on {len(line)} characters")
    return crowded


def test_a_stylesheet_has_one_declaration_a_line_or_a_few_short_ones() -> None:
    assert [f"{name}, {found}" for name, text in _styles().items() for found in crowded_rules(text)] == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a { b: 1; c: 2; d: 3; e: 4 }", 4),
        (f"a {{ grid-template-columns: {'1fr ' * 20}; gap: 0; }}", 2),
        (f"b: 1; {'c' * 80}:\n  2;", 2),
        ('a { b: "/*"; c: 2; d: "*/"; e: 4; }', 4),
    ],
)
def test_a_crowded_rule_would_be_seen(text: str, count: int) -> None:
    length = len(text.splitlines()[0])
    assert crowded_rules(text) == [f"line 1: {count} declarations on {length} characters"]


@pytest.mark.parametrize(
    "text",
    [
        "a:hover, a:focus, a:active, a:visited { width: 1rem; height: 1rem; }",
        'a::before { content: "b: 1; c: 2; d: 3; e: 4;"; }',
        f"a {{ b: 1; /* c: 2; d: 3; e: 4;\n{'f: 5; ' * 20} */ }}",
        f"{'a:hover, ' * 20}a {{ b: 1; }}",
    ],
)
def test_a_rule_in_good_order_is_not_taken_for_crowded(text: str) -> None:
    assert crowded_rules(text) == []


# ── scripts ──

SCRIPT_TOKEN = re.compile(
    r"""
      (?P<space> \s+ | //[^\n]* | /\*.*?\*/ )
    | (?P<text>  "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' )
    | (?P<word>  [\#\w$]+ )
    | (?P<sign>  => | [^\w\s] )
    """,
    re.X | re.S,
)
REGEX = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/\w*")
TEMPLATE_PART = re.compile(r"(?:\\.|\$(?!\{)|[^`\\$])*(`|\$\{)", re.S)
"""Of a template literal: up to its end, or to a hole with code in it."""

CLOSING = {"(": ")", "[": "]", "{": "}", "${": "}"}
BEFORE_A_REGEX = frozenset(
    ["return", "typeof", "case", "in", "of", "do", "else", "void", "delete", "throw", "new", "await", "yield"]
)
"""After any other word, or after a bracket that closes, a slash divides."""
NO_FUNCTION = frozenset(["if", "for", "while", "switch", "catch", "with", "await"])
"""Words whose bracket is followed by a plain block; `await` is that of `for await`."""
FUNCTION_WORDS = frozenset(["function", "async", "get", "set", "static", "*"])


class Token(NamedTuple):
    """A word, a sign or a literal of a script; of a literal only its kind is known."""

    value: str
    line: int


class Function(NamedTuple):
    """A function of a script: where it begins, and how many lines it has."""

    line: int
    lines: int


def script_tokens(code: str) -> list[Token]:
    """What the script is made of, without its comments; signs within literals are no signs."""
    tokens: list[Token] = []
    open_brackets: list[str] = []
    at = 0
    while at < len(code):
        value, end = _next_token(code, at, tokens)
        if value in CLOSING:
            open_brackets.append(value)
        elif value in CLOSING.values():
            opening = open_brackets.pop()
            assert CLOSING[opening] == value, f"{opening} closed by {value}"
            if opening == "${":
                tokens.append(Token(value, code.count("\n", 0, at) + 1))
                value, end = _template_part(code, end)
                open_brackets += ["${"] if value == "${" else []
        if value:
            tokens.append(Token(value, code.count("\n", 0, end) + 1))
        at = end
    assert open_brackets == [], "a bracket stays open"
    return tokens


def _next_token(code: str, at: int, before: list[Token]) -> tuple[str, int]:
    found = SCRIPT_TOKEN.match(code, at)
    assert found, f"no token at {code[at : at + 20]!r}"
    if found["space"]:
        return "", found.end()
    if found["sign"] == "`":
        return _template_part(code, found.end())
    if found["sign"] == "/" and _regex_may_follow(before):
        found = REGEX.match(code, at)
        assert found, f"no end of the regular expression {code[at : at + 20]!r}"
        return "literal", found.end()
    return ("literal" if found["text"] else found.group()), found.end()


def _template_part(code: str, at: int) -> tuple[str, int]:
    found = TEMPLATE_PART.match(code, at)
    assert found, "a template literal stays open"
    return ("${" if found[1] == "${" else "literal"), found.end()


def _regex_may_follow(before: list[Token]) -> bool:
    if not before:
        return True
    last = before[-1].value
    return last in BEFORE_A_REGEX or not re.fullmatch(r"[#\w$]+|[)\]}]", last)


def script_functions(code: str) -> Iterator[Function]:
    """Every function, method and arrow function, from its first word to its last."""
    tokens = script_tokens(code)
    partner = _partners(tokens)
    for at, token in enumerate(tokens):
        if token.value == "=>":
            end = partner[at + 1] if tokens[at + 1].value == "{" else _expression_end(tokens, partner, at + 1)
            start = partner.get(at - 1, at - 1)
        elif token.value == "{" and at and tokens[at - 1].value == ")":
            name = partner[at - 1] - 1
            if tokens[name].value in NO_FUNCTION:
                continue
            start, end = partner.get(name, name), partner[at]
        else:
            continue
        while start and tokens[start - 1].value in FUNCTION_WORDS:
            start -= 1
        yield Function(tokens[start].line, tokens[end].line - tokens[start].line + 1)


def _partners(tokens: list[Token]) -> dict[int, int]:
    """For every bracket the place of the one that belongs to it."""
    partner: dict[int, int] = {}
    waiting: list[int] = []
    for at, token in enumerate(tokens):
        if token.value in CLOSING:
            waiting.append(at)
        elif token.value in CLOSING.values():
            opening = waiting.pop()
            partner[opening], partner[at] = at, opening
    return partner


def _expression_end(tokens: list[Token], partner: dict[int, int], at: int) -> int:
    """Where the value of an arrow function without braces ends."""
    while at < len(tokens) and tokens[at].value not in {",", ";", ")", "]", "}"}:
        at = partner.get(at, at) + 1
    return at - 1


def long_functions(code: str) -> list[str]:
    return [
        f"line {found.line}: a function of {found.lines} lines"
        for found in script_functions(code)
        if found.lines > LONGEST_FUNCTION
    ]


def test_no_script_function_is_longer_than_a_screen_is_high() -> None:
    assert [f"{name}, {found}" for name, text in _scripts().items() for found in long_functions(text)] == []


MANY = "step();\n" * 60
"""Stands for … in the texts below."""


@pytest.mark.parametrize(
    "code",
    [
        "function walk() {\n…}",
        "export async function* walk({ far } = {}) {\n…}",
        "const walk = async (far) => {\n…};",
        "const walk = far => run`\n…`;",
        "class Walker { #walk(far) {\n…} }",
        "const walker = { get [far]() {\n…} };",
        "const text = `${far.map((one) => {\n…})}`;",
        "const brace = /[/}]/.test('}') ? 4 / 2 : `}${1}}`; /* } */ function walk() { // }\n…}",
    ],
)
def test_a_long_function_would_be_seen(code: str) -> None:
    assert len(long_functions(code.replace("…", MANY))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "if (far) {\n…}",
        "for await (const one of far) {\n…}",
        "class Walker { far = 1;\n // … \n near() { return this.far?.near ?? 2; } }",
        "const text = `function walk() {\n…}`;",
        "const short = (far) => far;\n…",
        "function short() {}\n…",
    ],
)
def test_what_is_no_long_function_is_not_taken_for_one(code: str) -> None:
    assert long_functions(code.replace("…", MANY)) == []


@pytest.mark.parametrize("code", ["function walk() {", "walk(]", "`walk", "const half = /walk"])
def test_a_script_that_is_not_understood_is_not_passed_over(code: str) -> None:
    with pytest.raises(AssertionError):
        long_functions(code)
