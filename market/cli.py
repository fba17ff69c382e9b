"""`market …`: what is done from a shell.

Commands import what they run inside themselves: `--help` and `stalls solve` should not wait for the tables,
the pages and the printer of the others.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from pathlib import Path
from typing import BinaryIO, ParamSpec, TextIO, TypeVar

import click
from flask import Flask, current_app
from flask.cli import FlaskGroup, ScriptInfo, with_appcontext
from flask_migrate import upgrade

from market import clock, doctor
from market.config import read_settings, settings
from market.db import do_in_unit_of_work
from market.errors import Refusal
from market.passes.rules import Layout

T = TypeVar("T")
P = ParamSpec("P")


def _create_app() -> Flask:
    """What is read now stays as long as the program: a collector that looked through all of it again and
    again would be a third of the start, so it begins afterwards, with what comes then."""
    gc.disable()
    try:
        from market.app import create_app

        return create_app()
    finally:
        gc.freeze()
        gc.enable()


@click.group(cls=FlaskGroup, create_app=_create_app, add_default_commands=False, help="睦邻集市")
def main() -> None:
    """Entry point of the console command."""


def _where_one_is(command: Callable[P, T]) -> Callable[P, T]:
    """For commands about an installation: where none is they say so, and leave no empty database behind
    that nothing could be restored over."""
    inside = with_appcontext(command)

    @wraps(command)
    def guarded(*arguments: P.args, **options: P.kwargs) -> T:
        if click.get_current_context().ensure_object(ScriptInfo).create_app is _create_app:
            _require_database()
        return inside(*arguments, **options)

    return guarded


def _require_database() -> None:
    """Looks before there is an application: that one begins with a database and a key of its own."""
    file = read_settings().database_file
    if file and not (file.exists() and file.stat().st_size):
        what_to_do = "装在别处的，用 MARKET_INSTANCE 指出它的文件夹；新装的，先运行 market serve。"
        raise click.ClickException(f"{file.parent} 里还没有数据库。{what_to_do}")


def _on_newest_tables(command: Callable[P, T]) -> Callable[P, T]:
    """For commands that read what is stored: an unreachable or an older database is a sentence, no trace."""

    @_where_one_is
    @wraps(command)
    def guarded(*arguments: P.args, **options: P.kwargs) -> T:
        if not doctor.database_answers():
            raise click.ClickException("连不上数据库，请检查 MARKET_DATABASE。")
        if not doctor.is_migrated():
            raise click.ClickException(
                "数据库和这个程序不是同一版：先备份，用原来的程序；要更新，运行 market serve。"
            )
        return command(*arguments, **options)

    return guarded


@click.command()
@click.option(
    "--demo", "with_demo", is_flag=True, help="Play the demo year first, when the database is empty."
)
@with_appcontext
def serve(with_demo: bool) -> None:
    """Bring the database up to date and serve on MARKET_HOST:MARKET_PORT (PORT counts too)."""
    from market import server

    _bring_up_to_date()
    if with_demo:
        _play_demo()
    _say_setup_token()
    server.serve(settings())


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Play the demo year through the services, when the database is empty."""
    _bring_up_to_date()
    _play_demo()


def _bring_up_to_date() -> None:
    """The newest tables, in the journal what was there before it, and whom the newest words find."""
    from market.journal.opening import open_journal
    from market.vendors.service import renew_keys

    upgrade()
    do_in_unit_of_work(lambda: open_journal(at=clock.now()))
    do_in_unit_of_work(renew_keys)


def _play_demo() -> None:
    from market.demo import play

    if play.is_empty():
        click.echo(play.play(at=clock.now()))


def _say_setup_token() -> None:
    from market.people import service

    if not service.is_set_up():
        secret = do_in_unit_of_work(lambda: service.make_setup_token(at=clock.now()))
        click.echo(f"首次使用：打开 {settings().public_url}/setup ，输入一次性口令 {secret}")


