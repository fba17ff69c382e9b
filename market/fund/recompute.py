"""Checks the public file of a community fund with nothing but Python 3.10 or newer.

    python3 recompute.py FILE.zip                     every balance and every public sum, once more
    python3 recompute.py                              the same, in the folder where the file was unpacked
    python3 recompute.py FILE.zip --head '1284-0123 4567 8901 2345'   a head that was printed once
    python3 recompute.py FILE.zip --line MY_LINE.json  one vendor's own line, from its statement

Nothing is believed: entries are added up, hashes are hashed, the signature is checked. Of entries that
concern too few vendors it sees the hash, and their sum with others: that they stand in the signed journal is
checked, that they add up to that sum is not. Nor can it know whether vendors reported what they sold.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

INCOME, EXPENSE = "4", "5"
"""Accounts begin with the number of their kind."""

STORE, GOODS_CAME = "1201", "4106"
GOODS_WENT = {"given": "5107", "spoiled": "5901", "returned": GOODS_CAME}
GOODS = {STORE, *GOODS_WENT.values()}
"""Accounts of goods with a paper: they are in no sum of money."""

PARTS = (
    "book.json",
    "settlements.json",
    "goods.json",
    "journal.jsonl",
    "public.json",
    "checkpoint.txt",
    "key.txt",
)
"""What is checked; it stands beside this program in the file."""

Facts = dict[str, Any]
Point = tuple[int, int, int, int]


class Note(NamedTuple):
    """A signed head, and the public key that it is checked with."""

    text: str
    key: str


def canonical(facts: object) -> bytes:
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sha256(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()


class Check:
    """Collects what was found; `wrong` is empty when everything holds."""

    def __init__(self) -> None:
        self.wrong: list[str] = []

    def same(self, what: str, stated: object, computed: object) -> None:
        if stated != computed:
            self.wrong.append(f"{what}: stated {stated}, computed {computed}")


# ── the book ──────────────────────────────────────────────────────────────────────────────────────────────


def check_book(check: Check, book: Facts) -> dict[str, int]:
    """Every entry balances and continues the one before; what the accounts hold."""
    head = sha256(canonical(book["genesis"]))
    sums: dict[str, int] = defaultdict(int)
    numbers: dict[int, int] = defaultdict(int)
    withheld = 0
    for place, entry in enumerate(book["entries"], 1):
        facts = entry.get("facts") or entry["withheld"]
        name = f"entry {facts['fiscal_year']}-{facts['number']:04d}"
        numbers[facts["fiscal_year"]] += 1
        check.same(f"{name}, its place", facts["sequence"], place)
        check.same(f"{name}, its number", facts["number"], numbers[facts["fiscal_year"]])
        if "facts" not in entry:
            withheld, head = withheld + 1, entry["hash"]
            continue
        head = check_entry(check, name, entry, head)
        add_up(sums, facts["lines"])
        if sums["1001"] < 0 and not withheld:
            check.wrong.append(f"{name}: spends more than the charity holds")
    check.same("the head of the book", book["head"], head)
    check_together(check, book, withheld)
    for line in book["together"]:
        add_up(sums, line["lines"])
    return dict(sums)


def check_entry(check: Check, name: str, entry: Facts, head: str) -> str:
    """It balances and continues the one before; its hash."""
    facts = entry["facts"]
    check.same(f"{name}, the sum of its lines", 0, sum(line[1] for line in facts["lines"]))
    of_goods = {line[0] in GOODS for line in facts["lines"]}
    check.same(f"{name}, goods and money in one", True, len(of_goods) == 1)
    head = sha256(bytes.fromhex(head), canonical(facts))
    check.same(f"{name}, its hash", entry["hash"], head)
    return head


def add_up(sums: dict[str, int], lines: list[Any]) -> None:
    for account, fen, *_dimension in lines:
        sums[account] += fen


def check_together(check: Check, book: Facts, withheld: int) -> None:
    """Sums stand for as many entries as are withheld, and balance."""
    for line in book["together"]:
        total = sum(fen for _account, fen in line["lines"])
        check.same(f"a sum of {line['happened_on']}, its lines", 0, total)
    stand_for = sum(line["entries"] for line in book["together"]) + book["waiting"]
    check.same("entries that are withheld", withheld, stand_for)


def check_sums(check: Check, public: Facts, sums: dict[str, int]) -> None:
    """What the fund's page says, from the accounts."""
    kind: dict[str, int] = defaultdict(int)
    for account, fen in sums.items():
        kind[account[0]] += 0 if account in GOODS else fen
    on_its_way = sums.get("1003", 0) + sums.get("1002", 0)
    at_charity = sums.get("1001", 0)
    computed = {
        "income_fen": -kind[INCOME],
        "spent_fen": kind[EXPENSE],
        "at_charity_fen": at_charity,
        "in_transit_fen": on_its_way,
        "owed_fen": -sums.get("2002", 0),
        "came_in_fen": on_its_way - kind[INCOME],
        "balance_fen": max(0, at_charity + on_its_way),
    }
    for name in sorted(set(computed) | set(public["sums"])):
        check.same(f"the fund's page, {name}", public["sums"].get(name), computed.get(name))
    goods = {
        "received_fen": -sums.get(GOODS_CAME, 0),
        "given_fen": sums.get(GOODS_WENT["given"], 0),
        "lost_fen": sums.get(GOODS_WENT["spoiled"], 0),
        "held_fen": sums.get(STORE, 0),
    }
    check.same("the fund's page, goods", public["goods"], goods)
    stated = {account: fen for account, fen in public["accounts"].items() if fen}
    check.same("what the accounts hold", stated, {account: fen for account, fen in sums.items() if fen})


