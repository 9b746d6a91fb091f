"""Who signed before: changes of the log's key, or of its whole origin, when
its last entries or its key were lost ("Changes" in docs/ledger.md)."""
import json, os, re

from gate import Bad
from notes import checkpoint, head, number, once, unbase, unhex
from verify import canonical, lines, parse, sha, signed, unjson


def climb(proof, leaf):
    """The root to which a tlog-proof leads, its index, and its checkpoint."""
    way, note = proof.encode().split(b"\n\n", 1)
    form, *way = way.split(b"\n")
    way = way[1:] if way[0].startswith(b"extra ") else way
    found = re.fullmatch("index ([0-9]+)", way[0].decode())
    if form != b"c2sp.org/tlog-proof@v1" or not found:
        raise Bad("it has no proof")
    index, node = number(found[1]), leaf
    n, last = index, head(note)[1] - 1
    if n > last:
        raise Bad("its proof is of another tree")
    for beside in (unbase(h.decode(), 32) for h in way[1:]):
        if n & 1 or n == last:
            node = sha(b"\1" + beside + node)
            while n and not n & 1:
                n, last = n >> 1, last >> 1
        else:
            node = sha(b"\1" + node + beside)
        n, last = n >> 1, last >> 1
    return node if last == 0 else None, index, note


def officers(why, entry):
    """Did two of them sign the entry of a reopening?"""
    one, two = ((unhex(why[key], 32), unhex(why.pop(signature), 64))
                for key, signature in (("sign_key", "signature"),
                                       ("approver_key", "approver_signature")))
    text = b"resguardo ledger-reopen v1\n" + canonical(entry)
    return one[0] != two[0] and signed(*one, text) and signed(*two, text)


def change(row):
    """One change, which verifies by itself."""
    line = json.loads(row.decode(), object_pairs_hook=once)
    raw = line["entry"].encode()
    n = unjson(raw)["index"]
    entry = parse(raw, n)
    why, kind, more = entry["evidence"], entry["event_type"], {}
    old, new, leaf = why["former_vkey"], why["vkey"], sha(b"\0" + raw)
    root, index, note = climb(line["proof"], leaf)
    first = checkpoint(note, new, "the note of a new key")
    good = first[1] == root and index == n and old != new
    same = old.split("+")[0] == new.split("+")[0]
    if kind == "ledger_reopened":
        last = checkpoint(line["last"].encode(), old, "the last note")
        sizes = [why[x] for x in ("former_size", "restored_size",
                                  "keyring_size")]
        more = {"last": last, "restored": (n, unhex(why["restored_root"], 32)),
                "officers": (why["sign_key"], why["approver_key"])}
        good = (good and not same and {*map(type, sizes)} == {int} and
                sizes[:2] == [last[0], n] and sizes[2] > 0 and
                unhex(why["former_root"], 32) == last[1] and
                officers(why, entry))
    else:
        checkpoint(note, old, "the note of both keys")
        good = good and same and kind == "ledger_key_rotated"
    if not good:
        raise Bad("it does not hold")
    return {"index": n, "leaf": leaf, "old": old, "new": new, "first": first,
            "reopened": kind == "ledger_reopened", **more}


def told(c):
    if not c["reopened"]:
        return f"entry {c['index']}: the key was exchanged, before: {c['old']}"
    count = max(0, c["last"][0] - c["index"])
    return (f"entry {c['index']}: the ledger was reopened, {count} entries "
            f"were lost, before: {c['old']}\n"
            "by {} and {}, two officers of the keyring"
            .format(*c["officers"]))


def changes_of(folder, vkey):
    """All changes, each on the one before it, up to the key of today."""
    found, keys = [], [vkey]
    if os.path.exists(os.path.join(folder, "history.jsonl")):
        try:
            found = [change(row) for row in lines(folder, "history.jsonl")]
        except (Bad, LookupError, TypeError, ValueError, AttributeError,
                RecursionError) as why:
            raise Bad(f"a change of the ledger's key: {why}") from None
        keys = [c["old"] for c in found] + keys
    if [c["new"] for c in found] != keys[1:] or len(set(keys)) != len(keys):
        raise Bad("history.jsonl does not lead to the key in vkey")
    return found


def lost(changes, place):
    """Was what stood there lost before one of these changes?"""
    return any(c["reopened"] and c["index"] <= place for c in changes)


def former(note, vkey, changes, what):
    """(size, root) of a note by the key of today, or by one before it."""
    for i, key in reversed(list(enumerate([c["old"] for c in changes] +
                                          [vkey]))):
        try:
            size, root = checkpoint(note, key, what)
        except Bad:
            continue
        if size and lost(changes[i:], size - 1):
            raise Bad(f"{what} is of {size} entries: some of them were lost "
                      "before the ledger was reopened")
        return size, root
    return checkpoint(note, vkey, what)  # which says that it is not


def trees(changes):
    """What was signed with a new key first, what officers saw was left, and
    what was signed before that; but what was lost since."""
    found = [(i + (name != "last"), c[name]) for i, c in enumerate(changes)
             for name in ("first", "restored", "last") if name in c]
    return [tree for since, tree in found
            if tree[0] and not lost(changes[since:], tree[0] - 1)]


def live(changes):
    """(index, leaf hash) of the changes that are still in the log."""
    return {(c["index"], c["leaf"]) for i, c in enumerate(changes)
            if not lost(changes[i + 1:], c["index"])}