@click.command("setup-token")
@_on_newest_tables
def setup_token() -> None:
    """Print a fresh one-time token for an installation without accounts."""
    _say_setup_token()


@click.command("doctor")
@_where_one_is
def doctor_command() -> None:
    """Say what is well and what is not; exit 1 when something must be mended."""
    from market.outbox.health import examine_channels

    report = doctor.examine(current_app._get_current_object())  # type: ignore[attr-defined]  # the proxy's own method
    if doctor.is_migrated():
        report += [doctor.Check(*state) for state in examine_channels(settings(), clock.now())]
    for check in report:
        click.echo(f"{'✓' if check.well else '✕'} {check.name}: {check.sentence}")
    if not all(check.well for check in report):
        raise SystemExit(1)


BACKUPS = click.Path(file_okay=False, path_type=Path)
ARCHIVE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("backup")
@click.option("--to", "folder", type=BACKUPS, help="Where the file is written, if not beside the database.")
@click.option("--keep", type=click.IntRange(min=1), default=30, show_default=True, help="How many stay.")
@_on_newest_tables
def backup(folder: Path | None, keep: int) -> None:
    """Write database, key and files into one file, while the program runs."""
    from market.upkeep.backup import back_up

    where = folder or settings().instance / "backups"
    target = _or_exit(lambda: back_up(settings(), where, keep=keep, at=clock.now()))
    size = target.stat().st_size / 1_000
    click.echo(f"备份好了：{target}（{size:,.0f} kB）。里面有密钥，请放在别人拿不到的地方。")


@click.command("restore")
@click.argument("archive", type=ARCHIVE)
def restore(archive: Path) -> None:
    """Put a backup into an empty installation (MARKET_INSTANCE, MARKET_DATABASE); overwrites nothing."""
    from market.upkeep.backup import restore as put_back

    here = read_settings()
    manifest = _or_exit(lambda: put_back(archive, here))
    click.echo(f"恢复好了：{manifest.made_at:%Y-%m-%d %H:%M} UTC 的备份，在 {here.instance}。")
    click.echo("下一步：market ledger verify，再 market serve。")


@click.command("drill")
@click.argument("archive", type=ARCHIVE, required=False)
@click.option("--from", "folder", type=BACKUPS, help="Where backups lie; the newest is tried.")
def drill(archive: Path | None, folder: Path | None) -> None:
    """Restore a backup into a spare place and verify everything in it; exit 1 when it is no backup."""
    from market.upkeep import backup as upkeep

    here = read_settings()
    chosen = archive or next(iter(upkeep.backups(folder or here.instance / "backups")), None)
    if chosen is None:
        raise click.ClickException("还没有备份。先运行 market backup。")
    tried = _or_exit(lambda: upkeep.drill(chosen, here))
    for line in tried.lines:
        click.echo(line)
    click.echo(f"{chosen.name}：从备份到全部核对完，用了 {tried.seconds:.0f} 秒。")
    if tried.faults:
        raise SystemExit(1)


@click.command("install")
@click.option("--url", required=True, help="Where people will reach it: https://market.example.org")
@click.option("--proxy", type=click.Choice(["caddy", "nginx"]), default="caddy", show_default=True)
@click.option("--user", default="market", show_default=True, help="The system account it runs as.")
@click.option("--port", type=click.IntRange(1024, 65535), default=8000, show_default=True)
@click.option("--root", type=click.Path(path_type=Path), default="/", help="Where the files go.")
@click.option("--yes", is_flag=True, help="Write without asking.")
def install(url: str, proxy: str, user: str, port: int, root: Path, yes: bool) -> None:
    """Show, then write, what a Debian machine needs: service, nightly backup, the proxy's site."""
    from market.upkeep import install as upkeep

    machine = upkeep.Machine(url.rstrip("/"), Path(sys.argv[0]).absolute(), user, port, proxy)
    files = _or_exit(lambda: upkeep.plan(machine))
    for file in files:
        click.echo(f"── /{file.path}\n{file.text}")
    for path in upkeep.in_the_way(files, root):
        click.echo(f"{path} 已经有了，内容不同；原来的会留成 {path.name}.before。")
    if yes or click.confirm("写这些文件吗？"):
        upkeep.write(files, root)
        click.echo("写好了。下面这些以 root 身份依次运行：")
        click.echo("\n".join(f"  {step}" for step in upkeep.next_steps(machine)))


