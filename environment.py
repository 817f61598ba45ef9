"""behave's hooks for this suite; what they do is gonogo's."""

from __future__ import annotations

from gonogo.behave_plugin.hooks import after_all, after_scenario, after_step, before_all, before_scenario

__all__ = ["after_all", "after_scenario", "after_step", "before_all", "before_scenario"]
