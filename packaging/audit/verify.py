#!/usr/bin/env python3
"""Checks a bundle of `resguardo ledger export` without any program of ours:
needs Python 3 and openssl. Here is who signed, what, and when; what had to be
allowed is in gate.py. The rules are those of docs/ledger.md.

usage: verify.py [--witness VKEY] [FOLDER [OLD-CHECKPOINT]]
exit code 0: it holds, 1: not
"""
import base64, datetime, hashlib, json, os, re, subprocess, sys, tempfile

sys.dont_write_bytecode = True  # a bundle stays as it is
from gate import Bad, Gate  # noqa: E402

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
HASH = re.compile(r"[0-9a-f]{64}")


def sha(data):
    return hashlib.sha256(data).digest()


def read(*path):
    with open(os.path.join(*path), "rb") as f:
        return f.read()


def run(*words):
    return subprocess.run(["openssl", *words], capture_output=True, check=False)


def lines(path):
    with open(path, "rb") as f:
        for number, line in enumerate(f):
            if not line.endswith(b"\n"):
                raise Bad(f"entry {number}: {os.path.basename(path)} is cut")
            yield line[:-1]


# ---- who signed: a C2SP signed note, Ed25519 ---------------------------------

def signed(key, signature, text):
    der = bytes.fromhex("302a300506032b6570032100") + key
    with tempfile.TemporaryDirectory() as d:
        for name, data in ("key", der), ("sig", signature), ("text", text):
            with open(f"{d}/{name}", "wb") as f:
                f.write(data)
        return run("pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER",
                   "-inkey", f"{d}/key", "-sigfile", f"{d}/sig", "-in",
                   f"{d}/text").returncode == 0


def checkpoint(note, vkey, what):
    """(size, root) that the note promises, if the key signed it."""
    try:
        name, key_id, key = vkey.decode().strip().split("+", 2)
        key = base64.b64decode(key, validate=True)
        text, signatures = note.rsplit(b"\n\n", 1)
        text += b"\n"
        origin, size, root = text.decode().split("\n")[:3]
        found = [base64.b64decode(line.split(" ")[2], validate=True)
                 for line in signatures.decode().splitlines()
                 if line.startswith(f"\u2014 {name} ")]
        found = [s[4:] for s in found if s[:4].hex() == key_id]
        good = (origin == name and found and key[:1] == b"\1" and key_id ==
                sha(name.encode() + b"\n" + key)[:4].hex() and
                all(signed(key[1:], s, text) for s in found))
        promise = int(size), base64.b64decode(root, validate=True)
    except (ValueError, IndexError):
        good = False
    if not good:
        raise Bad(f"{what} is not signed with the key in vkey: no entry can "
                  "be trusted, from 0 on")
    return promise


def witnessed(folder, vkey):
    """(size, time) that a witness signed (c2sp.org/tlog-cosignature)."""
    name, key_id, key = vkey.split("+", 2)
    key = base64.b64decode(key, validate=True)
    if key[:1] != b"\4" or key_id != sha(
            name.encode() + b"\n" + key)[:4].hex():
        raise Bad("the key is no witness's")
    for file in "cosigned", "checkpoint":
        if not os.path.exists(os.path.join(folder, file)):
            continue
        text, signatures = read(folder, file).rsplit(b"\n\n", 1)
        text += b"\n"
        for line in signatures.decode().splitlines():
            blob = base64.b64decode(line.split(" ")[2])
            at = int.from_bytes(blob[4:12], "big")
            if (line.startswith(f"\u2014 {name} ") and len(blob) == 76 and
                    blob[:4].hex() == key_id and signed(
                        key[1:], blob[12:],
                        f"cosignature/v1\ntime {at}\n".encode() + text)):
                return int(text.split(b"\n")[1]), at
    raise Bad("this witness did not sign")


# ---- what was signed: the tree of RFC 6962 -----------------------------------

class Tree:
    def __init__(self):
        self.size, self.roots = 0, []  # of perfect subtrees, largest first

    def add(self, node):
        n = self.size
        while n & 1:
            node, n = sha(b"\1" + self.roots.pop() + node), n >> 1
        self.roots.append(node)
        self.size += 1

    def root(self):
        node = self.roots[-1] if self.roots else sha(b"")
        for left in self.roots[-2::-1]:
            node = sha(b"\1" + left + node)
        return node


# ---- when it was there: RFC 3161, an authority's word about a checkpoint ------

def stamped_trees(folder):
    """{size: root} of the checkpoints that were stamped. Their signatures are
    not looked at: what vouches for them is the stamp."""
    trees = {}
    for name in os.listdir(folder):
        if re.fullmatch(r"stamp-\d+\.checkpoint", name):
            _, size, tree = read(folder, name).decode().split("\n")[:3]
            trees[int(size)] = base64.b64decode(tree, validate=True)
    return trees


