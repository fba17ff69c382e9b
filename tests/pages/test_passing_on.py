"""Passing a page on: codes that lead back, pictures, a piece for other sites, what programs read."""

from __future__ import annotations

import html
import io
import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
import zxingcpp
from flask import Flask
from lxml import etree
from PIL import Image

from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.calendar.service import find_day_by_ref
from market.calendar.share_picture import SIDE, SharePicture, draw_share_picture
from market.communities.service import find_community
from market.db import unit_of_work
from market.print.qr import qr_matrix
from tests.cast import Cast, person
from tests.factories.calendar import bring_to, make_day

LARGEST = 100_000
LONG = "示例社区特别长的名字" * 8


@pytest.fixture
def ref(app: Flask, cast: Cast) -> str:
    with app.app_context(), unit_of_work():
        return make_day(
            find_community(cast.ours),
            person("staff"),
            in_days=5,
            state=DayState.PUBLISHED,
            theme="冬储</script>菜集",
        ).ref


def text_of(app: Flask, path: str) -> str:
    answer = app.test_client().get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


# ── codes ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "page",
    [
        "",
        "calendar",
        "wishes",
        "fund",
        "impact",
        "allocation",
        "share",
        "vendors/new",
        "find?q=%E7%90%86%E5%8F%91",
    ],
)
def test_the_code_of_a_page_leads_back_to_it(app: Flask, ref: str, page: str) -> None:
    assert_leads_to(app, page)


def test_the_code_of_a_market_is_called_by_its_day(app: Flask, ref: str) -> None:
    found = assert_leads_to(app, f"markets/{ref}")
    assert "冬储" in re.search(r"(?s)<h1>(.*?)</h1>", found)[1]  # type: ignore[index]  # every page has one


def assert_leads_to(app: Flask, page: str) -> str:
    """The address under the code opens the page; the squares are that address; the page links to its code."""
    found = text_of(app, f"/c/huaiyin/code/{page}")
    said = html.unescape(re.search(r'(?s)<p class="address">(.*?)</p>', found)[1].strip())  # type: ignore[index]
    path = urlsplit(said).path + (f"?{urlsplit(said).query}" if urlsplit(said).query else "")
    assert path == f"/c/huaiyin/{page}"
    assert drawn_code(found) == said
    assert f'href="/c/huaiyin/code/{html.escape(page)}"' in text_of(app, path)
    return found


def drawn_code(page: str) -> str:
    """What a scanner reads from the drawing."""
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1", page)
    side = int(re.search(r'viewBox="0 0 (\d+)', page)[1])  # type: ignore[index]  # it is there
    picture = Image.new("L", (side, side), 255)
    for column, row, length in runs:
        for step in range(int(length)):
            picture.putpixel((int(column) + step, int(row)), 0)
    return zxingcpp.read_barcodes(picture.resize((side * 6, side * 6), Image.Resampling.NEAREST))[0].text


@pytest.mark.parametrize("page", ["nowhere", "../staff/huaiyin/", "markets/nosuchday", "%00"])
def test_what_is_no_public_page_has_no_code(app: Flask, ref: str, page: str) -> None:
    assert app.test_client().get(f"/c/huaiyin/code/{page}").status_code == 404


def test_the_squares_of_a_code_are_those_on_paper() -> None:
    assert len(qr_matrix("https://market.example/c/demo/")) >= 21


# ── pictures ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_picture_of_a_market_is_small_square_and_kept(app: Flask, ref: str) -> None:
    client = app.test_client()
    for path in (f"/c/huaiyin/markets/{ref}.png", "/c/huaiyin/share.png"):
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype, len(answer.data) < LARGEST) == (200, "image/png", True)
        assert Image.open(io.BytesIO(answer.data)).size == (SIDE, SIDE)
        again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_the_picture_says_that_a_market_is_called_off(app: Flask, ref: str) -> None:
    before = app.test_client().get(f"/c/huaiyin/markets/{ref}.png").data
    with app.app_context(), unit_of_work():
        call_off(find_day_by_ref(ref))
    assert app.test_client().get(f"/c/huaiyin/markets/{ref}.png").data != before


def call_off(day: MarketDay) -> None:
    bring_to(day, DayState.CANCELLED, person("staff"))


