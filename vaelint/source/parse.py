"""libcst's parser, fenced in: it takes seconds for deep nesting, and the process down with it for deeper."""

from __future__ import annotations

import ast
import re
import sys
import threading
import warnings
from collections.abc import Callable
from typing import TypeVar

import libcst as cst

T = TypeVar("T")

BRACKETS = 200  # Python itself takes no more
# The parser's time grows with the square of a chain: these take it one to two seconds. (A process dies from about
# 20000 operators on.)
CHAIN = 3000  # operators, or links of a chain of calls, in one expression
LINKS = 1000  # brackets opened in one chain, `a().b().c()`: each costs as much as three operators
BRANCHES = 4000  # `elif`s of a unit
ITEMS = 100_000  # commas of a unit: data, at some seconds for each hundred thousand

_TOKEN = re.compile(
    r"""\#[^\n]*|\"{3}[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*\"{3}|'{3}[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'{3}"""
    r"""|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|([()\[\]{},\n]|[-+*/%@&|^~<>.]|\b(?:and|or|not|if|lambda|await)\b)""",
    re.S,
)
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
    if _too_deep(text):
        raise TooDeep
    try:
        return cst.parse_module(text)
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


def _too_deep(text: str) -> bool:
    """Whether brackets, a chain of operators or of branches go deeper than the native parser's stack."""
    if text.count("elif") > BRANCHES or text.count(",") > ITEMS:
        return True
    if sum(map(text.count, "([{")) <= BRACKETS and sum(map(text.count, "-+*/%@&|^~<>. ")) <= CHAIN:
        return False
    stack: list[tuple[int, int]] = []
    chain = links = 0
    for m in _TOKEN.finditer(text):
        token = m.group(1)
        if token is None:
            continue
        if token in "([{":
            if len(stack) >= BRACKETS or links >= LINKS:
                return True
            stack.append((chain, links + 1))
            chain = links = 0
        elif token in ")]}":
            if stack:
                chain, links = stack.pop()
        elif token == "," or token == "\n":
            if token == "," or not stack:
                chain = links = 0
        else:
            chain += 1
            if chain > CHAIN:
                return True
    return False


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
        return _in_thread(run)


def _in_thread(run: Callable[[], T]) -> T:
    results: list[T] = []
    errors: list[BaseException] = []

    def target() -> None:
        try:
            results.append(run())
        except BaseException as error:
            errors.append(error)

    limit, size = sys.getrecursionlimit(), threading.stack_size()
    try:
        threading.stack_size(512 << 20)
        sys.setrecursionlimit(max(limit, 150_000))
        thread = threading.Thread(target=target)
        thread.start()
        thread.join()
    except (RuntimeError, ValueError) as error:  # no such thread to be had here
        raise RecursionError from error
    finally:
        threading.stack_size(size)
        sys.setrecursionlimit(limit)
    if errors:
        raise errors[0]
    return results[0]