@click.command("tick")
@click.option("--every", type=int, default=0, metavar="SECONDS", help="Stay and tick again and again.")
@_on_newest_tables
def tick(every: int) -> None:
    """Do what is due: close application windows, open the gate, end old sessions, send messages."""
    from market import jobs

    if every:
        _send_beside(every)
    jobs.run(every)
    jobs.send()
    jobs.tell_servers()


def _send_beside(every: int) -> None:
    """Each in a thread of its own: a server that does not answer keeps no other job waiting."""
    import threading

    from market import jobs

    app = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy's own method

    def bring(send: Callable[[int], None]) -> None:
        with app.app_context():
            send(every)

    for send in (jobs.send, jobs.tell_servers):
        threading.Thread(target=bring, args=(send,), daemon=True).start()


ledger = click.Group("ledger", help="Verify and export the ledger.")


@ledger.command("verify")
@click.option("--printed", multiple=True, metavar="HEAD", help="A head that was printed once.")
@_on_newest_tables
def verify(printed: tuple[str, ...]) -> None:
    """Verify journal, books and settlements; exit 1 and name the first wrong entry."""
    from market.insight import proof

    report = proof.verify_everything(printed, settings().instance, on_two_cores=True)
    click.echo("\n".join(report.lines) or "还没有社区，没有什么要核对。")
    if report.faults:
        raise SystemExit(1)


@ledger.command("export")
@click.option("--community", "slug", required=True)
@click.option("--format", "format_", type=click.Choice(["beancount", "csv"]), default="beancount")
@click.option("--output", type=click.File("w", encoding="utf-8"), default="-")
@_on_newest_tables
def export(slug: str, format_: str, output: TextIO) -> None:
    """Write a community's book as plain text."""
    from market.communities.service import find_community
    from market.ledger import service

    book = _or_exit(lambda: service.book_of(find_community(slug)))
    {"beancount": service.export_beancount, "csv": service.export_csv}[format_](book, output)


@ledger.command("restate")
@click.option("--community", "slug", help="Only this one; otherwise every community.")
@_on_newest_tables
def restate(slug: str | None) -> None:
    """Bring the books of older versions in order, by entries; again changes nothing."""
    from market.communities.service import communities, find_community
    from market.settlement.service import restate_community

    def act() -> list[tuple[str, int]]:
        chosen = [find_community(slug)] if slug else communities()
        return [(one.slug, len(restate_community(one, by=None, at=clock.now()))) for one in chosen]

    for name, count in _or_exit(lambda: do_in_unit_of_work(act)):
        click.echo(f"{name}：补记了 {count} 笔，账本和现在的规则一致。")


@ledger.command("bundle")
@click.option("--community", "slug", required=True)
@click.option("--output", type=click.File("wb"), required=True, metavar="FILE.zip")
@_on_newest_tables
def bundle(slug: str, output: BinaryIO) -> None:
    """Write what anybody can check a community's fund with: book, settlements, hashes, and the program."""
    from market.communities.service import find_community
    from market.fund.bundle import write_bundle
    from market.fund.service import require_fund

    write_bundle(_or_exit(lambda: require_fund(find_community(slug))), output)


