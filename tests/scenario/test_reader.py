#!/usr/bin/env python3
"""The reader's side: a whole case into a folder, and what goes wrong there."""
import hashlib
import io
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import threading
import time
import urllib.parse
import zipfile

from age_help import Terminal, at_terminal
from harness import (BUILD, PHONE, equal, expect, json, run, sample, sqlite3,
                     until)
from staff_help import ANA, Colleague, add, events, need_root, refusal

NASTY = "../..\u202efdp\x1b[2J/-CÉDULA\u200b de María.exe"
LONG = "ñ" * 200 + ".pdf"


def a_case(r):
    """Three files of one case; its code."""
    r.file(sample("photo.jpg"), "document", "image/jpeg", NASTY)
    r.file(sample("letter.pdf"), "document", "application/pdf", LONG)
    r.file(sample("photo.png"), "image", "image/png")
    r.consent_all()
    r.wait_attachments("stored", 3)
    return r.json("case", "list")[0]["id"]


def of_case(r, code, *more):
    return r.cli("document", "get", "--case", code, "--reason", "revisión",
                 *more)


def listing(folder):
    return sorted(os.listdir(folder))


def whole_case(r, code, by_id):
    out = r.path("out")
    code_, text, err = of_case(r, code.lower().replace("-", ""), "-o", out)
    equal(code_, 0, f"get --case ({err})")
    equal(stat.S_IMODE(os.stat(out).st_mode), 0o700, "folder's mode")
    with open(os.path.join(out, f"documents-{code}.json"), "rb") as f:
        manifest = json.loads(f.read())
    equal(manifest["case"], code, "manifest's case")
    equal(len(manifest["documents"]), 3, "manifest")
    for item in manifest["documents"]:
        path = os.path.join(out, item["file"])
        equal(stat.S_IMODE(os.stat(path).st_mode), 0o600, "file's mode")
        with open(path, "rb") as f:
            data = f.read()
        expect(data in (sample("photo.jpg"), sample("letter.pdf"),
                        sample("photo.png")), f"not what was sent: {path}")
        equal(len(data), item["size"], "size")
        expect(item["id"] in item["file"], "the id is not in the name")
        equal(item["payload_sha256"], by_id[item["id"]]["payload_sha256"],
              "hash")
        expect(item["file"] in text, "the table does not name it")
        expect(f"{item['file']}\n" in err, f"no line of progress in {err!r}")
    equal(len(listing(out)), 4, f"files {listing(out)}")
    names = {by_id[i["id"]]["media_type"]: i["file"]
             for i in manifest["documents"]}
    expect(names["image/jpeg"].startswith("_..fdp[2J_-CÉDULA de María-d"),
           names["image/jpeg"])
    expect(names["image/jpeg"].endswith(".jpg"), names["image/jpeg"])
    expect(names["application/pdf"].startswith("ñ" * 60 + "-d"),
           names["application/pdf"])
    expect(names["image/png"].startswith("d"), names["image/png"])
    return out


def readings(r):
    return [e["document_id"] for e in events(r, "document_read")]


def sealed_case(r, code):
    """The age files as stored; `age` would open them with a grant."""
    out = r.path("sealed")
    manifest = r.json("document", "get", "--case", code, "--reason", "x",
                      "--sealed", "-o", out)
    first = manifest[0]
    with open(os.path.join(out, first["file"]), "rb") as f:
        data = f.read()
    expect(first["file"].endswith(".jpg.age"), first["file"])
    expect(data.startswith(b"age-encryption.org/v1\n"), "no age file")
    payload = data.index(b"\n", data.index(b"\n--- ") + 1) + 1
    equal(hashlib.sha256(data[payload:]).hexdigest(), first["payload_sha256"],
          "the payload's hash")
    code_, alone, err = r.cli("document", "get", first["id"], "--sealed",
                              "--reason", "x", text=False)
    equal(code_, 0, f"get --sealed ({err})")
    equal(alone, data, "one sealed document")
    # The reader opens it without us: own grant, epoch identity, file.
    grant = r.path("grant")
    equal(r.cli("vault", "grant", "1", "-o", grant)[0], 0, "grant")
    program = [os.path.join(BUILD, "resguardo"), "age", "decrypt", "-i"]
    epoch = r.path("epoch")
    subprocess.run(program + [r.identity, "-o", epoch, grant], check=True)
    opened = subprocess.run(program + [epoch], input=data, check=True,
                            stdout=subprocess.PIPE).stdout
    equal(opened, sample("photo.jpg"), "what it opens to")


