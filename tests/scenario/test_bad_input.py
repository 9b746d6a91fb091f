#!/usr/bin/env python3
"""What can go wrong for a reader: each trouble has its own sentence and exit
code, for one document, all of a case and all of a person; nothing half written
is left, and what was refused is not on record as read."""
import os
import shutil
import socket
import subprocess
import threading

from age_help import at_terminal
from harness import (BUILD, DEADLINE_S, Skip, equal, expect, json, run, sample,
                     sqlite3)
from staff_help import (ANA, BEA, Colleague, add, events, need_root)

PROGRAM = os.path.join(BUILD, "resguardo")
CHUNK = 65536 + 16
ALL = ("get", "case", "export")


# ---- a desk in the middle ---------------------------------------------------

class Middle:
    """A socket before the desk's that damages what it hands on of readings:
    `change` gets the bytes of an age file and gives others. Where it `lies`,
    the length is that of what it gives."""

    def __init__(self, r, change, lies):
        self.path, self.change, self.desk = r.path("middle.sock"), change, r
        self.lies = lies
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(8)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve_one, args=(client,),
                             daemon=True).start()

    def serve_one(self, client):
        try:
            self.hand_on(client)
        except ConnectionError:
            pass  # whoever asked has heard enough

    def hand_on(self, client):
        """Requests one by one: their answers have a length, or are chunked."""
        with client, socket.socket(socket.AF_UNIX) as desk:
            desk.connect(self.desk.socket)
            answers = desk.makefile("rb")
            requests = client.makefile("rb")
            while True:
                head, body = message(requests)
                if not head:
                    return
                desk.sendall(head + body)
                head, body = message(answers)
                if body.startswith(b"age-encryption"):
                    was, body = len(body), self.change(body)
                    if self.lies:
                        head = head.replace(b": %d\r\n" % was,
                                            b": %d\r\n" % len(body))
                client.sendall(head + body)
                if b"Content-Length" in head and len(body) < length(head):
                    return

    def close(self):
        # Who still waits at its number would take what is for the next one.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()
        os.unlink(self.path)


def length(head):
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


def message(stream):
    """A head, and a body as it came."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline()
        if not line:
            return b"", b""
        head += line
    if b"transfer-encoding: chunked" not in head.lower():
        return head, stream.read(length(head))
    body = b""
    while True:
        size = stream.readline()
        body += size + stream.read(int(size, 16) + 2)
        if int(size, 16) == 0:
            return head, body


# ---- the three commands -----------------------------------------------------

class Reading:
    """One document, its case, its person; where results would go."""

    def __init__(self, r):
        self.r = r
        self.document = r.json("document", "list")[0]
        self.out = r.path("results")
        self.socket, self.identity = r.socket, r.identity

    def commands(self):
        d = self.document
        why = ["--reason", "x"]
        return {
            "get": ["document", "get", d["id"], *why, "-o",
                    os.path.join(self.out, "one")],
            "case": ["document", "get", "--case", d["case_id"], *why, "-o",
                     os.path.join(self.out, "case")],
            "export": ["subject", "export", d["subject"], "-o",
                       os.path.join(self.out, "export")],
        }

    def argv(self, name):
        return [PROGRAM, "--socket", self.socket, "--identity", self.identity,
                *self.commands()[name]]

    def fails(self, code, words, hint="", only=ALL):
        """All of them: exit code, sentence, and nothing anywhere."""
        for name in only:
            os.mkdir(self.out)
            done = subprocess.run(self.argv(name), stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=DEADLINE_S,
                                  stdin=subprocess.DEVNULL)
            err = done.stderr.decode()
            expect(done.returncode == code and words in err and hint in err,
                   f"{name}: exit {done.returncode}, {err!r}; wanted {code}, "
                   f"{words!r}, {hint!r}")
            equal(err.count("error: "), 1, f"{name}: sentences in {err!r}")
            equal(done.stdout, b"", f"{name}: stdout")
            equal(os.listdir(self.out), [], f"{name}: left behind")
            os.rmdir(self.out)

    def works(self):
        for name in self.commands():
            os.mkdir(self.out)
            done = subprocess.run(self.argv(name), stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, timeout=DEADLINE_S)
            equal(done.returncode, 0, f"{name}: {done.stderr}")
            equal(len(os.listdir(self.out)), 1, f"{name}: a result")
            shutil.rmtree(self.out)


def reads_on_record(r):
    return len(events(r, "document_read"))


def payload_of(r, document):
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    payload, = database.execute("SELECT payload FROM document WHERE id = ?",
                                (document,)).fetchone()
    database.close()
    for folder, _, files in os.walk(os.path.join(r.storage, "payloads")):
        if payload in files:
            return os.path.join(folder, payload)
    raise FileNotFoundError(payload)


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def other_letter(data, at):
    """Still base64, and the last letter of nothing."""
    return data[:at] + (b"A" if data[at:at + 1] != b"A" else b"B") + \
        data[at + 1:]


# ---- the table --------------------------------------------------------------

def wrong_keys(reading):
    """Somebody else's identity; a sealed one and a wrong passphrase."""
    r = reading.r
    before = reads_on_record(r)
    reading.identity = r.identity + ".custody"
    reading.fails(1, "no identity matched: ", "name yours with --identity")
    reading.identity = r.path("nobody")
    reading.fails(1, "cannot open", "--identity FILE")
    reading.identity = r.path("shared")
    shutil.copy(r.identity, reading.identity)
    os.chmod(reading.identity, 0o640)
    reading.fails(1, "is open to group or others", "chmod 600")
    reading.identity = r.path("sealed")
    phrase = r.path("phrase")
    with open(phrase, "w", encoding="utf-8") as f:
        f.write("right")
    subprocess.run([PROGRAM, "age", "encrypt", "--passphrase-file", phrase,
                    "-o", reading.identity, r.identity], check=True,
                   stderr=subprocess.DEVNULL)
    for name in ("get", "export"):
        os.mkdir(reading.out)
        code, seen = at_terminal(reading.argv(name), b"wrong")
        expect(code == 1 and b"another passphrase" in seen,
               f"{name}: {code} {seen}")
        equal(os.listdir(reading.out), [], "left behind")
        os.rmdir(reading.out)
    reading.identity = r.identity
    equal(reads_on_record(r), before, "readings")


