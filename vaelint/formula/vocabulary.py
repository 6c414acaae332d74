"""What functions are called in libraries → the few that a form knows. Tables alone; the spelling does not matter."""

from __future__ import annotations

# The first name of a dotted name that is a module, so that `torch.sum(x)` is no method of a value `torch`.
MODULES = frozenset({
    "torch", "th", "np", "numpy", "onp", "jnp", "jax", "lax", "tf", "K", "F", "keras", "math", "cmath", "ops", "nn",
    "scipy", "special", "sp", "anp", "mx", "cp", "paddle", "T", "tt", "pt", "tfm", "tnp", "autograd", "nd",
    "tensorflow", "snt", "theano", "xp", "jsp", "jss", "pyro", "numpyro", "functional", "mnp", "tfp",
})  # fmt: skip

UNARY = {
    "exp": "exp", "log": "log", "ln": "log", "log2": "log", "log10": "log", "log1p": "log1p", "expm1": "expm1",
    "sqrt": "sqrt", "square": "square", "abs": "abs", "absolute": "abs", "fabs": "abs", "sigmoid": "sigmoid",
    "expit": "sigmoid", "logistic": "sigmoid", "softplus": "softplus", "tanh": "tanh", "cosh": "cosh", "cos": "cos",
    "sin": "sin", "relu": "relu", "lgamma": "lgamma", "gammaln": "lgamma", "loggamma": "lgamma", "digamma":
    "digamma", "psi": "digamma", "logsigmoid": "logsigmoid", "log_sigmoid": "logsigmoid", "neg": "neg", "negative":
    "neg", "erf": "erf", "i0": "i0", "arctan": "atan", "atan": "atan", "slogdet": "log", "logdet": "log", "det":
    "abs", "cholesky": "sqrt",
}  # fmt: skip

# Written in two arguments, the receiver of a method first. ``r…``: the arguments change places.
BINARY = {
    "add": "add", "sub": "sub", "subtract": "sub", "mul": "mul", "multiply": "mul", "div": "div", "divide": "div",
    "true_divide": "div", "pow": "pow", "power": "pow", "maximum": "max", "minimum": "min", "matmul": "mul", "bmm":
    "mul", "mm": "mul", "mv": "mul", "dot": "mul", "inner": "mul", "outer": "mul", "logaddexp": "logaddexp", "fmax":
    "max", "truediv": "div", "solve": "rdiv", "vdot": "mul",
}  # fmt: skip

# What leaves a value as it is, up to a positive factor: reductions, shapes, types, devices, guards.
SAME = frozenset({
    "sum", "mean", "nansum", "nanmean", "reduce_sum", "reduce_mean", "average", "sum_", "fsum", "trace", "diag",
    "diagonal", "diag_part", "view", "reshape", "squeeze", "unsqueeze", "flatten", "ravel", "expand", "expand_as",
    "expand_dims", "tile", "broadcast_to", "transpose", "permute", "swapaxes", "t", "to", "float", "double", "half",
    "cpu", "cuda", "contiguous", "type", "type_as", "astype", "numpy", "item", "array", "asarray", "tensor",
    "as_tensor", "constant", "cast", "clone", "copy", "convert_to_tensor", "detach", "stop_gradient", "Variable",
    "identity", "nan_to_num", "real", "value", "unsqueeze_", "squeeze_", "batch_flatten", "sum_to_size", "movedim",
    "moveaxis", "atleast_1d", "FloatTensor", "Tensor", "float32", "float64", "to_float", "view_as", "reshape_as",
    "stack_sum", "checkpoint_name", "requires_grad_",
})  # fmt: skip

ATTRIBUTES = frozenset({"T", "mT", "H", "mH", "data", "real", "value"})

# Counts: a per-element reading of the formula has one of each.
COUNT_CALLS = frozenset({"len", "size", "numel", "nelement", "dim", "prod", "ones_like", "ones"})
ZEROS = frozenset({"zeros_like", "zeros"})

CONSTANTS = {"pi": 3.141592653589793, "e": 2.718281828459045}
LOG_2PI = 1.8378770664093453
CONSTANT_NAMES = {"pi": 3.141592653589793, "PI": 3.141592653589793}
CONSTANT_NAMES |= dict.fromkeys(("LOG_2PI", "log_2pi", "log2pi", "LOG2PI", "_LOG_2PI", "ln2pi"), LOG_2PI)

# A vector function: the leaf that stands for its result is known to lie between 0 and 1.
PROBABILITIES = frozenset({"softmax"})
LOG_PROBABILITIES = frozenset({"log_softmax", "logsoftmax"})

GUARD = 1e-3  # a constant added below this is there against a division by zero, not part of the formula
