"""What identifiers claim: first the names that must claim nothing, then those that do."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaelint.knowledge import load
from vaelint.knowledge.lexicon import Lexicon

KNOWN = load()

NAMELESS = """
    x z mu sigma logits features hidden lossless gloss closs_x classes glossary klass kline bell elbow nlls_fn
    loss_fn loss_func loss_function loss_weight loss_weights loss_history loss_list loss_log loss_dict
    loss_scale loss_scaler loss_meter loss_mask loss_type loss_name loss_ratio loss_threshold loss_coef loss_idx
    loss_grad loss_std loss_module loss_config loss_args loss_diff loss_gap loss_plot loss_curve loss_key
    loss_metrics num_losses n_losses has_loss use_kl with_kl return_loss return_log_prob add_loss plot_loss
    print_loss lambda_kl log_prob_fn log_prob_grad log_prob_ratio log_ratio log_det log_var logvar log_std
    log_sigma log_alpha log_scale log_interval log_dir log_step log_metrics log_softmax log_probs_mask kl_weight
    kl_coef kl_coeff kl_annealing kl_target target_kl max_kl beta_kl kl_lambda kl_schedule kl_type elbo_fn
    elbo_history nll_fn perplexity_threshold entropy entropies entropy_loss loss_entropy entropy_bonus
    entropy_coef policy_entropy reward_model reward_fn reward_scale reward_norm return_dict return_type
    score_matching score_fn error_message error_code ValueError KeyError cost_matrix cost_volume distance_matrix
    energy_model accuracy_threshold neg_loss negative_loss neg_score neg_distance neg_logits neg_entropy
    loss_info elbo_stats return_value return_values lower_bound weight_lower_bounds
    optimizer scheduler criterion weight mask beta temperature grad_loss loss_scheduler mll