def nothing_is_overwritten(r, code, out):
    """Neither a document nor a manifest; and nothing is read for nothing."""
    before, had = len(readings(r)), listing(out)
    refusal(of_case(r, code, "-o", out), 1, "is there already")
    equal(listing(out), had, "files")
    for name in had:
        one = r.path("one-" + name[-6:])
        os.mkdir(one)
        open(os.path.join(one, name), "w").close()
        refusal(of_case(r, code, "-o", one), 1, "is there already")
        equal(os.path.getsize(os.path.join(one, name)), 0, "what was there")
        equal(listing(one), [name], "files")
    equal(len(readings(r)), before, "readings")
    file = r.path("a-file")
    open(file, "w").close()
    refusal(of_case(r, code, "-o", file), 1, "is there and is no folder")
    refusal(of_case(r, code, "-o", r.path("no", "way")), 1,
            "cannot make the folder")
    mixed = r.path("mixed")
    os.mkdir(mixed)
    open(os.path.join(mixed, "mine"), "w").close()
    equal(of_case(r, code, "-o", mixed)[0], 0, "into a folder that is there")
    equal(len(listing(mixed)), 5, "files")


def newest_payload(r):
    """The newest document's id, and where its payload is."""
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    document, payload = database.execute(
        "SELECT id, payload FROM document ORDER BY received DESC").fetchone()
    database.close()
    for folder, _, files in os.walk(os.path.join(r.storage, "payloads")):
        if payload in files:
            return document, os.path.join(folder, payload)
    raise FileNotFoundError(payload)


