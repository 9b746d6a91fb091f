#!/usr/bin/env python3
"""The ledger's key is exchanged, and the ledger goes on after its last leaves
were lost: nobody who kept a checkpoint is left behind, and none is fooled."""
import base64
import json
import os
import shutil
import subprocess
import sys

from bundle_help import (Bundle, Key, by_c, by_python, canonical, root,
                         sha, sign)
from harness import BUILD, Failure, Skip, equal, expect, run
from staff_help import Colleague, add, need_root


def keys(r, name):
    return os.path.join(r.storage, "keys", name)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def history(r):
    path = keys(r, "history")
    return read(path).splitlines() if os.path.exists(path) else []


def checkpoint(r, name):
    code, note, err = r.cli("ledger", "checkpoint")
    equal(code, 0, f"checkpoint ({err})")
    with open(r.path(name), "w", encoding="utf-8") as f:
        f.write(note)
    return r.path(name), int(note.split("\n")[1])


def bundle(r, name):
    code, out, err = r.cli("ledger", "export", "-o", r.path(name))
    equal(code, 0, f"export ({out}{err})")
    return r.path(name)


def both_say(folder, holds, old=None, words=""):
    for who, verifier in (("verify.py", by_python), ("ledger verify", by_c)):
        got, index, said = verifier(folder, old)
        if got != holds or words not in said:
            raise Failure(f"{who}: {got}, {index}: {said}")


def reopen(r, *more, second=None, identity=None):
    done = subprocess.run(
        [os.path.join(BUILD, "resguardo"), "--identity", identity or r.identity,
         "ledger", "reopen", "--config", r.config, "--second",
         second or r.path("second"), *more], capture_output=True, text=True,
        check=False)
    return done.returncode, done.stdout + done.stderr


# ---- another key ------------------------------------------------------------

def the_key_is_exchanged_and_all_follow(r):
    old, _ = checkpoint(r, "old")
    former = read(keys(r, "ledger"))
    pinned = r.path("pinned")
    shutil.copy(r.identity + ".known", pinned)
    equal(r.cli("ledger", "verify")[0], 0, "verify")

    code, out, err = r.cli("ledger", "rotate-key")
    equal(code, 0, f"rotate-key ({out}{err})")
    now = read(keys(r, "ledger"))
    expect(now != former, "the key is another")
    equal(now.split(b"+")[2], former.split(b"+")[2], "the origin")
    for name in os.listdir(os.path.join(r.storage, "keys")):
        expect(former.split(b"+")[4].strip() not in read(keys(r, name)),
               f"the former seed is in {name}")
    equal(len(history(r)), 1, "changes")

    code, out, err = r.cli("ledger", "verify", "--since-checkpoint", old)
    equal(code, 0, f"verify after it ({out}{err})")
    expect("exchanged" in err, f"nobody says so: {err}")
    folder = bundle(r, "one")
    both_say(folder, True)
    both_say(folder, True, old)

    # A second one; who slept through both follows both.
    equal(r.cli("ledger", "rotate-key")[0], 0, "rotate-key again")
    shutil.copy(pinned, r.identity + ".known")
    code, out, err = r.cli("ledger", "verify", "--since-checkpoint", old)
    equal(code, 0, f"verify after two ({out}{err})")
    folder = bundle(r, "two")
    both_say(folder, True, old)
    whole = Bundle(folder)
    for name, change, words in (
            ("no history", lambda b: b.files.pop("history.jsonl"), ""),
            ("half of it", lambda b: b.set_lines(
                b.lines("history.jsonl")[1:], "history.jsonl"), ""),
            ("turned round", lambda b: b.set_lines(
                b.lines("history.jsonl")[::-1], "history.jsonl"), ""),
            ("another entry", lambda b: b.set_lines(
                [x.replace(b'officer', b'auditor') for x in
                 b.lines("history.jsonl")], "history.jsonl"), "")):
        forged = whole.copy()
        change(forged)
        forged.write(r.path("forged"))
        both_say(r.path("forged"), False, None, words)
        print(f"   refused: {name}")

    # A desk with a key that no history leads to is another desk.
    with open(r.identity + ".known", encoding="utf-8") as f:
        known = json.loads(f.readline())
    known["ledger_key"] = "x.example/00000000+" + known["ledger_key"].split(
        "+", 1)[1]
    with open(r.identity + ".known", "wb") as f:
        f.write(canonical(known) + b"\n")
    equal(r.cli("ledger", "verify")[0], 5, "another ledger's key")
    shutil.copy(pinned, r.identity + ".known")


