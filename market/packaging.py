"""What building a wheel does beyond the usual: pages, styles and scripts go into the package with the code.

In a checkout `templates/` and `static/` stand beside `market/`, where people look for them; an installed
package has no "beside". `market.config` knows both places.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools.command.build_py import build_py  # type: ignore[import-untyped]

BESIDE = ("templates", "static")


class BuildWithPages(build_py):  # type: ignore[misc]  # setuptools comes without types
    """Builds the package as usual, then puts the folders from beside it inside."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            for name in BESIDE:
                inside = Path(self.build_lib) / "market" / "beside" / name
                shutil.copytree(name, inside, dirs_exist_ok=True)
