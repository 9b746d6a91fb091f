#!/usr/bin/env python3
"""Staff that comes and goes: grants, epochs, signatures, and a server that
lies. Colleagues are Unix users of their own, so most of it needs root."""
import hashlib
import os
import signal
import socket
import subprocess
import threading

from harness import (BUILD, DEADLINE_S, equal, expect, json, run, sample, sqlite3,
                     tampering, until)
from staff_help import (ANA, BEA, CAM, Colleague, add, events, need_root,
                        reads, ready, refusal)

# ---- colleagues -------------------------------------------------------------

def colleagues_come_read_and_go(r):
    if not need_root():
        print("skip colleagues_come_read_and_go (needs root)")
        return
    document, = ready(r)
    ana, bea = Colleague(r, ANA), Colleague(r, BEA)
    refusal(ana.get(document), 4, "is not on the keyring")
    equal(r.cli("vault", "rotate")[0], 0, "rotate")
    add(r, ana, "agent")
    add(r, bea, "auditor")
    staff = {s["name"]: s for s in r.json("staff", "list")}
    equal(staff[str(ANA)]["epochs"], [1, 2], "grants of the agent")
    equal(staff[str(BEA)]["epochs"], [], "grants of the auditor")

    # The first reading enrols; both open the same file.
    for _ in range(2):
        code, out, err = ana.get(document)
        equal(code, 0, f"reading ({err})")
        equal(out, sample("photo.jpg"), "what was read")
    equal(reads(r), [str(ANA)] * 2, "readings")
    expect({s["name"]: s for s in r.json("staff", "list")}[str(ANA)]
           ["enrolled"], "not enrolled")

    # Each refusal has its own sentence, and none is on record.
    refusal(bea.get(document), 4, "this is for the role agent")
    refusal(bea.cli("vault", "grant", "1"), 4, "this is for the role agent")
    refusal(ana.cli("vault", "rotate"), 4, "this is for the role officer")
    refusal(ana.cli("staff", "list"), 4, "this is for the role officer")
    refusal(ana.cli("vault", "grant", "9"), 3, "no such epoch")
    os.rename(bea.identity, os.path.join(ana.folder, "other"))
    os.chown(os.path.join(ana.folder, "other"), ANA, ANA)
    refusal(ana.get(document, identity=os.path.join(ana.folder, "other")), 1,
            "no identity matched")
    os.chmod(ana.identity, 0o644)
    refusal(ana.get(document), 1, "identity")
    os.chmod(ana.identity, 0o600)
    refusal(r.cli("staff", "revoke", "nobody-here"), 3, "nobody-here")
    refusal(r.cli("staff", "revoke", "root"), 1, "cannot revoke yourself")
    equal(len(reads(r)), 2, "readings after refusals")

    # What is a colleague's stays theirs until it is taken by name.
    r.say("asesor")
    talk = until("a conversation", lambda: r.json("conversation", "list"))[0]
    case = r.json("case", "list")[0]["id"]
    equal(r.cli("case", "assign", case, str(ANA))[0], 0, "assign")
    equal(ana.cli("conversation", "take", talk["id"])[0], 0, "take")
    code, _, err = r.cli("conversation", "take", talk["id"])
    refusal((code, None, err), 1, f"{ANA} has it since")
    expect(f"--from {ANA}" in err, err)
    refusal(r.cli("conversation", "hand-back", talk["id"]), 4, "--reason")

    # Gone in one step; who stays reads on, and has what they had.
    code, _, err = r.cli("staff", "revoke", str(ANA))
    equal(code, 0, f"revoke ({err})")
    expect("1 conversation waits again" in err and "1 case has no owner" in err,
           err)
    now, = r.json("conversation", "list")
    equal([now["state"], now["priority"], now["since"], now["agent"]],
          ["waiting", "high", talk["since"], None], "it waits where it was")
    equal(r.json("case", "show", case)["owner"], None, "nobody's")
    equal(r.cli("conversation", "take", talk["id"])[0], 0, "take")
    refusal(ana.get(document), 4, "was revoked")
    refusal(ana.cli("status"), 4, "was revoked")
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    equal(database.execute("SELECT uid, epoch FROM keyring_grant "
                           "ORDER BY epoch").fetchall(),
          [(0, 1), (0, 2), (0, 3)], "grants that are left")
    database.close()
    code, out, err = r.cli("document", "get", document, "--reason", "x",
                           text=False)
    equal((code, out), (0, sample("photo.jpg")), f"reading ({err})")
    equal([(e["event_type"], e["actor"], e["role"]) for e in events(
        r, "staff_added", "staff_revoked", "epoch_rotated", "staff_key_set")],
        [("epoch_rotated", "root", "officer"),
         ("staff_added", "root", "officer"),
         ("staff_added", "root", "officer"),
         ("staff_key_set", str(ANA), "any"),
         ("staff_revoked", "root", "officer"),
         ("epoch_rotated", "root", "officer")], "what is on record")

    # And back, after a restart.
    r.stop()
    r.start()
    os.chmod(r.socket, 0o666)
    add(r, ana, "agent,auditor")
    code, out, err = ana.get(document)
    equal((code, out), (0, sample("photo.jpg")), f"reading ({err})")


