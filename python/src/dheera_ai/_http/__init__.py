"""HTTP as this package sends it: connections to one server, and servers that the caller names."""

from dheera_ai._http.connections import ConnectionLostError, Connections, DeadlineExceededError, Exchange
from dheera_ai._http.remote import Remote, aclose_remotes, close_remotes
from dheera_ai._http.trace_headers import trace_headers

__all__ = [
    "ConnectionLostError",
    "Connections",
    "DeadlineExceededError",
    "Exchange",
    "Remote",
    "aclose_remotes",
    "close_remotes",
    "trace_headers",
]