def stamp(folder, trees, e):
    """The stamp of an entry; without certificates, only what it is of."""
    size = e["entries"]
    at, ca = f"{folder}/stamp-{size}", f"{folder}/stamp-ca.pem"
    if not all(os.path.exists(f"{at}.{end}")
               for end in ("checkpoint", "tsq", "tsr")):
        raise Bad("its time stamp is missing")
    if (sha(read(f"{at}.checkpoint")).hex() != e["checkpoint_sha256"] or
            sha(read(f"{at}.tsr")).hex() != e["response_sha256"] or
            trees.get(size, b"").hex() != e["root"]):
        raise Bad("its time stamp is another than the one it speaks of")
    if not os.path.exists(ca):
        return
    said = datetime.datetime.fromisoformat(e["stamped_at"].replace("Z", "+00:00"))
    text = run("ts", "-reply", "-text", "-in", f"{at}.tsr").stdout.decode()
    if said.strftime("Time stamp: %b %e %H:%M:%S %Y GMT") not in text:
        raise Bad("its time stamp is of another time")
    for what in ("-data", "checkpoint"), ("-queryfile", "tsq"):
        if run("ts", "-verify", what[0], f"{at}.{what[1]}", "-in", f"{at}.tsr",
               "-CAfile", ca, "-attime", str(int(said.timestamp()))).returncode:
            raise Bad("its time stamp does not hold")


