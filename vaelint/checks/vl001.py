"""## What it does
Reports a file, or a cell of a notebook, that is not Python: it does not parse, cannot be decoded, or is no notebook.

## Why is this bad?
Of what does not parse nothing is known, right or wrong. Silence would look like success.

## Example
```python
loss = criterion(output, target
```

## Use instead
```python
loss = criterion(output, target)
```

## Known limitations
One place is reported for each file or cell, the first. The syntax of a later Python than the one that vaelint runs
under is taken where its parser knows it. A selection does not leave it out; `--ignore VL001` does.
"""

from __future__ import annotations

from vaelint.checks.base import Check

CHECK = Check(
    "VL001",
    "invalid-syntax",
    "a file, or a cell of a notebook, is not Python",
    __doc__,
    bad=("def loss(x:  # expect: VL001\n    return x\n",),
    good=("def loss(x):\n    return x\n",),
)
