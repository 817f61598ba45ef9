"""The old place of `gonogo.load`; it works for one release, with a warning."""

import warnings

warnings.warn("gonogo.locust_plugin is gonogo.load now; the old name goes with 0.3", FutureWarning, stacklevel=2)
