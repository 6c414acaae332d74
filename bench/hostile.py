"""Files that nobody wrote to be analysed, by size: what they cost is to grow as they do."""

from __future__ import annotations

from collections.abc import Callable

Generator = Callable[[int], str]


def _rows(row: str, n: int) -> str:
    return "".join(row.replace("§", str(i)) for i in range(n))


def _repeated(n: int) -> str:
    return "def f(loss):\n" + "    loss -= nll(x)\n" * n + "    loss.backward()\n"


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
    "comments": (lambda n: _rows("# the loss of row §\n", n) + "loss = nll(x)\nloss.backward()\n", 5_000),
    "blank rows": (lambda n: "\n" * n + "loss = nll(x)\nloss.backward()\n", 5_000),
    "functions that nobody calls": (lambda n: _rows("def loss_§(x):\n    return -x\n\n\n", n), 150),
    "rows of data": (lambda n: "losses = [\n" + _rows("    [§, -§],\n", n) + "]\n", 500),
    "imports": (lambda n: _rows("from m§ import loss_§\n", n) + "loss_0.backward()\n", 100),
    "suppressions": (lambda n: _rows("loss = § # vaelint: ignore[VL101] because\n", n), 150),
    "quotes": (lambda n: "loss = 1\n" + "'" * n + "\n", 5_000),
    "triple quotes": (lambda n: "loss = 1\n" + "x = '''\n" * n, 500),
    "backslashes": (lambda n: "loss = '" + "\\" * (2 * n) + "'\n", 5_000),
    "decorators": (lambda n: "@loss\n" * n + "def f(x): return nll(x)\n", 150),
    "open brackets": (lambda n: "loss = (\n" * n, 50),
}
YAML: dict[str, tuple[Generator, int]] = {
    "a mapping in one row": (lambda n: "monitor: 1\nx: {" + "a" * n + "}\n", 5_000),
    "pairs in one row": (lambda n: "monitor: 1\nx: {" + "a: b, " * n + "}\n", 1_000),
    "keys": (lambda n: "monitor: val_loss\nmode: max\n" + _rows("key_§: §\n", n), 500),
    "levels": (lambda n: "".join(" " * i + f"monitor{i}:\n" for i in range(n)), 20),
    "quotes in one row": (lambda n: "monitor: " + "'" * n + "\n", 5_000),
    "items in items": (lambda n: "monitor:\n  " + "- " * n + "a: b\n", 5_000),
    "spaces": (lambda n: "monitor" + " " * n + "x\n", 5_000),
}
