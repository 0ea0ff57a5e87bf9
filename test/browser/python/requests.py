"""As much of the requests package as the pages' Python code uses, for machines that do not have it."""

import json as _json
from urllib.request import Request, urlopen


class _Response:
    def __init__(self, body):
        self._body = body

    def raise_for_status(self):
        """urlopen has raised already."""

    def json(self):
        return _json.loads(self._body)


def get(url, timeout, headers=None):
    return _send(Request(url, headers=headers or {}), timeout)


def post(url, json, timeout, headers=None):
    data = _json.dumps(json).encode()
    return _send(Request(url, data=data, headers={"Content-Type": "application/json", **(headers or {})}), timeout)


def _send(request, timeout):
    with urlopen(request, timeout=timeout) as response:
        return _Response(response.read())
