"""Files that nobody wrote to be analysed, by size: what they cost is to grow as they do."""

from __future__ import annotations

import json
from collections.abc import Callable

Generator = Callable[[int], str]


def _rows(row: str, n: int) -> str:
    return "".join(row.replace("§", str(i)) for i in range(n))


def _repeated(n: int) -> str:
    return "def f(loss):\n" + "    loss -= nll(x)\n" * n + "    loss.backward()\n"


def _stated(n: int) -> str:
    """Formulas beside the code, of which each may be about each of its rows."""
    rows = "".join(
        f"    # loss = {'(' * (i % 60)}a^2 - b_{i} \\log p\n    loss = a * a - b{i} * log(p)\n" for i in range(n)
    )
    return f"def f(a, b, p):\n{rows}    loss.backward()\n"


def _attributes(n: int) -> str:
    rows = "".join(f"        self.loss{i} = self.loss{max(i - 1, 0)} - nll(x)\n" for i in range(n))
    return f"class A:\n    def f(self, x):\n{rows}        self.loss{n - 1}.backward()\n"


def _names(n: int) -> str:
    rows = "".join(f"    loss{i} = loss{max(i - 1, 0)} - nll(x)\n" for i in range(n))
    return f"def f(x, loss0):\n{rows}    loss{n - 1}.backward()\n"


def _top_level(n: int) -> str:
    return "loss = nll(x)\n" + "loss -= kl(x)\n" * n + "loss.backward()\n"


def _mutual(n: int) -> str:
    rows = "".join(f"def loss_{i}(x):\n    return -loss_{(i + 1) % n}(x) + loss_{(i * 7) % n}(x)\n\n" for i in range(n))
    return rows + "loss_0(x).backward()\n"


def _classes(n: int) -> str:
    rows = "".join(f"class L{i}(L{i - 1}):\n    def loss(self): return -super().loss()\n" for i in range(1, n))
    return f"class L0:\n    def loss(self): return nll(self)\n{rows}L{n - 1}().loss().backward()\n"


def _doubling_calls(n: int) -> str:
    rows = "".join(f"def loss_{i}(x):\n    return loss_{i + 1}(x) + loss_{i + 1}(-x)\n\n" for i in range(n))
    return f"{rows}def loss_{n}(x):\n    return nll(x)\n\nloss_0(x).backward()\n"


def _doubling_names(n: int) -> str:
    return "loss = nll(x)\n" + "loss = loss + loss\n" * n + "loss.backward()\n"


def _doubling_tuples(n: int) -> str:
    return "loss = (nll(x),)\n" + "loss = (loss, loss)\n" * n + "loss[0].backward()\n"


def _call_chain(n: int) -> str:
    rows = "".join(f"def loss_{i}(x):\n    return -loss_{i + 1}(x)\n\n" for i in range(n))
    return f"{rows}def loss_{n}(x):\n    return nll(x)\n\nloss_0(x).backward()\n"


def _powers(n: int) -> str:
    return "loss = 2\n" + "loss = loss ** loss ** 99999\n" * n + "loss = loss << 99999999999\nloss.backward()\n"


def _digits(n: int) -> str:
    return f"loss = {'9' * n} * nll(x)\nloss.backward()\n"


def _strings(n: int) -> str:
    return "loss = 'loss'\n" + "loss = loss + loss\n" * n + f"loss = loss * {10**n}\nloss.backward()\n"


def _lists(n: int) -> str:
    return "loss = [nll(x)]\n" + "loss = loss + loss\n" * n + "sum(loss).backward()\n"


def _branches(n: int) -> str:
    rows = "".join(f"    if a{i}:\n        loss = loss - nll(x)\n" for i in range(n))
    return f"def f(loss, x):\n{rows}    loss.backward()\n"


def _dictionary(n: int) -> str:
    rows = "".join(f"    losses['{i}'] = -nll(x)\n" for i in range(n))
    return f"def f(x):\n    losses = {{}}\n{rows}    sum(losses.values()).backward()\n"


