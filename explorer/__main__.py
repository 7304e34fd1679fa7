"""python -m explorer, and the entry of the packaged program."""

import sys

from explorer.cli import main

if __name__ == "__main__":
    sys.exit(main())
