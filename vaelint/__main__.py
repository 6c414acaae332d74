"""``python -m vaelint``."""

import os
import sys

# With `-m` Python puts the working directory first: what lies there is to be checked, not to be imported.
if sys.path and sys.path[0] in ("", os.getcwd()):  # noqa: PTH109
    del sys.path[0]

from vaelint.cli import main

if __name__ == "__main__":
    main(prog_name="vaelint")