def second_officer_does_it_all(r):
    if not need_root():
        print("skip second_officer_does_it_all (needs root)")
        return
    document, = ready(r)
    ana, bea = Colleague(r, ANA), Colleague(r, BEA)
    add(r, ana, "officer")
    # Officers grant what they hold, and read nothing without the role.
    refusal(ana.get(document), 4, "this is for the role agent")
    code, _, err = ana.cli("staff", "add", str(BEA), "--role", "agent",
                           "--recipient", bea.recipient)
    equal(code, 0, f"staff add ({err})")
    code, out, err = bea.get(document)
    equal((code, out), (0, sample("photo.jpg")), f"reading ({err})")
    code, _, err = ana.cli("staff", "revoke", "root")
    equal(code, 0, f"revoke ({err})")
    refusal(r.cli("status"), 4, "was revoked")
    refusal(ana.cli("staff", "revoke", str(ANA)), 1, "cannot revoke yourself")
    code, _, err = ana.cli("staff", "add", "0", "--role",
                           "agent,auditor,officer", "--recipient",
                           recipient_of(r))
    equal(code, 0, f"staff add ({err})")
    code, _, err = r.cli("vault", "rewrap")
    equal(code, 0, f"rewrap ({err})")

    # Whoever moved headers does not prove them, while there are two.
    expect("1 headers wait for another officer" in err, err)
    equal([e["unproven"] for e in r.json("vault", "status")], [1, 0],
          "unproven")
    equal(r.cli("vault", "rewrap")[0], 0, "once more")
    # Nor does whom one officer added today.
    code, _, err = ana.cli("vault", "rewrap")
    equal(code, 0, f"rewrap ({err})")
    expect("1 headers wait for another officer" in err, err)
    equal(events(r, "header_confirmed"), [], "proofs")
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    database.execute("UPDATE newcomer SET added = added - 90000000")
    database.commit()
    database.close()
    code, _, err = ana.cli("vault", "rewrap")
    equal(code, 0, f"rewrap ({err})")
    expect("1 headers proven" in err, err)
    leaf, = events(r, "header_confirmed")
    equal((leaf["actor"], leaf["evidence"]["headers"][0]["document_id"]),
          (str(ANA), document), "who proved")
    code, out, err = r.cli("document", "get", document, "--reason", "x",
                           text=False)
    equal((code, out), (0, sample("photo.jpg")), f"reading ({err})")


