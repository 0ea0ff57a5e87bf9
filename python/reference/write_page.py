"""Prints the reference of a package as Markdown: ``python3 write_page.py <folder of the package>``.

What has no description goes to standard error, and the exit code is then 1. Nothing of the package is run.
"""

from __future__ import annotations

import sys
from pathlib import Path

from page import Page
from public_names import frameworks, named_in_signatures, public_names, undescribed
from read_package import Package


def main(folder: Path) -> int:
    """Returns the exit code."""
    package = Package(folder)
    modules = [package.name, *frameworks(folder)]
    public = {module: public_names(package, module) for module in modules}
    everything = [definition for definitions in public.values() for definition in definitions]
    met = named_in_signatures(package, everything)
    print(Page(package, public, met).text())
    missing = undescribed(package, [*everything, *met])
    if missing:
        print(f"no description: {', '.join(missing)}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    # The page has arrows and dashes, whatever the machine's own encoding is.
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]
    sys.exit(main(Path(sys.argv[1]).absolute()))
