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

    Raises ValueError where a module is written in another form, or needs itself.
    """
    parts: dict[Path, str] = {}
    _add(entry.resolve(), entry.resolve().parent, parts, ())
    return "\n".join(parts.values())


def _add(module: Path, root: Path, parts: dict[Path, str], importers: tuple[Path, ...]) -> None:
    if module in importers:
        raise ValueError(f"{module}: it imports itself, by way of {importers[-1]}")

    def bound(match: re.Match[str]) -> str:
        needed = (module.parent / match["path"]).resolve()
        if needed not in parts:
            _add(needed, root, parts, (*importers, module))
        return f"const {{{match['names'].replace(' as ', ': ')}}} = {_name(needed, root)};"

    text = IMPORT.sub(bound, module.read_text(encoding="utf-8"))
    exported = [match["name"] for match in EXPORT.finditer(text)]
    text = EXPORT.sub("", text)
    other = ANY_OTHER.search(text)
    if other:
        raise ValueError(f"{module}: a form that the bundle does not know: {other[0].strip()}")
    if importers:
        text = f"const {_name(module, root)} = (() => {{\n{text}return {{ {', '.join(exported)} }};\n}})();\n"
    parts[module] = f"// {module.relative_to(root).as_posix()}\n{text}"


def _name(module: Path, root: Path) -> str:
    """`$views_book` for views/book.js."""
    return "$" + re.sub(r"\W", "_", module.relative_to(root).with_suffix("").as_posix())
