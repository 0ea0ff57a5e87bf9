"""``python -m dheera_ai``: the command ``dheera_ai``."""

from ._cli import main

main()
