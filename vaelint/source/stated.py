"""Formulas that comments and docstrings state: ``# A = -0.5 (a - mu)^T P (a - mu)``, plain or in LaTeX.

What is written there is turned into an expression of Python, with names as they are written (``mu_1``) and products
spelt out. Sums over indices and expectations are what they are of; a transposition is left out. What has no such words
is no formula, and a comment that is Python as it stands is code that was taken out.
"""

from __future__ import annotations

import ast
import itertools
import re
import unicodedata
from collections.abc import Iterator
from enum import Enum
from keyword import iskeyword
from typing import NamedTuple

from vaelint.source.index import comments, long_strings


class Where(Enum):
    COMMENT = "the comment"
    DOCSTRING = "the docstring"
    CLASS = "the docstring of the class"


class Stated(NamedTuple):
    """``name`` is what the formula is said to be of, ``text`` the formula as Python, ``shown`` as it is written.

    ``first`` and ``last``: its rows, from 1.
    """

    name: str
    text: str
    shown: str
    first: int
    last: int
    where: Where

    def stands_beside(self, row: int) -> bool:
        """Whether it is a comment in that row, or right above."""
        return self.where is Where.COMMENT and self.first <= row <= self.last + 1


class Unreadable(ValueError):
    """Something else than a formula."""


LONGEST = 240  # characters of a row that is looked at
MOST = 40  # formulas of a unit
MOST_ROWS = 2000  # of a unit, with an equals sign in comments or docstrings


def stated(text: str) -> tuple[Stated, ...]:
    """The formulas in the comments and the docstrings of a piece of code, in the order of its rows."""
    if "=" not in text or not ("#" in text or '"""' in text or "'''" in text):
        return ()
    return tuple(itertools.islice(_formulas(text), MOST))


def stated_of_class(head: str) -> tuple[Stated, ...]:
    """Those in the docstring of a class, for its methods; ``head``: its code above them."""
    return tuple(s._replace(where=Where.CLASS) for s in stated(head) if s.where is Where.DOCSTRING)


def _formulas(text: str) -> Iterator[Stated]:
    spans = [(a, b, False) for a, b in _joined(text)] + [(a, b, True) for a, b in long_strings(text)]
    row, before, looked = 1, 0, 0
    for begin, end, documents in sorted(spans):
        row, before = row + text.count("\n", before, begin), begin
        lines = text[begin:end].split("\n")
        for at, line in enumerate(lines, row):
            line = line.strip().lstrip("#").strip()
            if "=" not in line or len(line) > LONGEST:
                continue
            looked += 1
            if looked > MOST_ROWS:
                return
            for found in _of_line(line):
                if documents or not _is_code(line):
                    last = at if documents else row + len(lines) - 1
                    yield Stated(*found, at, last, Where.DOCSTRING if documents else Where.COMMENT)


def _joined(text: str) -> Iterator[tuple[int, int]]:
    """The spans of comments, those in neighbouring rows of their own as one."""
    begin, end = -1, -1
    for a, b in comments(text):
        if begin >= 0 and not text[end:a].strip() and text.count("\n", end, a) == 1:
            end = b
            continue
        if begin >= 0:
            yield begin, end
        begin, end = a, b
    if begin >= 0:
        yield begin, end


def _is_code(line: str) -> bool:
    """Whether a comment is a statement of Python: an older version of the code, not what is said of it."""
    if "^" in line:
        return False  # an exponent, for people
    try:
        ast.parse(line)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


_LEFT = re.compile(
    r"(?P<name>[^\W\d]\w*|\\[a-zA-Z]+(?:\{[^{}]*\}|_\w)*)\s*(?:\([^()]*\)|\[[^\[\]]*\]|_\{[^{}]*\})?\s*&?$"
)
_LAID_OUT = re.compile(r"\\(?:mathcal|mathrm|mathbf|boldsymbol|text|operatorname)(?![a-zA-Z])")
_BRACED = re.compile(r"\{[^{}]*\}")
_EQUALS = re.compile(r"(?<![=<>!:+\-*/|~])=(?!=)")
_PROMPT = (">>>", "...")
_ENDS = re.compile(r"[,;]|\.(?:\s|$)|\s(?:where|with|for|if|when|and|as|so|is|\(eq|\[)\b|\\\\|\\qquad|\$", re.I)


