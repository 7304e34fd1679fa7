"""python -m explorer, and the entry of the packaged program."""

import sys

if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:  # a process that the program itself starts: it imports little, and no Qt
        from explorer.worker import main as work

        sys.exit(work(sys.argv[2:]))
    from explorer.cli import main

    sys.exit(main())
