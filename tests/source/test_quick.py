"""Python's own parser and libcst's: whichever is asked, the IR is the same, down to the numbers of its nodes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import FIXTURES
from vaelint import ir
from vaelint.source import file as source_file
from vaelint.source import lower, parse, positions, quick
from vaelint.source.file import SourceFile

STATEMENTS = """
x = 1
x = y = f(a, *b, c=1, **d)
f(a=1, *b)
x: int
x: Tensor = torch.zeros(3)
x += 1; y -= 2; z @= w; v //= 3
del x
del x, y
del (x, y)
assert x > 0, "why"
raise ValueError("no") from error
import a.b as c, d
from ..a.b import c as d, e
from . import *
pass
return
return x, y
return (x, y)
global a, b
async def f(a, /, b: int = 1, *c, d, e=2, **g) -> Tensor: return await a
class C(A, *bases, metaclass=M, **more): x = 1
for a, *b in c: break
while x: continue
if a: x = 1
with open(a) as b, c as (d, e): pass
lambda a, *b, c=1, **d: a + c
""".strip().split("\n")

BLOCKS = """
if a:
    x = 1
elif b:
    x = 2
elif c:
    x = 3
else:
    if d:
        x = 4
---
try:
    x = 1
except (A, B) as e:
    x = 2
except C:
    x = 3
else:
    x = 4
finally:
    x = 5
---
for a in b:
    x = 1
else:
    x = 2
---
async def f():
    async with a as b:
        async for c in d:
            yield c
    x = yield
    yield from d
---
match x, y:
    case [1, *rest] if rest:
        x = 1
    case {"a": 1}:
        x = 2
---
@register(metric="wer")
class A(B, metaclass=M):
    '''What it is.'''

    @property
    def b(self) -> int:
        return 1
---
x = ('kept'  # as it is
     "together")
---
loss = (
    -(recon
      + beta * kl).mean()
)
""".strip("\n").split("\n---\n")

EXPRESSIONS = """
a.b.c(d)[e].f
-x ** 2 + y * (z - 1) / 2 // 3 % 4 @ m
(a + b) * (c - (d + e))
a and b and c or not d and (e or f)
a < b <= c != d in e is not f
not a if b else c if d else e
[a, *b, (c, d), []]
{a: b, **c, 'd': {1, 2, *e}}
x[1]
x[1:2, ::3, ..., None]
x[a, b]
x[:, -1]
x[i][j]
x[lambda: 1]
[a for b in c if d if e for f, g in h]
{a: b for c in d}
{a for b in c}
sum(a * b for a, b in zip(c, d))
(y := f(x))
1, 2.5, 3j, 0xFF, 1_000, True, None, ...
10**400, 1e400
'a' "b" 'c'
b'a' b"b"
'''a''' r'\\d' "\\n" u"x"
f'loss: {loss:.3f}'
f"a {x!r} {{b}} {y=} \\n {z:>{width}.{digits}}"
f'{a}' "and" f"{b} {c}" 'd'
rf"\\d{x}\\{y}"
f"{d['key']} {f(a, b)} {x[1:2]} {(lambda: 1)()} {a != b}"
f""
"ä" + ä.b(ü, "ö")
f"ä {ü} ö" + x
print(*args, sep=', ', **more)
(yield)
""".strip().split("\n")


@pytest.mark.parametrize("text", [*STATEMENTS, *BLOCKS])
def test_statements_are_lowered_alike(text: str) -> None:
    assert_alike(text + "\n")


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_expressions_are_lowered_alike(text: str) -> None:
    assert_alike(f"x = ({text})\n" if "," not in text else f"x = {text}\n")


def test_an_f_string_over_several_lines_is_lowered_alike() -> None:
    assert_alike("x = f'''{\n    x\n} of\n{y}'''\n")


@pytest.mark.parametrize("path", sorted(FIXTURES.rglob("*.py"))[::40], ids=lambda p: p.name)
def test_files_are_lowered_alike(path: Path) -> None:
    source = source_file.load(path)
    for unit in [x for u in source.units for x in (u, *u.methods)]:
        assert_alike("\n".join(source._snippet(unit)))


@pytest.mark.parametrize("text", ["x[(a, b)]", "x[(a), (b)]", "x[()]"])
def test_brackets_that_pythons_tree_leaves_out_are_unclear(text: str) -> None:
    with pytest.raises(quick.Unclear):
        quick.Lowering(0, [text]).block(quick.parse(text).body)


@pytest.mark.parametrize("text", ["x[(a, b)] = 1\n", "print 1\n", "x = (\n"])
def test_what_is_unclear_is_lowered_by_libcst(text: str) -> None:
    source = SourceFile(Path("a.py"), "a.py", text)
    block = source.lower(source.units[0])
    assert block == by_libcst(text, source._base(source.units[0])) if "[" in text else source.problems


def test_a_bracket_around_a_tuple_is_no_part_of_where_it_stands() -> None:
    source = SourceFile(Path("a.py"), "a.py", "x = (1, 2)\n")
    (assign,) = source.lower(source.units[0])
    assert isinstance(assign, ir.Assign) and isinstance(assign.value, ir.Tuple)
    at = source.locate(assign.value.id)
    assert (at.column, at.end_column) == (6, 10)


def by_libcst(text: str, base: int = 0) -> ir.Block | None:
    try:
        return lower.Lowering(base).block(parse.parse(text).body)
    except parse.Rejected:
        return None


def assert_alike(text: str) -> None:
    lowering = quick.Lowering(0, text.split("\n"), keep=True)
    assert repr(lowering.block(quick.parse(text).body)) == repr(by_libcst(text))
    spans = positions.of(parse.parse(text), lambda m: m.body, 0)
    assert lowering.spans.items() <= spans.items()
    assert lowering.spans


TYPES = [
    "Tensor", " torch.Tensor ", "Optional[Tensor]", "tuple[Annotated[Tensor, vaelint.Gain], Tensor]", "A | None",
    "(A)", "Callable[[A, B], C]", "Literal['a', \"b\" 'c']", "'Tensor'", "f(x)", "a.b[0].c", "lambda: x",
    "x if y else z", "...", "", "the number of steps", "x = 1", "A;", "A # of B", "yield x", "await x", "A\nB",
    "a\\\n.b", "A[", "x := 1", "*A", "A, B",
]  # fmt: skip


@pytest.mark.parametrize("text", TYPES)
def test_a_type_written_as_a_string_is_read_alike_by_both(text: str) -> None:
    try:
        found: ir.Expr | None = quick.expression(text, 100)
    except quick.Unclear:
        return
    assert found == lower.expression(text, 100)


def test_of_types_that_people_write_as_strings_python_takes_all() -> None:
    for text in TYPES[:14]:
        assert quick.expression(text, 100) == lower.expression(text, 100) is not None
