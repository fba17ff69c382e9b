"""How many times a second residents can open a page."""

from __future__ import annotations

import urllib.request

from tests.bench.demo import newest_market, production
from tests.bench.harness import Measurement, alternate, bench
from tests.bench.load import requests_per_second
from tests.bench.servers import bare_page


@bench("pages.market", unit="req/s", goal="ratio >= 0.3")
def market() -> Measurement:
    """The page of the market that comes next, against as many constant bytes from the same server."""
    with production() as address:
        page = address + newest_market()
        with urllib.request.urlopen(page, timeout=30) as answer:
            size = len(answer.read())
        with bare_page(size) as bare:
            ours, control = alternate(
                lambda: requests_per_second(page), lambda: requests_per_second(bare + "/"), rounds=3
            )
    return Measurement.of(ours, control, f"a constant page of {size:,} bytes from Flask, same server")
