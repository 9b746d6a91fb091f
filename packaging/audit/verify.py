#!/usr/bin/env python3
"""Checks a bundle of `resguardo ledger export` without any program of ours: it
needs Python 3 and openssl. Two files to read: here, whether the log is the one
that was signed; in gate.py, whether all that was fetched, kept and read was
allowed. beside.py looks at what else a bundle has, and can wait. The rules, in
words, are in docs/ledger.md."""
import argparse, base64, hashlib, json, os, re, subprocess, sys, tempfile

sys.dont_write_bytecode = True  # a bundle stays as it is
from gate import Bad, Gate  # noqa: E402


def need(good, words):
    if not good:
        raise Bad(words)


def sha(data):
    return hashlib.sha256(data).digest()


def read(*path):
    with open(os.path.join(*path), "rb") as f:
        return f.read()


def lines(folder, name):
    with open(os.path.join(folder, name), "rb") as f:
        for n, line in enumerate(f):
            need(line.endswith(b"\n"), f"entry {n}: {name} is cut")
            yield line[:-1]


def unjson(text):
    """Canonical JSON (RFC 8785, as far as entries need it), or Bad."""
    value = json.loads(text.decode())
    need(canonical(value) == text, "it is not in canonical form")
    return value


def canonical(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False,
                      separators=(",", ":")).encode()


def signed(key, signature, text):
    """Nothing but openssl looks at a signature (Ed25519)."""
    der = bytes.fromhex("302a300506032b6570032100") + key
    with tempfile.TemporaryDirectory() as d:
        for name, data in ("key", der), ("sig", signature), ("text", text):
            with open(f"{d}/{name}", "wb") as f:
                f.write(data)
        return subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform",
             "DER", "-inkey", f"{d}/key", "-sigfile", f"{d}/sig", "-in",
             f"{d}/text"], capture_output=True, check=False).returncode == 0


def checkpoint(note, vkey):
    """(size, root) of a signed note (c2sp.org/tlog-checkpoint)."""
    try:
        text, found = note.rsplit(b"\n\n", 1)
        name, _, key = vkey.split("+", 2)
        origin, size, root = text.decode().split("\n")[:3]
        if origin == name and any(
                signed(base64.b64decode(key)[1:], base64.b64decode(blob)[4:],
                       text + b"\n") for blob in re.findall(
                           f"^\u2014 {re.escape(name)} (.+)$", found.decode(),
                           re.M)):
            return int(size), base64.b64decode(root)
    except ValueError:
        pass
    raise Bad("the checkpoint is not signed with the key in vkey: no entry can "
              "be trusted, from 0 on")


def parse(line, index):
    """The entry of a line, which must be the canonical JSON of its place."""
    try:
        entry = unjson(line)
        need(isinstance(entry, dict) and len(line) < 1 << 16, "no entry")
    except (ValueError, RecursionError):
        raise Bad(f"entry {index}: it is not in canonical form") from None
    place = entry.get("index"), entry.get("v")
    need(place == (index, 1) and {*map(type, place)} == {int},
         f"entry {index}: it is missing, or not in its place")
    need(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
                      str(entry.get("time")), re.ASCII),
         f"entry {index}: it has no time")
    return entry


class Tree:
    """RFC 6962, 2.1: the roots of its perfect subtrees, largest first."""

    def __init__(self):
        self.size, self.roots = 0, []

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


def check(folder, old=None, beside=None):
    """The tree, the gate and the key; or Bad, with the first wrong entry."""
    vkey = read(folder, "vkey").decode(errors="replace").removesuffix("\n")
    size, root = checkpoint(read(folder, "checkpoint"), vkey)
    rest = beside and beside(folder, vkey)
    promised = {size: root}  # the log grew through each tree that was signed
    for what, n, was in (rest.trees(old) if rest else [
            (old, *checkpoint(read(old), vkey))] if old else []):
        need(n <= size, f"entry {size} is missing: {what} is of {n} entries")
        need(promised.setdefault(n, was) == was,
             "two trees of one size were signed, from entry 0 on")
    tree, gate, wrong, held = Tree(), Gate(), None, 0
    leaves = lines(folder, "leaves")
    for n, line in enumerate(lines(folder, "entries.jsonl")):
        need(n < size, f"entry {n}: it is more than was signed")
        entry, leaf = parse(line, n), sha(b"\0" + line)
        need(next(leaves, None) == leaf.hex().encode(),
             f"entry {n}: its bytes do not give its leaf hash")
        tree.add(leaf)
        if tree.size in promised:
            need(promised[tree.size] == tree.root(),
                 f"entry {held}: it, or one after it and before {tree.size}, "
                 "is not the one that was signed")
            held = tree.size
        try:  # a breach is told only of a log that verifies
            gate.add(entry)
            if rest:
                rest.add(entry, leaf)
        except (ValueError, LookupError, TypeError, AttributeError,
                OSError) as why:
            wrong = wrong or f"entry {n}: {why}"
    need(tree.size == size and tree.root() == root,
         f"entry {tree.size} is missing: {size} were signed")
    need(next(leaves, None) is None,
         f"entry {size}: there are more leaves than entries")
    need(not wrong, wrong)
    return tree, gate, vkey, rest.end() if rest else [
        "beside.py or a part of it is not here: nothing else was looked at"]


def main():
    p = argparse.ArgumentParser(description="Exit code 0: it holds, 1: not.")
    p.add_argument("--witness", metavar="VKEY", help="who must have signed")
    p.add_argument("--root", metavar="HEX", help="the keyring's, as pinned")
    p.add_argument("folder", nargs="?", default=os.path.dirname(
        os.path.abspath(__file__)))
    p.add_argument("old", nargs="?", help="a former checkpoint")
    args = p.parse_args()
    try:
        try:
            from beside import Beside
        except ImportError:
            need(not args.witness and not args.root, "beside.py is missing")
            beside = None
        else:
            def beside(*words):
                return Beside(*words, args.root, args.witness)
        tree, gate, vkey, more = check(args.folder, args.old, beside)
    except (ValueError, OSError, LookupError, TypeError, AttributeError,
            RecursionError) as why:
        print(f"DOES NOT HOLD: {why}")
        return 1
    print(f"it holds: {tree.size} entries, root {tree.root().hex()}",
          f"signed with {vkey}",
          "(is that the key that you were given by other means?)", *more,
          "with a legal basis each time: {fetched} files fetched, {kept} kept, "
          "{read} readings".format(**gate.counts), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
