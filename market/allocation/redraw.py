"""Does a published draw again, with nothing but Python: python redraw.py LIST SEED [LEFT_OUT …] > record.json

LIST: the file whose SHA-256 was published before the draw; SEED: the text published after it ("drum:5 3 1 …"
for a drum); LEFT_OUT: whom the record passes over. The record must equal the published one byte for byte."""

import hashlib
import hmac
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def words(entropy: bytes) -> Iterator[int]:
    """HMAC-DRBG with SHA-256 (NIST SP 800-90A), 32 bits at a time."""
    key, value = bytes(32), b"\x01" * 32
    for mark in (b"\x00", b"\x01"):
        key = hmac.new(key, value + mark + entropy, hashlib.sha256).digest()
        value = hmac.new(key, value, hashlib.sha256).digest()
    while True:
        value = hmac.new(key, value, hashlib.sha256).digest()
        yield from (int.from_bytes(value[at : at + 4], "big") for at in range(0, 32, 4))


def shuffled(count: int, digest: str, seed: str) -> list[int]:
    """Fisher-Yates; a word that would favour small numbers is thrown away."""
    if seed.startswith("drum:"):
        return [int(number) - 1 for number in seed[5:].split()]
    numbers, source = list(range(count)), words(bytes.fromhex(digest) + seed.encode())
    for last in range(count - 1, 0, -1):
        fair = 2**32 // (last + 1) * (last + 1)
        pick = next(word for word in source if word < fair) % (last + 1)
        numbers[last], numbers[pick] = numbers[pick], numbers[last]
    return numbers


def give_out(head: Any, order: list[Any]) -> dict[str, list[str]]:
    """Pinned first, then each category's minimum, then everybody; each takes the first place that holds."""
    places, on, near = dict[str, list[str]](), dict[str, str](), dict[str, set[str]]()
    count, load = dict.fromkeys((p["category"] for p in order), 0), dict.fromkeys([*head["circuits"], ""], 0)
    forbidden = {row for a, b, c, d in head["apart"] for row in ((a, b, c, d), (c, d, a, b))}
    for row in forbidden:
        near.setdefault(row[0], set()).add(row[2])

    def holds(person: Any, place: list[str]) -> bool:
        circuit, kind = head["stalls"][place[0]], person["category"]
        beside = {(label, kind, other, on.get(other)) for label in place for other in near.get(label, ())}
        full = circuit and load[circuit] + person["power_w"] > head["circuits"][circuit]
        taken = any(label in on for label in place) or len(on) + len(place) > head["limit"]
        return not (taken or full or forbidden & beside)

    for turn in ("pinned", "minimum", "all"):
        for person in order:
            kind = person["category"]
            least, most = head["quotas"].get(kind, (0, -1))
            now = {"pinned": person["pinned"], "minimum": count[kind] < least, "all": True}[turn]
            if now and person["id"] not in places and count[kind] != most:
                place = next((place for place in person["places"] if holds(person, place)), None)
                if place:
                    places[person["id"]], count[kind] = place, count[kind] + 1
                    on.update(dict.fromkeys(place, kind))
                    load[head["stalls"][place[0]]] += person["power_w"]
    return places


def record(published: bytes, seed: str, *left_out: str) -> bytes:
    head, *people = [json.loads(line) for line in published.splitlines()]
    digest, out = hashlib.sha256(published).hexdigest(), set(left_out)
    order = [people[at] for at in shuffled(len(people), digest, seed)]
    told = {"format": head["format"], "list_sha256": digest, "order": [p["id"] for p in order], "seed": seed}
    here = [p | {"places": [x for x in p["places"] if not out & {*x}]} for p in order if p["id"] not in out]
    places = give_out(head, here)
    told |= {"places": places, "waiting": [p["id"] for p in here if p["id"] not in places]}
    told |= {"left_out": sorted(out)} if out else {}
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(record(Path(sys.argv[1]).read_bytes(), *sys.argv[2:]))