def _methods(n: int) -> str:
    rows = "".join(f"    def loss{i}(self, x):\n        return -self.loss{i + 1}(x)\n" for i in range(n))
    return f"class A:\n{rows}\nA().loss0(1).backward()\n"


def _objects(n: int) -> str:
    rows = "".join(f"a{i} = A(a{max(i - 1, 0)})\n" for i in range(n))
    head = "class A:\n    def __init__(self, a):\n        self.loss = -a.loss\n\na0 = A(1)\n"
    return f"{head}{rows}a{n - 1}.loss.backward()\n"


def _decorated(n: int) -> str:
    rows = "".join(f"def d{i}(f):\n    def g(x): return -f(x)\n    return g\n" for i in range(n))
    return rows + _rows("@d§\n", n) + "def loss(x): return nll(x)\nloss(x).backward()\n"


def _cases(n: int) -> str:
    rows = _rows("        case § | {'k': §, **r} if loss > §:\n            loss = loss - kl(x)\n", n)
    return f"def f(a, x):\n    loss = nll(x)\n    match a:\n{rows}    loss.backward()\n"


def _captures(n: int) -> str:
    return "def f(a, x):\n    match a:\n" + _rows("        case [A(loss=l§), *r§] as w§: (-l§).backward()\n", n)


def _merges(n: int) -> str:
    rows = "".join(f"d{i + 1} = {{**d{i}, 'k{i}': -kl(x)}} | d{i}\n" for i in range(n))
    return f"d0 = {{'loss': nll(x)}}\n{rows}sum(d{n}.values()).backward()\n"


def _type_parameters(n: int) -> str:
    rows = "".join(
        f"type L{i + 1}[T: L{i}, *Ts, **P] = dict[T, L{i}]\n"
        f"def loss_{i + 1}[T: (int, str)](x: T) -> L{i}[T]: return -loss_{i}(x)\n"
        f"class C{i + 1}[T](C{i}[T]): pass\n"
        for i in range(n)
    )
    return f"def loss_0(x): return nll(x)\n{rows}loss_{n}(x).backward()\n"


def _widths(n: int) -> str:
    rows = "name = 'loss%99999999999d' % 3\nname = f'{name:>{10**12}}'\nname = '{:>99999999999}'.format(name)\n"
    return "loss = nll(x)\n" + (rows + "out[name] = loss\n") * n


def _ends(n: int) -> str:
    return ("loss = nll(x)\n" + "loss -= kl(x)\n" * n + "loss.backward()\n").replace("\n", "\r")


def _nested(head: str, n: int) -> str:
    rows = "".join(" " * (i + 1) + head.replace("§", str(i)) + "\n" for i in range(n))
    return f"def f(loss, x):\n{rows}{' ' * (n + 1)}loss = loss - nll(x)\n loss.backward()\n"


def _properties(n: int) -> str:
    rows = "".join(f"    @property\n    def loss{i}(self):\n        return -self.loss{i + 1}\n" for i in range(n))
    return f"class A:\n{rows}\nA().loss0.backward()\n"


def _doubling_properties(n: int) -> str:
    rows = "".join(
        f"    @property\n    def loss{i}(self):\n        return -self.loss{i + 1} + self.loss{i + 1}\n"
        for i in range(n)
    )
    return f"class A:\n{rows}    loss{n} = 1\n\nA().loss0.backward()\n"


def _diamonds(n: int) -> str:
    rows = "".join(
        f"class B{i}(A{i}):\n    def loss(self): return -super().loss()\n"
        f"class C{i}(A{i}):\n    def loss(self): return super().loss()\n"
        f"class A{i + 1}(B{i}, C{i}): pass\n"
        for i in range(n)
    )
    return f"class A0:\n    def loss(self): return nll(self)\n{rows}A{n}().loss().backward()\n"


