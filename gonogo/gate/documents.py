"""The OpenAPI documents of an environment: where those that were read before are kept, and `gonogo check` of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gonogo.config import Environment
from gonogo.core.errors import ConfigErrors
from gonogo.core.runtime import Runtime
from gonogo.history.connecting import history_folder
from gonogo.traffic.analysis import AnalysisContext
from gonogo.traffic.analysis.context import document_places
from gonogo.traffic.contract.cache import DocumentCache
from gonogo.traffic.contract.documents import Documents, is_url, load_documents, part_lines

_FOLDER = "documents"  # beside the history


def analysis_context(environment: Environment, runtime: Runtime) -> AnalysisContext:
    """The context of `environment`, with its OpenAPI documents."""
    return AnalysisContext.with_documents(environment, documents_of(environment, runtime))


def documents_of(environment: Environment, runtime: Runtime) -> Documents:
    """The OpenAPI documents of `environment`, read from their files and URLs."""
    return load_documents(document_places(environment), runtime.root, _cache(runtime))


def check_documents(environment: Environment, runtime: Runtime) -> tuple[str, ...]:
    """Lines on what cannot be used of documents in files. Raises ConfigError for those of which nothing can be used.

    Documents at URLs are not read: they may be those of a system that is not running.
    """
    files = {name: place for name, place in document_places(environment).items() if place and not is_url(place)}
    documents = load_documents(files, runtime.root, _cache(runtime))
    if documents.errors:
        raise ConfigErrors(list(documents.errors.values()))
    return tuple(_lines(files, documents.parts))


def _lines(files: dict[str, str], parts: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for name, each in parts.items():
        yield from (f"{files[name]}: {line}" for line in part_lines(each))


def _cache(runtime: Runtime) -> DocumentCache:
    return DocumentCache(history_folder(runtime.root, runtime.environ) / _FOLDER)