def killed_at(r, n):
    """Kills the daemon's writer at the n-th system call that changes a file
    after it was asked for another key; True: it was done before that."""
    tracer = subprocess.Popen(
        ["strace", "-f", "-o", r.path("trace"), "-e", "trace=fsync,fdatasync,"
         "rename,unlink", "-e", "inject=fsync,fdatasync,rename,unlink:"
         f"signal=KILL:when={n}", "-p", str(r.daemon.pid)],
        stderr=subprocess.PIPE, text=True)
    try:
        while "attached" not in tracer.stderr.readline():
            expect(tracer.poll() is None, "strace did not attach")
        return r.cli("ledger", "rotate-key")[0] == 0
    finally:
        r.kill()
        tracer.communicate()


def a_kill_on_the_way_leaves_one_key(r):
    old, _ = checkpoint(r, "old")
    pinned, saved = r.path("pinned"), r.path("saved")
    equal(r.cli("ledger", "verify")[0], 0, "verify")
    shutil.copy(r.identity + ".known", pinned)
    r.stop()
    shutil.copytree(r.storage, saved)
    n, done, exchanged = 0, False, 0
    while not done:
        n += 1
        r.start()
        done = killed_at(r, n)
        r.start()
        code, out, err = r.cli("ledger", "verify", "--since-checkpoint", old)
        equal(code, 0, f"verify after a kill at {n} ({out}{err})")
        expect(len(history(r)) in (0, 1), f"history after a kill at {n}")
        exchanged += len(history(r))
        for name in ("turn", "ledger-next"):
            expect(not os.path.exists(keys(r, name)), f"{name} is left at {n}")
        r.stop()
        shutil.rmtree(r.storage)
        shutil.copytree(saved, r.storage)
        shutil.copy(pinned, r.identity + ".known")
    expect(0 < exchanged < n and n > 8, f"{exchanged} exchanges, {n} kills")
    print(f"   killed at {n - 1} places, exchanged after {exchanged} of them")
    r.start()


# ---- witnesses --------------------------------------------------------------

class Witness:
    """An Ed25519 key of type 0x04, by the book (c2sp.org/tlog-cosignature)."""

    def __init__(self, name, seed):
        self.name, self.seed = name, seed
        der = bytes.fromhex("302e020100300506032b657004220420") + seed
        key = subprocess.run(
            ["openssl", "pkey", "-inform", "DER", "-pubout", "-outform", "DER"],
            input=der, stdout=subprocess.PIPE, check=True).stdout[-32:]
        self.id = sha(name.encode() + b"\n\x04" + key)[:4]
        self.vkey = (f"{name}+{self.id.hex()}+"
                     + base64.b64encode(b"\4" + key).decode())

    def line(self, note, at):
        text = note[:note.rindex("\n\n") + 1]
        blob = self.id + at.to_bytes(8, "big") + sign(
            self.seed, f"cosignature/v1\ntime {at}\n{text}".encode())
        return f"\u2014 {self.name} {base64.b64encode(blob).decode()}\n"


