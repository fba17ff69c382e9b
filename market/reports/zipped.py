"""All data of a community as one ZIP, written while it is sent: few rows are in memory at a time."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import sqlalchemy as sa

from market.db import Model
from market.passes.stacks import Pipe
from market.reports.column_words import FILES, meaning
from market.reports.exported import EXPORTS, WAYS, Export
from market.spreadsheet import cell_text
from market.stored import AT_ONCE
from market.typed_text import masked_phone, without_persons

README = """%(name)s 的全部数据 · %(at)s

每张表一个 CSV 文件（UTF-8，Excel、WPS 可以直接打开）；columns.json 是同样的说明，给程序看。
钱一律以分为单位；时间是世界标准时间（UTC）；空着就是没有。
字里行间像公式的，前面加了一个 ' ，免得表格软件去算它。
%(masked)s
照片、密码、密钥、链接和摊位证的短码都不在里面。谁在什么时候为什么导出的，日志里都有。

One CSV file a table; columns.json says the same for programs. Amounts are in fen, moments in UTC.
"""
MASKED = "电话、登录名、证照号、车牌、票据号只留头尾，别处写到的手机号、身份证号用 … 代替。"
WHOLE = "电话、登录名、证照号、车牌、票据号都是完整的，只在办这件事时用，用完删掉。"


def pieces(engine: sa.Engine, community_id: int, name: str, *, whole: bool, at: datetime) -> Iterator[bytes]:
    """The file in pieces, all of one look at the database; the request may be over by then."""
    pipe = Pipe()
    said = {"name": name, "at": at.isoformat(), "masked": WHOLE if whole else MASKED}
    stamp = at.timetuple()[:6]
    with _one_look(engine) as connection, ZipFile(pipe, "w", ZIP_DEFLATED) as archive:
        archive.writestr(_packed("README.txt", stamp), README % said + _columns_as_text(whole=whole))
        archive.writestr(_packed("columns.json", stamp), _columns_as_json(whole=whole))
        yield pipe.taken()
        for table in EXPORTS:
            with archive.open(_packed(f"{table}.csv", stamp), "w") as out:
                for text in _lines(connection, table, community_id, whole=whole):
                    out.write(text.encode())
                    yield pipe.taken()
    yield pipe.taken()


def _packed(name: str, stamp: Any) -> ZipInfo:
    info = ZipInfo(name, stamp)
    info.compress_type = ZIP_DEFLATED
    return info


def _one_look(engine: sa.Engine) -> sa.Connection:
    """What is written meanwhile is in none of the files, or in all of them."""
    connection = engine.connect()
    if engine.dialect.name == "postgresql":
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
    return connection


# ── rows ──────────────────────────────────────────────────────────────────────────────────────────────────


def columns_of(table: str) -> list[sa.Column[Any]]:
    """The columns of a table that are taken along."""
    return [column for column in _table(table).columns if column.name not in EXPORTS[table].without]


def _table(name: str) -> sa.Table:
    return Model.metadata.tables[name]


def _lines(connection: sa.Connection, table: str, community_id: int, *, whole: bool) -> Iterator[str]:
    """The headings, with the mark by which Excel knows UTF-8, then the rows, some of them at a time."""
    columns, out = columns_of(table), io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([column.name for column in columns])
    yield "\ufeff" + out.getvalue()
    hidden = () if whole else EXPORTS[table].masked
    query = sa.select(*columns).where(belongs(table, community_id)).order_by(*_table(table).primary_key)
    for rows in _some(connection.execute(query, execution_options={"yield_per": AT_ONCE})):
        out.seek(0)
        out.truncate()
        writer.writerows(
            [cell(value, name.name in hidden, whole=whole) for name, value in zip(columns, row, strict=True)]
            for row in rows
        )
        yield out.getvalue()


def _some(rows: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(rows)
    yield from iter(lambda: list(islice(rest, AT_ONCE)), [])


def belongs(table: str, community_id: int) -> sa.ColumnElement[bool]:
    """The rows of a table that are a community's, by the way of its columns to it."""
    if table == "user_account":
        members = _table("membership")
        known = sa.select(members.c.user_id).where(members.c.community_id == community_id)
        return _table(table).c.id.in_(known)
    way = _table(table).c[way_of(table)]
    if table == "community" or way.name == "community_id":
        return way == community_id
    around = next(iter(way.foreign_keys)).column.table
    return way.in_(sa.select(around.c.id).where(belongs(around.name, community_id)))


def way_of(table: str) -> str:
    """The column by which a table belongs to a community."""
    declared = EXPORTS.get(table, Export()).via
    return declared or next(name for name in WAYS if name in _table(table).c)


def cell(value: Any, hidden: bool, *, whole: bool) -> str:
    """A value as text: nothing that a spreadsheet computes, no number of a person unless asked for."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, int | float):
        return str(value)
    text = _text(value)
    if hidden:
        return cell_text(masked(text))
    return cell_text(text if whole else without_persons(text))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, tuple | frozenset | set):
        return " ".join(sorted(map(str, value)))
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def masked(text: str) -> str:
    """As numbers are shown on the screen; what is empty stays empty."""
    return masked_phone(text) if text else ""


# ── what is in it ─────────────────────────────────────────────────────────────────────────────────────────


def described(*, whole: bool) -> dict[str, list[dict[str, str]]]:
    """Every file with its columns: what each holds, of what type, to which file it leads."""
    return {
        table: [_described(table, column, whole=whole) for column in columns_of(table)] for table in EXPORTS
    }


def _described(table: str, column: sa.Column[Any], *, whole: bool) -> dict[str, str]:
    refers_to = next((key.column.table.name for key in column.foreign_keys), None)
    said = {"name": column.name, "meaning": meaning(column.name, refers_to), "type": _type_of(column)}
    if refers_to in EXPORTS:
        said["refers_to"] = refers_to
    if column.name in EXPORTS[table].masked and not whole:
        said["masked"] = "yes"
    return said


def _type_of(column: sa.Column[Any]) -> str:
    try:
        return str(column.type.python_type.__name__)
    except NotImplementedError:
        return "str"


def _columns_as_json(*, whole: bool) -> str:
    files = {
        f"{table}.csv": {"what": FILES[table], "columns": columns}
        for table, columns in described(whole=whole).items()
    }
    return json.dumps(files, ensure_ascii=False, indent=1) + "\n"


def _columns_as_text(*, whole: bool) -> str:
    lines = []
    for table, columns in described(whole=whole).items():
        lines.append(f"\n{table}.csv  {FILES[table]}\n")
        lines += [f"  {one['name']}  {one['meaning']}{_more(one)}\n" for one in columns]
    return "".join(lines)


def _more(column: dict[str, str]) -> str:
    leads = f" → {column['refers_to']}.csv" if "refers_to" in column else ""
    return leads + ("（只留头尾）" if "masked" in column else "")
