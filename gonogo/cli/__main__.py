"""`python -m gonogo.cli`, for use when the script `gonogo` is not on the path."""

import sys

from gonogo.cli.main import main

sys.exit(main())
