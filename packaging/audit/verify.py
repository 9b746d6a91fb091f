#!/usr/bin/env python3
"""Checks a bundle of `resguardo ledger export` without any program of ours:
needs Python 3 and openssl. The rules are those of docs/ledger.md: here is the
tree; in notes.py who signed it; in gate.py what had to be allowed; beside.py,
history.py and stamps.py are for what else a bundle may have."""
import argparse, os, sys

sys.dont_write_bytecode = True  # a bundle stays as it is
from beside import Beside, promises  # noqa: E402
from gate import Bad, Gate  # noqa: E402
from history import changes_of, told  # noqa: E402
from notes import (checkpoint, lines, parse, read,  # noqa: E402
                   sha, witnessed)


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


def check(folder, old=None):
    vkey = read(folder, "vkey").decode(errors="replace")
    vkey = vkey[:-1] if vkey.endswith("\n") else vkey
    changes = changes_of(folder, vkey)
    size, root = checkpoint(read(folder, "checkpoint"), vkey, "checkpoint")
    promised = promises(folder, old, vkey, changes, (size, root))
    tree, gate, beside = Tree(), Gate(), Beside(folder, changes)
    leaves, violation, held = lines(folder, "leaves"), None, 0
    for n, line in enumerate(lines(folder, "entries.jsonl")):
        if n == size:
            raise Bad(f"entry {n}: it is more than was signed")
        entry, leaf = parse(line, n), sha(b"\0" + line)
        if next(leaves, None) != leaf.hex().encode():
            raise Bad(f"entry {n}: its bytes do not give its leaf hash")
        tree.add(leaf)
        if tree.size in promised:
            if promised[tree.size] != tree.root():
                raise Bad(f"entry {held}: it, or one after it and before "
                          f"{tree.size}, is not the one that was signed")
            held = tree.size
        try:  # a breach is told only of a log that verifies
            beside.add(entry, leaf)
            gate.add(entry)
        except (Bad, KeyError, TypeError, OSError) as why:
            violation = violation or f"entry {n}: {why}"
    if tree.size < size or root != tree.root():
        raise Bad(f"entry {tree.size} is missing: {size} were signed")
    if next(leaves, None) is not None:
        raise Bad(f"entry {size}: there are more leaves than entries")
    if violation:
        raise Bad(violation)
    beside.end()
    return tree, gate.counts, vkey, changes


def main():
    p = argparse.ArgumentParser(description="Exit code 0: it holds, 1: not.")
    p.add_argument("--witness", metavar="VKEY", help="who must have signed")
    p.add_argument("folder", nargs="?", default=os.path.dirname(
        os.path.abspath(__file__)))
    p.add_argument("old", nargs="?", help="a former checkpoint")
    args = p.parse_args()
    try:
        tree, counts, vkey, changes = check(args.folder, args.old)
        if args.witness:
            print("a witness signed the first {} entries, at {} (Unix time)"
                  .format(*witnessed(args.folder, args.witness)))
    except (Bad, OSError, ValueError, LookupError, RecursionError) as why:
        print(f"DOES NOT HOLD: {why}")
        return 1
    print(f"it holds: {tree.size} entries, root {tree.root().hex()}\n"
          f"signed with {vkey}\n"
          "(is that the key that you were given by other means?)\n"
          "with a legal basis each time: {fetched} files fetched, {kept} kept, "
          "{read} readings".format(**counts))
    print(*map(told, changes), sep="\n", end="\n" if changes else "")
    return 0


if __name__ == "__main__":
    sys.exit(main())