def witnesses_are_kept_and_given_out_again(r):
    one, two, other = (Witness(f"w{i}.example/x", bytes([i]) * 32)
                       for i in range(3))
    with open(r.config, "a", encoding="utf-8") as f:
        f.write(f"ledger:\n  witnesses: [{one.vkey}, {two.vkey}]\n")
    r.start()
    path, size = checkpoint(r, "note")
    with open(path, encoding="utf-8") as f:
        note = f.read()

    def hand_in(text, code):
        with open(r.path("cosigned"), "w", encoding="utf-8") as f:
            f.write(text)
        got, out, err = r.cli("ledger", "cosign", r.path("cosigned"))
        equal(got, code, f"cosign ({out}{err})")
        return err

    strangers = "".join(
        f"\u2014 s{i} {base64.b64encode(bytes(5 + i)).decode()}\n"
        for i in range(20))
    hand_in(note, 5)
    hand_in(note + other.line(note, 5), 5)
    good = one.line(note, 1790000000)
    hand_in(note + good.replace(good[-9], "A" if good[-9] != "A" else "B"), 5)
    hand_in(note.replace(f"\n{size}\n", f"\n{size + 1}\n") + good, 5)
    hand_in("no note at all", 1)
    hand_in(note + strangers + good, 0)
    hand_in(note + two.line(note, 1790000001), 0)
    cosigned = note + good + two.line(note, 1790000001)
    equal(read(checkpoint(r, "again")[0]).decode(), cosigned,
          "what is given out: ours and those of our witnesses")
    r.stop()
    r.start()
    # The log goes on: nobody signed this, and what was signed is not lost.
    expect(checkpoint(r, "grown")[1] > size, "a restart is entered")
    folder = bundle(r, "bundle")
    equal(sorted(Bundle(folder).lines("cosigned")),
          sorted(cosigned.encode().splitlines()), "what goes into a bundle")
    for vkey, holds in ((one.vkey, True), (two.vkey, True),
                        (other.vkey, False)):
        ours = r.cli("ledger", "verify", folder, "--witness", vkey)
        theirs = subprocess.run(
            [sys.executable, os.path.join(folder, "verify.py"), "--witness",
             vkey, folder], capture_output=True, check=False)
        equal((ours[0], theirs.returncode), (0, 0) if holds else (5, 1),
              f"{ours} {theirs}")
    forged = Bundle(folder)
    forged.files["cosigned"] = forged.files["cosigned"].replace(
        f"\n{size}\n".encode(), f"\n{size - 1}\n".encode())
    forged.write(r.path("forged"))
    both_say(r.path("forged"), False)


witnesses_are_kept_and_given_out_again.needs = {"start": False}


# ---- leaves that are lost ---------------------------------------------------

def way(leaves, m):
    """RFC 6962, 2.1.1: what stands beside leaf m, from below."""
    if len(leaves) == 1:
        return []
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if m < k:
        return way(leaves[:k], m) + [root(leaves[k:])]
    return way(leaves[k:], m - k) + [root(leaves[:k])]


def state_it(r, b, change):
    """The bundle of one who has the server and its key, and no officer: all is
    signed anew with another statement."""
    key, line = Key(r.storage), json.loads(b.lines("history.jsonl")[0])
    entries = b.entries()
    n = next(i for i, e in enumerate(entries)
             if e["event_type"] == "ledger_reopened")
    change(entries[n]["evidence"])
    b.forge(entries[:n + 1], key)
    leaves = [bytes.fromhex(x.decode()) for x in b.lines("leaves")]
    line["entry"] = b.lines()[n].decode()
    line["proof"] = "\n".join(
        ["c2sp.org/tlog-proof@v1", f"index {n}"] +
        [base64.b64encode(h).decode() for h in way(leaves, n)] +
        ["", b.files["checkpoint"].decode()])
    b.set_lines([canonical(line)], "history.jsonl")
    return b