# ── settlements ───────────────────────────────────────────────────────────────────────────────────────────


def check_settlements(check: Check, settlements: list[Facts], book: Facts, smallest: int) -> int:
    """Each was posted as it says, and was undone when a later one took its place."""
    shown = [entry["facts"] for entry in book["entries"] if "facts" in entry]
    posted = {facts["source"]: facts for facts in shown}
    undone = {facts["reverses"] for facts in shown if facts.get("reverses")}
    given = {(one["market"], one["revision"]): one["contribution_fen"] for one in settlements}
    for one in settlements:
        name = f"market {one['date']} {one['theme']}, revision {one['revision']}"
        entry = posted.pop(f"settlement:{one['market']}:{one['revision']}", None)
        check.same(f"{name}, its lines", one["vendors"], len(set(one["leaves"])))
        if "fees" in one:
            check_fees(check, name, one["fees"], one["vendors"])
        if one["contribution_fen"] is None:
            check.same(f"{name}, withheld", True, entry is None and not one["totals"])
            continue
        lines = entry["lines"] if entry else []
        on_its_way = sum(fen for code, fen, _dimension in lines if code == "1003")
        check.same(f"{name}, posted", one["contribution_fen"], on_its_way)
        if one["totals"]:
            check_groups(check, name, one, smallest)
        place = one["market"], one["revision"] + 1
        if entry and (place not in given or given[place] is not None):
            check.same(f"{name}, undone", place in given, entry["sequence"] in undone)
    named = {market for line in book["together"] for market in line["markets"]}
    check.same("markets of the sums", [], sorted(named - {one["market"] for one in settlements}))
    stray = [source for source in posted if source.startswith("settlement:")]
    check.same("contributions of no market", [], stray)
    return contributed(settlements, book)


def contributed(settlements: list[Facts], book: Facts) -> int:
    """What counts of each market that is shown by itself, and the sums of the others."""
    told = [one for one in settlements if one["contribution_fen"] is not None]
    now = {one["market"]: one["contribution_fen"] for one in sorted(told, key=lambda one: one["revision"])}
    sums = [line["lines"] for line in book["together"] if line["kind"] == "contribution"]
    return int(sum(now.values())) + sum(int(fen) for lines in sums for code, fen in lines if code == "1003")


def check_groups(check: Check, name: str, one: Facts, smallest: int) -> None:
    """What categories gave adds up; none has so few stalls that a share can be read."""
    totals = one["totals"]
    given = sum(total["contribution_fen"] for total in totals)
    check.same(f"{name}, its groups", one["contribution_fen"], given)
    check.same(f"{name}, stalls of its groups", one["vendors"], sum(total["stalls"] for total in totals))
    check.same(f"{name}, small groups", [], [total for total in totals if total["stalls"] < smallest])


def check_fees(check: Check, name: str, fees: Facts, vendors: int) -> None:
    """What was charged for stalls: the same for each, and beside the fund, whose sums know nothing of it."""
    check.same(f"{name}, its fees", fees["total_fen"], fees["each_fen"] * fees["stalls"])
    check.same(f"{name}, stalls that paid", True, 0 <= fees["stalls"] <= vendors)


def open_line(check: Check, settlements: list[Facts], text: str) -> None:
    """One vendor's line: it is among the published hashes, and its share follows from the rule."""
    opened = json.loads(text)
    says = opened["says"]
    leaf = sha256(b"\x00", bytes.fromhex(opened["salt"]), canonical(says))
    place = says["market"], says["revision"]
    here = [one for one in settlements if (one["market"], one["revision"]) == place]
    check.same("your line is among the published ones", True, any(leaf in one["leaves"] for one in here))
    check.same("your share", says["share_fen"], share(says))


