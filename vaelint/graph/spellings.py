"""What libraries call the primitives. Names agree so far between torch, jax.numpy, numpy, scipy and tensorflow that one
table by the last part of a name does; whether a name is one of a library at all, the imports of the file say.

Tables alone: whatever reads them is in `build`.
"""

from __future__ import annotations

import math

# A name that begins with one of these is a library's, and what it ends with is looked up below.
LIBRARIES = frozenset({
    "torch", "numpy", "jax", "scipy", "math", "cmath", "tensorflow", "keras", "autograd", "flax", "optax", "paddle",
    "cupy", "mxnet", "theano", "pytensor", "pyro", "numpyro", "distrax", "tensorflow_probability", "haiku", "chex",
})  # fmt: skip

# What is meant where a text has no imports (a formula that was typed in).
CUSTOMARY = {
    "torch": "torch", "np": "numpy", "numpy": "numpy", "jnp": "jax.numpy", "jax": "jax", "tf": "tensorflow",
    "math": "math", "F": "torch.nn.functional", "nn": "torch.nn", "scipy": "scipy", "special": "scipy.special",
    "K": "keras.backend", "lax": "jax.lax", "onp": "numpy", "optax": "optax", "keras": "keras",
}  # fmt: skip

# What else is a module by its name, where the imports are not asked.
MODULES = CUSTOMARY | {
    "th": "torch",
    "cmath": "cmath", "ops": "keras.ops", "sp": "scipy", "anp": "autograd.numpy", "mx": "mxnet", "cp": "cupy",
    "paddle": "paddle", "T": "theano.tensor", "tt": "theano.tensor", "pt": "pytensor.tensor", "tfm": "tensorflow.math",
    "tnp": "tensorflow.numpy", "autograd": "autograd", "nd": "mxnet.nd", "tensorflow": "tensorflow",
    "snt": "tensorflow", "theano": "theano", "xp": "numpy", "jsp": "jax.scipy", "jss": "jax.scipy.special",
    "pyro": "pyro", "numpyro": "numpyro", "functional": "torch.nn.functional", "mnp": "numpy",
    "tfp": "tensorflow_probability",
}  # fmt: skip

_ALIKE = (
    "exp", "expm1", "log", "log2", "log10", "log1p", "sqrt", "rsqrt", "reciprocal", "square", "abs", "sign", "floor",
    "ceil", "round", "sigmoid", "logsigmoid", "softplus", "logit", "tanh", "sinh", "cosh", "sin", "cos", "relu", "elu",
    "silu", "gelu", "leaky_relu", "lgamma", "digamma", "erf", "i0", "atan", "neg",
)  # fmt: skip
UNARY = {name: name for name in _ALIKE} | {
    "absolute": "abs", "fabs": "abs", "negative": "neg", "expit": "sigmoid", "log_sigmoid": "logsigmoid", "logistic":
    "sigmoid", "gammaln": "lgamma", "loggamma": "lgamma", "psi": "digamma", "arctan": "atan", "ln": "log", "logdet":
    "log_det", "cholesky": "cholesky", "inv": "inv", "inverse": "inv", "pinv": "inv", "det": "det", "trace": "trace",
    "diag": "diag", "diagonal": "diag", "diag_embed": "diag", "tril": "tril", "matrix_inverse": "inv",
    "logical_not": "not", "stop_gradient": "stop", "detach": "stop", "matrix_diag_part": "diag",
    "swish": "silu", "log_det": "log_det", "stop": "stop", "reverse": "reverse", "not": "not",
}  # fmt: skip

BINARY = {
    "add": "add", "sub": "sub", "subtract": "sub", "mul": "mul", "multiply": "mul", "div": "div", "divide": "div",
    "true_divide": "div", "truediv": "div", "pow": "pow", "power": "pow", "maximum": "max", "minimum": "min",
    "fmax": "max", "fmin": "min", "matmul": "matmul", "mm": "matmul", "bmm": "matmul", "mv": "matmul", "dot": "matmul",
    "logaddexp": "logaddexp", "xlogy": "xlogy", "less": "less", "greater": "greater", "lt": "less", "gt": "greater",
    "le": "less_equal", "ge": "greater_equal", "eq": "equal", "equal": "equal", "ne": "not_equal", "logical_and":
    "and", "logical_or": "or", "solve": "solve", "floor_divide": "floordiv", "mod": "mod", "remainder": "mod",
}  # fmt: skip

