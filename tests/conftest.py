"""What all tests share."""

from __future__ import annotations

from hypothesis import settings

# No deadline: the first example of a property pays for imports and caches, on a slow machine more than any limit.
settings.register_profile("vaelint", deadline=None, max_examples=200, derandomize=True)
settings.load_profile("vaelint")
