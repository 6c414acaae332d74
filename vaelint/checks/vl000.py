"""## What it does
Reports that vaelint itself failed on a file: a mistake in vaelint, not in the file. The run goes on with the others.

## Why is this bad?
Nothing is known of the file. The exit code is 2, so that this is never taken for a finding, nor for success.

## Example
```
model.py:1:1: VL000 vaelint failed here, which is a bug in vaelint, not in your code (…)
```

## Use instead
Please report it, with the file or the few lines that show it. Until it is mended, `--exclude` leaves the file out.

## Known limitations
It cannot be suppressed or left out by a selection.
"""

from __future__ import annotations

from vaelint.checks.base import Check

CHECK = Check("VL000", "internal-error", "vaelint failed on a file; exit code 2", __doc__)
