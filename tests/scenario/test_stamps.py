#!/usr/bin/env python3
"""Time stamps of checkpoints by an authority of its own, and the log as static
tiles, read by a reader of its own."""
import base64
import json
import os
import re
import shutil
import subprocess

from bundle_help import Bundle, Key, by_c, by_python, root, sha
from harness import DEADLINE_S, Failure, equal, expect, run, until
from stamp_help import Authority

FAILURES = {"garbage": "malformed", "huge": "size", "slow": "timeout",
            "status": "status", "html": "status", "refused": "refused",
            "replay": "mismatch", "stranger": "untrusted",
            "extra": "malformed"}


def entries(r, kind):
    code, out, err = r.cli("ledger", "export", "-o", r.path("look"))
    equal(code, 0, f"export ({err})")
    found = [e for e in Bundle(r.path("look")).entries()
             if e["event_type"] == kind]
    shutil.rmtree(r.path("look"))
    return found


def configure(r, url, ca):
    """The daemon's log gets an authority of time; it is restarted."""
    with open(r.config, "a", encoding="utf-8") as f:
        f.write(f"ledger:\n  timestamp:\n    url: {url}\n    ca_file: {ca}\n"
                "    every: 1d\n")
    r.start()


# ---- stamps -----------------------------------------------------------------

def both(r, bundle, want):
    """What the two verifiers say of a bundle: None, or a part of it."""
    folder = r.path("tampered")
    bundle.write(folder)
    for who, verifier in (("verify.py", by_python), ("ledger verify", by_c)):
        holds, _, words = verifier(folder, None)
        if holds != (want is None) or (want or "") not in words:
            raise Failure(f"{who}, not {want!r}: {words}")


def check_openssl(folder, size, ca):
    """The line of the README, as somebody types it."""
    at = f"{folder}/stamp-{size}"
    done = subprocess.run(
        ["openssl", "ts", "-verify", "-data", f"{at}.checkpoint", "-in",
         f"{at}.tsr", "-CAfile", ca], capture_output=True, text=True,
        check=False)
    expect("Verification: OK" in done.stdout + done.stderr,
           f"openssl ts: {done.stderr}")


def tamper(r, folder, size, authority):
    whole = Bundle(folder)
    stamp = f"stamp-{size}"

    def changed(want, **files):
        b = whole.copy()
        for name, data in files.items():
            name = name.replace("STAMP", stamp).replace("_", ".", 1)
            if data is None:
                del b.files[name]
            else:
                b.files[name] = data
        both(r, b, want)

    both(r, whole, None)
    changed("time stamp is missing", STAMP_tsr=None)
    changed("time stamp", STAMP_checkpoint=None)
    tsr = bytearray(whole.files[f"{stamp}.tsr"])
    tsr[-3] ^= 1
    changed("time stamp is another", STAMP_tsr=bytes(tsr))
    with open(f"{authority.folder}/stranger-ca.pem", "rb") as f:
        b = whole.copy()
        b.files["stamp-ca.pem"] = f.read()
        both(r, b, "time stamp does not hold")
    # Nobody to trust: what it is of is still looked at.
    b = whole.copy()
    del b.files["stamp-ca.pem"]
    both(r, b, None)
    # A stamped tree that the log did not grow through.
    b = whole.copy()
    b.files["stamp-3.checkpoint"] = Key(r.storage).note(3, sha(b"another"))
    both(r, b, "is not the one that was signed")
    forge(r, whole, size)


def forge(r, whole, size):
    """Who has the signing key moves what was stamped, entry and files alike:
    the authority's word is about other bytes."""
    b, stamp = whole.copy(), f"stamp-{size}"
    key, all_entries = Key(r.storage), b.entries()
    note = key.note(size, root([sha(b"\0" + line)
                                for line in b.lines()[:size]]), os.urandom(32))
    b.files[f"{stamp}.checkpoint"] = note
    for e in all_entries:
        if (e["event_type"] == "checkpoint_stamped" and
                e["evidence"]["entries"] == size):
            e["evidence"]["checkpoint_sha256"] = sha(note).hex()
    b.forge(all_entries, key)
    both(r, b, "time stamp does not hold")
    b = whole.copy()
    all_entries = b.entries()
    for e in all_entries:
        if (e["event_type"] == "checkpoint_stamped" and
                e["evidence"]["entries"] == size):
            e["evidence"]["stamped_at"] = "2020-01-01T00:00:00.000Z"
    b.forge(all_entries, key)
    both(r, b, "time stamp is of another time")


