"""`lab trace` as a module: python3 -m lab.trace, with the same words."""

import sys

from lab.trace.cli import main

sys.exit(main())
