"""Settings of the caller's shell that change what a suite executes or reaches: refused, or kept from children."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from gonogo.core.errors import UsageError
from gonogo.core.network import use_proxy

# Variables that decide where code comes from and how it prints. The others are kept from children: PYTHONOPTIMIZE
# removes every assertion, PYTHONINSPECT hides an exit code, PYTHONSTARTUP and PYTHONBREAKPOINT run code of their own.
_PASSED_ON = frozenset({
    "PYTHONPATH", "PYTHONHOME", "PYTHONPLATLIBDIR", "PYTHONSAFEPATH", "PYTHONNOUSERSITE", "PYTHONUSERBASE",
    "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PYTHONUTF8", "PYTHONCOERCECLOCALE", "PYTHONHASHSEED",
    "PYTHONMALLOC", "PYTHONFAULTHANDLER", "PYTHONWARNINGS"})


def refuse_optimization() -> None:
    """Raise UsageError if Python skips assert statements: every check of a suite would pass."""
    if sys.flags.optimize:
        raise UsageError(
            "Python runs with optimization, which skips every assert statement: all checks would pass.",
            where="PYTHONOPTIMIZE, or the option -O of Python", fix="unset PYTHONOPTIMIZE and do not use -O.")


def environ_of_child(environ: Mapping[str, str]) -> dict[str, str]:
    """Return `environ` without the caller's proxies, and without settings of Python that change what is executed.

    A child writes its output in UTF-8, as the gate reads it; a terminal that cannot is the gate's concern.
    """
    inherited = {name: value for name, value in environ.items()
                 if not name.startswith("PYTHON") or name in _PASSED_ON}
    use_proxy(inherited)
    return {**inherited, "PYTHONIOENCODING": "utf-8:backslashreplace"}
