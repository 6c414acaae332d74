"""How large the core is: what counts as a line, a pattern, a list of words."""

from __future__ import annotations

from pathlib import Path

from bench.size import of_folder, of_module, of_rules


def test_a_module_without_any_of_it_has_its_lines_alone() -> None:
    size = of_module("x = 1\n\n\ndef f():\n    return x\n")
    assert (size.files, size.lines) == (1, 5)
    assert (size.patterns, size.alternatives, size.lists, size.words, size.shown) == (0, 0, 0, 0, 0)


def test_each_alternative_of_a_pattern_counts() -> None:
    size = of_module('import re\n_A = re.compile(r"loss|cost|(?:a|b)")\nre.search("x", y)\nit.search("x|y")\n')
    assert (size.patterns, size.alternatives) == (2, 5)


def test_lists_of_rules_and_tables_of_a_module_count_apart() -> None:
    size = of_module('_OLD = Words("old")\n_SET = frozenset({"mean", "sum"})\n_MAP = {"max": 1, "not a name": 2}\n')
    assert (size.lists, size.words) == (1, 6)


def test_what_is_shown_counts_by_its_calls() -> None:
    assert of_module("def f(e):\n    return f'{ir.render(e, 40)} {ir.render(e)}'\n").shown == 2


def test_a_folder_does_not_count_what_is_below_it(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "b.py").write_text("y = 1\n")
    assert (of_folder(tmp_path).files, of_folder(tmp_path).lines) == (1, 1)


def test_words_of_rules_are_those_of_their_lists(tmp_path: Path) -> None:
    (tmp_path / "vocabulary.toml").write_text('[a]\nwords = ["x", "y"]\nbut_not = ["z"]\nwith = ["b"]\n')
    assert of_rules(tmp_path) == {"vocabulary.toml": 3}
