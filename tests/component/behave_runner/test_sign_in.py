"""A sign-in state is created once per run, by the first worker that needs it."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gonogo.scenarios.browser.sign_in import SignInStates


def test_a_state_is_created_once_and_shared(tmp_path: Path) -> None:
    made: list[str] = []

    def make() -> dict[str, list[str]]:
        made.append("Ada")
        return {"cookies": [], "origins": []}

    with ThreadPoolExecutor(8) as workers:
        paths = {*workers.map(lambda _: SignInStates(tmp_path).get_or_make("Ada", make), range(16))}
    (path,) = paths
    assert made == ["Ada"]
    assert json.loads(Path(path).read_text()) == {"cookies": [], "origins": []}
    assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600


def test_another_key_has_another_state(tmp_path: Path) -> None:
    states = SignInStates(tmp_path)
    ada = states.get_or_make("Ada", lambda: {"cookies": ["a"]})
    assert ada != states.get_or_make("Ben", lambda: {"cookies": ["b"]})
