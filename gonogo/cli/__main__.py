"""`python -m gonogo.cli`, for where the script `gonogo` is not on the path."""

import sys

from gonogo.cli.main import main

sys.exit(main())
