"""What a value is, written where its type is: ``Annotated[Tensor, vaelint.Gain]``. This module imports nothing."""

from __future__ import annotations


class Gain:
    """A quantity that is to go up: a log-likelihood, an ELBO, a reward, an accuracy."""


class Cost:
    """A quantity that is to go down: a loss, a negative log-likelihood, a KL divergence, an error."""
