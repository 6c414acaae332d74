"""Names in a training step that is written by hand: targets, predictions, parameters."""

from __future__ import annotations

from vaelint.knowledge.vocabulary import Words

TARGET = Words("step_target")
PREDICTION = Words("step_prediction")
PARAMETER = Words("step_parameter")
# What reinforcement learning calls the value of a state, an advantage, and what was earned from a state on.
VALUE = Words("state_value")
ADVANTAGE = Words("estimated_advantage")
RETURN = Words("estimated_return")
