"""argv → exit code: parse the command, import its module, execute it, print an error in three lines.

The only module that touches the process: environment, streams, exit code.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from gonogo.cli.parser import make_parser
from gonogo.core.errors import GonogoError
from gonogo.core.exit_codes import ExitCode
from gonogo.core.interpreter import refuse_optimization
from gonogo.core.network import use_proxy
from gonogo.core.runtime import Interrupted, Runtime
from gonogo.core.streams import flush_standard_streams, tolerate_poor_streams


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. A user's mistake is printed in three lines, never as a traceback."""
    tolerate_poor_streams()
    try:
        code = _main(argv)
    finally:
        flush_standard_streams()
    if sys.flags.inspect:
        os._exit(code)  # with PYTHONINSPECT, Python exits with 1, which means NO-GO
    return code


def _main(argv: Sequence[str] | None) -> int:
    arguments = make_parser().parse_args(argv)
    from gonogo.secrets.masking import masker_for  # noqa: PLC0415  `gonogo --help` needs none
    from gonogo.secrets.stream import masked_text  # noqa: PLC0415

    environ = dict(os.environ)  # for the commands of `provision`, which may need the caller's proxy
    use_proxy(os.environ)
    masker = masker_for(None, environ)
    runtime = Runtime(root=Path.cwd(), environ=environ, stdout=masked_text(sys.stdout, masker),
                      stderr=masked_text(sys.stderr, masker, may_be_lost=True))
    try:
        refuse_optimization()
        code = int(importlib.import_module(f"gonogo.cli.{arguments.module}").execute(arguments, runtime))
        runtime.stdout.flush()
        return code
    except GonogoError as error:
        print(error, file=runtime.stderr)
        if arguments.debug:
            print(traceback.format_exc(), file=runtime.stderr)
        return int(error.exit_code)
    except (Interrupted, KeyboardInterrupt):
        return int(ExitCode.INTERRUPTED)
    except Exception:  # noqa: BLE001  Python's own exit code 1 would mean NO-GO
        print(traceback.format_exc(), file=runtime.stderr)
        print("gonogo failed with an internal error; this is not a verdict on the release",
              file=runtime.stderr)
        return int(ExitCode.INCONCLUSIVE)


if __name__ == "__main__":
    sys.exit(main())
