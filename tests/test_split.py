"""A program means the same in one file and in several: cases cut into modules, a module a definition."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.runs import FIXTURES, Runs, analyse
from tests.splitting import definitions, split
from vaelint.config import Config
from vaelint.finding import Finding, Location
from vaelint.source import vocabulary
from vaelint.source.project import Project

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
# A derivative is held against the function that stands beside it, in its file; a sum against its twin there.
# A margin that a caller in another file gives is not known where the class stands.
# A draw is compared in one file with a probability that is made in another: the file that compares says nothing.
# What a caller in another file shows of a value is not held against how this file adds, ranks, keeps or names it.
# That a caller negates what is called a loss is seen in one file: in another one the name misleads all the same.
# A mistake that a function makes is told in its file; the file that uses what it returns is told of it once more.
ONE_FILE = {
    "reported/coupling_flow_subtracts_its_log_determinant.py",
    "reported/equal_metric_prefix_is_maximised.py",
    "reported/inverse_log_determinant.py",
    "reported/potential_is_a_log_likelihood.py",
    "reported/stopper_min_mode_minus_inf.py",
    "reported/what_is_marked_is_made_unlikely.py",
    "reported/what_moves_are_accepted_by.py",
    "reported/bernoulli_log_likelihood_negated.py",
    "reported/boosted_survival_score.py",
    "reported/largest_error_by_the_default_of_a_flag.py",
    "reported/masked_entropy_lacks_its_minus.py",
    "reported/minus_before_the_first_term_only.py",
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
    "silent/negative_margin_by_keyword.py",
    "reported/saliency_kld.py",
    "reported/cost_passed_as_reward.py",
    "reported/twin_sums_of_likelihood_and_prior.py",
    "reported/acceptance_turned_round.py",
    "reported/actor_critic_loss_function.py",
    "reported/early_stopping_score_calculator.py",
    "reported/kbgat_margin_target.py",
    "reported/petab_nllh_grad_prior.py",
    "reported/ppo_loss_function_entropy.py",
    "reported/vae_elbo_is_cost.py",
    "silent/policy_loss_negated_by_its_caller.py",
}
# What a method returns for a caller's setting is known where the caller's file is read as well: importers are looked at
# only for what they pass to the functions of the checked file.
BY_ITS_CALLER = {"reported/tuner_knows_another_spelling.py"}


# What both tests ask of stands first in the lists of both, so that they take the same program one after the other.
SPLIT = [p for p in FILES if name(p) not in ONE_FILE]
BOTH = [p for p in SPLIT if "reported" in p.parts]
TOGETHER = BOTH + [p for p in SPLIT if p not in BOTH]
ALONE = BOTH + [p for p in FILES if "reported" in p.parts and p not in BOTH]
ALONE = [p for p in ALONE if name(p) not in BY_ITS_CALLER]


class Program(NamedTuple):
    """A fixture cut into files, and what is found in them when all are asked for."""

    path: Path
    parts: list[Path]
    findings: list[Finding]


@pytest.fixture(scope="module")
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Program:
    path: Path = request.param
    parts = split(path.read_text("utf-8"), tmp_path_factory.mktemp("split"))
    return Program(path, parts, analyse(parts, Config(), project=Project()).findings)


@pytest.mark.parametrize("program", TOGETHER, ids=name, indirect=True, scope="module")
def test_it_is_found_in_several_files_as_in_one(runs: Runs, program: Program) -> None:
    folder = FIXTURES / program.path.relative_to(FIXTURES).parts[0]
    in_one = [f for f in runs.found_in(folder, program.path) if Config().shows(f)]
    assert {(f.location.row, f.code) for f in program.findings} == {(f.location.row, f.code) for f in in_one}


def seen(findings: Iterable[Finding]) -> set[tuple[str, Location, str]]:
    return {(f.filename, f.location, f.code) for f in findings}


@pytest.mark.parametrize("program", ALONE, ids=name, indirect=True, scope="module")
def test_a_part_checked_alone_shows_what_the_whole_run_shows_of_it(program: Program) -> None:
    """What is to be edited there, and what is optimised there and wrong because of another part.

    For a file without a word of ours nobody looks for those that import it.
    """
    project = Project()
    for part in (p for p in program.parts if vocabulary.mentions(p.read_text("utf-8"))):
        whole = [f for f in program.findings if str(part) in (f.filename, *(r.filename for r in f.related))]
        assert seen(analyse([part], Config(), project=project).findings) == seen(whole), part.name