def _constructors(n: int) -> str:
    rows = "".join(
        f"class L{i}(L{i - 1}):\n    def __init__(self, x):\n        super().__init__(-x)\n"
        f"        self.loss{i} = -self.loss{i - 1}\n"
        for i in range(1, n)
    )
    head = "class L0:\n    def __init__(self, x):\n        self.loss0 = nll(x)\n"
    return f"{head}{rows}L{n - 1}(x).loss{n - 1}.backward()\n"


def _inner_functions(n: int) -> str:
    heads = "".join(" " * i + f"def loss_{i}(x):\n" for i in range(n))
    ends = "".join(" " * i + f"return -loss_{i}(x)\n" for i in reversed(range(1, n)))
    return f"{heads}{' ' * n}return nll(x)\n{ends}loss_0(x).backward()\n"


def _callbacks(n: int) -> str:
    rows = "".join(f"def f{i}(g, x): return f{i - 1}(lambda x: -g(x), x)\n" for i in range(1, n))
    return f"def f0(g, x): return -g(x)\n{rows}f{n - 1}(nll, x).backward()\n"


def _generators(n: int) -> str:
    rows = "".join(
        f"def loss_{i}(x):\n    yield from loss_{i - 1}(x)\n    yield -sum(loss_{i - 1}(x))\n" for i in range(1, n)
    )
    return f"def loss_0(x):\n    yield nll(x)\n{rows}sum(loss_{n - 1}(x)).backward()\n"


def _formulas(n: int) -> str:
    rows = "".join(f"    a{i + 1} = torch.exp(-a{i}) * torch.log(y + a{i}) / a{i}\n" for i in range(n))
    return f"import torch\ndef f(x, y):\n    a0 = torch.log(x)\n{rows}    a{n}.backward()\n"


def _densities(n: int) -> str:
    rows = "".join(
        f"def log_prob_{i}(x, mu, sigma):\n"
        f"    return -torch.log(sigma) - (x - mu) ** 2 / (2 * sigma ** 2) + {i} * torch.sin(x)\n"
        for i in range(n)
    )
    return f"import torch\n{rows}"


def _derivatives(n: int) -> str:
    rows = "".join(
        f"def loss{i}(p, y):\n    return -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p)) + {i}\n"
        f"def loss{i}_grad(p, y):\n    return (p - y) / (p * (1 - p)) + 0 * {i}\n"
        for i in range(n)
    )
    return f"import numpy as np\n{rows}"


def _mistakes(n: int) -> str:
    """Each with an edit that mends it, for which the whole file is looked at once more."""
    rows = "".join(
        f"def f{i}(m, x, o):\n    loss = Normal(m(x), 1.0).log_prob(x).mean()\n    loss.backward()\n    o.step()\n"
        for i in range(n)
    )
    return f"from torch.distributions import Normal\n{rows}"


def _class_cycle(n: int) -> str:
    rows = "".join(
        f"class L{i}(L{(i + 1) % n}, metaclass=L{(i * 7) % n}):\n    def loss(self): return -super().loss()\n"
        for i in range(n)
    )
    return rows + "L0().loss().backward()\n"


def _in_itself(n: int) -> str:
    rows = "a.append(a)\na[0] = a\no.next = o\no = o.next\no.loss = -o.loss\n" * n
    return f"a = [nll(x)]\no = A()\no.loss = nll(x)\n{rows}sum(a).backward()\no.loss.backward()\n"


def _anchors(n: int) -> str:
    rows = "".join(f"a{i + 1}: &a{i + 1} [{', '.join([f'*a{i}'] * 9)}]\n" for i in range(n))
    return f"monitor: val_loss\nmode: max\na0: &a0 [x, x]\n{rows}"


def _inherited(n: int) -> str:
    rows = "".join(f"a{i + 1}: &a{i + 1}\n  <<: *a{i}\n  <<: *a{i}\n" for i in range(n))
    return f"monitor: val_loss\nmode: max\na0: &a0 {{b: 1}}\n{rows}"