# With an axis (``dim``, ``axis``) and perhaps ``keepdim``.
REDUCTIONS = {
    "sum": "sum", "mean": "mean", "prod": "prod", "amax": "amax", "amin": "amin", "logsumexp": "logsumexp", "var":
    "var", "nansum": "sum", "nanmean": "mean", "reduce_sum": "sum", "reduce_mean": "mean", "average": "mean",
    "reduce_max": "amax", "reduce_min": "amin", "reduce_logsumexp": "logsumexp", "norm": "norm", "fsum": "sum",
    "reduce_prod": "prod", "vector_norm": "norm", "max": "amax", "min": "amin",
}  # fmt: skip
ALONG = {
    "softmax": "softmax", "log_softmax": "log_softmax", "cumsum": "cumsum", "flip": "flip", "sort": "sort",
    "logsoftmax": "log_softmax", "expand_dims": "expand", "unsqueeze": "expand", "squeeze": "squeeze",
}  # fmt: skip

# What leaves a value as it is, or changes its layout alone where the new one is not known.
SAME = frozenset({
    "to", "float", "double", "half", "cpu", "cuda", "contiguous", "type", "type_as", "astype", "numpy", "item",
    "array", "asarray", "tensor", "as_tensor", "constant", "cast", "clone", "copy", "convert_to_tensor", "Variable",
    "identity", "nan_to_num", "real", "expand", "expand_as", "broadcast_to", "view", "reshape", "view_as",
    "reshape_as", "requires_grad_", "from_numpy", "float32", "float64", "to_float", "tile", "repeat", "long", "int",
    "bool", "dropout", "Tensor", "FloatTensor", "atleast_1d", "atleast_2d", "block_until_ready", "tolist", "data",
    "checkpoint_name", "sum_to_size", "with_sharding_constraint", "int32", "int64", "bfloat16", "eval", "train",
    "moveaxis", "movedim",
})  # fmt: skip
ATTRIBUTES = frozenset({"data", "real", "value", "values", "at"})
FLAT = frozenset({"flatten", "ravel"})
TRANSPOSED = frozenset({"T", "mT", "H", "t", "transpose", "swapaxes", "permute", "matrix_transpose"})
# Of one element, all of this is what it is taken of.
KEPT = SAME | FLAT | TRANSPOSED | frozenset({"expand_dims", "unsqueeze", "squeeze"})
TOGETHER = {"stack": "stack", "cat": "cat", "concat": "cat", "concatenate": "cat"}
CLIPPED = frozenset({"clamp", "clip", "clamp_min", "clamp_max", "clip_by_value"})
FILLED = {"zeros": 0.0, "zeros_like": 0.0, "new_zeros": 0.0, "ones": 1.0, "ones_like": 1.0, "new_ones": 1.0}
PICKED = frozenset({"gather", "take_along_axis", "index_select", "take_along_dim"})
SIZES = frozenset({"len", "numel", "nelement", "size", "shape"})
DRAWS = frozenset({
    "randn", "randn_like", "normal", "rand", "rand_like", "uniform", "random", "standard_normal", "bernoulli",
    "multinomial", "randint", "choice", "standard_gamma", "exponential", "laplace", "gumbel", "random_normal",
})  # fmt: skip
SAMPLES = frozenset({"sample", "rsample", "draw"})

CONSTANTS = {"pi": math.pi, "e": math.e, "inf": math.inf, "newaxis": None, "nan": math.nan}

# Names that hold a number wherever they are met.
_LOG_2PI = math.log(2 * math.pi)
NUMBERS = {"pi": math.pi, "PI": math.pi} | dict.fromkeys(
    ("LOG_2PI", "log_2pi", "log2pi", "LOG2PI", "_LOG_2PI", "ln2pi"), _LOG_2PI
)

OPERATORS = {
    "+": "add", "-": "sub", "*": "mul", "/": "div", "**": "pow", "@": "matmul", "//": "floordiv", "%": "mod",
    "&": "and", "|": "or",
}  # fmt: skip
COMPARED = {
    "<": "less", ">": "greater", "<=": "less_equal", ">=": "greater_equal", "==": "equal", "!=": "not_equal",
}  # fmt: skip
