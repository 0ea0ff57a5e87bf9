"""The caller's trace, for the server that works for it."""

from __future__ import annotations

import contextlib
import sys


def trace_headers() -> dict[str, str]:
    """Headers of the OpenTelemetry context that is current; none in a program that does not use OpenTelemetry."""
    propagate = sys.modules.get("opentelemetry.propagate")
    headers: dict[str, str] = {}
    if propagate is not None:
        # A propagator that fails must not fail the request that it describes.
        with contextlib.suppress(Exception):
            propagate.inject(headers)
    return headers
