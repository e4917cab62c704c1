"""How heavy is a report of many findings, and how soon is it ready in a browser?

`python benchmarks/page.py [--findings N]`: the bytes of one check with N findings and of N checks
with one finding each, and the milliseconds until a headless Chromium has loaded, laid out and run
the page (best and worst of five, after one to warm up), beside an empty page in the same run.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import msgspec

from tests import chromium, hand_drawn
from tests import hand_built as built
from verifier.renderers.as_html import as_html
from verifier.verdicts import Check, Claim, Verdict

TURNS = 5
READY = "performance.getEntriesByType('navigation')[0].loadEventEnd"


def pages(count: int) -> dict[str, str]:
    """Return the pages that are measured, by name."""
    kinds = [built.wrong_gradient(), hand_drawn.chord(), hand_drawn.wrong(), hand_drawn.kink()]
    some = tuple(msgspec.structs.replace(kinds[n % 4], id=str(n)) for n in range(count))
    one = Check("c", "m:c", Verdict.REFUTED, (Claim("y", Verdict.REFUTED, findings=some),))
    every = [Check(f"c{n}", f"m:c{n}", Verdict.REFUTED,
                   (Claim("y", Verdict.REFUTED, points=64, findings=(found,)),))
             for n, found in enumerate(some)]
    empty = "<!DOCTYPE html><html lang=en><title>empty</title></html>"
    return {"empty": empty, f"1 check, {count} findings": as_html(built.document(one)),
            f"{count} checks": as_html(built.document(*every))}


def main() -> int:
    """Print a line a page."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--findings", type=int, default=200)
    found = pages(parser.parse_args().findings)
    program = chromium.found()
    for name, text in found.items():
        print(f"{name:24} {len(text.encode()):>9,} bytes, {text.count('<svg')} plots")
    if program is None:
        print("No Chromium found: the time until ready was not measured.")
        return 0
    with tempfile.TemporaryDirectory() as folder, chromium.running(program) as browser:
        for name, text in found.items():
            path = Path(folder) / "page.html"
            path.write_text(text, "utf-8")
            tab = chromium.Tab(browser, 1200, 900, "light")
            times = []
            for _ in range(TURNS + 1):
                tab.open(path)
                tab.run("new Promise(done => setTimeout(done, 50))")
                times.append(tab.run(READY))
            low, high = min(times[1:]), max(times[1:])
            print(f"{name:24} ready in {low:.0f} to {high:.0f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
