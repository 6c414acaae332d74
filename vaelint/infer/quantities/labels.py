"""Names in a training step that is written by hand: targets, predictions, parameters, rates, penalties."""

from __future__ import annotations

import re

TARGET = re.compile(
    r"^_?(?:[yYtd]|y_(?:true|train|batch|i|b|t|real|tr|onehot|one_hot|enc\w*|mini\w*)|[yY]s|Y_(?:train|batch|true)"
    r"|(?:\w+_)?(?:targets?|labels?|truth|desired|expected(?:_\w+)?|one_?hot|gold)(?:_(?:i|t|b|batch|train))?)$"
)
PREDICTION = re.compile(
    r"^_?(?:\w+_)?(?:pred\w*|predictions?|[yY]_?hat\w*|hat|outputs?|probs?|hypothes[ie]s|estimate[ds]?|[yY]_?p(?:red)?|sigmoid"
    r"|softmax|logits?|activations?)(?:_\w+)?$"
)
PARAMETER = re.compile(
    r"^_?(?:[wW]\w?|[wW]_\w*|(?:\w+_)?weights?_?\w{0,3}|thetas?\d?|coefs?_?|betas?|params?|parameters|syn\d|slope|kernel_?)$"
)
RATE = re.compile(
    r"^_?(?:lr\w*|learning_?rate|eta\d?|alpha|step|step_?size|rate|epsilon|eps|lrate|gamma|l_?rate|curr?_lr)$", re.I
)
DECAY = re.compile(
    r"^_?(?:\w*weight_?decay|wd|decay|reg|reg_?(?:strength|param|lambda|coef\w*|rate|factor)|regulari[sz]ation\w*"
    r"|lam|lamb?da_?\w*|lmbda|l2|l2_?(?:reg|lambda|penalty|coef\w*)|reg_l2)$",
    re.I,
)
# What reinforcement learning calls the value of a state, an advantage, and what was earned from a state on.
VALUE = re.compile(
    r"^_?(?:(?:\w+_)?values?(?:_(?:t|preds?|old|batch|buf|s|estimates?|now|current|cur))?|vs?|v_[st]|v_?preds?|vpreds?"
    r"|\w*vf_preds?|baselines?|\w*value_preds?|val|vals|value_est\w*|state_values?)$"
)
ADVANTAGE = re.compile(
    r"^_?(?:\w+_)?(?:advs?|advantages?|gaes?|lastgae\w*|last_?gae_?\w*|last_?adv\w*)(?:_(?:t|batch|buf|targ|est\w*|tensor))?$",
    re.I,
)
RETURN = re.compile(
    r"^_?(?:\w+_)?(?:returns?|rets?|rtns?|rtgs?|rewards_to_go|G|Gt|v_?targ(?:et)?s?|td_?targets?)$", re.I
)
