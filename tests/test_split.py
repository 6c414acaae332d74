"""A program means the same in one file and in several: cases cut into modules, a module a definition."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.splitting import definitions, split
from vaelint.config import Config
from vaelint.engine import analyse

FIXTURES = Path(__file__).resolve().parent / "fixtures"
FILES = [
    path
    for folder in ("cases", "reported", "silent")
    for path in sorted((FIXTURES / folder).rglob("*.py"))
    if len(definitions(path.read_text("utf-8"))) > 1
]


def name(path: Path) -> str:
    return path.relative_to(FIXTURES).as_posix()


# What a name is logged with is looked for in the file that selects by it, and in no other.
# Overrides are compared within one file: their bases and siblings in others are not.
# A file that only hands one function to another, both of other files, has no word of ours in it: it is not opened.
# What functions leave on an object of another file is not followed.
# A loss that a model is compiled with is shown at its formula in the same file, else where it is handed over.
# Methods of an object of unknown class are looked for where the imports lead: files side by side are strangers.
# A file without a word of ours is not opened for itself.
# A sum whose optimiser stands in another file is judged for itself, too: its second term is named once more.
# What a formula is used for is looked for in its own file; a name that fits in one file silences one in the next.
# A derivative is held against the function that stands beside it, in its file.
ONE_FILE = {
    "reported/derivatives_of_activations_and_losses.py",
    "reported/mse_prime_of_the_other_difference.py",
    "reported/nlogsig_derivative.py",
    "reported/fitness_curve_of_a_minimisation.py",
    "reported/logged_value_rules_over_name.py",
    "reported/override_density_sign.py",
    "reported/marginal_likelihood_loses_its_negative_flag.py",
    "reported/trial_returns_loss_to_a_maximiser.py",
    "reported/saved_log_probs_without_minus.py",
    "reported/dice_coefficient_compiled_as_loss.py",
    "reported/batch_a2c_entropy_of_two_signs.py",
    "reported/batch_a2c_entropy_of_two_signs_fixed.py",
    "reported/localisation_radius_by_cross_validation.py",
    "reported/federated_selector_keeps_the_highest_loss.py",
    "reported/imagined_actor_descends_its_return.py",
    "reported/score_of_a_perturbation_without_minus.py",
    "reported/wrapped_regressor_r_squared.py",
    "reported/person_search_triplet.py",
    "reported/saliency_kld.py",
}


def rows(paths: list[Path]) -> set[tuple[int, str]]:
    return {(f.location.row, f.code) for f in analyse(paths, Config()).findings}


@pytest.mark.parametrize("path", [p for p in FILES if name(p) not in ONE_FILE], ids=name)
def test_it_is_found_in_several_files_as_in_one(path: Path, tmp_path: Path) -> None:
    parts = split(path.read_text("utf-8"), tmp_path)
    assert rows(parts) == rows([path])


@pytest.mark.parametrize("path", [p for p in FILES if "reported" in p.parts], ids=name)
def test_a_part_checked_alone_says_what_the_whole_run_says_of_it(path: Path, tmp_path: Path) -> None:
    parts = split(path.read_text("utf-8"), tmp_path)
    whole = {(f.filename, f.location, f.code) for f in analyse(parts, Config()).findings}
    alone = {(f.filename, f.location, f.code) for part in parts for f in analyse([part], Config()).findings}
    assert alone == whole