def damaged_on_the_disk(reading):
    """The desk notices what it can before it records a reading."""
    r, document = reading.r, reading.document["id"]
    path = payload_of(r, document)
    with open(path, "rb") as f:
        good = f.read()
    before = reads_on_record(r)
    os.rename(path, path + ".away")
    reading.fails(5, f"the payload of document {document} is missing",
                  "resguardo check")
    os.rename(path + ".away", path)
    os.truncate(path, len(good) - 1)
    reading.fails(5, f"the payload of document {document} is not of its size",
                  "resguardo check")
    os.truncate(path, len(good))
    equal(reads_on_record(r), before, "readings")

    # Bytes it cannot tell: the reader does.
    for at, chunk, only in ((16, 0, ("get",)), (16 + CHUNK + 5, 1, ALL),
                            (len(good) - 1, 2, ("get",))):
        with open(path, "wb") as f:
            f.write(flip(good, at))
        reading.fails(5, f"payload: chunk {chunk} ", only=only)
    with open(path, "wb") as f:
        f.write(good)
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    header, = database.execute("SELECT header_wrapped FROM document "
                               "WHERE id = ?", (document,)).fetchone()
    for bad, only in ((flip(header, 30), ALL), (header[:-1], ("get",))):
        set_header(database, document, bad)
        reading.fails(5, f"the header of document {document} is damaged",
                      "resguardo check", only)
    set_header(database, document, header)
    database.close()


def set_header(database, document, header):
    database.execute("UPDATE document SET header_wrapped = ? WHERE id = ?",
                     (header, document))
    database.commit()


def damaged_on_the_way(reading):
    """A desk that hands out something else than what was sealed."""
    r = reading.r
    mac = b"\n--- "
    cut = {"in the header": lambda b: b[:40],
           "before the nonce": lambda b: b[:b.index(mac) + 60],
           "in the payload": lambda b: b[:-1],
           "after a chunk": lambda b: b[:-(len(b) % CHUNK) - CHUNK]}
    once = ("header mac", "broke off", "payload: chunk 2 ")
    for change, lies, code, words in (
            (lambda b: other_letter(b, b.index(mac) + 10), False, 5,
             "header mac"),
            (lambda b: flip(b, 20), False, 5, "header: not an age v1 file"),
            (lambda b: b.replace(b"-> X25519 ", b"-> X25518 "), False, 4,
             "no epoch that was granted to you opens this document"),
            (lambda b: flip(b, len(b) - 1), False, 5, "payload: chunk 2 "),
            (lambda b: b + b"x", True, 5, "payload: "),
            (cut["in the header"], False, 1, "broke off"),
            (cut["in the payload"], False, 1, "broke off"),
            (cut["in the header"], True, 5, "header: ends early"),
            (cut["before the nonce"], True, 5, "header: no payload"),
            (cut["in the payload"], True, 5, "payload: "),
            (cut["after a chunk"], True, 5, "payload: ")):
        middle = Middle(r, change, lies)
        reading.socket = middle.path
        try:
            reading.fails(code, words, only=ALL if words in once else ("get",))
        finally:
            middle.close()
    reading.socket = r.socket


