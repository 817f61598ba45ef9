"""The front end's modules as one script, so that a page asks for one and not for thirty.

Images are built by Python alone, which has no bundler. This one knows the two forms that the modules here are
written in, `import { a, b as c } from "./x.js";` and `export function` (or `class`, `const`), and refuses all others.
"""

from __future__ import annotations

import re
from pathlib import Path

IMPORT = re.compile(r'^import \{(?P<names>[^}]*)\} from "(?P<path>\.[^"]+)";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (?P<name>\w+))", re.MULTILINE)
ANY_OTHER = re.compile(r"^.*(?:^(?:import|export)\b|\bimport\s*[(.]).*$", re.MULTILINE)


def bundle(entry: Path) -> str:
    """`entry` with all that it imports, each module once and after those that it needs.

    Raises ValueError where a module is written in another form, needs itself, or what another does not export.
    """
    parts: dict[Path, str] = {}
    _add(entry.resolve(), entry.resolve().parent, parts, ())
    return "\n".join(parts.values())


def _add(module: Path, root: Path, parts: dict[Path, str], importers: tuple[Path, ...]) -> None:
    """Put `module` into `parts`, after all that it needs."""
    if module in importers:
        raise ValueError(f"{module}: it imports itself, by way of {importers[-1]}")

    def bound(match: re.Match[str]) -> str:
        needed = (module.parent / match["path"]).resolve()
        if needed not in parts:
            _add(needed, root, parts, (*importers, module))
        exported = _exported(needed.read_text(encoding="utf-8"))
        for name in filter(None, (each.split(" as ")[0].strip() for each in match["names"].split(","))):
            if name not in exported:  # a browser would not run such modules; here it would be undefined, and only later
                raise ValueError(f"{module}: {match['path']} exports no {name}")
        return f"const {{{match['names'].replace(' as ', ': ')}}} = {_name(needed, root)};"

    source = module.read_text(encoding="utf-8")
    text = EXPORT.sub("", IMPORT.sub(bound, source))
    other = ANY_OTHER.search(text)
    if other:
        raise ValueError(f"{module}: a form that the bundle does not know: {other[0].strip()}")
    if importers:
        text = f"const {_name(module, root)} = (() => {{\n{text}return {{ {', '.join(_exported(source))} }};\n}})();\n"
    parts[module] = f"// {module.relative_to(root).as_posix()}\n{text}"


def _exported(source: str) -> list[str]:
    return [match["name"] for match in EXPORT.finditer(source)]


def _name(module: Path, root: Path) -> str:
    """`$views_book` for views/book.js."""
    return "$" + re.sub(r"\W", "_", module.relative_to(root).with_suffix("").as_posix())