def broken_grant_stops_nothing_else(r):
    """One grant that does not open: the others do, and it is given again."""
    if not need_root():
        print("skip broken_grant_stops_nothing_else (needs root)")
        return
    document, = ready(r)
    ana, bea = Colleague(r, ANA), Colleague(r, BEA)
    add(r, ana, "officer")
    equal(ana.cli("vault", "rotate")[0], 0, "rotate")
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    database.execute("UPDATE keyring_grant SET age_file = (SELECT age_file "
                     "FROM keyring_grant WHERE uid = ? AND epoch = 2) "
                     "WHERE uid = 0 AND epoch = 2", (ANA,))
    database.commit()
    database.close()
    code, out, err = r.cli("document", "get", document, "--reason", "x",
                           text=False)
    equal((code, out), (0, sample("photo.jpg")), f"reading ({err})")
    expect("warning: the grant of epoch 2: no identity matched" in err, err)
    refusal(r.cli("vault", "rewrap"), 4, "epoch 2 was not granted to you")
    refusal(r.cli("staff", "add", str(BEA), "--role", "agent", "--recipient",
                  bea.recipient), 4, "epoch 2 was not granted to you")
    refusal(ana.cli("vault", "regrant", "nobody"), 3, "nobody")
    code, _, err = ana.cli("vault", "regrant", "root")
    equal(code, 0, f"regrant ({err})")
    code, _, err = r.cli("vault", "rewrap")
    equal(code, 0, f"rewrap ({err})")
    expect("warning" not in err, err)
    # Whatever is given again, what was there at first opens what it opened.
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    database.execute("UPDATE keyring_grant SET age_file = (SELECT age_file "
                     "FROM keyring_grant WHERE uid = ? AND epoch = 1) "
                     "WHERE uid = 0 AND epoch = 1 AND newer = 1", (ANA,))
    database.commit()
    database.close()
    code, out, err = r.cli("document", "get", document, "--reason", "x",
                           text=False)
    equal((code, out), (0, sample("photo.jpg")), f"reading ({err})")
    expect("warning" not in err, err)
    # What is signed is shown before: who it is, and whose key.
    code, _, err = r.cli("staff", "add", str(BEA), "--role", "agent",
                         "--recipient", bea.recipient)
    equal(code, 0, f"staff add ({err})")
    expect(f"adding {BEA}, uid {BEA}, as agent\n{bea.recipient}\n"
           "fingerprint " in err, err)
    leaf, = events(r, "epochs_granted")
    equal((leaf["actor"], leaf["evidence"]["uid"], leaf["evidence"]["epochs"]),
          (str(ANA), 0, [1, 2]), "what is on record")


def recipient_of(r):
    with open(r.identity, encoding="utf-8") as f:
        return f.read().split("# public key: ")[1].split("\n")[0]


def usage_is_told_before_anything(r):
    good = recipient_of(r)
    for args, code in (
            (("staff", "add", "x", "--role", "agent"), 2),
            (("staff", "add", "x", "--role", "chief", "--recipient", good), 2),
            (("staff", "add", "x", "--role", "agent,", "--recipient", good), 2),
            (("staff", "add", "x", "--role", "agent", "--recipient", "age1"),
             2),
            (("staff", "add", "no-such-user-x", "--role", "agent",
              "--recipient", good), 3),
            (("staff", "add", "4711", "--role", "agent", "--recipient", good),
             1),
            (("staff", "add", "65534", "--role", "agent", "--recipient", good),
             1),
            (("staff", "add", "root", "--role", "agent", "--recipient", good),
             1),
            (("vault", "grant", "2"), 3), (("vault", "grant", "x"), 3),
            (("vault", "grant"), 2)):
        got, out, err = r.cli(*args)
        equal(got, code, f"{args} ({err})")
        equal(out, "", f"{args}")
    equal(r.json("vault", "status")[0]["epoch"], 1, "epochs")
    equal(len(r.json("staff", "list")), 1, "staff")


# ---- signatures -------------------------------------------------------------

def ask(r, method, path, body=None):
    """(status, JSON) from the desk, by hand."""
    text = json.dumps(body) if body is not None else ""
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(r.socket)
        s.sendall(f"{method} {path} HTTP/1.1\r\nHost: desk\r\n"
                  f"Content-Length: {len(text)}\r\nConnection: close\r\n\r\n"
                  f"{text}".encode())
        answer = b""
        while True:
            piece = s.recv(65536)
            if not piece:
                break
            answer += piece
    head, _, rest = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), rest


