"""Names by which the recognisers tell that a place is right as it stands, and what they keep away from."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

# Something to be minimised, as an identifier or a part of one.
COST = re.compile(
    r"(?:^|_)(?:loss(?:es)?|nll|cost|kld?|bce|mse|penalty|neg_\w+|negative_\w+|objective_loss)(?:$|_|\d)", re.I
)
COST_FUNCTION = re.compile(r"loss|nll|negative|(?:^|_)neg_|potential|(?:^|_)energy", re.I)
# Something to be maximised, in the text of an expression.
GAIN = re.compile(
    r"\blog_?prob\w*\(|\blogpdf\(|\blogpmf\(|\blog_likelihood\w*\b|\belbo\b|\bmll\(|\blog_?probs?\b|\blog_?prob_\w+\b"
)
ENTROPY = re.compile(r"entropy(?!_loss)", re.I)
ENTROPY_COST = re.compile(r"(?:^|_)ent(?:ropy)?_loss", re.I)
LOG_DENSITY = re.compile(r"^_?(?:log_?prob|logpdf|logpmf|log_?likelihood|logp|elbo|log_density|log_marginal\w*)$")
LOG_ARGUMENT = re.compile(r"log_?softmax|log_?prob|\blogp\w*|\blprobs\b|log_?dist|logits$|\.log\(\)$")
LOG_SCALE = re.compile(r"log_?var|log_?std|log_?sig\w*|log_?scale|log_?det|\.log\(\)|\blog\(", re.I)
PI = re.compile(r"\bpi\b|log_?2_?pi|half_log", re.I)

RATE = re.compile(r"\b(?:lr|learning_rate)\b|step_size|_lr\b")
GRADIENT = re.compile(r"grad|\bg\b|\bupdate|\bdirection\b|\bdp\b|momentum|exp_avg|\bdw\b|\bdb\b", re.I)

# Losses of libraries, least where prediction meets target.
LOSSES = frozenset(
    {
        "cross_entropy",
        "mse_loss",
        "l1_loss",
        "smooth_l1_loss",
        "huber_loss",
        "nll_loss",
        "binary_cross_entropy",
        "kl_div",
        "kl_divergence",
        "gaussian_nll_loss",
        "poisson_nll_loss",
        "binary_cross_entropy_with_logits",
        "softmax_cross_entropy",
        "softmax_cross_entropy_with_integer_labels",
        "sigmoid_binary_cross_entropy",
        "squared_error",
        "l2_loss",
        "multi_margin_loss",
        "CrossEntropyLoss",
        "MSELoss",
        "BCEWithLogitsLoss",
        "BCELoss",
        "NLLLoss",
        "L1Loss",
        "SmoothL1Loss",
        "KLDivLoss",
    }
)
# A loss of a library kept under a name of its own: `loss_fct = CrossEntropyLoss()`.
HELD_LOSS = frozenset({"loss_fct", "loss_fn", "loss_func", "criterion"})
MAKES_LOSS = re.compile(r"\b(?:CrossEntropyLoss|MSELoss|BCEWithLogitsLoss|BCELoss|NLLLoss|L1Loss|SmoothL1Loss)\(")
TORCH_OPTIM = re.compile(r"^(?:torch|th)\.optim\.\w+$|^optim\.\w+$")
TORCH_OPTIM_FULL = re.compile(r"^(?:torch|th)\.optim\.")
IMPORTS_OPTIM = re.compile(r"^\s*(?:from torch import .*\boptim\b|import torch\.optim as optim)", re.M)
OPTIMIZERS = frozenset(["Adam", "AdamW", "SGD", "RMSprop", "Adagrad", "Adadelta", "NAdam", "RAdam"])

# Where a sign may be turned round on purpose, or the sign of a value is no matter.
GAMES = re.compile(
    r"adversar|attack|unlearn|revers(?:al|e_grad)|grad\w*_rev|domain_conf|fool|maximi[sz]e|ascent|perturb|(?:\b|_)gan(?:\b|_)"
    r"|discriminat|minimax|lagrang|\bdual",
    re.I,
)
SAMPLERS = re.compile(r"langevin|leapfrog|\bhmc\b|hamiltonian|mcmc|svgd|sgld|sgmcmc", re.I)

STEPS = re.compile(r"step\(|optim|zero_grad|scaler|accelerator|closure|fabric")
NORMALISER = re.compile(r"normali[sz]|log_?norm|constant", re.I)
TRAINS = re.compile(r"\.backward\(|configure_optimizers|training_step")
AVERAGES = re.compile(r"\bema|_ema|decay|avg|average|running|momentum", re.I)
METRIC = re.compile(
    r"(?<![a-z])(?:loss|nll|elbo|acc|accuracy|auc|f1|error|mse|mae|rmse|reward|perplexity)(?![a-z])", re.I
)


@lru_cache(maxsize=4096)
def within(pattern: re.Pattern[str], text: str) -> bool:
    """Asked of a whole function once, and not for each of its statements."""
    return pattern.search(text) is not None


def last(node: ast.expr) -> str:
    """The last word of a dotted name, of a call's function, of what is subscripted by a string."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Call):
        return last(node.func)
    if isinstance(node, ast.Subscript):
        key = node.slice
        return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else last(node.value)
    return ""


def called(node: ast.expr) -> str:
    """``cross_entropy`` of ``F.cross_entropy(…)`` and ``CrossEntropyLoss`` of ``CrossEntropyLoss()(…)``.

    A class that is only made into an object is not called: ``-CrossEntropyLoss()`` would crash at once.
    """
    word = last(node.func) if isinstance(node, ast.Call) else ""
    made = isinstance(node, ast.Call) and isinstance(node.func, ast.Call)
    return word if made or not word[:1].isupper() else ""


def cost_like(node: ast.expr) -> bool:
    """Whether a term is a cost by its name; of a product the factor that is one, if no other stands in the way."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return (cost_like(node.left) and not gain_like(node.right)) or (
            cost_like(node.right) and not gain_like(node.left)
        )
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return cost_like(node.left)
    if isinstance(node, ast.Call) and last(node.func) in ("mean", "sum"):
        inner = node.args[0] if node.args else node.func.value if isinstance(node.func, ast.Attribute) else None
        return inner is not None and cost_like(inner)
    word = last(node)
    return bool(COST.search(word)) and not WEIGHT.search(word)


def gain_like(node: ast.expr) -> bool:
    return any(isinstance(n, (ast.Name, ast.Attribute)) and GAIN.search(last(n)) for n in ast.walk(node))


WEIGHT = re.compile(r"weight|coef|scale|lambda|beta|ratio|factor|mask|annealing|fn$|func$", re.I)