def one_of_them_fails(r, code):
    """Nothing of the others is left, nor a folder that was made."""
    document, path = newest_payload(r)
    with open(path, "r+b") as f:
        data = bytearray(f.read())
        data[len(data) // 2] ^= 1
        f.seek(0)
        f.write(data)
    out = r.path("torn")
    refusal(of_case(r, code, "-o", out), 5, f"document {document}: payload")
    expect(not os.path.exists(out), "the folder is left")
    os.mkdir(out)
    refusal(of_case(r, code, "-o", out), 5, "payload")
    equal(listing(out), [], "files left")
    data[len(data) // 2] ^= 1
    with open(path, "r+b") as f:
        f.write(data)


class LyingDesk:
    """Between a reader and the desk: one row's words are others."""

    def __init__(self, r, true, false):
        self.r, self.true, self.false = r, true, false
        self.was, self.socket = r.socket, r.path("lying.sock")
        self.door = socket.socket(socket.AF_UNIX)

    def __enter__(self):
        self.door.bind(self.socket)
        self.door.listen()
        threading.Thread(target=self.serve, daemon=True).start()
        self.r.socket = self.socket

    def __exit__(self, *_):
        self.r.socket = self.was
        self.door.shutdown(socket.SHUT_RDWR)  # who waits at it goes
        self.door.close()
        os.unlink(self.socket)

    def serve(self):
        while True:
            try:
                reader, _ = self.door.accept()
            except OSError:
                return
            desk = socket.socket(socket.AF_UNIX)
            desk.connect(self.was)
            for one, other, pair in ((reader, desk, None),
                                     (desk, reader, (self.true, self.false))):
                threading.Thread(target=self.copy, args=(one, other, pair),
                                 daemon=True).start()

    @staticmethod
    def copy(one, other, pair):
        try:
            while data := one.recv(1 << 16):
                if pair is not None:
                    data = data.replace(*pair)
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def another_payload_is_refused(r, *args):
    """The desk lists one payload and sends another."""
    row = [d for d in r.json("document", "list")
           if d["id"] == newest_payload(r)[0]][0]
    with LyingDesk(r, row["payload_sha256"].encode(), b"0" * 64):
        refusal(r.cli(*args), 5, f"document {row['id']}: the payload that "
                "came is not the one that the desk listed")
        expect(not os.path.exists(args[-1]), "something is left")
    with LyingDesk(r, b"0" * 64, b"1" * 64):
        equal(r.cli(*args)[0], 0, "by way of an honest one")


def case_into_a_folder(r):
    code = a_case(r)
    by_id = {d["id"]: d for d in r.json("document", "list")}
    out = whole_case(r, code, by_id)
    equal(sorted(readings(r)), sorted(by_id), "each is on record")
    bulk = events(r, "case_read")
    equal(len(bulk), 1, "the list is on record")
    equal(bulk[0]["case_id"], code, "whose")
    expect("reason" in bulk[0]["commitments"] and
           "sign_key" in bulk[0]["evidence"], "signed, with its reason")
    sealed_case(r, code)
    nothing_is_overwritten(r, code, out)
    one_of_them_fails(r, code)
    for more in ([], ["--sealed"]):
        another_payload_is_refused(r, "document", "get", "--case", code,
                                   "--reason", "x", *more, "-o",
                                   r.path("swapped" + "".join(more)))
    refusal(of_case(r, "BBBB-BBBB", "-o", r.path("x")), 3, "no such case")
    refusal(of_case(r, "1", "-o", r.path("x")), 3, "no such case")
    refusal(of_case(r, code), 2, "where to?")
    refusal(r.cli("document", "get", "--reason", "x", "-o", "/tmp/x"), 2,
            "one document, or all of a case?")
    quarantined_and_blocked(r, code)


def quarantined_and_blocked(r, code):
    """Named and passed over; an officer gets the quarantined one."""
    r.file(sample("letter.pdf"), "document", "application/pdf", None,
           sha256="wrong")
    bad = r.wait_attachments("quarantined", 1)[0]
    expect(bad, "quarantined")
    equal(len(r.json("document", "get", "--case", code, "--reason", "x", "-o",
                     r.path("officer"))), 4, "documents")
    equal(len(listing(r.path("officer"))), 5, "an officer's")
    if need_root():
        os.chmod(r.socket, 0o666)
        ana = Colleague(r, ANA)
        add(r, ana, "agent")
        out = os.path.join(ana.folder, "out")
        result = ana.cli("document", "get", "--case", code, "--reason", "x",
                         "-o", out)
        equal(result[0], 0, f"an agent's ({result[2]})")
        expect("passed over: document" in result[2] and
               "is quarantined" in result[2], result[2])
        equal(len(listing(out)), 4, "an agent's")
    r.say("BAJA", timestamp=int(time.time()) + 5)
    until("blocked", lambda: {d["state"] for d in r.json("document", "list")}
          == {"blocked"})
    had = len(readings(r))
    out = r.path("blocked")
    refusal(of_case(r, code, "-o", out), 4, "no document that you may read")
    expect(not os.path.exists(out), "a folder of nothing")
    equal(len(readings(r)), had, "readings")


# ---- stopped in the middle --------------------------------------------------

def stopping_leaves_nothing(r):
    """^C and a kill while the second file comes; the terminal has a bar."""
    r.file()
    r.consent_all()
    r.wait_attachments("stored", 1)
    code = r.json("case", "list")[0]["id"]
    large = sample("letter.pdf") + b"\n" * (24 << 20)
    for _ in range(2):
        r.file(large, "document", "application/pdf", None)
    r.wait_attachments("stored", 3)
    argv = [os.path.join(BUILD, "resguardo"), "--socket", r.socket,
            "--identity", r.identity, "document", "get", "--case", code,
            "--reason", "x", "-o", r.path("bar")]
    for how in (signal.SIGINT, signal.SIGKILL):
        terminal = Terminal(argv)
        while b"2 of 3 files" not in terminal.seen:
            expect(terminal.read(), f"it ended: {terminal.seen!r}")
        os.kill(terminal.pid, how)
        status, _ = terminal.wait()
        equal(os.WTERMSIG(status), how, "how it ended")
        if how == signal.SIGINT:
            expect(not os.path.exists(r.path("bar")), "a folder is left")
        else:
            equal(listing(r.path("bar")), [], "files left")
    terminal = Terminal(argv)
    status, seen = terminal.wait()
    equal(status, 0, f"exit ({seen!r})")
    expect(b"[########################] 3 of 3 files" in seen, f"{seen!r}")
    equal(len(listing(r.path("bar"))), 4, "files")


# ---- all of one person ------------------------------------------------------

OTHER = "573009998877"


def opened(path, identity):
    """The archive in an age file, as the age program opens it."""
    program = (["age", "-d", "-i", identity] if shutil.which("age") else
               [os.path.join(BUILD, "resguardo"), "age", "decrypt", "-i",
                identity])
    done = subprocess.run(program + [path], stdout=subprocess.PIPE, check=True)
    return zipfile.ZipFile(io.BytesIO(done.stdout))


def key_of_a_person(r):
    """An identity that is nobody's here; its recipient."""
    ana = Colleague(r, ANA)
    return ana.identity, ana.recipient


def two_people(r):
    """One with two files stored and one refused, and somebody else."""
    code = a_case(r)
    r.file(sample("program.jpg"), "document", "image/jpeg", "virus.jpg")
    r.wait_attachments("refused", 1)
    r.file(sample("photo.jpg"), person=OTHER, caption="otro <b>asunto</b>")
    r.consent_all(person=OTHER)
    r.wait_attachments("stored", 4)
    until("receipts", lambda: r.texts() and r.texts(OTHER))
    for case in r.json("case", "list"):
        equal(r.cli("document", "list", "--case", case["id"])[0], 0,
              "somebody looks")
    subject = [c["subject"] for c in r.json("case", "list")
               if c["id"] == code][0]
    return subject, code


def export_holds_everything(r, archive, subject, code):
    equal(archive.testzip(), None, "checksums")
    data = json.loads(archive.read("data.json"))
    equal(data["person"]["subject"], subject, "whose")
    handles = {(h["type"], h["value"]) for h in data["handles"]}
    expect(("phone", PHONE) in handles, f"handles {handles}")
    equal({c["state"] for c in data["consents"]}, {"given"}, "decisions")
    equal([c["id"] for c in data["cases"]], [code], "cases")
    equal(sorted(a["state"] for a in data["attachments"]),
          ["refused", "stored", "stored", "stored"], "attachments")
    expect(any(a["claims"].get("file_name") == "virus.jpg"
               for a in data["attachments"]), "what came with it")
    kinds = {e["event_type"] for e in data["events"]}
    expect(kinds >= {"notice_presented", "consent_requested", "consent_given",
                     "media_stored", "media_refused", "documents_listed",
                     "subject_exported"}, f"events {kinds}")
    expect({e.get("subject", subject) for e in data["events"]} == {subject} and
           {e.get("case_id", code) for e in data["events"]} == {code},
           "events of somebody else")
    expect([e["actor"] for e in data["events"]
            if e.get("case_id") == code and "role" in e], "who looked")
    prompts = {p["prompt_sha256"] for p in data["prompts"]}
    answered = {e["evidence"]["prompt_sha256"] for e in data["events"]
                if e["event_type"] == "consent_given"}
    expect(answered and answered <= prompts, "what they answered")
    bodies = {m["id"]: m["body"] for m in data["messages"]}
    expect(all(p["message_id"] in bodies for p in data["prompts"]),
           "the questions' words")
    notice = data["notices"][0]
    equal(hashlib.sha256(notice["text"].encode()).hexdigest(),
          notice["notice_sha256"], "the notice's words")
    expect(notice["notice_sha256"] in {e.get("notice_sha256")
                                       for e in data["events"]}, "which one")
    files = {d["file"]: d for d in data["documents"]}
    equal(len(files), 3, "documents")
    equal({archive.read(f) for f in files},
          {sample("photo.jpg"), sample("letter.pdf"), sample("photo.png")},
          "their bytes")
    equal(sorted(archive.namelist()),
          sorted(list(files) + ["data.json", "index.html"]), "members")
    return data


def page_can_be_read(archive, data):
    page = archive.read("index.html").decode()
    for words in ("Sus datos", "Protección de Ejemplo S. A.", PHONE,
                  "mi documento 4711", "autorizó <i>/ consent given</i>",
                  "vio una lista de documentos"):
        expect(words in page, f"no {words!r} in the page")
    expect("\u202e" not in page and "\\u{202E}" in page, "raw bidi control")
    for document in data["documents"]:
        href = "documents/" + urllib.parse.quote(
            document["file"][len("documents/"):], safe="~")
        expect(f'href="{href}"' in page, f"no link {href}")
    found = subprocess.run(["python3", "-c", "import sys,html.parser as h;"
                            "p=h.HTMLParser();p.feed(sys.stdin.read())"],
                           input=page.encode())
    equal(found.returncode, 0, "the page parses")


def person_in_one_file(r):
    subject, code = two_people(r)
    identity, recipient = key_of_a_person(r)
    before = len(readings(r))
    path = r.path("export.age")
    result = r.cli("subject", "export", subject, "--recipient", recipient,
                   "-o", path)
    equal(result[0], 0, f"export ({result[2]})")
    equal(stat.S_IMODE(os.stat(path).st_mode), 0o600, "mode")
    expect(f"3 documents, sealed to {recipient}" in result[2], result[2])
    equal(sorted(re.findall(r"^packed document (\S+): documents/\S", result[2],
                            re.M)),
          sorted(d["id"] for d in r.json("document", "list")
                 if d["subject"] == subject), "which ones, in words")
    archive = opened(path, identity)
    data = export_holds_everything(r, archive, subject, code)
    everything = b"".join(archive.read(n) for n in archive.namelist())
    expect(OTHER.encode() not in everything and b"asunto" not in everything,
           "somebody else's data")
    page_can_be_read(archive, data)
    equal(len(readings(r)), before + 3, "readings on record")
    exported = events(r, "subject_exported")
    equal([e["subject"] for e in exported], [subject], "on record")
    expect("reason" in exported[0]["commitments"] and
           "sign_key" in exported[0]["evidence"], "signed")
    # The officer's own, through a pipe; what somebody wrote is no markup.
    other = [c["subject"] for c in r.json("case", "list")
             if c["subject"] != subject][0]
    code_, sealed, err = r.cli("subject", "export", other, text=False)
    equal(code_, 0, f"export to a pipe ({err})")
    with open(path, "wb") as f:
        f.write(sealed)
    page = opened(path, r.identity).read("index.html")
    expect(b"otro &lt;b&gt;asunto&lt;/b&gt;" in page, "markup in the page")
    with_a_passphrase(r, subject, recipient)
    export_is_refused(r, subject, recipient)
    export_fails_whole(r, subject)
    owner = {d["id"]: d["subject"] for d in r.json("document", "list")}
    another_payload_is_refused(r, "subject", "export",
                               owner[newest_payload(r)[0]], "-o",
                               r.path("swapped.age"))
    blocked_is_listed_and_not_opened(r, subject, path)


def with_a_passphrase(r, subject, recipient):
    """Of a file, or typed: for who has no age key."""
    out, phrase = r.path("phrase.age"), r.path("phrase")
    with open(phrase, "w", encoding="utf-8") as f:
        f.write("tres tristes tigres\n")
    os.chmod(phrase, 0o600)
    program = [os.path.join(BUILD, "resguardo")]
    export = ["subject", "export", subject, "-o", out]
    result = r.cli(*export, "--passphrase-file", phrase)
    equal(result[0], 0, f"export ({result[2]})")
    expect("3 documents, sealed to the passphrase" in result[2], result[2])
    for again in (False, True):
        if again:
            code, seen = at_terminal(
                program + ["--socket", r.socket, "--identity", r.identity,
                           *export, "-p"], *2 * [b"tres tristes tigres"])
            equal(code, 0, f"{seen}")
            expect(b"tigres" not in seen, "it was shown")
        done = subprocess.run(program + ["age", "decrypt", "--passphrase-file",
                                         phrase, out], stdout=subprocess.PIPE,
                              check=True)
        archive = zipfile.ZipFile(io.BytesIO(done.stdout))
        equal(len(archive.namelist()), 5, "members")
        os.unlink(out)
    refusal(r.cli(*export, "-p", "--passphrase-file", phrase), 2,
            "exclude each other")
    refusal(r.cli(*export, "--recipient", recipient, "-p"), 2,
            "exclude each other")
    expect(not os.path.exists(out), "a file is left")


def export_is_refused(r, subject, recipient):
    out = r.path("refused.age")
    refusal(r.cli("subject", "export", "s" + "a" * 26, "-o", out), 3,
            "no such person")
    refusal(r.cli("subject", "export", "nobody", "-o", out), 3,
            "no such person")
    refusal(r.cli("subject", "export", subject, "--recipient", "age1x", "-o",
                  out), 2, "--recipient age1x")
    refusal(r.cli("subject", "export", subject, "--recipient",
                  "AGE-SECRET-KEY-1X", "-o", out), 2, "that is an identity")
    refusal(r.cli("subject", "export", subject, "--reason", " ", "-o", out),
            2, "--reason needs words")
    if need_root():
        os.chmod(r.socket, 0o666)
        ana = Colleague(r, 4799)
        add(r, ana, "agent,auditor")
        refusal(ana.cli("subject", "export", subject, "-o", "/tmp/x"), 4,
                "this is for the role officer")
    expect(not os.path.exists(out), "a file is left")
    equal(len(events(r, "subject_exported")), 4, "exports on record")


def export_fails_whole(r, subject):
    document, path = newest_payload(r)
    os.rename(path, path + ".away")
    out = r.path("torn.age")
    owner = {d["id"]: d["subject"] for d in r.json("document", "list")}
    refusal(r.cli("subject", "export", owner[document], "-o", out), 5,
            f"the payload of document {document} is missing")
    expect(not os.path.exists(out), "a file is left")
    expect(not [n for n in os.listdir(r.folder) if ".part-" in n], "a part")
    os.rename(path + ".away", path)


def blocked_is_listed_and_not_opened(r, subject, path):
    """After a withdrawal: no file, no name, no caption, wherever they were."""
    r.say("BAJA", timestamp=int(time.time()) + 5)
    until("blocked", lambda: [d["state"] for d in r.json("document", "list")
                              if d["subject"] == subject] == 3 * ["blocked"])
    code, _, err = r.cli("subject", "export", subject, "-o", path)
    equal(code, 0, f"export ({err})")
    expect("0 documents" in err, err)
    archive = opened(path, r.identity)
    equal(sorted(archive.namelist()), ["data.json", "index.html"], "members")
    data = json.loads(archive.read("data.json"))
    equal({(d["state"], d["file"], d["file_name"], d["caption"])
           for d in data["documents"]}, {("blocked", None, None, None)}, "rows")
    page = archive.read("index.html").decode()
    expect("bloqueado: no se consulta" in page, "the state in words")
    for words in ("CÉDULA", "ñññ"):
        expect(words not in page and words not in json.dumps(
            data, ensure_ascii=False), f"{words} is there")
    expect("virus.jpg" in page, "what was refused has its words")


run([case_into_a_folder, stopping_leaves_nothing, person_in_one_file])
