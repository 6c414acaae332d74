"""``python -m vaelint``."""

from vaelint.cli import main

if __name__ == "__main__":
    main(prog_name="vaelint")
