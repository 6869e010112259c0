"""Style sheets, scripts and the typeface are fetched once and kept, and never kept under a wrong name."""

import re

import httpx2

from tests.world import World

FOR_GOOD = "public, max-age=31536000, immutable"
ADDRESS = re.compile(r'(?:href|src)="(/static/[^"]+)"')


def test_whatever_a_page_loads_is_kept_by_browsers_for_good(world: World) -> None:
    page = httpx2.get(f"{world.base}/login").text
    addresses = ADDRESS.findall(page)
    assert len(addresses) >= 7, f"style sheets, script, icon and typeface were expected: {addresses}"
    for address in addresses:
        answer = httpx2.get(world.base + address)
        assert answer.status_code == 200, f"{address} is not there"
        assert answer.headers["Cache-Control"] == FOR_GOOD, f"{address} would be asked for again on every page"


def test_a_name_that_promises_another_content_is_not_kept(world: World) -> None:
    for address in ("/static/page.css", "/static/page.css?v=000000000000"):
        answer = httpx2.get(world.base + address)
        assert answer.status_code == 200, f"{address}: an old page still gets a style sheet"
        assert answer.headers["Cache-Control"] != FOR_GOOD, f"{address} does not say what it is: it must not be kept"


def test_an_asset_that_does_not_exist_is_not_kept(world: World) -> None:
    answer = httpx2.get(f"{world.base}/static/none.woff2")
    assert answer.status_code == 404
    assert answer.headers.get("Cache-Control") != FOR_GOOD, "what is not there today may be there tomorrow"