def grants_that_lack(reading):
    """An epoch that is not ours: none at all, or not this document's."""
    r = reading.r
    equal(r.cli("vault", "rotate")[0], 0, "rotate")
    r.stop()
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    grants = database.execute("SELECT * FROM keyring_grant").fetchall()
    database.execute("DELETE FROM keyring_grant WHERE epoch = 1")
    database.commit()
    r.start()
    reading.fails(4, "no epoch that was granted to you opens this document",
                  "vault rewrap")
    r.stop()
    database.execute("DELETE FROM keyring_grant")
    database.commit()
    r.start()
    before = reads_on_record(r)
    reading.fails(4, "no epoch was granted to you", "an officer grants epochs")
    equal(reads_on_record(r), before, "readings")
    r.stop()
    database.executemany("INSERT INTO keyring_grant VALUES (?, ?, ?, ?)", grants)
    database.commit()
    database.close()
    r.start()


def people_who_may_not(reading):
    """An auditor, a revoked colleague, somebody unknown."""
    r = reading.r
    os.chmod(r.socket, 0o666)
    ana, bea = Colleague(r, ANA), Colleague(r, BEA)
    add(r, bea, "auditor")
    add(r, ana, "agent,officer")
    before = reads_on_record(r)

    def refused(who, words, only=ALL):
        for name in only:
            place = os.path.join(who.folder, "out")
            args = [place if a.startswith(reading.out) else a
                    for a in reading.commands()[name]]
            code, out, err = who.cli(*args)
            expect(code == 4 and words in err and not out,
                   f"{name}: {code} {err}")
            expect(not os.path.exists(place), "left behind")

    refused(bea, "this is for the role agent", ("get", "case"))
    refused(bea, "this is for the role officer", ("export",))
    code, _, err = ana.get(reading.document["id"])
    equal(code, 0, f"ana reads ({err})")
    equal(r.cli("staff", "revoke", str(ANA))[0], 0, "revoke")
    refused(ana, f"user {ANA} was revoked")
    refused(Colleague(r, 4720), "user 4720 is not on the keyring")
    equal(reads_on_record(r), before + 1, "readings")


def full_disk(reading):
    """A file system with no room for a result."""
    r = reading.r
    place = r.path("small")
    os.mkdir(place)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs",
                       place], stderr=subprocess.DEVNULL).returncode != 0:
        print("skip full_disk (cannot mount)")
        return
    try:
        reading.out = os.path.join(place, "results")
        reading.fails(1, "No space left", "free some disk space")
    finally:
        subprocess.run(["umount", place], check=True)
        reading.out = r.path("results")
    with open("/dev/full", "wb") as full:
        for name in ("get", "export"):
            argv = [a for a in reading.argv(name)][:-2]
            done = subprocess.run(argv, stdout=full, stderr=subprocess.PIPE)
            expect(done.returncode == 1 and b"No space left" in done.stderr,
                   f"{name}: {done.stderr}")


def places_that_take_nothing(reading):
    """Said before anything is read."""
    r = reading.r
    before = reads_on_record(r)
    out = reading.out
    reading.out = r.path("there")
    os.mkdir(reading.out)
    for name, words in (("one", "is no regular file"), ("case", "is no folder"),
                        ("export", "is no regular file")):
        place = os.path.join(reading.out, name)
        (os.mkdir if name != "case" else
         lambda p: open(p, "w").close())(place)
        done = subprocess.run(reading.argv("get" if name == "one" else name),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        expect(done.returncode == 1 and words.encode() in done.stderr,
               f"{name}: {done.returncode} {done.stderr}")
    shutil.rmtree(reading.out)
    reading.out = out
    equal(reads_on_record(r), before, "readings")


def every_trouble_has_its_sentence(r):
    if not need_root():
        raise Skip("needs root: several users")
    r.file(sample("letter.pdf") + b"\n" * (2 * 65536), "document",
           "application/pdf", caption=None)
    r.consent_all(1)
    r.wait_attachments("stored", 1)
    reading = Reading(r)
    reading.works()
    wrong_keys(reading)
    places_that_take_nothing(reading)
    damaged_on_the_disk(reading)
    damaged_on_the_way(reading)
    full_disk(reading)
    reading.works()
    grants_that_lack(reading)
    people_who_may_not(reading)
    reading.works()


run([every_trouble_has_its_sentence])
