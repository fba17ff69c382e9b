"""The real parts that other tests rely on do what they say."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
import zxingcpp
from PIL import Image
from playwright.sync_api import Page

from tests.parts import axe, camera
from tests.parts.postgres import running_server, shared_server, temporary_database


@pytest.mark.postgres
def test_a_temporary_database_is_empty_and_gone_afterwards() -> None:
    with temporary_database() as url:
        engine = sa.create_engine(url)
        assert sa.inspect(engine).get_table_names() == []
        engine.dispose()
    with pytest.raises(sa.exc.OperationalError, match="does not exist"):
        sa.create_engine(url).connect()


@pytest.mark.postgres
def test_a_database_is_dropped_although_somebody_is_still_connected() -> None:
    with temporary_database() as url:
        connection = psycopg.connect(url.replace("+psycopg", ""))
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")


@pytest.mark.postgres
def test_a_database_can_be_copied_from_a_prepared_one() -> None:
    with temporary_database() as prepared:
        engine = sa.create_engine(prepared)
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE stall (label text)"))
        engine.dispose()
        with temporary_database(template=prepared) as url:
            copied = sa.create_engine(url)
            assert sa.inspect(copied).get_table_names() == ["stall"]
            copied.dispose()


@pytest.mark.postgres
def test_text_is_ordered_by_code_point_on_every_machine() -> None:
    with psycopg.connect(shared_server().url().replace("+psycopg", "")) as connection:
        rows = connection.execute("SELECT x FROM (VALUES ('b'), ('A'), ('a'), ('市')) AS t(x) ORDER BY x")
        assert [row[0] for row in rows] == ["A", "a", "b", "市"]


@pytest.mark.postgres
def test_a_stopped_server_comes_back_with_its_data() -> None:
    shared_server()  # skips where none can start
    with running_server() as server:
        plain = server.url().replace("+psycopg", "")
        with psycopg.connect(plain) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        server.stop()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(plain)
        server.start()
        with psycopg.connect(plain) as connection:
            assert connection.execute("SELECT one FROM kept").fetchone() == (1,)


def test_the_camera_film_holds_the_codes_in_order(tmp_path: Path) -> None:
    film = camera.film(
        [camera.qr_picture("A01"), camera.qr_picture("摊位")], tmp_path / "film", frames_each=1
    )
    frames = [b"\xff\xd8" + frame for frame in film.read_bytes().split(b"\xff\xd8")[1:]]
    texts = []
    for index, frame in enumerate(frames):
        path = tmp_path / f"{index}.jpg"
        path.write_bytes(frame)
        texts.append(
            [
                found.text
                for found in zxingcpp.read_barcodes(
                    Image.open(path), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
                )
            ]
        )
    assert texts == [["A01"], ["摊位"]]


@pytest.mark.browser
def test_axe_names_the_element_at_fault(page: Page) -> None:
    page.set_content(
        "<!doctype html><html lang='zh'><title>t</title><main><h1>h</h1><img id='x' src='y'></main>"
    )
    assert axe.violations(page) == [
        "image-alt (critical) at #x: Images must have alternative text",
    ]


@pytest.mark.browser
def test_axe_is_content_with_a_clean_page(page: Page) -> None:
    page.set_content("<!doctype html><html lang='zh'><title>t</title><main><h1>h</h1></main>")
    assert axe.violations(page) == []
