"""Ends what a killed gate left: its processes, its temporary files, and the environment that it had started."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from gonogo.config import locate_environment
from gonogo.core.errors import GonogoError, LeaseError
from gonogo.core.process_trees import await_end, kill, terminate, with_variable
from gonogo.environment.lease import PREFIX, VARIABLE, Holder
from gonogo.environment.provisioning import stop

_END_S = 5.0  # for processes to exit after SIGTERM


def end_leftovers(left: Holder, environ: Mapping[str, str], on_progress: Callable[[str], None]) -> None:
    """End what the run `left` has left, and report it. `environ` has the variables of its environments.yml.

    Raises LeaseError if something of it cannot be ended.
    """
    on_progress(f"{left.environment}: ending what was left by {left}, which was killed")
    processes = list(with_variable(VARIABLE, left.token))
    terminate(processes)
    kill(await_end(processes, _END_S))
    if processes:
        on_progress(f"{left.environment}: ended {len(processes)} processes")
    folder = Path(left.temporary)
    if folder.name.startswith(PREFIX) and folder.is_dir():
        shutil.rmtree(folder, ignore_errors=True)
        on_progress(f"{left.environment}: removed {folder}")
    if left.provisioned:
        _stop_environment(left, environ, on_progress)


def _stop_environment(left: Holder, environ: Mapping[str, str], on_progress: Callable[[str], None]) -> None:
    root = Path(left.root)
    try:
        provision = locate_environment(left.environment, root, environ).environment.provision
    except GonogoError as error:
        raise LeaseError(f"{left.environment}, which {left} had started, cannot be stopped: {error.what}",
                         where=error.where, fix=f"{error.fix.rstrip('.')}; then run `gonogo clean`.") from error
    down = provision.down if provision else None
    problem = stop(down, left.environment, root, environ, on_progress) if down else ""
    if problem:
        raise LeaseError(f"{left.environment}, which {left} had started, cannot be stopped: {problem}",
                         where=f"`{down}` in {root}", fix="stop it by hand; then run `gonogo clean`.")
