"""What else a bundle may have: other trees that were signed, the words of the
notices, time stamps, and changes of the key."""
import os, re

from gate import Bad
from history import former, live, trees
from notes import read, sha
from stamps import stamp, stamped


def promises(folder, old, vkey, changes, now):
    """{size: root} of all trees that were signed: the log grew through."""
    others = [(name, *former(read(name), vkey, changes, name)) for name in
              (old, os.path.join(folder, "cosigned"))
              if name and (name == old or os.path.exists(name))]
    others += [("history.jsonl", *tree) for tree in trees(changes)]
    others += [("a stamp", *tree) for tree in stamped(folder).items()]
    size, found = now[0], dict([now])
    for what, n, was in others:
        if n > size:
            raise Bad(f"entry {size} is missing: {what} is of {n} entries")
        if found.setdefault(n, was) != was:
            raise Bad("two trees of one size were signed, from entry 0 on")
    return found


class Beside:
    """What an entry speaks of is in the bundle, and holds."""

    def __init__(self, folder, changes):
        self.folder, self.trees = folder, stamped(folder)
        self.changed = live(changes)  # that no entry spoke of yet

    def add(self, entry, leaf):
        kind, place = entry["event_type"], (entry["index"], leaf)
        if kind == "notice_published":
            name = str(entry["notice_sha256"])
            if not re.fullmatch("[0-9a-f]{64}", name) or sha(
                    read(self.folder, f"notice-{name}.md")).hex() != name:
                raise Bad("the words of its notice are not those published")
        elif kind == "checkpoint_stamped":
            stamp(self.folder, self.trees, entry["evidence"])
        elif kind in ("ledger_reopened", "ledger_key_rotated"):
            if place not in self.changed:
                raise Bad("the ledger's key was changed, and history.jsonl "
                          "does not say so")
            self.changed.discard(place)

    def end(self):
        if self.changed:
            raise Bad("history.jsonl tells of changes of the key that are not "
                      "in the log")