def share(says: Facts) -> int:
    """The rule 2026-2: what was chosen counts alone; below the threshold nothing is given; a percentage, or
    those of all tiers together, is rounded half up once, then come floor and cap, never more than was sold.
    """
    terms: Facts = says["terms"]
    takings: int = says["takings_fen"]
    if says["chosen_fen"] is not None:
        return int(says["chosen_fen"])
    if takings <= 0 or takings < terms.get("threshold_fen", 0) or terms["kind"] == "none":
        return 0
    if terms["kind"] == "fixed":
        return int(terms["fixed_fen"])
    tiers = terms["tiers"] if terms["kind"] == "tiers" else [[0, terms["basis_points"]]]
    ends = [*(begin for begin, _rate in tiers[1:]), takings]
    parts = (max(0, min(end, takings) - begin) * rate for (begin, rate), end in zip(tiers, ends, strict=True))
    given = max((sum(parts) * 2 + 10_000) // 20_000, terms.get("floor_fen", 0))
    return int(min(given, terms.get("cap_fen", 0) or given, takings))


# ── goods ─────────────────────────────────────────────────────────────────────────────────────────────────


def check_goods(check: Check, lots: list[Facts], book: Facts) -> None:
    """Each lot came into the book at what its paper says; what left took its share, the last the rest."""
    shown = [entry["facts"] for entry in book["entries"] if "facts" in entry]
    undone = {facts["reverses"] for facts in shown if facts.get("reverses")}
    posted = {facts["source"]: facts for facts in shown if facts["source"].startswith("goods:")}
    stands = {source: facts for source, facts in posted.items() if facts["sequence"] not in undone}
    named: set[str] = set()
    for lot in lots:
        for value in lot["values"]:
            came = f"goods:{value['value']}:in"
            named |= {came, *(f"goods:{value['value']}:{out['out']}" for out in lot["outs"])}
            check.same(f"{came}, undone", value["undone"], came not in stands)
            if not value["undone"]:
                check_lot(check, lot, value, stands)
    check.same("entries of no goods", [], sorted(set(stands) - named))


def check_lot(check: Check, lot: Facts, value: Facts, stands: dict[str, Facts]) -> None:
    """What came, what each that left took with it, and that nothing is left of what is gone."""
    name = f"goods:{value['value']}"
    came = {STORE: value["fen"], GOODS_CAME: -value["fen"]}
    check.same(f"{name}, what came", came, moved(stands.get(f"{name}:in")))
    left, left_fen = lot["items"], value["fen"]
    for out in lot["outs"]:
        lines = moved(stands.get(f"{name}:{out['out']}"))
        fen, share = -lines.get(STORE, 0), value["fen"] * out["items"] // lot["items"]
        sides = {GOODS_WENT[out["way"]]: fen, STORE: -fen} if fen else {}
        check.same(f"{name}, {out['out']}, its sides", sides, lines)
        fits = share <= fen < share + 1 + len(lot["outs"])
        check.same(f"{name}, {out['out']}, its share", True, fits)
        left, left_fen = left - out["items"], left_fen - fen
    check.same(f"{name}, items left", True, left >= 0)
    check.same(f"{name}, worth of nothing", left == 0, left_fen == 0)


def moved(entry: Facts | None) -> dict[str, int]:
    """What an entry did to each account."""
    sums: dict[str, int] = defaultdict(int)
    add_up(sums, entry["lines"] if entry else [])
    return dict(sums)


# ── the journal ───────────────────────────────────────────────────────────────────────────────────────────


VEILED = "-"
"""Stands for a line that tells of a withheld entry from before entries had a salt."""


def check_journal(check: Check, lines: list[Any], public: Facts, book: Facts, note: Note) -> list[str]:
    """Its lines lead to the signed head; each entry was told by one of them and carries an earlier head."""
    head = sha256(canonical({"journal": public["journal"]}))
    heads: list[str] = [head]
    told: dict[str, str] = {}
    for number, said, shown, stated in lines:
        check.same("the number of a line", number, len(heads))
        seen = shown if isinstance(shown, str) else sha256(canonical(shown))
        head = sha256(bytes.fromhex(head), bytes.fromhex(said), bytes.fromhex(seen))
        check.same(f"line {number}", stated, head)
        heads.append(head)
        told.update({VEILED: ""} if isinstance(shown, str) else shown)
    _origin, size, root = note.text.split("\n")[:3]
    check.same("the signed size", int(size), len(lines))
    check.same("the signed head", base64.b64decode(root).hex(), head)
    check.same("the signature", True, signed(note.text, note.key))
    check_entries(check, book, heads, told)
    return heads


def check_entries(check: Check, book: Facts, heads: list[str], told: dict[str, str]) -> None:
    """Each entry was told of by a line, and carries a head that the journal had, not older than the last."""
    places, last = {one: place for place, one in enumerate(heads)}, 0
    for entry in book["entries"]:
        facts = entry.get("facts") or entry["withheld"]
        if "ref" not in facts:
            continue  # withheld, from before entries had a salt
        digest = sha256(canonical({"hash": entry["hash"], "sequence": facts["sequence"]}))[:32]
        known = told.get(f"entry:{facts['ref']}")
        old = "facts" in entry and "salt" not in facts
        if known or not (old and VEILED in told):
            check.same(f"entry {facts['sequence']} in the journal", known, digest)
        if facts.get("journal"):
            place = places.get(facts["journal"], -1)
            check.same(f"entry {facts['sequence']}, the head it carries", True, place >= last)
            last = max(place, last)


def fingerprint(hash_: str) -> str:
    return f"{int(hash_[:32], 16) % 10**16:016d}"


def check_printed(check: Check, heads: list[str], printed: str) -> None:
    """A head on paper: as many lines, and sixteen digits."""
    lines, _, digits = printed.partition("-")
    size = int(lines)
    stood = size < len(heads) and fingerprint(heads[size]) == "".join(digits.split())
    check.same(f"the printed head {printed}", True, stood)


# ── Ed25519 (RFC 8032), checking only ─────────────────────────────────────────────────────────────────────

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def plus(a: Point, b: Point) -> Point:
    (x, y, z, t), (u, v, w, s) = a, b
    e = (y - x) * (v - u) % P, (y + x) * (v + u) % P, 2 * t * s * D % P, 2 * z * w % P
    f = e[1] - e[0], e[3] - e[2], e[3] + e[2], e[1] + e[0]
    return f[0] * f[1] % P, f[2] * f[3] % P, f[1] * f[2] % P, f[0] * f[3] % P


def times(number: int, point: Point) -> Point:
    sum_ = (0, 1, 1, 0)
    while number:
        if number & 1:
            sum_ = plus(sum_, point)
        point, number = plus(point, point), number >> 1
    return sum_


def point_of(raw: bytes) -> Point | None:
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or (0, 1, 1, 0)


def verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    a, r, s = point_of(public), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= Q or len(signature) != 64:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % Q
    left, right = times(s, BASE), plus(r, times(h, a))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


def signed(checkpoint: str, key: str) -> bool:
    """Whether the note was signed with the key of this verifier."""
    text, _, signature = checkpoint.partition("\n\n")
    name, _hash, public = key.strip().split("+", 2)
    raw = base64.b64decode(signature.rsplit(" ", 1)[1])
    same = text.split("\n")[0] == name
    return same and verifies(base64.b64decode(public)[1:], (text + "\n").encode(), raw[4:])


# ── the whole ─────────────────────────────────────────────────────────────────────────────────────────────


def contents(place: Path) -> dict[str, str]:
    """What stands in the file, or in a folder where it was unpacked."""
    try:
        if place.is_dir():
            return {name: (place / name).read_bytes().decode() for name in PARTS}
        with zipfile.ZipFile(place) as bundle:
            return {name: bundle.read(name).decode() for name in PARTS}
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise SystemExit(f"✕ {place}: no such file, or not the whole of it ({error}).") from error


def main(arguments: list[str]) -> int:
    check, named = Check(), bool(arguments) and not arguments[0].startswith("--")
    text = contents(Path(arguments[0]) if named else Path(__file__).parent)
    options = arguments[1:] if named else arguments
    book, public = json.loads(text["book.json"]), json.loads(text["public.json"])
    settlements = json.loads(text["settlements.json"])
    lines = [json.loads(line) for line in text["journal.jsonl"].splitlines()]
    sums = check_book(check, book)
    check_sums(check, public, sums)
    given = check_settlements(check, settlements, book, public["smallest_group"])
    check_goods(check, json.loads(text["goods.json"]), book)
    check.same("what the markets gave", public["contributed_fen"], given)
    note = Note(text["checkpoint.txt"], text["key.txt"])
    heads = check_journal(check, lines, public, book, note)
    for option, value in zip(options[::2], options[1::2], strict=False):
        if option == "--head":
            check_printed(check, heads, value)
        if option == "--line":
            open_line(check, settlements, Path(value).read_text(encoding="utf-8"))
    for sentence in check.wrong:
        sys.stdout.write(f"✕ {sentence}\n")
    if not check.wrong:
        entries, fen = len(book["entries"]), public["sums"]["balance_fen"]
        counts = f"{entries} entries, {len(settlements)} settlements, {len(lines)} lines"
        sys.stdout.write(f"✓ {counts}: everything follows.\n")
        balance = f"{fen // 100}.{fen % 100:02d} yuan"
        sys.stdout.write(f"✓ balance {balance}; head {len(lines)}-{fingerprint(heads[-1])}\n")
    return 1 if check.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