def _of_line(line: str) -> Iterator[tuple[str, str, str]]:
    """Name, formula and what is written, of each ``name = formula`` of a row."""
    if line.startswith(_PROMPT):
        return
    line = line.replace(":math:", "").strip("`$ ")
    line = _BRACED.sub(lambda m: m[0].replace("=", ":"), line)  # the bounds of a sum
    first, *sides = _EQUALS.split(line)
    named = _LEFT.search(first.strip())
    if named is None or not sides:
        return
    name = _word(_LAID_OUT.sub("", named["name"]))
    for side in sides:
        shown = _ENDS.split(side.strip())[0].strip("`$& ")
        text = _as_python(shown) if any(sign in shown for sign in "+-−") else ""
        if text:
            yield name, text, f"{named['name']} = {shown}"


def _as_python(shown: str) -> str:
    """A formula as an expression of Python; empty where it is none."""
    try:
        text = _Reader(shown).formula()
        ast.parse(text, mode="eval")
    except (Unreadable, RecursionError, SyntaxError):
        return ""
    return text


# --- reading -------------------------------------------------------------------------------------

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|\d+\.?\d*(?:e-?\d+)?|\.\d+|_?[^\W_](?:\w*[^\W_])?|\*\*|\S")
_SPELLED = str.maketrans({
    "−": "-", "–": "-", "·": "*", "×": "*", "²": "^2", "∑": "\\sum ", "Σ": "\\sum ", "′": "'",
    **{c: f"\\{unicodedata.name(c).split()[-1].lower()} " for c in "αβγδεηθκλμνξπρστφχψω"},
})  # fmt: skip
_LAYOUT = frozenset({
    "\\left", "\\right", "\\big", "\\Big", "\\bigg", "\\Bigg", "\\bigl", "\\bigr", "\\mathcal", "\\mathrm",
    "\\mathbf", "\\boldsymbol", "\\bm", "\\text", "\\textrm", "\\mathit", "\\operatorname", "\\displaystyle", "\\quad",
    "\\,", "\\;", "\\!", "\\:", "\\ ", "&",
})  # fmt: skip
_OVER = frozenset({"\\sum", "\\int", "\\prod", "\\mathbb"})  # what follows is on one element, with its bounds
_FRACTIONS = frozenset({"\\frac", "\\dfrac", "\\tfrac"})
_PRODUCT = frozenset({"*", "\\cdot", "\\times", "@"})
_FUNCTIONS = frozenset({
    "log", "ln", "exp", "sqrt", "sum", "mean", "abs", "tanh", "sigmoid", "softplus", "relu", "cosh", "sin", "cos",
    "max", "min",
})  # fmt: skip
_ACCENTS = frozenset({"\\hat", "\\bar", "\\tilde", "\\vec", "\\widehat"})
_TRANSPOSED = frozenset({"T", "\\top", "\\intercal", "\\mathsf", "'"})
_OPENS = {"(": ")", "[": "]", "{": "}"}


def _word(token: str) -> str:
    return "".join(x for x in token if x.isalnum() or x == "_").lstrip("_")