def unsigned_readings_are_refused(r):
    document, = ready(r)
    row = r.json("document", "show", document)
    for path in (f"/documents/{document}/read", f"/cases/{row['case_id']}/read",
                 f"/subjects/{row['subject']}/export"):
        status, answer = ask(r, "POST", "/nonce",
                             {"method": "POST", "path": path})
        equal(status, 200, f"nonce ({answer})")
        nonce = json.loads(answer)["nonce"]
        for body in ({"reason": "x"}, {"reason": "x", "nonce": nonce},
                     {"reason": "x", "nonce": nonce, "signature": "AAAA"},
                     {"reason": "x", "nonce": nonce,
                      "signature": "A" * 86 + "=="}):
            status, answer = ask(r, "POST", path, body)
            equal(status, 403, f"{path} {body} ({answer})")
        status, answer = ask(r, "POST", path, {"nonce": nonce})
        equal(status, 400, f"{path} without a reason ({answer})")
    equal(events(r, "document_read", "case_read", "subject_exported"), [],
          "readings")


# ---- rewrapping -------------------------------------------------------------

def payloads(r):
    return {name: (s.st_ino, s.st_mtime_ns) for folder, _, names in
            os.walk(os.path.join(r.storage, "payloads")) for name in names
            for s in [os.stat(os.path.join(folder, name))]}


def rewrapping_leaves_the_payloads_alone(r):
    documents = ready(r, 3)
    before = payloads(r)
    equal(r.cli("vault", "rotate")[0], 0, "rotate")
    equal([e["documents"] for e in r.json("vault", "status")], [3, 0],
          "before")
    code, out, err = r.cli("vault", "rewrap")
    equal((code, out), (0, ""), f"rewrap ({err})")
    expect("100 %" in err, f"no progress: {err}")
    equal([e["documents"] for e in r.json("vault", "status")], [0, 3], "after")
    equal(payloads(r), before, "inode and mtime of the payloads")
    for document in documents:
        code, out, err = r.cli("document", "get", document, "--reason", "x",
                               text=False)
        equal((code, out), (0, sample("photo.jpg")), f"reading ({err})")
    leaf, = events(r, "header_rewrapped")
    equal((leaf["evidence"]["documents"], leaf["evidence"]["epoch"]), (3, 2),
          "what is on record")
    equal(r.cli("vault", "rewrap")[0], 0, "nothing to do")
    equal(len(events(r, "header_rewrapped")), 1, "leaves")


