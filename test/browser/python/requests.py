"""As much of the requests package as the playground's Python code uses, for machines that do not have it."""

import json as _json
from urllib.request import Request, urlopen


class _Response:
    def __init__(self, body):
        self._body = body

    def raise_for_status(self):
        """urlopen has raised already."""

    def json(self):
        return _json.loads(self._body)


def post(url, json, timeout, headers=None):
    request = Request(url, data=_json.dumps(json).encode(), headers={"Content-Type": "application/json", **(headers or {})})
    with urlopen(request, timeout=timeout) as response:
        return _Response(response.read())
