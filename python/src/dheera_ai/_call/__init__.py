"""One call: from its arguments to a request, along one of two paths, and from an answer to a ranking."""
