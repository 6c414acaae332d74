"""## What it does
Reports a comment that speaks to vaelint in vain: a suppression where nothing is reported, a statement of intent
where nothing is bound or optimised, a code or a word that vaelint does not know.

## Why is this bad?
Whoever reads the comment believes something that is not so; and a suppression that has outlived its finding hides
the next.

## Example
```python
loss = nll  # vaelint: ignore[VL999]
```

## Use instead
```python
loss = -nll  # vaelint: ignore[VL101] gradient ascent on the forget set
```

## Known limitations
Nothing is reported of suppressions of checks that were not selected. `# noqa` counts only with a code of vaelint's.
"""

from __future__ import annotations

from vaelint.checks.base import Check

CHECK = Check(
    "VL002",
    "unused-suppression",
    "a suppression or a statement of intent is misspelt, or has no effect",
    __doc__,
    bad=(
        "x = 1  # vaelint: ignore[VL101]  # expect: VL002\n",
        "x = 1  # vaelint: ignore[VL999]  # expect: VL002\n",
        "loss = 1  # vaelint: gian  # expect: VL002\n",
    ),
    good=("x = 1  # vaelint\n",),
)
