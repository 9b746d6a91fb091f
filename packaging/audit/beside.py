"""What else a bundle may have: the words of the notices, who was staff, other
trees that were signed, time stamps, witnesses, and changes of the key."""
import os, re

from history import changes_of, former, live, told, trees
from notes import checkpoint, witnessed
from staff import Staff
from stamps import stamp, stamped
from verify import need, read, sha


class Beside:
    """What an entry speaks of is in the bundle, and holds."""

    def __init__(self, folder, vkey, root=None, witness=None):
        self.folder, self.vkey, self.witness = folder, vkey, witness
        self.changes = changes_of(folder, vkey)
        self.staff = Staff(folder, root)
        self.changed = live(self.changes)  # that no entry spoke of yet
        self.stamps = stamped(folder)

    def trees(self, old):
        """(what, size, root) of all that were signed."""
        yield ("checkpoint", *checkpoint(read(self.folder, "checkpoint"),
                                         self.vkey, "checkpoint"))
        for name in old, os.path.join(self.folder, "cosigned"):
            if name and (name == old or os.path.exists(name)):
                yield (name, *former(read(name), self.vkey, self.changes,
                                     name))
        yield from (("history.jsonl", *tree) for tree in trees(self.changes))
        yield from (("a stamp", *tree) for tree in self.stamps.items())

    def add(self, entry, leaf):
        kind, place = entry.get("event_type"), (entry["index"], leaf)
        if kind == "notice_published":
            name = str(entry["notice_sha256"])
            need(re.fullmatch("[0-9a-f]{64}", name) and sha(
                read(self.folder, f"notice-{name}.md")).hex() == name,
                "the words of its notice are not those published")
        elif kind == "checkpoint_stamped":
            stamp(self.folder, self.stamps, entry["evidence"])
        elif kind in ("ledger_reopened", "ledger_key_rotated"):
            need(place in self.changed, "the ledger's key was changed, and "
                 "history.jsonl does not say so")
            self.changed.discard(place)
        self.staff.add(entry)

    def end(self):
        """In words, what is left to be asked."""
        need(not self.changed, "history.jsonl tells of changes of the key that "
             "are not in the log")
        self.staff.end()
        words = [f"staff by the keyring with the root {self.staff.root}"]
        if self.witness:
            words.append("a witness signed the first {} entries, at {} (Unix "
                         "time)".format(*witnessed(self.folder, self.witness)))
        return words + [told(change) for change in self.changes]
