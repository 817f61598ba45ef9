"""The modules as one script: run in Node, it does what the modules do; a form that is not known is refused."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from travel.web.app import STATIC
from travel.web.bundle import bundle
from travel.web.tests.test_web import node

MODULES = {
    "app.js": """import { area, Square as Box } from "./shapes.js";
import {
  UNIT,
  inUnits,
} from "./views/units.js";

console.log(await Promise.resolve(inUnits(area(new Box(3)))), UNIT);
""",
    "shapes.js": """// a module may use what another one, imported later, has too
import { UNIT } from "./views/units.js";

const hidden = "only here";
export class Square {
  constructor(side) { this.side = side; }
}
export function area({ side }) {
  return `${side * side} ${UNIT} ${hidden}`;
}
""",
    "views/units.js": """const hidden = "only there";
export const UNIT = "m2";
export async function inUnits(text) { return `${text}, ${hidden}`; }
""",
}


def written(folder: Path, **changed: str) -> Path:
    for name, text in {**MODULES, **{name.replace("_", "/") + ".js": text for name, text in changed.items()}}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder / "app.js"


@pytest.mark.parametrize("text", [
    'import Thing from "./shapes.js";', 'import "./shapes.js";', 'import * as shapes from "./shapes.js";',
    'import { Square } from "shapes";', 'export default 3;', 'export { Square };', 'export * from "./shapes.js";',
    'export let counter = 0;', '  const late = await import("./shapes.js");', "const here = import.meta.url;",
])
def test_a_form_that_is_not_known_is_refused(tmp_path: Path, text: str) -> None:
    """Better no start than a script that does something else than its modules."""
    with pytest.raises(ValueError, match=r"units\.js: a form that the bundle does not know"):
        bundle(written(tmp_path, views_units=f"{text}\n"))


def test_a_module_that_needs_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="it imports itself, by way of"):
        bundle(written(tmp_path, views_units='import { area } from "../shapes.js";\nexport const UNIT = area;\n'))


def test_a_name_that_is_not_exported_is_refused(tmp_path: Path) -> None:
    """A browser would not run such modules at all; as one script they would run until the name is used."""
    with pytest.raises(ValueError, match=r"shapes\.js: \./views/units\.js exports no UNIT"):
        bundle(written(tmp_path, views_units="const UNIT = 1;\nexport async function inUnits(text) { return text; }\n"))


def test_a_module_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere\.js"):
        bundle(written(tmp_path, shapes='import { x } from "./nowhere.js";\n'))


def test_the_script_does_what_its_modules_do(tmp_path: Path) -> None:
    """Names are each module's own, and each module runs once, after those that it needs."""
    entry = written(tmp_path)
    script = tmp_path / "one.js"
    script.write_text(bundle(entry))
    (tmp_path / "package.json").write_text('{"type": "module"}')
    one, many = (subprocess.run([node(), str(path)], capture_output=True, text=True, timeout=30, check=True).stdout
                 for path in (script, entry))
    assert one == many == "9 m2 only here, only there m2\n"


def test_the_front_end_is_one_script() -> None:
    """Each of its modules is in it once."""
    script = bundle(STATIC / "app.js")
    modules = [path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*.js")]
    assert sorted(line.removeprefix("// ") for line in script.splitlines()
                  if line.startswith("// ") and line.endswith(".js")) == sorted(modules)
