"""argv → exit code: the command is parsed, its module imported and executed, an error told in three lines.

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
from gonogo.core.runtime import Interrupted, Runtime


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. A user's mistake is told in three lines, never as a traceback."""
    arguments = make_parser().parse_args(argv)
    from gonogo.secrets.masking import masker_for  # noqa: PLC0415  `gonogo --help` needs none
    from gonogo.secrets.stream import masked_text  # noqa: PLC0415

    masker = masker_for(None, os.environ)
    runtime = Runtime(root=Path.cwd(), environ=os.environ, stdout=masked_text(sys.stdout, masker),
                      stderr=masked_text(sys.stderr, masker))
    try:
        return int(importlib.import_module(f"gonogo.cli.{arguments.module}").execute(arguments, runtime))
    except GonogoError as error:
        print(error, file=runtime.stderr)
        if arguments.debug:
            print(traceback.format_exc(), file=runtime.stderr)
        return int(error.exit_code)
    except (Interrupted, KeyboardInterrupt):
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has left; there is nobody to tell
        return int(ExitCode.INCONCLUSIVE)
    except Exception:  # noqa: BLE001  Python's own exit code would say NO-GO
        print(traceback.format_exc(), file=runtime.stderr)
        print("gonogo itself failed: this is a fault of its own, and says nothing about the release",
              file=runtime.stderr)
        return int(ExitCode.INCONCLUSIVE)


if __name__ == "__main__":
    sys.exit(main())