def _notebook(*sources: object) -> str:
    cells = [{"cell_type": "code", "source": source, "metadata": {}, "outputs": []} for source in sources]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4})


def _wrong_types(n: int) -> str:
    """Every field of a notebook and of its cells holds each kind of thing that JSON has."""
    kinds: tuple[object, ...] = (
        None,
        True,
        3,
        1.5,
        "loss",
        [],
        [3],
        ["loss = nll(x)", 3],
        {},
        {"source": 1},
        [[]],
        [{}],
    )
    cells: list[object] = [*kinds]
    cells += [{"cell_type": a, "source": b, "metadata": b, "outputs": a} for a in (*kinds, "code") for b in kinds]
    good = {"cell_type": "code", "source": "loss = nll(x)\nloss.backward()\n"}
    return json.dumps({"nbformat": {}, "metadata": [], "worksheets": kinds, "cells": [*cells * n, good]})


def _cell_chain(n: int) -> str:
    return _notebook("loss = nll(x)\n", *["loss = loss - nll(x)\n"] * n, "loss.backward()")


_CELL = '{"cell_type": "code", "source": "loss = nll(x)\\nloss.backward()"}'


# By name: a generator, and the size from which on four doublings are looked at.
PYTHON: dict[str, tuple[Generator, int]] = {
    "a sum over continued rows": (lambda n: "loss = a " + "\\\n  + a " * n + "\nloss.backward()\n", 150),
    "a sum in an f-string": (lambda n: 'loss = f"{' + "+".join(["a"] * n) + '}"\n', 150),
    "one name reduced again and again": (_repeated, 150),
    "at the top level": (_top_level, 150),
    "attributes, each from the one before": (_attributes, 150),
    "names, each from the one before": (_names, 150),
    "entries of a dictionary": (_dictionary, 150),
    "branches": (_branches, 50),
    "functions that call each other": (_mutual, 20),
    "functions in a chain": (_call_chain, 125),
    "methods in a chain": (_methods, 125),
    "classes in a chain": (_classes, 125),
    "objects made of each other": (_objects, 30),
    "calls that double": (_doubling_calls, 4),
    "sums that double": (_doubling_names, 4),
    "tuples that double": (_doubling_tuples, 4),
    "lists that double": (_lists, 4),
    "strings that double": (_strings, 150),
    "powers of powers": (_powers, 4),
    "digits of a number": (_digits, 500),
    "formulas in comments": (_stated, 1_000),
    "comments": (lambda n: _rows("# the loss of row §\n", n) + "loss = nll(x)\nloss.backward()\n", 5_000),
    "blank rows": (lambda n: "\n" * n + "loss = nll(x)\nloss.backward()\n", 5_000),
    "functions that nobody calls": (lambda n: _rows("def loss_§(x):\n    return -x\n\n\n", n), 150),
    "rows of data": (lambda n: "losses = [\n" + _rows("    [§, -§],\n", n) + "]\n", 500),
    "imports": (lambda n: _rows("from m§ import loss_§\n", n) + "loss_0.backward()\n", 100),
    "suppressions": (lambda n: _rows("loss = § # vaelint: ignore[VL101] because\n", n), 150),
    "quotes": (lambda n: "loss = 1\n" + "'" * n + "\n", 20_000),
    "triple quotes": (lambda n: "loss = 1\n" + "x = '''\n" * n, 500),
    "backslashes": (lambda n: "loss = '" + "\\" * (2 * n) + "'\n", 5_000),
    "decorators": (lambda n: "@loss\n" * n + "def f(x): return nll(x)\n", 150),
    "open brackets": (lambda n: "loss = (\n" * n, 50),
    "shifts of shifts": (lambda n: "loss = 1\n" + "loss = (1 << loss) << 99999\n" * n + "loss.backward()\n", 4),
    "repeats of repeats": (
        lambda n: "loss = 'x' * 10**9\n" + "loss = [loss] * 10**9\nloss = loss * 10**9\n" * n + "loss.backward()\n",
        30,
    ),
    "formats that are wide": (_widths, 30),
    "strings put into themselves": (
        lambda n: (
            "a = 'loss'\n" + "a = a.replace('s', a).join([f'{a}{a}', '%s%s' % (a, a)])\n" * n + "out[a] = nll(x)\n"
        ),
        20,
    ),
    "decorators of their own": (_decorated, 60),
    "cases": (_cases, 60),
    "cases that bind": (_captures, 60),
    "dictionaries merged": (_merges, 60),
    "keys of one dictionary": (
        lambda n: "loss = {" + _rows("'loss§': nll(x), ", n) + "}\nsum(loss.values()).backward()\n",
        300,
    ),
    "loops of a comprehension": (
        lambda n: "loss = sum(nll(x) " + _rows("for a§ in b§ if c§ ", n) + ")\nloss.backward()\n",
        10,
    ),
    "comprehensions in each other": (
        lambda n: "loss = " + "[" * n + "nll(x)" + " for a in b]" * n + "\nsum(loss).backward()\n",
        2,
    ),
    "names bound in one expression": (
        lambda n: "loss = nll(x)\nr = [" + "(loss := loss - nll(x)), " * n + "]\nloss.backward()\n",
        60,
    ),
    "types with parameters": (_type_parameters, 20),
    "f-strings in f-strings": (lambda n: 'loss = f"{f"{nll(x)}" + f"{\'a\'}"}"\n' * n, 60),
    "comments in f-strings": (lambda n: 'loss = f"{\n  nll(x) # loss }\n}"\n' * n, 60),
    "templates": (lambda n: 'loss = t"{nll(x)!r:>{w}}"\n' * n, 60),
    "half characters": (
        lambda n: "loss = {" + _rows("'\\ud800loss§': nll('\\udfff'), ", n) + "}\nlog('\\ud800loss', -nll(x))\n",
        30,
    ),
    "NUL bytes": (lambda n: "loss = nll(x)\n" + "\0" * n + "\nloss.backward()\n", 1000),
    "form feeds": (lambda n: "loss = nll(x)\n" + "\x0c" * n + "\n" + "\x0closs -= kl(x)\n" * n, 60),
    "rows that end as on an old Macintosh": (_ends, 60),
    "ends of rows that are none for Python": (
        lambda n: "loss = 'a\x85\u2028\u2029\x1c\x1d\x0b' * 3 # loss \u2028 x\n" * n + "loss.backward()\n",
        60,
    ),
    "a mark and another coding": (lambda n: "\ufeff# -*- coding: latin-1 -*-\n" + "loss = nll(x)\n" * n, 60),
    "a suppression of many codes": (
        lambda n: "loss = nll(x) # vaelint: ignore[" + "VL101, " * n + "]\nloss.backward()\n",
        5_000,
    ),
    "a suppression that never ends": (lambda n: "loss = nll(x) # vaelint: ignore[" + "[" * n + "\n", 50_000),
    "classes in a circle": (_class_cycle, 20),
    "factors": (lambda n: "loss = " + _rows("a§ * ", n) + "nll(x)\nloss.backward()\n", 100),
    "what holds itself": (_in_itself, 20),
    "whiles in each other": (lambda n: _nested("while a§:", n), 2),
    "loops in each other": (lambda n: _nested("for a§ in b§:", n), 2),
    "branches in each other": (lambda n: _nested("if a§:", n), 2),
    "properties in a chain": (_properties, 60),
    "properties that double": (_doubling_properties, 4),
    "classes that meet again": (_diamonds, 30),
    "constructors in a chain": (_constructors, 60),
    "functions in each other": (_inner_functions, 2),
    "functions passed on": (_callbacks, 60),
    "generators of generators": (_generators, 30),
    "formulas, each from the one before": (_formulas, 15),
    "densities": (_densities, 15),
    "derivatives": (_derivatives, 15),
    "mistakes": (_mistakes, 15),
    "loops one after the other": (lambda n: "def f(x, loss):\n" + _rows("    while a§: loss = loss - nll(x)\n", n), 60),
    "products that grow": (
        lambda n: "def f(x, loss):\n    a = nll(x)\n" + "    a = a * loss\n    loss = loss * a\n" * n,
        60,
    ),
    "a long documentation": (
        lambda n: 'def f(x):\n    """Args:\n' + _rows("        loss§: the negative log-likelihood\n", n) + '    """\n',
        300,
    ),
    "a name that is long": (lambda n: f"loss_{'aA1_' * n} = nll(x)\nloss_{'aA1_' * n}.backward()\n", 1_500),
}
YAML: dict[str, tuple[Generator, int]] = {
    "a mapping in one row": (lambda n: "monitor: 1\nx: {" + "a" * n + "}\n", 5_000),
    "pairs in one row": (lambda n: "monitor: 1\nx: {" + "a: b, " * n + "}\n", 1_000),
    "keys": (lambda n: "monitor: val_loss\nmode: max\n" + _rows("key_§: §\n", n), 500),
    "levels": (lambda n: "".join(" " * i + f"monitor{i}:\n" for i in range(n)), 20),
    "quotes in one row": (lambda n: "monitor: " + "'" * n + "\n", 5_000),
    "items in items": (lambda n: "monitor:\n  " + "- " * n + "a: b\n", 5_000),
    "spaces": (lambda n: "monitor" + " " * n + "x\n", 5_000),
    "aliases of aliases": (_anchors, 30),
    "mappings that inherit": (_inherited, 60),
    "documents": (lambda n: "---\nmonitor: val_loss\nmode: max\n...\n" * n, 100),
    "tags": (lambda n: "monitor: !!python/object/apply:os.system ['true']\n" * n + "mode: max\n", 300),
    "a long scalar": (lambda n: "monitor: |\n" + "  val_loss\n" * n + "mode: max\n", 600),
    "controls": (lambda n: "monitor: val_loss\n" + "\x00\x01\x7f\x85\u2028" * n + "\nmode: max\n", 1_000),
}
NOTEBOOK: dict[str, tuple[Generator, int]] = {
    "cells": (lambda n: _notebook(*["loss = nll(x)\n"] * n, "loss.backward()"), 200),
    "cells, each from the one before": (_cell_chain, 30),
    "rows of a cell": (lambda n: _notebook(["loss = nll(x)\n"] + ["loss -= kl(x)\n"] * n), 60),
    "commands": (lambda n: _notebook(*["%%time\n!ls \\\n\nloss = nll(x)\nx?\n%%bash\n"] * n), 60),
    "wrong types": (_wrong_types, 1),
    "lists in lists": (lambda n: '{"cells": ' + "[" * n + "]" * n + "}", 500),
    "objects in objects": (lambda n: '{"metadata": ' + '{"a": ' * n + "1" + "}" * n + f', "cells": [{_CELL}]}}', 500),
    "keys that come again": (lambda n: "{" + '"cells": [], ' * n + f'"cells": [{_CELL}]}}', 500),
    "numbers that are none": (lambda n: '{"cells": [' + "NaN, Infinity, -Infinity, 1e999, " * n + f"{_CELL}]}}", 500),
    "digits": (lambda n: '{"nbformat": ' + "9" * n + f', "cells": [{_CELL}]}}', 2_000),
    "escapes": (lambda n: _notebook("loss = nll('" + "\ud800\0\\" * n + "')\n"), 500),
}
# By the end of a file's name.
BY_SUFFIX = {".py": PYTHON, ".yaml": YAML, ".ipynb": NOTEBOOK}
