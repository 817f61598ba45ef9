"""The old name of `gonogo.suite`; deprecated, removed in 0.3."""

import warnings

warnings.warn("gonogo.behave_plugin is deprecated and will be removed in 0.3; import gonogo.suite", FutureWarning,
              stacklevel=2)
