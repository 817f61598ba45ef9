"""Which proxy a process uses: only the one that environments.yml names, never that of the caller's shell or .netrc.

A proxy can answer for a system that is down, and refuse requests to one that is up.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping, Sequence

_VARIABLES = ("http_proxy", "https_proxy", "ftp_proxy", "ws_proxy", "wss_proxy", "all_proxy", "no_proxy")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def use_proxy(environ: MutableMapping[str, str], url: str | None = None, bypass: Sequence[str] = ()) -> None:
    """Let all clients of this process, and the browser that it starts, use the proxy `url`, or none.

    `bypass` are hosts that are reached directly; loopback always is. Credentials of .netrc are not sent.
    """
    for name in _VARIABLES:
        environ.pop(name, None)
        environ.pop(name.upper(), None)
    environ["NETRC"] = os.devnull
    if url is not None:
        hosts = ",".join((*_LOOPBACK, *bypass))
        environ.update(http_proxy=url, https_proxy=url, HTTPS_PROXY=url, no_proxy=hosts, NO_PROXY=hosts)
