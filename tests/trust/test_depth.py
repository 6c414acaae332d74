"""The parser is never given a text that overruns its stack: it would end the process."""

from __future__ import annotations

import pytest

from vaelint.source.parse import CHAIN, NESTED, TooDeep, parse

FLAT = {
    "an f-string of many fields": "x = f'" + "{a}" * 2000 + "'\n",
    "a row of dashes in an f-string": 'x = f"{a}' + "-" * (2 * CHAIN) + '"\n',
    "brackets in the text of an f-string": 'x = f"{a}' + "(" * 500 + '"\n',
    "doubled braces": "x = f'" + "{{" * 500 + "'\n",
    "fields in formats": "x = f'{a:{b}.{c}}'\n" * 500,
    "a quote as the fill of a format": 'x = f"{a:\'>10}"\ny = (' + "[0], " * 300 + ")\n",
    "an f-string in the field of another": "x = f\"{f'{a}'}\"\n" * 500,
    "a quote of the same kind in a field": 'x = f"{a["b"]}"\n' * 500,
    "escapes": "x = f'\\N{DASH}\\'{a}\\\\'\n" * 500,
    "many statements": "x = a - b\n" * (CHAIN + 1),
    "many statements in a row": "x = -b; " * (CHAIN + 1) + "\n",
    "a text with many signs": "x = '" + "-" * (2 * CHAIN) + "'\n",
    "a sum of squares": "x = (" + " + ".join(["a**2"] * (CHAIN // NESTED // 2)) + ")\n",
    "tests of many values": "x = [" + "a if not -b else lambda: ~c, " * (CHAIN // NESTED) + "]\n",
    "a name that is a word elsewhere": "match = case = 1\ncase = " + "{0: " * 20 + "a" + "}" * 20 + "\n",
    "many patterns": "match a:\n" + "    case [{'k': (b, A(c))}] if [[[[[[[[[[[[[[[[d]]]]]]]]]]]]]]]]: pass\n" * 20,
    "many strings": "x = [" + "'-', " * (CHAIN + 1) + "]\n",
}


@pytest.mark.parametrize("text", FLAT.values(), ids=FLAT)
def test_what_only_looks_deep_is_parsed(text: str) -> None:
    assert parse(text).body


DEEP = {
    "brackets": "x = " + "(" * 2000 + "a" + ")" * 2000 + "\n",
    "brackets in an f-string": 'x = f"{' + "(" * 2000 + "a" + ")" * 2000 + '}"\n',
    "brackets in a raw f-string": 'x = Rf"""{' + "(" * 2000 + "a" + ")" * 2000 + '}"""\n',
    "brackets behind what is a name's escape in another string": 'x = rf"\\N{' + "(" * 2000 + "a" + ")" * 2000 + '}"\n',
    "brackets in a format": 'x = f"{a:{' + "(" * 2000 + "a" + ")" * 2000 + '}}"\n',
    "brackets behind a quote of the same kind": 'x = f"{a["' + '"]}{' + "(" * 2000 + "a" + ")" * 2000 + '}"\n',
    "f-strings in each other's fields": 'x = f"{' * 300 + "a" + '}"' * 300 + "\n",
    "signs in an f-string": 'x = f"{' + "-" * 50_000 + 'a}"\n',
    "a sum in an f-string": 'x = f"{' + "+".join(["a"] * 20_000) + '}"\n',
    "a sum over continued rows": "x = a " + "\\\n  + a " * 20_000 + "\n",
    "a sum over continued rows that end as on Windows": "x = a " + "\\\r\n  + a " * 20_000 + "\r\n",
    "words over rows": "x = (a" + "\nor\na" * 20_000 + ")\n",
    "pieces of a string": "x = " + "'a' " * 20_000 + "\n",
    "loops of a comprehension": "x = [a " + "for a in b " * 20_000 + "]\n",
    "functions in functions": "x = " + "lambda: " * CHAIN + "a\n",
    "negations of each other": "x = " + "not " * CHAIN + "a\n",
    "signs before each other": "x = " + "- ~" * (CHAIN // 2) + "a\n",
    "powers of powers": "x = " + "a ** " * CHAIN + "a\n",
    "choices in choices": "x = " + "a if b else " * CHAIN + "a\n",
    "lists in the pattern of a list": "match a:\n    case " + "[" * 40 + "b" + "]" * 40 + ": pass\n",
    "groups in a pattern over rows": "match a:\n    case (\n" + "(\n" * 40 + "b" + ")\n" * 40 + "): pass\n",
    "mappings in the pattern of a mapping": "match a:\n    case " + "{0: " * 12 + "b" + "}" * 12 + ": pass\n",
    "classes in the pattern of a class": "match a:\n    case " + "A(b=" * 40 + "b" + ")" * 40 + ": pass\n",
    "branches": "if a: pass\n" + "elif a: pass\n" * 20_000,
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_what_is_deep_is_not(text: str) -> None:
    with pytest.raises(TooDeep):
        parse(text)
