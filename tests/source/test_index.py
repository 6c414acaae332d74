from __future__ import annotations

import ast

import pytest

from vaelint.source.index import Uncertain, Unit, scan

Row = tuple[str, str, int]


def definitions(text: str) -> list[Row]:
    """What the index finds: kind, name and first row."""
    return [(u.kind, u.name, u.start) for v in scan(text) for u in (v, *v.methods) if u.kind != "code"]


def parsed(text: str) -> list[Row]:
    """What Python finds."""

    def row(kind: str, x: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Row:
        return kind, x.name, min([x.lineno, *(d.lineno for d in x.decorator_list)])

    out: list[Row] = []
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    for x in ast.parse(text).body:
        if isinstance(x, functions):
            out.append(row("function", x))
        elif isinstance(x, ast.ClassDef):
            out.append(row("class", x))
            out += [row("method", y) for y in x.body if isinstance(y, functions)]
    return out


SNIPPETS = {
    "nothing": "",
    "a comment": "# def f(): pass\n",
    "plain statements": "import a\nx = 1\n",
    "functions": "def f():\n    pass\n\n\nasync def g(): pass\n",
    "no newline at the end": "def f(): pass",
    "decorators": "@a\n@b(\n    1,\n)\n# why\ndef f():\n    pass\n",
    "a string at column 0": 'def f():\n    """\ndef g(): pass\n    """\n    return 1\n',
    "a string after a backslash": "x = 'a \\\ndef f(): pass'\n",
    "quotes in comments": '# it\'s\ndef f():\n    pass  # """\n\n\ndef g(): pass\n',
    "brackets closed at column 0": "def f(\n    a,\n):\n    return [\n        a\n]\n",
    "a comment at column 0": "def f():\n    a = 1\n# here\n    return a\n",
    "conditional definitions": "if a:\n    def f(): pass\nelse:\n    class A:\n        def f(self): pass\n",
    "tried definitions": "try:\n    import a\nexcept ImportError:\n    def a(): pass\n",
    "a class": "class A(B, metaclass=C):\n    x = 1\n\n    def f(self): pass\n\n    @property\n    def g(self): pass\n",
    "a class on one line": "class A: x = 1\nclass B(A): pass\n",
    "a header over several lines": "class A(\n    B,\n    C[{'a': 1}],\n):\n    def f(self): pass\n",
    "a colon in the header": "class A(B[1:2], c='def x:'):  # d:\n    def f(self): pass\n",
    "an example in the docstring": 'class A:\n    """Doc.\n\n        def x(): pass\n    """\n\n    def f(self):\n'
    "        def inner(): pass\n        return inner\n",
    "a nested class first": "class A:\n    class Meta:\n        def x(self): pass\n\n    def f(self): pass\n",
    "a conditional method first": "class A:\n    if a:\n        def x(self): pass\n\n    def f(self): pass\n",
    "a comment first": "class A:\n# here\n      # there\n  def f(self): pass\n  def g(self): pass\n",
    "tabs": "class A:\n\tdef f(self):\n\t\treturn 1\n\n\tdef g(self): pass\n",
    "overloads": "class A:\n    @o\n    def f(self): ...\n    @o\n    def f(self): ...\n    def f(self): ...\n",
    "type parameters": "def f[T](a: T) -> T: ...\nclass A[T]:\n    def f(self): ...\n",
    "names beyond ASCII": "def λ(): pass\nclass Ä:\n    def é(self): pass\n",
    "a star import at the end": "if a:\n    from b import *\nelse:\n    c = 1\ndef f(): pass\n",
    "a loop's else": "for a in b:\n    pass\nelse:\n    c = 1\ndef f(): pass\n",
    "a form feed of its own": "def f(): pass\n\f\ndef g(): pass\n",
}


@pytest.mark.parametrize("text", SNIPPETS.values(), ids=SNIPPETS)
def test_the_index_finds_what_a_parser_finds(text: str) -> None:
    try:
        expected = parsed(text)
    except SyntaxError:
        pytest.skip("newer than this Python")
    assert definitions(text) == expected


@pytest.mark.parametrize("text", SNIPPETS.values(), ids=SNIPPETS)
def test_units_are_in_order_and_do_not_overlap(text: str) -> None:
    units = scan(text)
    rows = [r for u in units for r in range(u.start, u.end + 1)]
    assert rows == sorted(set(rows))
    numbers = [u.number for v in units for u in (v, *v.methods)]
    assert numbers == list(range(len(numbers)))
    for u in units:
        assert all(u.start <= m.start <= m.end <= u.end for m in u.methods)


@pytest.mark.parametrize(
    "text",
    [
        "def f(): pass\n\fdef g(): pass\n",
        "def f():\n    return (\na + b\n)\n",
        "def f():\n    return [1,\n2]\n",
        "x = 1  # a \\\ndef f(): pass\n",
        "class A:\n    @p([\n    # why\n    (1, 2),\n    ])\n    def f(self): pass\n",
    ],
    ids=["form feed", "open bracket", "comma", "comment ends in a backslash", "decorator's arguments"],
)
def test_what_is_doubtful_is_not_guessed(text: str) -> None:
    with pytest.raises(Uncertain):
        scan(text)


def unit(text: str, name: str) -> Unit:
    return next(u for v in scan(text) for u in (v, *v.methods) if u.name == name)


def test_a_unit_ends_before_the_next() -> None:
    text = "x = 1\n\n\ndef f():\n    pass\n\n\n@d\nclass A:\n    a = 1\n\n    def g(self):\n        pass\n\n    b = 2\n"
    assert [(u.kind, u.start, u.end) for u in scan(text)] == [("code", 1, 3), ("function", 4, 7), ("class", 8, 15)]
    assert (unit(text, "g").start, unit(text, "g").end) == (12, 14)


def test_a_unit_knows_the_words_in_it() -> None:
    text = (
        "import a\n\ndef f():\n    Loss = nll(x)\n\nclass A:\n    elbo = 1\n\n    def g(self):\n        x.backward()\n"
    )
    assert unit(text, "f").words == {"loss", "nll"}
    assert unit(text, "A").words == {"elbo"}
    assert unit(text, "g").words == {"backward("}
    assert scan(text)[0].words == frozenset()
    assert unit(text, "f").matters and not scan(text)[0].matters


def test_words_in_docstrings_are_none_of_our_business() -> None:
    assert not unit('def f():\n    """The loss\n    of it."""\n    return 1\n', "f").matters


def test_asking_for_no_gradient_is_none_of_our_business() -> None:
    assert not unit("def f():\n    with torch.no_grad():\n        return 1\n", "f").matters


def test_words_keep_their_place_behind_letters_that_grow_in_lower_case() -> None:
    text = "x = '" + "İ" * 40 + "'\ndef f(): pass\ndef loss(): pass\n"
    assert not unit(text, "f").matters and unit(text, "loss").matters


def test_some_words_are_noted_that_do_not_make_a_unit_matter() -> None:
    u = unit("def f():\n    return C(optim='a', mode=m)\n", "f")
    assert u.words == {"optim", "mode="} and not u.matters


def test_what_measures_how_good_something_is_matters() -> None:
    for name in ("accuracy", "score", "mean_error", "distance"):
        assert unit(f"def f(x):\n    {name} = x\n", "f").matters


def test_statements_of_two_cells_are_two_units() -> None:
    assert [(u.start, u.end) for u in scan("a = 1\nb = 2\nc = 3\n", (1, 3))] == [(1, 2), (3, 3)]
