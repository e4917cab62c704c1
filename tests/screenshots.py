"""The pictures of the README: `python -m tests.screenshots` draws docs/images with a Chromium.

They show the report of the README's own example with three more claims: in light on a desk, in
dark on a phone.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import tempfile
from pathlib import Path

import msgspec

import verifier as vf
from verifier.renderers.as_html import as_html
from verifier.verdicts import Document

from . import chromium

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
SHOTS = {"report.png": (1040, 1560, "light"), "report-phone.png": (400, 1120, "dark")}


CODE = """import numpy as np

def softplus(x):
    return np.log1p(np.exp(x))

def dsoftplus(x):
    return 1 - 1 / (1 + np.exp(x)) ** 2      # one square too many

def silu(x):
    return x / (1 + np.exp(-x))
"""


def document(folder: Path) -> Document:
    """Return the report that is shown; its subjects are written to `folder`."""
    (folder / "activations.py").write_text(CODE, "utf-8")
    sys.path.insert(0, str(folder))
    with contextlib.chdir(folder):
        module = importlib.import_module("activations")
        first = vf.verify(module.softplus, on={"x": "[-8, 8]"}, derivative=module.dsoftplus,
                          claims=["convex", "Cinf", "1-Lipschitz", "f >= 0"])
        second = vf.verify(module.silu, on={"x": "[-8, 8]"},
                           claims=["convex", "Cinf", "f >= -0.3", "increasing in x"])
    return msgspec.structs.replace(
        first.document, checks=(*first.document.checks, *second.document.checks)
    )


def main() -> int:
    """Write the pictures; return 1 where there is no Chromium."""
    program = chromium.found()
    if program is None:
        print("No Chromium found: install Debian's `chromium`, or name one in CHROMIUM.")
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium.running(program) as browser:
        page = Path(folder) / "report.html"
        page.write_text(as_html(document(Path(folder))), "utf-8")
        for name, (width, height, scheme) in SHOTS.items():
            tab = chromium.Tab(browser, width, 900, scheme)
            tab.open(page)
            if width < 500:
                tab.run("document.querySelector('.finding').scrollIntoView()")
            top = int(tab.run("Math.max(0, Math.round(scrollY) - 16)"))
            tab.picture(IMAGES / name, height, top)
            print(IMAGES / name, (IMAGES / name).stat().st_size)
    return 0


if __name__ == "__main__":
    sys.exit(main())