def rewrapping_goes_on_after_a_kill(r):
    """Killed at many points, CLI and daemon in turn, pages apart and within
    one; at the end every document opens, and none is left behind."""
    documents = ready(r, 300)
    for round_ in range(6):
        equal(r.cli("vault", "rotate")[0], 0, "rotate")
        process = subprocess.Popen(
            [os.path.join(BUILD, "resguardo"), "--socket", r.socket,
             "--identity", r.identity, "vault", "rewrap"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(0.03 * (round_ + 1))
        except subprocess.TimeoutExpired:
            pass
        if round_ % 2 == 0:
            process.send_signal(signal.SIGINT)
        else:
            r.kill()
        process.wait(DEADLINE_S)
        if r.daemon is None:
            r.start()
        status = r.json("vault", "status")
        equal(sum(e["documents"] for e in status), len(documents), "documents")
        code, out, err = r.cli("document", "get", documents[round_],
                               "--reason", "x", text=False)
        equal((code, out), (0, sample("photo.jpg")), f"reading ({err})")
    equal(r.cli("vault", "rewrap")[0], 0, "rewrap")
    equal([e["documents"] for e in r.json("vault", "status")][:-1], [0] * 6,
          "left behind")
    for document in documents[::20]:
        code, out, err = r.cli("document", "get", document, "--reason", "x",
                               text=False)
        equal((code, out), (0, sample("photo.jpg")), f"reading ({err})")


def files_under_way_keep_the_epoch_of_their_order(r):
    """An epoch begins while files are fetched: each row says what its header
    is sealed to, so every file opens and rewrap finds the old ones."""
    r.file()
    r.consent_all()
    r.wait_attachments("stored", 1)
    r.sim.fault(at="download", kind="slow", delay_ms=8000, times=4)
    for _ in range(4):
        r.file()
    until("a fetch", lambda: r.attachments("fetching"))
    equal(r.cli("vault", "rotate")[0], 0, "rotate")
    former = r.json("vault", "status")[0]
    equal(former["documents"], 1, "documents of the former epoch")
    expect(former["under_way"] > 0, "none of those under way is counted")
    # It waits for those, which are sealed to the former epoch, too.
    code, _, err = r.cli("vault", "rewrap")
    equal(code, 0, f"rewrap ({err})")
    expect("waiting for" in err, err)
    r.wait_attachments("stored", 5)
    equal([e["documents"] for e in r.json("vault", "status")], [0, 5],
          "epochs")


# ---- a server that lies -----------------------------------------------------

class Liar:
    """In the desk's place: passes requests on, and changes answers."""

    def __init__(self, r, lie):
        self.r, self.lie, self.requests = r, lie, 0
        self.path = r.path("liar.sock")
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(self.path)
        self.socket.listen(8)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(connection,),
                             daemon=True).start()

    def talk(self, connection):
        with connection, connection.makefile("rb") as f:
            while True:
                line = f.readline()
                if not line:
                    return
                length = 0
                while True:
                    header = f.readline().strip().lower()
                    if not header:
                        break
                    if header.startswith(b"content-length:"):
                        length = int(header.split(b":")[1])
                method, path = line.decode().split()[:2]
                body = json.loads(f.read(length)) if length else None
                status, answer = ask(self.r, method, path, body)
                self.requests += 1
                if status == 200:
                    answer = self.lie(path, body, answer)
                connection.sendall(
                    f"HTTP/1.1 {status} x\r\nContent-Length: {len(answer)}"
                    "\r\n\r\n".encode() + answer)

    def cli(self, *args):
        done = subprocess.run(
            [os.path.join(BUILD, "resguardo"), "--socket", self.path,
             "--identity", self.r.identity, *args], timeout=DEADLINE_S,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        return done.returncode, done.stdout, done.stderr.decode()

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)  # who waits at it goes
        self.socket.close()
        os.unlink(self.path)


def rewrapping_for_a_liar_comes_to_an_end(r):
    ready(r, 2)
    equal(r.cli("vault", "rotate")[0], 0, "rotate")
    first = []

    def same_page(path, body, answer):
        """Ever the first page, a place further."""
        if path == "/vault/headers/read":
            first.append(json.loads(answer)["headers"])
            return json.dumps({"headers": first[0],
                               "after": body["after"] + 1}).encode()
        return answer

    def same_count(path, _, answer):
        if path == "/vault":
            return answer.replace(b'"documents":0', b'"documents":2')
        return answer

    def no_place(path, _, answer):
        if path == "/vault/headers/read":
            return json.dumps(dict(json.loads(answer), after=0)).encode()
        return answer

    for lie, most in ((no_place, 20), (same_page, 400), (same_count, 30)):
        liar = Liar(r, lie)
        refusal(liar.cli("vault", "rewrap"), 5, "come to no end")
        expect(liar.requests < most, f"{liar.requests} requests")
        liar.close()
    equal(r.cli("vault", "rewrap")[0], 0, "rewrap")


def header_that_opens_nothing_is_moved_again(r):
    """A desk (or an officer's program) that stores something else than what
    was sent: the proof does not hold, and the former header is still there."""
    document, = ready(r)
    equal(r.cli("vault", "rotate")[0], 0, "rotate")
    spoilt = []

    def spoil(path, _, answer):
        """Shows the moved header changed, once."""
        if path == "/vault/headers/unproven" and not spoilt:
            page = json.loads(answer)
            for item in page["headers"]:
                item["header"] = item["former"]
                spoilt.append(item["document"])
            return json.dumps(page).encode()
        return answer

    liar = Liar(r, spoil)
    code, _, err = liar.cli("vault", "rewrap")
    liar.close()
    equal(code, 0, f"rewrap ({err})")
    equal(spoilt, [document], "spoilt")
    expect(f"document {document}: moved by user" in err, err)
    expect("1 headers moved again" in err and "1 headers proven" in err, err)
    code, out, err = r.cli("document", "get", document, "--reason", "x",
                           text=False)
    equal((code, out), (0, sample("photo.jpg")), f"reading ({err})")


def keyring_of_yesterday_is_refused(r):
    """Whoever controls the storage puts the keyring of before a revocation
    back: the daemon refuses, and without its pin each CLI does."""
    if not need_root():
        print("skip keyring_of_yesterday_is_refused (needs root)")
        return
    ready(r)
    ana = Colleague(r, ANA)
    add(r, ana, "agent")
    r.stop()
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    rows = database.execute("SELECT * FROM keyring_grant").fetchall()
    database.close()
    r.start()
    os.chmod(r.socket, 0o666)
    equal(r.cli("staff", "revoke", str(ANA))[0], 0, "revoke")
    # Once more, so that this CLI has seen the keyring after.
    equal(r.cli("vault", "rotate")[0], 0, "rotate")
    r.stop()
    database = tampering(os.path.join(r.storage, "resguardo.db"))
    lost = database.execute("SELECT * FROM keyring WHERE seq > 3").fetchall()
    later = database.execute("SELECT * FROM keyring_grant").fetchall()
    database.execute("DELETE FROM keyring WHERE seq > 3")
    database.execute("DELETE FROM keyring_grant")
    database.executemany("INSERT INTO keyring_grant VALUES (?, ?, ?, ?)", rows)
    database.commit()
    database.close()
    code, err = r.start_fails()
    equal(code, 5, f"the daemon's exit ({err})")
    expect("keyring is older" in err, err)

    # Without the daemon's own pin it refuses just so. With one that is as old
    # as the database a CLI that saw more seals nothing.
    head = os.path.join(r.storage, "keys", "keyring-head")
    with open(head, encoding="utf-8") as f:
        pinned = f.read()
    os.unlink(head)
    code, err = r.start_fails()
    equal(code, 5, f"the daemon's exit ({err})")
    expect("keyring-head is missing" in err, err)
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    entry, signature = database.execute(
        "SELECT entry, signature FROM keyring WHERE seq = 3").fetchone()
    database.close()
    with open(head, "w", encoding="utf-8") as f:
        f.write(f"4 {hashlib.sha256(entry + signature).hexdigest()}\n")
    os.chmod(head, 0o600)
    r.start()
    os.chmod(r.socket, 0o666)
    bea = Colleague(r, BEA)
    for args in (("staff", "add", str(BEA), "--role", "agent", "--recipient",
                  bea.recipient), ("vault", "rotate"), ("vault", "rewrap")):
        refusal(r.cli(*args), 5, "not the one seen here before")
    code, out, _ = r.cli("check")
    equal(code, 5, "exit of check")
    expect("keyring: entry 4 is in the ledger and not in the database" in out,
           out)

    # Everything as it was, for the global check.
    r.stop()
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    database.executemany("INSERT INTO keyring VALUES (?, ?, ?)", lost)
    database.execute("DELETE FROM keyring_grant")
    database.executemany("INSERT INTO keyring_grant VALUES (?, ?, ?, ?)", later)
    database.commit()
    database.close()
    with open(head, "w", encoding="utf-8") as f:
        f.write(pinned)


def grant_of_another_key_is_refused(r):
    """A server that hands out a grant of its own making: what is in it is not
    the secret of the signed epoch."""
    if not need_root():
        print("skip grant_of_another_key_is_refused (needs root)")
        return
    document, = ready(r)
    Colleague(r, CAM)
    r.stop()
    theirs = sqlite3.connect(r.path(f"other-{CAM}", "storage",
                                    "resguardo.db"))
    grant = theirs.execute("SELECT age_file FROM keyring_grant").fetchone()[0]
    theirs.close()
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    good = database.execute("SELECT age_file FROM keyring_grant").fetchone()[0]
    database.execute("UPDATE keyring_grant SET age_file = ?", (grant,))
    database.commit()
    database.close()
    r.start()
    refusal(r.cli("document", "get", document, "--reason", "x"), 1,
            "the grant of epoch 1")
    equal(reads(r), [], "readings")
    r.stop()
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    database.execute("UPDATE keyring_grant SET age_file = ?", (good,))
    database.commit()
    database.close()


if __name__ == "__main__":
    run([colleagues_come_read_and_go, second_officer_does_it_all,
         broken_grant_stops_nothing_else, rewrapping_for_a_liar_comes_to_an_end,
         header_that_opens_nothing_is_moved_again,
         usage_is_told_before_anything, unsigned_readings_are_refused,
         rewrapping_leaves_the_payloads_alone, rewrapping_goes_on_after_a_kill,
         files_under_way_keep_the_epoch_of_their_order,
         keyring_of_yesterday_is_refused, grant_of_another_key_is_refused])
