"""The old name of `gonogo.load`; deprecated, removed in 0.3."""

import warnings

warnings.warn("gonogo.locust_plugin is deprecated and will be removed in 0.3; import gonogo.load", FutureWarning,
              stacklevel=2)
