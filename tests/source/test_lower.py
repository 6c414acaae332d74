"""Source to IR, one construct at a time. The IR is compared without its ids."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from vaelint import ir
from vaelint.source.file import load


def plain(x: object) -> object:
    """A node as ``(type name, fields…)`` without ids; names, attributes and constants in short."""
    if isinstance(x, ir.Const):
        return ("=", x.value)
    if isinstance(x, ir.Name):
        return x.name
    if isinstance(x, ir.Attr):
        return f"{plain(x.base)}.{x.name}"
    if isinstance(x, ir.Node):
        values = [plain(getattr(x, f.name)) for f in dataclasses.fields(x) if f.name != "id"]
        return (type(x).__name__, *values)
    if isinstance(x, tuple):
        return [plain(y) for y in x]
    return x


def statements(text: str) -> ir.Block:
    source = load(Path("x.py"), text=text)
    assert not source.problems
    return tuple(s for u in source.units for s in source.lower(u))


def expression(text: str) -> object:
    (s,) = statements(f"({text})\n")
    assert isinstance(s, ir.ExprStmt)
    return plain(s.value)


ONE, TWO = ("=", 1), ("=", 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", "a"),
        ("a.b.c", "a.b.c"),
        ("1", ONE),
        ("0x_ff", ("=", 255)),
        ("1e-3", ("=", 0.001)),
        ("2j", ("=", 2j)),
        ("-1", ("Unary", "-", ONE)),
        ("not a", ("Unary", "not", "a")),
        ("None", ("=", None)),
        ("True", ("=", True)),
        ("...", ("=", ...)),
        ("'a'", ("=", "a")),
        ("b'a'", ("=", b"a")),
        ("r'\\d'", ("=", "\\d")),
        ("'a' \"b\" 'c'", ("=", "abc")),
        ("f'{a} of {b:.2f}'", ("FString", "{} of {}", ["a", "b"])),
        ("'x' f'{a}' 'y'", ("FString", "x{}y", ["a"])),
        ("a - b", ("Binary", "-", "a", "b")),
        ("a - b * c", ("Binary", "-", "a", ("Binary", "*", "b", "c"))),
        ("a @ b", ("Binary", "@", "a", "b")),
        ("a ** -b", ("Binary", "**", "a", ("Unary", "-", "b"))),
        ("a // b >> 1", ("Binary", ">>", ("Binary", "//", "a", "b"), ONE)),
        ("a and b or c", ("BoolOp", "or", ("BoolOp", "and", "a", "b"), "c")),
        ("a < b <= c", ("Compare", "a", [["<", "b"], ["<=", "c"]])),
        ("a not in b", ("Compare", "a", [["not in", "b"]])),
        ("a is not b", ("Compare", "a", [["is not", "b"]])),
        ("a if b else c", ("IfExp", "b", "a", "c")),
        ("f()", ("Call", "f", [])),
        (
            "f(a, *b, c=1, **d)",
            (
                "Call",
                "f",
                [("Arg", "a", None, ""), ("Arg", "b", None, "*"), ("Arg", ONE, "c", ""), ("Arg", "d", None, "**")],
            ),
        ),
        ("a[1]", ("Subscript", "a", ONE)),
        ("a[1,]", ("Subscript", "a", ("Tuple", [ONE]))),
        ("a[:, 1:2:b]", ("Subscript", "a", ("Tuple", [("Slice", None, None, None), ("Slice", ONE, TWO, "b")]))),
        ("a[*b]", ("Subscript", "a", ("Star", "b"))),
        ("()", ("Tuple", [])),
        ("a, *b", ("Tuple", ["a", ("Star", "b")])),
        ("[a, 1]", ("List", ["a", ONE])),
        ("{a, b}", ("Set", ["a", "b"])),
        ("{'a': 1, **b}", ("Dict", [[("=", "a"), ONE], [None, "b"]])),
        ("[a for a in b if c if d]", ("Comp", "list", "a", None, [("CompFor", "a", "b", ["c", "d"])])),
        (
            "{a for a in b for c in a}",
            ("Comp", "set", "a", None, [("CompFor", "a", "b", []), ("CompFor", "c", "a", [])]),
        ),
        ("a for a in b", ("Comp", "generator", "a", None, [("CompFor", "a", "b", [])])),
        ("{a: b for a, b in c}", ("Comp", "dict", "a", "b", [("CompFor", ("Tuple", ["a", "b"]), "c", [])])),
        ("a := b", ("Walrus", "a", "b")),
        ("lambda: 1", ("Lambda", [], ONE)),
        (
            "lambda a, /, b=1, *c, d, **e: a",
            (
                "Lambda",
                [
                    ("Param", "a", None, None, "", False),
                    ("Param", "b", ONE, None, "", False),
                    ("Param", "c", None, None, "*", False),
                    ("Param", "d", None, None, "", True),
                    ("Param", "e", None, None, "**", False),
                ],
                "a",
            ),
        ),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_expressions(text: str, expected: object) -> None:
    assert expression(text) == expected


PASS = [("Pass",)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pass", ("Pass",)),
        ("a = b = 1", ("Assign", ["a", "b"], ONE, None)),
        ("a, b = c", ("Assign", [("Tuple", ["a", "b"])], "c", None)),
        ("a: int = 1", ("Assign", ["a"], ONE, "int")),
        ("a: int", ("Assign", ["a"], None, "int")),
        ("a -= b", ("AugAssign", "-", "a", "b")),
        ("a //= b", ("AugAssign", "//", "a", "b")),
        ("a @= b", ("AugAssign", "@", "a", "b")),
        ("import a.b as c, d", ("Import", [["a.b", "c"], ["d", None]])),
        ("from a.b import c as d, e", ("ImportFrom", "a.b", [["c", "d"], ["e", None]], 0)),
        ("from .. import a", ("ImportFrom", "", [["a", None]], 2)),
        ("from .a import *", ("ImportFrom", "a", [["*", None]], 1)),
        ("del a, b", ("Delete", ["a", "b"])),
        ("raise a from b", ("Raise",)),
        ("assert a, b", ("Assert", "a")),
        ("global a, b", ("Scope", "global", ["a", "b"])),
        ("if a: pass\nelif b: pass\nelse: pass", ("If", "a", PASS, [("If", "b", PASS, PASS)])),
        ("while a: break\nelse: pass", ("While", "a", [("Jump", "break")], PASS)),
        ("for a in b: continue", ("For", "a", "b", [("Jump", "continue")], [])),
        ("async def f():\n    async for a in b: pass", None),
        ("with a as b, c: pass", ("With", [["a", "b"], ["c", None]], PASS)),
        ("with (a as b, c as d): pass", ("With", [["a", "b"], ["c", "d"]], PASS)),
        (
            "try: pass\nexcept A as e: pass\nexcept: pass\nelse: pass\nfinally: pass",
            ("Try", PASS, [["e", PASS], [None, PASS]], PASS, PASS),
        ),
        ("try: pass\nexcept* A: pass", ("Try", PASS, [[None, PASS]], [], [])),
        ("match a:\n    case [1, *_] if b: pass\n    case _: pass", ("Match", "a", [PASS, PASS])),
        ("type A = int", ("Pass",)),
        ("def f(a: int = 1) -> b: return a", None),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_statements(text: str, expected: object) -> None:
    (s,) = statements(text + "\n")
    if expected is not None:
        assert plain(s) == expected


def test_functions() -> None:
    (s,) = statements("@d(1)\nasync def f[T](a, /, b: int = 1, *, c=2, **e) -> T:\n    yield a\n    await b\n")
    assert isinstance(s, ir.FunctionDef)
    assert (s.name, s.is_async, plain(s.returns)) == ("f", True, "T")
    assert plain(s.decorators) == [("Call", "d", [("Arg", ONE, None, "")])]
    assert [(p.name, p.star, p.kwonly, plain(p.default)) for p in s.params] == [
        ("a", "", False, None),
        ("b", "", False, ONE),
        ("c", "", True, TWO),
        ("e", "**", False, None),
    ]
    assert plain(s.body) == [("ExprStmt", ("Yield", "a")), ("ExprStmt", ("Await", "b"))]


def test_several_statements_on_a_line() -> None:
    assert [type(s).__name__ for s in statements("a = 1; b += 2; f()\n")] == ["Assign", "AugAssign", "ExprStmt"]


CLASS = "class A(B, metaclass=M):\n    x = 1\n\n    @d\n    def f(self):\n        return 1\n\n    y = 2\n"


def test_a_class_unit_holds_what_is_no_method() -> None:
    source = load(Path("x.py"), text=CLASS)
    (unit,) = source.units
    (s,) = source.lower(unit)
    assert isinstance(s, ir.ClassDef)
    assert (plain(s.bases), plain(s.keywords)) == (["B"], [("Arg", "M", "metaclass", "")])
    assert [plain(x) for x in s.body if not isinstance(x, ir.Pass)] == [
        ("Assign", ["x"], ONE, None),
        ("Assign", ["y"], TWO, None),
    ]


def test_a_method_unit_is_one_function() -> None:
    source = load(Path("x.py"), text=CLASS)
    (f,) = source.lower(source.units[0].methods[0])
    assert isinstance(f, ir.FunctionDef)
    assert (f.name, plain(f.decorators), plain(f.body)) == ("f", ["d"], [("Return", ONE)])


def test_a_class_of_methods_alone_has_a_body() -> None:
    source = load(Path("x.py"), text="class A:\n    def f(self): pass\n    def g(self): pass\n")
    (s,) = source.lower(source.units[0])
    assert isinstance(s, ir.ClassDef) and not source.problems
    assert [type(x) for x in s.body] == [ir.Pass]


def ids(x: object) -> list[int]:
    if isinstance(x, ir.Node):
        return [x.id, *(i for f in dataclasses.fields(x) for i in ids(getattr(x, f.name)))]
    return [i for y in x for i in ids(y)] if isinstance(x, tuple) else []


def test_ids_are_unique_and_the_same_each_time() -> None:
    text = CLASS + "def g(a, *b):\n    return [x[1, ...] for x in (a, *b) if {1: 2, **c}]\n"
    one, two = (load(Path("x.py"), text=text) for _ in range(2))
    units = [u for v in one.units for u in (v, *v.methods)]
    numbers = [i for u in units for i in ids(one.lower(u))]
    assert len(set(numbers)) == len(numbers)
    again = [i for v in two.units for u in (v, *v.methods) for i in ids(two.lower(u))]
    assert not set(numbers) & set(again)  # two files never share an id
    assert all(one.holds(i) for i in numbers) and all(two.holds(i) for i in again)
    assert [i - numbers[0] for i in numbers] == [i - again[0] for i in again]
