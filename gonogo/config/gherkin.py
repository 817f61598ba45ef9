"""Gherkin's own parser, with the doc strings in single quotes that behave reads as well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from gherkin.ast_builder import AstBuilder
from gherkin.parser import Parser
from gherkin.pickles.compiler import Compiler, GherkinDocumentWithURI
from gherkin.stream.id_generator import IdGenerator
from gherkin.token import Token
from gherkin.token_matcher import TokenMatcher

Node = Mapping[str, Any]  # of the syntax tree
_SEPARATOR = "'''"


class _Matcher(TokenMatcher):
    def match_DocStringSeparator(self, token: Token) -> bool:  # noqa: N802  the parser's name
        is_open = self._active_doc_string_separator is None
        return bool(super().match_DocStringSeparator(token)
                    or (is_open and self._match_DocStringSeparator(token, _SEPARATOR, is_open)))


class GherkinParser:
    """Parses features; the ids of their nodes are unique among all features of one parser."""

    def __init__(self) -> None:
        ids = IdGenerator()
        self._parser = Parser(AstBuilder(ids))
        self._compiler = Compiler(ids)

    def parse(self, text: str) -> Node:
        """Return the syntax tree. Raises gherkin.errors.ParserError."""
        document: Node = self._parser.parse(text, _Matcher())
        return document

    def pickles(self, document: Node) -> list[Node]:
        """Return the scenarios of a syntax tree that has its `uri`, as they run."""
        return list(self._compiler.compile(cast(GherkinDocumentWithURI, document)))
