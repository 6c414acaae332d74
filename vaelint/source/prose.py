"""What the text of a file says, in words, of the signs that its code is used with."""

from __future__ import annotations

import re

_ENTROPY_WEIGHED_BELOW_ZERO = re.compile(
    r"\bent\w*\s*(?:should\s+be\s+|must\s+be\s+|is\s+)?<=?\s*0(?![.\d]*[1-9])"
    r"|negative\s+(?:one|entropy\s+\w+|weight|coef\w*)\s+(?:will\s+|would\s+|to\s+)?(?:maximi[sz]|increas|encourag)"
    r"|positive\s+(?:one|entropy\s+\w+|weight|coef\w*)\s+(?:will\s+|would\s+|to\s+)?(?:minimi[sz]|decreas|discourag)",
    re.I,
)


def weighs_entropy_below_zero(text: str) -> bool:
    """Whether documentation or a comment says that the weight of an entropy is to be negative for a bonus."""
    return "entrop" in text.lower() and _ENTROPY_WEIGHED_BELOW_ZERO.search(text) is not None