@click.command("passes")
@click.argument("market_day")
@click.option("--output", type=click.File("wb"), required=True)
@click.option(
    "--layout", type=click.Choice([layout.value for layout in Layout]), default="a6", show_default=True
)
@click.option("--start", type=int, default=1, help="First free cell of the first sheet.")
@click.option("--back", is_flag=True, help="The map and whom to call on the back.")
@click.option("--spares", type=int, default=0, help="Passes to fill in by hand.")
@_on_newest_tables
def passes(market_day: str, output: BinaryIO, layout: str, start: int, back: bool, spares: int) -> None:
    """Print the passes of a market day, given by its reference, into a PDF."""
    from market.calendar.service import find_day_by_ref
    from market.passes.service import PrintOrder, write_passes

    day = _or_exit(lambda: find_day_by_ref(market_day))
    order = PrintOrder(Layout(layout), start, back, spares)
    click.echo(f"{_or_exit(lambda: write_passes(day, output, order=order, progress=_count_by_hundreds))}")


def _count_by_hundreds(things: Iterable[T]) -> Iterator[T]:
    """Says on the error channel how far a long print has come."""
    for number, thing in enumerate(things, start=1):
        if number % 100 == 0:
            click.echo(f"{number} …", err=True)
        yield thing


keys = click.Group("keys", help="The keys that sign a community's passes.")


@keys.command("rotate")
@click.argument("slug")
@_on_newest_tables
def rotate(slug: str) -> None:
    """From now on another key signs; what was printed stays valid."""
    from market.communities.service import find_community
    from market.passes.keys import rotate_key

    def act() -> int:
        return rotate_key(find_community(slug), by=None, at=clock.now()).key_id

    number = _or_exit(lambda: do_in_unit_of_work(act))
    click.echo(f"{slug}：从现在起用 {number} 号密钥签发，已经印好的摊位证照常有效。")


@keys.command("revoke")
@click.argument("slug")
@click.argument("key_id", type=int)
@_on_newest_tables
def revoke(slug: str, key_id: int) -> None:
    """For a stolen key: nothing signed with it is believed any more; says which markets need new passes."""
    from market.communities.service import find_community
    from market.passes.keys import find_key, passes_by_day, revoke_key

    def act() -> list[tuple[str, str, int]]:
        key = find_key(find_community(slug), key_id)
        revoke_key(key, by=None, at=clock.now())
        return [(day.theme, day.ref, count) for day, count in passes_by_day(key)]

    touched = _or_exit(lambda: do_in_unit_of_work(act))
    click.echo(f"{slug}：{key_id} 号密钥作废，用它签的摊位证门口都不认了。")
    for theme, ref, count in touched:
        address = f"{settings().public_url}/staff/{slug}/days/{ref}/passes"
        click.echo(f"「{theme}」有 {count} 张要重新发证、重新打印：{address}")


stalls = click.Group("stalls", help="Allocation problems and plans as files; needs no database.")


@stalls.command("solve", short_help="The best plan of a problem file.")
@click.argument("problem", type=click.File("rb"))
@click.option("--output", type=click.File("w", encoding="utf-8", lazy=True), default="-", metavar="PLAN.json")
def solve_file(problem: BinaryIO, output: TextIO) -> None:
    """The best plan of a problem file; `market stalls schema` says what is in the files."""
    from market.stalls import commands

    commands.solve(problem, output)


@stalls.command("check", short_help="Whether a plan file keeps every rule.")
@click.argument("plan", type=click.File("rb"))
@click.argument("problem", type=click.File("rb"), required=False)
def check_file(plan: BinaryIO, problem: BinaryIO | None) -> None:
    """Whether a plan keeps every rule and is worth what it says; exit 1 and sentences where not."""
    from market.stalls import commands

    commands.check(plan, problem)


@stalls.command("schema")
def schema() -> None:
    """What is in problem and plan files."""
    from market.stalls import problem_file

    click.echo((problem_file.__doc__ or "").replace("\b\n", "\n"))


def _or_exit(act: Callable[[], T]) -> T:
    try:
        return act()
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal


COMMANDS = (
    serve, demo, setup_token, doctor_command, tick, ledger, passes, keys, stalls,
    backup, restore, drill, install,
)  # fmt: skip
for command in COMMANDS:
    main.add_command(command)