"""
NOTHING = NAMELESS.split()

CLAIMS = {
    # strong gains
    "log_prob": ("gain", "log_density", True),
    "log_probs": ("gain", "log_density", True),
    "logprobs": ("gain", "log_density", True),
    "logprob": ("gain", "log_density", True),
    "logp": ("gain", "log_density", True),
    "logpdf": ("gain", "log_density", True),
    "logProb": ("gain", "log_density", True),
    "log_prob_x": ("gain", "log_density", True),
    "old_log_probs": ("gain", "log_density", True),
    "target_log_prob": ("gain", "log_density", True),
    "log_likelihood": ("gain", "log_density", True),
    "log_likelihood_1": ("gain", "log_density", True),
    "logLikelihood": ("gain", "log_density", True),
    "loglik": ("gain", "log_density", True),
    "loglikelihood": ("gain", "log_density", True),
    "llh": ("gain", "log_density", True),
    "log_evidence": ("gain", "log_density", True),
    "log_marginal_likelihood": ("gain", "log_density", True),
    "log_prior": ("gain", "log_density", True),
    "log_px": ("gain", "log_density", True),
    "lnprob": ("gain", "log_density", True),
    "compute_log_prob": ("gain", "log_density", True),
    "elbo": ("gain", "elbo", True),
    "ELBO": ("gain", "elbo", True),
    "elbos": ("gain", "elbo", True),
    "mean_elbo": ("gain", "elbo", True),
    "elbo_per_sample": ("gain", "elbo", True),
    "neg_kl": ("gain", "kl", True),
    # strong costs
    "nll": ("cost", "nll", True),
    "nll_loss": ("cost", "nll", True),
    "NLLLoss": ("cost", "nll", True),
    "nlls": ("cost", "nll", True),
    "nll_per_token": ("cost", "nll", True),
    "neg_log_likelihood": ("cost", "nll", True),
    "negative_log_likelihood": ("cost", "nll", True),
    "neg_log_prob": ("cost", "nll", True),
    "neg_log_prob_x": ("cost", "nll", True),
    "minus_log_prob": ("cost", "nll", True),
    "neglogp": ("cost", "nll", True),
    "perplexity": ("cost", "nll", True),
    "val_perplexity": ("cost", "nll", True),
    "negative_elbo": ("cost", "elbo", True),
    "neg_elbo": ("cost", "elbo", True),
    "neg_mean_elbo": ("cost", "elbo", True),
    "nelbo": ("cost", "elbo", True),
    "kl": ("cost", "kl", True),
    "KL": ("cost", "kl", True),
    "kl1": ("cost", "kl", True),
    "kls": ("cost", "kl", True),
    "kld": ("cost", "kl", True),
    "KLD": ("cost", "kl", True),
    "kl_div": ("cost", "kl", True),
    "kl_divergence": ("cost", "kl", True),
    "kl_loss": ("cost", "kl", True),
    "loss_kl": ("cost", "kl", True),
    "KLLoss": ("cost", "kl", True),
    "klLoss": ("cost", "kl", True),
    "kl_z": ("cost", "kl", True),
    "approx_kl": ("cost", "kl", True),
    "recon_loss": ("cost", "error", True),
    "reconstruction_loss": ("cost", "error", True),
    "rec_loss": ("cost", "error", True),
    "loss_recon": ("cost", "error", True),
    "cross_entropy": ("cost", "cross_entropy", True),
    "cross_entropy_loss": ("cost", "cross_entropy", True),
    # weak costs
    "loss": ("cost", "", False),
    "losses": ("cost", "", False),
    "total_loss": ("cost", "", False),
    "loss_total": ("cost", "", False),
    "best_loss": ("cost", "", False),
    "val_loss": ("cost", "", False),
    "val/loss": ("cost", "", False),
    "loss1": ("cost", "", False),
    "epoch_loss": ("cost", "", False),
    "adv_loss": ("cost", "", False),
    "d_loss": ("cost", "", False),
    "g_loss": ("cost", "", False),
    "loss_G": ("cost", "", False),
    "alpha_loss": ("cost", "", False),
    "mask_loss": ("cost", "", False),
    "self_loss": ("cost", "", False),
    "policy_loss": ("cost", "surrogate", False),
    "actor_loss": ("cost", "surrogate", False),
    "critic_loss": ("cost", "error", False),
    "value_loss": ("cost", "error", False),
    "mse_loss": ("cost", "error", False),
    "bce_loss": ("cost", "cross_entropy", False),
    "contrastive_loss": ("cost", "contrastive", False),
    "elbo_loss": ("cost", "elbo", False),
    "log_loss": ("cost", "cross_entropy", False),
    "cost": ("cost", "", False),
    "error": ("cost", "error", False),
    "err": ("cost", "error", False),
    "mse": ("cost", "error", False),
    "mae": ("cost", "error", False),
    "bce": ("cost", "cross_entropy", False),
    "distance": ("cost", "distance", False),
    "distances": ("cost", "distance", False),
    "regret": ("cost", "", False),
    "cosine_distance": ("cost", "distance", False),
    "penalty": ("cost", "penalty", False),
    "energy": ("cost", "energy", False),
    "potential": ("cost", "potential", False),
    # weak gains
    "reward": ("gain", "reward", False),
    "rewards": ("gain", "reward", False),
    "mean_reward": ("gain", "reward", False),
    "returns": ("gain", "return", False),
    "advantage": ("gain", "return", False),
    "advantages": ("gain", "return", False),
    "accuracy": ("gain", "accuracy", False),
    "val_acc": ("gain", "accuracy", False),
    "acc1": ("gain", "accuracy", False),
    "f1": ("gain", "accuracy", False),
    "likelihood": ("gain", "likelihood", False),
    "score": ("gain", "", False),
    "neg_reward": ("cost", "reward", False),
    "neg_mean_squared_error": ("gain", "error", False),
}


@pytest.mark.parametrize("name", NOTHING)
def test_no_claim(name: str) -> None:
    assert KNOWN.claim(name) is None


@pytest.mark.parametrize("name", CLAIMS)
def test_claims(name: str) -> None:
    claim = KNOWN.claim(name)
    said = (claim.sense.value, claim.kind, claim.strong) if claim is not None else None
    assert said == CLAIMS[name]


@pytest.mark.parametrize(
    "name",
    [
        "beta",
        "kl_weight",
        "lambda_kl",
        "w_kl",
        "coef",
        "ent_coef",
        "alpha",
        "temperature",
        "mask",
        "loss_mask",
        "gamma",
        "lr",
        "learning_rate",
        "step_size",
        "stepSize",
        "num_samples",
        "batch_size",
        "n",
        "discount",
        "sigma",
        "std",
        "tau",
        "eps",
        "count",
        "T",
    ],
)
def test_positive(name: str) -> None:
    assert KNOWN.positive(name)


@pytest.mark.parametrize(
    "name",
    ["sign", "x", "loss", "beta_loss", "weighted_loss", "kl", "advantage", "direction", "delta", "reward", "logits"],
)
def test_not_positive(name: str) -> None:
    assert not KNOWN.positive(name)


@pytest.mark.parametrize(
    "name",
    [
        "p",
        "q",
        "prob",
        "probs",
        "action_probs",
        "probability",
        "one_hot",
        "labels",
        "soft_labels",
        "y",
        "target",
        "responsibilities",
    ],
)
def test_probability(name: str) -> None:
    assert KNOWN.is_probability(name)


@pytest.mark.parametrize("name", ["log_prob", "log_probs", "logits", "loss", "q_target", "x", "problem"])
def test_not_probability(name: str) -> None:
    assert not KNOWN.is_probability(name)


@pytest.mark.parametrize(
    "name", ["params", "theta", "weights", "w", "W", "b", "bias", "model_params", "net_parameters"]
)
def test_parameter(name: str) -> None:
    assert KNOWN.is_parameter(name)


@pytest.mark.parametrize("name", ["x", "loss", "grad", "kl_weight", "inputs", "batch"])
def test_not_parameter(name: str) -> None:
    assert not KNOWN.is_parameter(name)


@given(st.text(max_size=30))
def test_any_string_may_be_asked(name: str) -> None:
    KNOWN.claim(name)
    KNOWN.positive(name)
    KNOWN.is_probability(name)


TERMS = [name for name, said in CLAIMS.items() if said[2] and "oss" not in name]


@pytest.mark.parametrize("name", [x for x in TERMS if "_" not in x and not x.startswith(("neg", "minus"))])
def test_a_negator_turns_technical_terms_round(name: str) -> None:
    claim, turned = KNOWN.claim(name), KNOWN.claim(f"neg_{name}")
    assert claim is not None
    assert turned is not None
    assert turned.sense is -claim.sense


# --- what counts say -----------------------------------------------------------------------------


def counted(tmp_path: Path, counts: str) -> Path:
    path = tmp_path / "names.toml"
    path.write_text(
        f'[[term]]\nwords = ["badness"]\nsense = "cost"\n\n[term.counts]\nbadness = {{ {counts} }}\n', "utf-8"
    )
    return path


@pytest.mark.parametrize(
    "counts",
    [
        "agrees = 7, against = 3, neither = 90, packages = 3, contrary = 3",  # right often enough
        "agrees = 0, against = 9, neither = 90, packages = 9, contrary = 9",  # too few values to say
        "agrees = 0, against = 20, neither = 0, packages = 2, contrary = 2",  # of too few packages
        "agrees = 4, against = 8, neither = 0, packages = 5, contrary = 1",  # one package's own way
    ],
)
def test_a_word_claims_what_it_says_unless_it_was_measured_to_mislead(tmp_path: Path, counts: str) -> None:
    assert Lexicon.read([counted(tmp_path, counts)]).claim("mean_badness") is not None


def test_a_word_whose_values_often_are_the_opposite_claims_nothing(tmp_path: Path) -> None:
    path = counted(tmp_path, "agrees = 6, against = 4, neither = 0, packages = 3, contrary = 3")
    assert Lexicon.read([path]).claim("mean_badness") is None
    assert Lexicon.read([path], counted=False).claim("mean_badness") is not None
