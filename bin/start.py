"""Run the command line from this very source tree, whatever the current folder is."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from yinuo.cli import main

sys.exit(main())
