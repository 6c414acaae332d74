"""libcst's parser, fenced in: it takes seconds for deep nesting, and the process down with it for deeper."""

from __future__ import annotations

import ast
import re
import sys
import threading
import warnings
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import libcst as cst

T = TypeVar("T")

BRACKETS = 200  # Python itself takes no more
# The parser's time grows with the square of a chain: these take it one to two seconds. (A process dies from about
# 20000 operators on.)
CHAIN = 3000  # operators, or links of a chain of calls, in one expression
NESTED = 4  # what one costs that holds all that follows it (`not not a`, `a**b**c`): memory grows with the square, too
LINKS = 1000  # brackets opened in one chain, `a().b().c()`: each costs as much as three operators
BRANCHES = 4000  # `elif`s of a unit
PATTERN = 14  # brackets around each other in the pattern of a `case`: each doubles the time, a brace that of two
ITEMS = 100_000  # commas of a unit: data, at some seconds for each hundred thousand
ROOM = 64 << 20  # bytes of stack for a text that may be deep: what a process begins with is far less on some systems
MORE_ROOM = 512 << 20  # for what has overrun Python's own

# What may make a chain, as it is counted before the text is looked at more closely.
_LINKS = (*"-+*/%@&|^~<>.\"'", "and", "or", "not", "if", "for", "lambda", "await")
_CODE = re.compile(
    r"""\#[^\n]*|\\\r?\n"""
    r"""|(\b(?:[fFtT][rR]?|[rR][fFtT])(?:\"{3}|'{3}|"|'))"""
    r"""|(\"{3}[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*\"{3}|'{3}[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'{3}"""
    r"""|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
    r"""|([()\[\]{},;:\n]|[-+*/%@&|^~<>.]|\b(?:and|or|not|if|for|lambda|await)\b)""",
    re.S,
)
# What may nest to the right: one of the words, or a sign right behind another.
_NESTING = ("lambda", "not", "if", "await", *"-+*~")
_NESTS = frozenset({"lambda", "not", "if", "await"})
_CASE = re.compile(r"^[ \t]*case\b(?![ \t]*[=.,)])", re.M)
# The text of an f-string, of a raw one, and what stands behind the colon of one of its fields.
_TEXT = re.compile(r"""\\N\{[^}\n]{0,99}\}|\\[^{}]|\{\{|\}\}|[{\n]|\"{3}|'{3}|["']""", re.S)
_RAW = re.compile(r"""\\[^{}]|\{\{|\}\}|[{\n]|\"{3}|'{3}|["']""", re.S)
_FORMAT = re.compile(r"""[{}\n]|\"{3}|'{3}|["']""")
_PLACE = re.compile(r"error at (\d+):(\d+): ")


class Rejected(Exception):
    """Not Python, as far as we can tell. ``row`` and ``column`` count from 1 in the text that was given."""

    def __init__(self, row: int, column: int, reason: str) -> None:
        super().__init__(reason)
        self.row, self.column, self.reason = row, column, reason


class TooDeep(Exception):
    """Code that is nested deeper, or longer, than can be analysed."""


def parse(text: str) -> cst.Module:
    """Raises `Rejected` or `TooDeep`."""
    if text.count("elif") > BRANCHES or text.count(",") > ITEMS:
        raise TooDeep
    may_be_deep = _may_be_deep(text)
    if (may_be_deep and _Depth(text).is_exceeded()) or _has_deep_pattern(text):
        raise TooDeep
    try:
        return _in_thread(partial(cst.parse_module, text), ROOM) if may_be_deep else cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise _rejected(text, error) from error
    except (RecursionError, MemoryError) as error:
        raise TooDeep from error
    except Exception as error:  # whatever else the native parser has: of the file, not of us
        raise Rejected(1, 1, f"{type(error).__name__}: {error}") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # a Rust panic: no Exception, and not to be imported either
            raise
        raise Rejected(1, 1, "the parser gave up") from error


def _may_be_deep(text: str) -> bool:
    """Whether there is enough in the text to overrun the native parser's stack: no, of nearly all texts."""
    return (
        sum(map(text.count, "([{")) > BRACKETS
        or sum(map(text.count, _LINKS)) > CHAIN
        or sum(map(text.count, _NESTING)) > CHAIN // NESTED
    )


def _has_deep_pattern(text: str) -> bool:
    """Whether brackets stand around each other in a pattern: the parser tries each of them in several ways."""
    if "case" not in text or "match" not in text:
        return False
    for case in _CASE.finditer(text):
        open_ = []
        for m in _CODE.finditer(text, case.end()):
            token = m.group(3) or ""
            if token and token in "([{":
                open_.append(2 if token == "{" else 1)
                if sum(open_) > PATTERN:
                    return True
            elif token and token in ")]}" and open_:
                open_.pop()
            elif token == "if" or (token in (":", "\n") and not open_):
                break  # what follows is no pattern
    return False


class _Depth:
    """Follows brackets and chains through a text, into the fields of f-strings as well.

    ``open``: for each bracket the chain and the links before it, and how to read on behind it. ``strings``: for each
    f-string that is open its quotes and the number of brackets before it.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.open: list[tuple[int, int, re.Pattern[str]]] = []
        self.strings: list[tuple[str, int]] = []
        self.chain = self.links = 0
        self.sign = -1  # where the last sign ended; -1: something else came behind it
        self.reads = _CODE

    def is_exceeded(self) -> bool:
        m = self.reads.search(self.text)
        while m is not None:
            at = self._code(m) if self.reads is _CODE else self._string(m)
            if self.chain > CHAIN or self.links > LINKS or len(self.open) > BRACKETS:
                return True
            m = self.reads.search(self.text, at)
        return False

    def _code(self, m: re.Match[str]) -> int:
        begins, string, token = m.groups()
        if begins:
            bare = begins.lstrip("fFtTrR")
            self.strings.append((bare, len(self.open)))
            self.reads = _TEXT if len(begins) == len(bare) + 1 else _RAW
        if begins or string:
            self.chain += 1
        elif token:
            self._token(token, m)
        return m.end()

    def _token(self, token: str, m: re.Match[str]) -> None:
        in_field = bool(self.open) and self.open[-1][2] is not _CODE
        if token in "([{":
            self._begin()
        elif token in ")]}":
            if self.open and (token == "}" or not in_field):
                self._end()
        elif token == ":":
            self.reads = _FORMAT if in_field else _CODE
        elif token in ",;\n":
            if token != "\n" or not self.open:
                self.chain = self.links = 0
        else:
            is_sign = not token.isalpha() and token != "."
            nests = is_sign and self.sign >= 0 and not self.text[self.sign : m.start()].strip()
            self.chain += NESTED if nests or token in _NESTS else 1
            self.sign = m.end() if is_sign else -1

    def _string(self, m: re.Match[str]) -> int:
        token, (quotes, depth) = m.group(), self.strings[-1]
        if token == "{":
            self._begin()
            self.reads = _CODE
        elif token == "}":
            self._end()
        elif (token == "\n" and len(quotes) == 1) or token.startswith(quotes):
            self.strings.pop()
            while len(self.open) > depth:
                self._end()
            self.reads = _CODE
            return m.start() + (1 if token == "\n" else len(quotes))
        return m.end()

    def _begin(self) -> None:
        in_row = self.reads is _CODE  # the fields of a string do not hang on each other
        self.open.append((self.chain, self.links + in_row, self.reads))
        self.chain = self.links = 0

    def _end(self) -> None:
        self.chain, self.links, self.reads = self.open.pop()


def _rejected(text: str, error: cst.ParserSyntaxError) -> Rejected:
    """Python's own words say better what is wrong, where it agrees that something is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as own:
        row, column = own.lineno or 1, own.offset or 1
        return Rejected(row, max(column, 1), own.msg)
    except (ValueError, RecursionError, MemoryError):
        pass
    message = error.message.splitlines()[0] if error.message else "it does not parse"
    place = _PLACE.search(message)
    if place is not None:
        return Rejected(int(place.group(1)), int(place.group(2)), message[place.end() :])
    return Rejected(error.raw_line, error.raw_column + 1, message)


def with_room(run: Callable[[], T]) -> T:
    """Call ``run``; where it overruns Python's stack, again in a thread with a far larger one.

    Somebody may ask for a unit deep inside the interpretation of another: what is found must not depend on that.
    """
    try:
        return run()
    except RecursionError:
        return _in_thread(run, MORE_ROOM)


def _in_thread(run: Callable[[], T], room: int) -> T:
    """May raise RecursionError where there is no such thread to be had."""
    results: list[T] = []
    errors: list[BaseException] = []

    def target() -> None:
        try:
            results.append(run())
        except BaseException as error:
            errors.append(error)

    limit, size = sys.getrecursionlimit(), threading.stack_size()
    try:
        threading.stack_size(room)
        sys.setrecursionlimit(max(limit, 150_000))
        thread = threading.Thread(target=target, daemon=True)  # an interrupted run does not wait for it
        thread.start()
        thread.join()
    except (RuntimeError, ValueError, MemoryError) as error:
        raise RecursionError from error
    finally:
        threading.stack_size(size)
        sys.setrecursionlimit(limit)
    if errors:
        raise errors[0]
    return results[0]
