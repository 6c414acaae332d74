"""Which way a metric goes, by its name; and the settings that say which way something selects."""

from __future__ import annotations

from pathlib import Path

import pytest

from vaelint.knowledge import RuleError, load
from vaelint.knowledge.metrics import Metrics
from vaelint.sense import Direction, Sense

METRICS = load().metrics

NOTHING = [
    "score", "val_score", "metric", "best", "fitness", "dist", "distance", "entropy", "waic", "elbo", "val_elbo",
    "reward_loss", "loss_ratio", "g_loss", "loss_d", "policy_loss", "actor_loss", "adv_acc", "worst_acc", "acc_drop",
    "neg_loss", "neg_reward", "mse_score", "lossless", "errorbar", "accuracy_threshold", "loss_weight",
    "best_loss_idx", "step", "epoch", "", "_", "a_very_long_name_that_is_a_whole_sentence_about_a_loss",
]  # fmt: skip
UP = [
    "acc", "val_acc", "valAcc", "val/acc", "val-top1-acc", "test_acc_epoch", "eval/accuracy_top5", "best_acc1",
    "val_f1_score", "r2_score", "accuracy_score", "hits@10", "recall_at_5", "mAP", "metrics/mAP50(B)", "val_psnr",
    "mean_reward", "episode_return", "neg_mean_squared_error", "eval_neg_log_loss", "roc_auc", "F1Score",
    "elpd_waic", "val_dice_coef",
]  # fmt: skip
DOWN = [
    "loss", "val_loss", "valLoss", "Loss/val", "loss_val", "best_val_loss", "min_loss", "total_loss", "val_kl_loss",
    "compute_loss", "val_rmse", "wer", "eval_cer", "perplexity", "nll", "neg_log_likelihood", "bic", "err",
]  # fmt: skip


@pytest.mark.parametrize("name", NOTHING)
def test_a_name_that_may_mean_either_says_nothing(name: str) -> None:
    assert METRICS.sense(name) is Sense.UNKNOWN


@pytest.mark.parametrize("name", UP)
def test_these_are_better_when_larger(name: str) -> None:
    assert METRICS.sense(name) is Sense.GAIN


@pytest.mark.parametrize("name", DOWN)
def test_these_are_better_when_smaller(name: str) -> None:
    assert METRICS.sense(name) is Sense.COST


def test_what_may_be_below_zero_is_said() -> None:
    signed = {name: found.signed for name in ("mse", "wer", "loss", "nll", "reward") if (found := METRICS.metric(name))}
    assert signed == {"mse": False, "wer": False, "loss": True, "nll": True, "reward": True}


def test_a_setting_knows_its_values_in_any_case() -> None:
    wandb = next(s for s in METRICS.settings if "goal" in s.mode and "name" in s.metric)
    assert wandb.direction("Minimize") is Direction.MINIMIZE
    assert wandb.direction("maximize") is Direction.MAXIMIZE
    assert wandb.direction("target") is Direction.UNKNOWN


BAD = {
    "a metric without a sense": ('[[metric]]\nnames = ["x"]\n', "metric 1", "has no `sense`"),
    "a sense that is none": ('[[metric]]\nnames = ["x"]\nsense = "none"\n', "metric 1", "gain or cost"),
    "a metric without names": ('[[metric]]\nsense = "gain"\n', "metric 1", "has no `names`"),
    "an unknown key": ('[[metric]]\nname = ["x"]\nsense = "gain"\n', "metric 1", "did you mean `names`"),
    "a setting without a mode": ('[[setting]]\nmetric = ["m"]\n', "setting 1", "has no `mode`"),
    "a value that means both": (
        '[[setting]]\nmetric = ["m"]\nmode = ["o"]\nminimize = ["a"]\nmaximize = ["a"]\n',
        "setting 1",
        "both",
    ),
}


@pytest.mark.parametrize("text, entry, reason", BAD.values(), ids=BAD)
def test_a_bad_file_is_rejected_with_its_path_entry_and_reason(
    tmp_path: Path, text: str, entry: str, reason: str
) -> None:
    path = tmp_path / "metrics.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(RuleError) as error:
        Metrics.read([path])
    assert error.value.path == path and error.value.entry == entry and reason in error.value.reason


def test_words_of_ones_own_are_added(tmp_path: Path) -> None:
    path = tmp_path / "metrics.toml"
    path.write_text('[[metric]]\nnames = ["fitness"]\nsense = "gain"\n', "utf-8")
    ours = load([path]).metrics
    assert ours.sense("val_fitness") is Sense.GAIN and ours.sense("val_loss") is Sense.COST