@pytest.mark.parametrize(
    "words", ["", "短", LONG, "W" * 200, "\U0001f9d3 👵🏽 \u202e甲\x00乙\n丙", "𠮷" * 40]
)
def test_whatever_the_words_are_the_picture_is_drawn(words: str) -> None:
    picture = draw_share_picture(SharePicture(words, words, (words, words, words), words))
    assert len(picture) < LARGEST
    assert Image.open(io.BytesIO(picture)).size == (SIDE, SIDE)


def test_pages_name_their_picture_and_their_address(app: Flask, ref: str) -> None:
    page = text_of(app, f"/c/huaiyin/markets/{ref}?utm_source=wechat")
    said = dict(re.findall(r'<meta property="og:([\w:]+)" content="([^"]*)">', page))
    assert urlsplit(said["url"]).path == f"/c/huaiyin/markets/{ref}"
    assert urlsplit(said["url"]).query == ""
    assert urlsplit(said["image"]).path == f"/c/huaiyin/markets/{ref}.png"
    assert html.unescape(said["title"]).endswith("· 冬储</script>菜集 · 槐荫社区")
    assert said["description"] == "8:00–11:30 · 小区广场"


@pytest.mark.parametrize("path", ["/sign-in", "/T/NOTOKEN", "/enter/nosecret"])
def test_what_opens_by_a_key_is_not_offered_to_chats(app: Flask, cast: Cast, path: str) -> None:
    assert "og:url" not in app.test_client().get(path).text


# ── programs ──────────────────────────────────────────────────────────────────────────────────────────────


def test_search_engines_read_the_market_and_who_holds_it(app: Flask, ref: str) -> None:
    event, holder = (data_of(text_of(app, path)) for path in (f"/c/huaiyin/markets/{ref}", "/c/huaiyin/"))
    assert (event["@type"], holder["@type"]) == ("Event", "Organization")
    assert event["name"] == "槐荫社区睦邻集市 · 冬储</script>菜集"
    assert holder["event"][0]["url"] == event["url"]
    assert event["eventStatus"] == "https://schema.org/EventScheduled"
    with app.app_context(), unit_of_work():
        call_off(find_day_by_ref(ref))
    assert data_of(text_of(app, f"/c/huaiyin/markets/{ref}"))["eventStatus"].endswith("EventCancelled")


def data_of(page: str) -> Any:
    blocks = re.findall(r'(?s)<script type="application/ld\+json">(.*?)</script>', page)
    assert len(blocks) == 1
    return json.loads(blocks[0])


def test_the_maps_for_search_engines_lead_to_pages_that_are_there(app: Flask, ref: str) -> None:
    client = app.test_client()
    assert "Sitemap: http" in text_of(app, "/robots.txt")
    assert "Disallow: /staff/" in text_of(app, "/robots.txt")
    maps = [urlsplit(address).path for address in locations(text_of(app, "/sitemap.xml"))]
    assert "/c/huaiyin/sitemap.xml" in maps
    pages = [urlsplit(address).path for address in locations(text_of(app, "/c/huaiyin/sitemap.xml"))]
    assert f"/c/huaiyin/markets/{ref}" in pages
    assert [path for path in pages if client.get(path).status_code != 200] == []


def locations(text: str) -> list[str]:
    root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    return [str(one.text) for one in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]


# ── other sites ───────────────────────────────────────────────────────────────────────────────────────────


def test_only_the_piece_for_other_sites_may_stand_in_a_frame(app: Flask, ref: str) -> None:
    client = app.test_client()
    piece, page = client.get("/c/huaiyin/embed"), client.get("/c/huaiyin/")
    assert "frame-ancestors *" in piece.headers["Content-Security-Policy"]
    assert "script-src 'none'" in piece.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in piece.headers
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "Set-Cookie" not in piece.headers
    assert re.findall(r"<(?:form|script|button|input)\b", piece.text) == []
    assert 'target="_blank" rel="noopener"' in piece.text


def test_what_other_sites_paste_leads_to_the_piece(app: Flask, ref: str) -> None:
    page = text_of(app, "/c/huaiyin/share")
    snippet = html.unescape(re.search(r"(?s)<textarea.*?>(.*?)</textarea>", page)[1])  # type: ignore[index]
    address = re.search(r'src="([^"]+)"', snippet)[1]  # type: ignore[index]  # it is there
    assert urlsplit(address).path == "/c/huaiyin/embed"
    assert "<script" not in snippet
