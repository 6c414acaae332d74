"""Where quantities reach an optimiser: steps, gradients, updates written by hand."""
