"""Who signed before: changes of the log's key, or of its whole origin, when
its last entries or its key were lost ("Changes" in docs/ledger.md)."""
import json, os

from gate import Bad
from notes import canonical, checkpoint, read, sha, signed, unbase


def climb(proof, leaf):
    """The root to which a tlog-proof leads, its index, and its checkpoint."""
    way, note = proof.encode().split(b"\n\n", 1)
    way = way.split(b"\n")
    index, node = int(way[1].split(b" ")[1]), leaf
    n, last = index, int(note.split(b"\n")[1]) - 1
    for beside in map(unbase, way[2:]):
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
    one, two = ((bytes.fromhex(why[key]), bytes.fromhex(why.pop(signature)))
                for key, signature in (("sign_key", "signature"),
                                       ("approver_key", "approver_signature")))
    text = b"resguardo ledger-reopen v1\n" + canonical(entry)
    return one[0] != two[0] and signed(*one, text) and signed(*two, text)


def change(row):
    """One change, which verifies by itself."""
    line = json.loads(row)
    raw, entry = line["entry"].encode(), json.loads(line["entry"])
    why, n, kind = entry["evidence"], entry["index"], entry["event_type"]
    old, new, leaf = why["former_vkey"], why["vkey"], sha(b"\0" + raw)
    root, index, note = climb(line["proof"], leaf)
    first = checkpoint(note, new, "the note of a new key")
    good = (canonical(entry) == raw and first[1] == root and index == n and
            old != new)
    same = old.split("+")[0] == new.split("+")[0]
    if kind == "ledger_reopened":
        last = checkpoint(line["last"].encode(), old, "the last note")
        good = (good and not same and why["restored_size"] == n and last == (
            why["former_size"], bytes.fromhex(why["former_root"])) and
            officers(why, entry))
    else:
        checkpoint(note, old, "the note of both keys")
        good = good and same and kind == "ledger_key_rotated"
    if not good:
        raise Bad("it does not hold")
    return {"index": n, "leaf": leaf, "old": old, "new": new, "first": first,
            "reopened": kind == "ledger_reopened"}


def changes_of(folder, vkey):
    """All changes, each on the one before it, up to the key of today."""
    found, keys = [], [vkey]
    if os.path.exists(os.path.join(folder, "history.jsonl")):
        try:
            found = [change(row) for row in
                     read(folder, "history.jsonl").splitlines()]
        except (Bad, LookupError, TypeError, ValueError,
                AttributeError) as why:
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
        if lost(changes[i:], size - 1):
            raise Bad(f"{what} is of {size} entries: some of them were lost "
                      "before the ledger was reopened")
        return size, root
    return checkpoint(note, vkey, what)  # which says that it is not


def firsts(changes):
    """The trees that a new key signed first, but those that were lost."""
    return [c["first"] for i, c in enumerate(changes)
            if not lost(changes[i + 1:], c["first"][0] - 1)]


def live(changes):
    """(index, leaf hash) of the changes that are still in the log."""
    return {(c["index"], c["leaf"]) for i, c in enumerate(changes)
            if not lost(changes[i + 1:], c["index"])}
