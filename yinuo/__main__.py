"""`python -m yinuo` is the same as bin/yinuo."""

import sys

from yinuo.cli import main

sys.exit(main())