def lost_leaves_are_admitted_by_two_officers(r):
    if not need_root():
        raise Skip("only root can be two officers")
    second = Colleague(r, 1301)
    os.chmod(r.socket, 0o666)
    add(r, second, "officer,auditor")
    equal(second.cli("ledger", "checkpoint")[0], 0, "the second enrols")
    equal(second.cli("subject", "find", "573001112233")[0], 3, "and signs")
    shutil.copy(second.identity, r.path("second"))
    kept, kept_size = checkpoint(r, "kept")
    r.stop()
    backup = r.path("backup")
    shutil.copytree(r.storage, backup)
    r.start()
    bundle(r, "lost-1")
    late, late_size = checkpoint(r, "late")
    expect(late_size > kept_size, "the ledger grew")
    equal(reopen(r)[0], 1, "while the daemon runs")
    r.stop()
    pinned = r.path("pinned")
    shutil.copy(r.identity + ".known", pinned)

    code, out = reopen(r)
    equal(code, 1, f"nothing is lost ({out})")
    shutil.copy(os.path.join(backup, "resguardo.db"), r.storage)
    r.start_fails()
    saved = r.path("refused")
    shutil.copytree(r.storage, saved)
    equal(reopen(r, second=r.identity)[0], 4, "one officer twice")
    code, out = reopen(r)
    equal(code, 0, f"reopen ({out})")
    signed = late_size + 1  # it was told to stop, and entered that
    expect(f"of the {signed} " in out, out)
    r.start()
    first_origin = read(late).split(b"\n")[0]
    note, _ = checkpoint(r, "after")
    expect(read(note).split(b"\n")[0] != first_origin, "the origin is the same")

    # Who saw what was lost is told, once; who kept what is left is served.
    code, out, err = r.cli("ledger", "verify", "--since-checkpoint", kept)
    equal(code, 0, f"since a checkpoint of what is left ({out}{err})")
    code, out, err = r.cli("ledger", "verify", "--since-checkpoint", late)
    equal(code, 5, "since one of what is lost")
    expect("lost" in out + err, err)
    folder = bundle(r, "reopened")
    both_say(folder, True, kept)
    both_say(folder, False, late, "lost")
    stale = Bundle(folder)
    stale.files["cosigned"] = read(late)  # no witness saw what is here now
    stale.write(r.path("forged"))
    both_say(r.path("forged"), False, None, "lost")
    entry = [e for e in Bundle(folder).entries()
             if e["event_type"] == "ledger_reopened"]
    equal([(e["evidence"]["former_size"], e["reason"]) for e in entry],
          [(signed, "leaves_lost")], "what the entry cites")

    for name, change in (
            ("nothing", lambda why: None),
            ("a signature of the other", lambda why: why.update(
                signature=why["approver_signature"])),
            ("one officer twice", lambda why: why.update(
                approver_key=why["sign_key"],
                approver_signature=why["signature"])),
            ("less is said to be lost", lambda why: why.update(
                former_size=why["former_size"] - 1))):
        state_it(r, Bundle(folder), change).write(r.path("forged"))
        both_say(r.path("forged"), name == "nothing")
    r.stop()
    every_crash_leaves_one_ledger(r, saved)
    r.start()
    equal(r.cli("ledger", "verify")[0], 5, "an origin nobody led to")
    shutil.copy(pinned, r.identity + ".known")
    equal(r.cli("ledger", "verify")[0], 0, "at the end")

    # The key is lost: IDENTITY.known says which it was.
    r.stop()
    os.unlink(keys(r, "ledger"))
    r.start_fails()
    code, out = reopen(r)
    equal(code, 0, f"reopen without the key ({out})")
    expect(": 0 are lost" in out, out)
    r.start()
    equal(r.cli("ledger", "verify", "--since-checkpoint", kept)[0], 0,
          "through two origins")
    both_say(bundle(r, "twice"), True, kept)


def every_crash_leaves_one_ledger(r, saved):
    """Killed at each system call that changes a file, in turn."""
    # What looks for leaks at the end cannot do so under strace, and fails.
    env = dict(os.environ, ASAN_OPTIONS="detect_leaks=0")
    n, done = 0, False
    while not done:
        n += 1
        shutil.rmtree(r.storage)
        shutil.copytree(saved, r.storage)
        killed = subprocess.run(
            ["strace", "-f", "-qq", "-o", "/dev/null", "-e",
             f"inject=fsync,fdatasync,rename,unlink:signal=KILL:when={n}",
             os.path.join(BUILD, "resguardo"), "--identity", r.identity,
             "ledger", "reopen", "--config", r.config, "--second",
             r.path("second")], capture_output=True, check=False, env=env)
        done = killed.returncode == 0
        expect(done or n < 100, f"it never ends: {killed.stderr}")
        code, out = reopen(r)
        if code not in (0, 1) or (code == 1 and "whole" not in out):
            raise Failure(f"after a kill at {n}: {code} {out}")
        equal(len(history(r)), 1, f"changes after a kill at {n}")
        expect(not os.path.exists(keys(r, "turn")), f"turn is left at {n}")
    expect(n > 8, f"only {n} places to be killed")
    print(f"   killed at {n - 1} places")


run([the_key_is_exchanged_and_all_follow, a_kill_on_the_way_leaves_one_key,
     witnesses_are_kept_and_given_out_again,
     lost_leaves_are_admitted_by_two_officers])