def parse(line, index):
    """The entry of a line, which must be the canonical JSON of its place."""
    try:
        entry = json.loads(line)
        again = json.dumps(entry, sort_keys=True, ensure_ascii=False,
                           separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        raise Bad(f"entry {index}: it is not JSON") from None
    if not isinstance(entry, dict) or again != line or len(line) > 65535:
        raise Bad(f"entry {index}: it is not in canonical form")
    if (entry.get("index"), entry.get("v")) != (index, 1):
        raise Bad(f"entry {index}: it is missing, or not in its place")
    if not TIME.fullmatch(str(entry.get("time"))):
        raise Bad(f"entry {index}: it has no time")
    return entry


# ---- who signed before: changes of the key, or of the whole origin -----------

def climb(proof, leaf):
    """The root to which a tlog-proof leads, its index, and its checkpoint."""
    head, note = proof.encode().split(b"\n\n", 1)
    head = head.split(b"\n")
    index, node = int(head[1].split(b" ")[1]), leaf
    n, last = index, int(note.split(b"\n")[1]) - 1
    for beside in (base64.b64decode(h, validate=True) for h in head[2:]):
        if n & 1 or n == last:
            node = sha(b"\1" + beside + node)
            while n and not n & 1:
                n, last = n >> 1, last >> 1
        else:
            node = sha(b"\1" + node + beside)
        n, last = n >> 1, last >> 1
    return node if last == 0 else None, index, note


def change(row):
    """One change of the ledger's key, which verifies by itself."""
    line = json.loads(row)
    entry = json.loads(line["entry"])
    why, n = entry["evidence"], entry["index"]
    parse(line["entry"].encode(), n)
    old, new = why["former_vkey"], why["vkey"]
    leaf = sha(b"\0" + line["entry"].encode())
    root, index, note = climb(line["proof"], leaf)
    first = checkpoint(note, new.encode(), "the note of a new key")
    good = first[1] == root and index == n and old != new
    reopened = entry["event_type"] == "ledger_reopened"
    if reopened:
        last = checkpoint(line["last"].encode(), old.encode(), "the last note")
        hands = [(why[k], why.pop(s)) for k, s in (
            ("sign_key", "signature"), ("approver_key", "approver_signature"))]
        text = b"resguardo ledger-reopen v1\n" + json.dumps(
            entry, sort_keys=True, ensure_ascii=False,
            separators=(",", ":")).encode()
        good = (good and last == (why["former_size"], bytes.fromhex(
            why["former_root"])) and why["restored_size"] == n and
            hands[0][0] != hands[1][0] and all(signed(
                bytes.fromhex(k), bytes.fromhex(s), text) for k, s in hands) and
            old.split("+")[0] != new.split("+")[0])
    else:
        checkpoint(note, old.encode(), "the note of both keys")
        good = (good and entry["event_type"] == "ledger_key_rotated" and
                old.split("+")[0] == new.split("+")[0])
    if not good:
        raise Bad("it does not hold")
    return {"index": n, "leaf": leaf, "old": old, "new": new, "first": first,
            "reopened": reopened}


def history(folder, vkey):
    """All changes, each on the one before it, up to the key of today."""
    path, found = os.path.join(folder, "history.jsonl"), []
    for row in lines(path) if os.path.exists(path) else ():
        try:
            found.append(change(row))
        except (Bad, KeyError, TypeError, ValueError, AttributeError,
                IndexError) as why:
            raise Bad(f"a change of the ledger's key: {why}") from None
    keys = [c["old"] for c in found] + [vkey.decode().strip()]
    if [c["new"] for c in found] != keys[1:] or len(set(keys)) != len(keys):
        raise Bad("history.jsonl does not lead to the key in vkey")
    return found, keys


def lost(changes, place):
    """Was what stood there lost before one of these changes?"""
    return any(c["reopened"] and c["index"] <= place for c in changes)


def old_checkpoint(note, changes, keys, what):
    """By the key of today, or one before it in the history."""
    for i in range(len(keys) - 1, -1, -1):
        try:
            size, root = checkpoint(note, keys[i].encode(), what)
        except Bad:
            if i == 0:
                raise
            continue
        if lost(changes[i:], size - 1):
            raise Bad(f"{what} is of {size} entries: some of them were lost "
                      "before the ledger was reopened")
        return size, root


# ---- the bundle --------------------------------------------------------------

def check(folder, old):
    vkey = read(folder, "vkey")
    size, root = checkpoint(read(folder, "checkpoint"), vkey, "checkpoint")
    changes, keys = history(folder, vkey)
    trees = stamped_trees(folder)
    promised = {size: root, **trees}
    if promised[size] != root or max(promised) > size:
        raise Bad("two trees of one size were signed, from entry 0 on")
    if old:
        before, was = old_checkpoint(read(old), changes, keys, old)
        if before > size:
            raise Bad(f"entry {size} is missing: {old} has {before} entries")
        if promised.setdefault(before, was) != was:
            raise Bad("two trees of one size were signed, from entry 0 on")

    cosigned = os.path.join(folder, "cosigned")
    if os.path.exists(cosigned):
        seen, was = old_checkpoint(read(cosigned), changes, keys, "cosigned")
        if seen > size:
            raise Bad(f"entry {size} is missing: cosigned has {seen} entries")
        if promised.setdefault(seen, was) != was:
            raise Bad("two trees of one size were signed, from entry 0 on")
    for i, c in enumerate(changes):
        if not lost(changes[i + 1:], c["first"][0] - 1):
            if promised.setdefault(*c["first"]) != c["first"][1]:
                raise Bad("two trees of one size were signed, from entry 0 on")
    live = {(c["index"], c["leaf"]) for i, c in enumerate(changes)
            if not lost(changes[i + 1:], c["index"])}

    tree, gate, violation, held = Tree(), Gate(), None, 0
    leaves = lines(os.path.join(folder, "leaves"))
    for line in lines(os.path.join(folder, "entries.jsonl")):
        n = tree.size
        if n == size:
            raise Bad(f"entry {n}: it is more than was signed")
        entry, leaf = parse(line, n), sha(b"\0" + line)
        if next(leaves, None) != leaf.hex().encode():
            raise Bad(f"entry {n}: its bytes do not give its leaf hash")
        tree.add(leaf)
        if tree.size in promised and promised[tree.size] != tree.root():
            raise Bad(f"entry {held}: it, or one after it and before "
                      f"{tree.size}, is not the one that was signed")
        held = tree.size if tree.size in promised else held
        try:
            if entry["event_type"] == "notice_published":
                name = str(entry["notice_sha256"])
                if not HASH.fullmatch(name) or sha(
                        read(folder, f"notice-{name}.md")).hex() != name:
                    raise Bad("the words of its notice are not those published")
            if entry["event_type"] == "checkpoint_stamped":
                stamp(folder, trees, entry["evidence"])
            if entry["event_type"] in ("ledger_reopened", "ledger_key_rotated"):
                if (n, leaf) not in live:
                    raise Bad("the ledger's key was changed, and history.jsonl "
                              "does not say so")
                live.discard((n, leaf))
            gate.add(entry)
        except (Bad, KeyError, TypeError, OSError) as why:
            violation = violation or f"entry {n}: {why}"
    if tree.size < size or root != tree.root():
        raise Bad(f"entry {tree.size} is missing: {size} were signed")
    if next(leaves, None) is not None:
        raise Bad(f"entry {size}: there are more leaves than entries")
    if violation:
        raise Bad(violation)
    if live:
        raise Bad("history.jsonl tells of changes of the key that are not in "
                  "the log")
    return tree, gate.counts, vkey.decode().strip()


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    args, witness = sys.argv[1:], None
    if args[:1] == ["--witness"] and len(args) > 1:
        witness, args = args[1], args[2:]
    folder, old = (args + [here, None][len(args):])[:2]
    try:
        tree, counts, vkey = check(folder, old)
        if witness:
            print("a witness signed the first {} entries, at {} (Unix time)"
                  .format(*witnessed(folder, witness)))
    except (Bad, OSError, ValueError, IndexError) as why:
        print(f"DOES NOT HOLD: {why}")
        return 1
    print(f"it holds: {tree.size} entries, root {tree.root().hex()}\n"
          f"signed with {vkey}\n"
          "(is that the key that you were given by other means?)\n"
          "with a legal basis each time: {fetched} files fetched, {kept} kept, "
          "{read} readings".format(**counts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