def a_checkpoint_is_stamped_and_whatever_is_wrong_is_told(r):
    authority = Authority(r.path("authority"))
    try:
        code, _, err = r.cli("ledger", "stamp")
        equal(code, 1, "no authority")
        expect("no authority of time is configured" in err, err)
        r.stop()
        configure(r, authority.url, authority.ca)

        # By itself, at once: none was made yet.
        own = until("stamped", lambda: entries(r, "checkpoint_stamped"))[0]
        equal((own["actor"], "role" in own), ("system", False), "whose")

        # Nothing that an authority does is anybody else's trouble.
        for mode, reason in FAILURES.items():
            authority.mode = mode
            code, _, err = r.cli("ledger", "stamp")
            equal(code, 5 if reason not in ("timeout", "status") else 1,
                  f"{mode} ({err})")
            found = entries(r, "checkpoint_stamp_failed")[-1]
            equal((found["reason"], found["role"]), (reason, "auditor"), mode)
        authority.release.set()

        authority.mode = "good"
        made = r.json("ledger", "stamp")
        folder = r.path("bundle")
        equal(r.cli("ledger", "export", "-o", folder)[0], 0, "export")
        size = made["size"]
        with open(f"{folder}/stamp-{size}.checkpoint", "rb") as f:
            note = f.read()
        expect(any(sha(note) in query for query in authority.asked),
               "the imprint is the checkpoint's")
        check_openssl(folder, size, f"{folder}/stamp-ca.pem")
        tamper(r, folder, size, authority)

        # After a restart it is not due; a kill while it is asked is no harm.
        asked = len(authority.asked)
        r.stop()
        r.start()
        equal(len(authority.asked), asked, "not due again")
        authority.mode = "slow"
        authority.release.clear()
        waiting = subprocess.Popen(
            [os.path.join(os.path.dirname(r.daemon.args[0]), "resguardo"),
             "--socket", r.socket, "--identity", r.identity, "ledger",
             "stamp"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        until("asked", lambda: len(authority.asked) > asked)
        r.file()
        r.prompt(1)
        expect(waiting.poll() is None, "intake waited for an authority")
        r.stop()
        expect(waiting.wait(DEADLINE_S) != 0, "a stamp that was never made")
        r.start()
    finally:
        authority.close()


# ---- tiles ------------------------------------------------------------------

class Tiles:
    """A reader of c2sp.org/tlog-tiles, written from that page alone."""

    def __init__(self, folder):
        self.folder = folder
        with open(os.path.join(folder, "checkpoint"), "rb") as f:
            lines = f.read().decode().split("\n")
        self.size, self.root = int(lines[1]), base64.b64decode(lines[2])

    def read(self, level, n, wide):
        parts = []
        rest = n
        while True:
            parts.insert(0, f"{rest % 1000:03d}")
            rest //= 1000
            if rest == 0:
                break
        name = "/".join([f"x{p}" for p in parts[:-1]] + parts[-1:])
        if wide < 256:
            name += f".p/{wide}"
        with open(os.path.join(self.folder, "tile", str(level), name),
                  "rb") as f:
            return f.read()

    def level(self, level):
        """All hashes of a level of tiles, each tile of its due width."""
        count = self.size >> 8 * level
        data = b"".join(self.read(level, at // 256, min(256, count - at))
                        for at in range(0, count, 256))
        equal(len(data), 32 * count, f"hashes of level {level}")
        return [data[i:i + 32] for i in range(0, len(data), 32)]

    def entries(self):
        for at in range(0, self.size, 256):
            data = self.read("entries", at // 256, min(256, self.size - at))
            while data:
                n = int.from_bytes(data[:2], "big")
                yield data[2:2 + n]
                data = data[2 + n:]


def files_below(folder):
    return {os.path.join(at, name) for at, _, names in os.walk(folder)
            for name in names}


def the_log_is_a_log_of_tiles(r):
    for n in range(280):  # more than a tile, each an entry
        equal(r.cli("document", "list")[0], 0, "list") if n < 2 else None
        if n >= 2:
            r.sim.message(type="text", text=f"hola {n}",
                          **{"from": f"5730000{n:05d}"})
    until("enough entries", lambda: r.json("status")["ledger_size"] > 260)
    folder = r.path("tiles")
    code, _, err = r.cli("ledger", "export", "--tiles", "-o", folder)
    equal(code, 0, f"export ({err})")
    t = Tiles(folder)
    expect(t.size > 256, "more than one tile")
    leaves = [sha(b"\0" + entry) for entry in t.entries()]
    equal(leaves, t.level(0), "leaves are of the entries")
    equal(root(leaves), t.root, "the root is the signed one")
    equal([root(leaves[i:i + 256]) for i in range(0, len(leaves) - 255, 256)],
          t.level(1), "the level above")
    with open(f"{folder}/entries.jsonl", "rb") as f:
        equal(f.read().split(b"\n")[:-1], list(t.entries()), "entries")
    equal(subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"],
                         cwd=folder, check=False).returncode, 0, "sums")
    equal(by_python(folder, None)[0], True, "the bundle holds, too")

    # Nothing is overwritten, and what fails leaves nothing.
    before = files_below(folder)
    expect(r.cli("ledger", "export", "--tiles", "-o", folder)[0] == 1, "twice")
    equal(files_below(folder), before, "as it was")
    os.mkdir(r.path("half"))
    with open(r.path("half", "verify.py"), "wb"):
        pass
    expect(r.cli("ledger", "export", "--tiles", "-o", r.path("half"))[0] == 1,
           "a file is in the way")
    equal(os.listdir(r.path("half")), ["verify.py"], "what is left")


if __name__ == "__main__":
    run([a_checkpoint_is_stamped_and_whatever_is_wrong_is_told,
         the_log_is_a_log_of_tiles])