class _Reader:
    """Recursive descent over the tokens: sums, products, signs, powers, atoms."""

    def __init__(self, text: str) -> None:
        found = [(m.group(), m.start()) for m in _TOKEN.finditer(text.translate(_SPELLED))]
        self.tokens = [t for t, _ in found if t not in _LAYOUT]
        self.starts = [at for t, at in found if t not in _LAYOUT]
        self.at = 0

    def formula(self) -> str:
        """All of it as Python. Raises `Unreadable`."""
        out = self.sum()
        if self.at < len(self.tokens):
            raise Unreadable
        return out

    @property
    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        """The next token, if it is one of these; all but the end are wanted by default."""
        token = self.next
        if not token or (wanted and token not in wanted):
            raise Unreadable
        self.at += 1
        return token

    def sum(self) -> str:
        out = self.product()
        while self.next in ("+", "-"):
            out += f" {self.take()} {self.product()}"
        return out

    def product(self) -> str:
        out = self.signed()
        while True:
            if self.next in _PRODUCT:
                self.take()
                out += f" * {self.signed()}"
            elif self.next == "/":
                self.take()
                out += f" / {self.signed()}"
            elif self._begins():
                out += f" * {self.power()}"
            else:
                return out

    def _begins(self) -> bool:
        token = self.next
        return token in _OPENS or token in _OVER or token[:1] == "\\" or token[:1].isalnum() or _is_number(token)

    def signed(self) -> str:
        if self.next in ("+", "-"):
            sign = self.take()
            return f"-({self.signed()})" if sign == "-" else self.signed()
        return self.power()

    def power(self) -> str:
        out = self.atom()
        while self.next in ("^", "**", "'"):
            if self.take() == "'":
                continue  # transposed, as numbers do not mind
            exponent = self.tokens[self.at : self.at + 3]
            if exponent[:1] and exponent[0] in _TRANSPOSED:
                self.at += 1
            elif exponent[0:1] == ["{"] and exponent[1:2] and exponent[1] in _TRANSPOSED and exponent[2:] == ["}"]:
                self.at += 3
            else:
                out = f"({out}) ** ({self.signed()})"
        return out

    def atom(self) -> str:
        token = self.take()
        if token in _OPENS:
            inner = self.sum()
            self.take(_OPENS[token])
            return f"({inner})"
        if token in _FRACTIONS:
            above, below = self.atom(), self.atom()
            return f"(({above}) / ({below}))"
        if token in _OVER or (token == "E" and self.next in ("[", "_")):
            return self._over(token)
        if token in _ACCENTS:
            return f"{_word(self.atom())}_{token[1:]}"
        return token if _is_number(token) else self._named(token)

    def _over(self, token: str) -> str:
        """A sum, an integral or an expectation: what it is of."""
        for inside in "{E}" if token == "\\mathbb" else "":
            self.take(inside)
        self._bounds()
        enclosed = self.next in _OPENS
        out = f"({self.product()})"
        if self.next in ("+", "-") and not enclosed:
            raise Unreadable  # whether it is over the rest, too, is for people to know
        return out

    def _named(self, token: str) -> str:
        word = self._subscripted(_word(token))
        if not word:
            raise Unreadable
        if word in _FUNCTIONS:
            self._bounds()
            return f"{'log' if word == 'ln' else word}({self.power()})"
        if self.next == "(" and self.starts[self.at] == self.starts[self.at - 1] + len(self.tokens[self.at - 1]):
            raise Unreadable  # a function of its own
        return f"{word}_" if iskeyword(word) else word  # `lambda`

    def _subscripted(self, word: str) -> str:
        while self.next[:1] == "_":
            token = self.take()
            if token != "_":
                word += token
            elif self.next == "{":
                self.take("{")
                inside = []
                while self.next != "}":
                    inside.append(_word(self.take()))
                self.take("}")
                word += "_" + "".join(inside)
            else:
                word += "_" + _word(self.take())
        return word

    def _bounds(self) -> None:
        """Skip what a sum or an expectation is taken over: its subscripts and superscripts."""
        while self.next[:1] in ("_", "^") and self.next != "":
            token = self.take()
            if token in ("_", "^"):
                opened = self.take()
                while opened == "{" and self.take() != "}":
                    pass


def _is_number(token: str) -> bool:
    return token.lstrip(".")[:1].isdigit()
