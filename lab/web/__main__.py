"""`python3 -m lab.web DESCRIPTOR`: the server of the pages, which the opener has started."""

import sys

from lab.web.server import main

sys.exit(main(int(sys.argv[1])))
