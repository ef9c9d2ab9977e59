"""httpx with one TLS context for all requests: loading the certificates takes 30 ms per client."""

from __future__ import annotations

from functools import partial

import httpx

from gala.net.tls import tls_context

Client = partial(httpx.Client, verify=tls_context())
AsyncClient = partial(httpx.AsyncClient, verify=tls_context())
request = partial(httpx.request, verify=tls_context())
stream = partial(httpx.stream, verify=tls_context())
get = partial(httpx.get, verify=tls_context())
head = partial(httpx.head, verify=tls_context())
options = partial(httpx.options, verify=tls_context())
post = partial(httpx.post, verify=tls_context())
put = partial(httpx.put, verify=tls_context())
patch = partial(httpx.patch, verify=tls_context())
delete = partial(httpx.delete, verify=tls_context())
