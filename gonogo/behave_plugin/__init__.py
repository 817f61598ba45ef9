"""The old place of `gonogo.suite`; it works for one release, with a warning."""

import warnings

warnings.warn("gonogo.behave_plugin is gonogo.suite now; the old name goes with 0.3", FutureWarning, stacklevel=2)
