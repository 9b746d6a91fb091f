#!/usr/bin/env python3
"""A person is erased: what is left opens nothing and names nobody, and a paper
says so that anyone can verify."""
import base64
import ctypes
import hashlib
import mmap
import os
import subprocess

from harness import (BUILD, DEADLINE_S, NUMBER, PHONE, Instance, Skip, equal,
                     expect, json, run, sqlite3, until)
from test_staff import ANA, Colleague, add, need_root, refusal

BSUID = "CO.4711abcdefCANARY"
OTHER = "573009998877"


def leaves(r, *kinds):
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    found = [json.loads(e) for (e,) in
             database.execute("SELECT entry FROM ledger ORDER BY idx")]
    database.close()
    return [e for e in found if not kinds or e["event_type"] in kinds]


def rows(r, sql, *values):
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    found = database.execute(sql, values).fetchall()
    database.close()
    return found


# ---- the paper ----------------------------------------------------------------

def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def proof_root(index, size, leaf, path):
    """RFC 9162, 2.1.3.2, written once more."""
    fn, sn, r = index, size - 1, leaf
    for p in path:
        expect(sn > 0, "a proof that is too long")
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    equal(sn, 0, "a proof that is too short")
    return r


def verify(paper):
    """What an auditor does with the certificate alone."""
    ledger = paper["ledger"]
    leaf = hashlib.sha256(b"\x00" + ledger["entry"].encode()).digest()
    equal(leaf.hex(), ledger["leaf_hash"], "the leaf's hash")
    origin, size, root = ledger["checkpoint"].split("\n")[:3]
    equal(int(size), ledger["tree_size"], "the checkpoint's size")
    expect(ledger["vkey"].startswith(origin + "+"), "another log's checkpoint")
    equal(proof_root(ledger["index"], ledger["tree_size"], leaf,
                     [bytes.fromhex(p) for p in ledger["proof"]]),
          base64.b64decode(root), "the root that the proof leads to")
    entry = json.loads(ledger["entry"])
    equal(entry["erasure_id"], paper["erasure_id"], "what the leaf is of")
    equal(entry["event_type"], "subject_erased", "the leaf")
    return entry


def erase(r, subject, *more):
    code, out, err = r.cli("subject", "erase", subject, "--ground", "request",
                           *more)
    equal(code, 0, f"subject erase ({err})")
    return json.loads(out)


def gone_everywhere(r, needles):
    for folder, _, files in os.walk(r.storage):
        for name in files:
            with open(os.path.join(folder, name), "rb") as f:
                data = f.read()
            for what, needle in needles.items():
                expect(needle not in data, f"{what} is in {name}")


# ---- one story ------------------------------------------------------------------

def slot_bytes(r, number):
    with open(os.path.join(r.storage, "keys", "slots"), "rb") as f:
        f.seek(64 * number + 16)
        return f.read(32)


def two_people(r):
    """One with two documents and a file held; another with one document."""
    mine = {"user_id": BSUID}
    r.file(**mine)
    r.file(**mine)
    r.consent_all()
    r.wait_attachments("stored", 2)
    r.file(person=OTHER, caption="el documento de otra persona 4712")
    r.consent_all(person=OTHER)
    r.wait_attachments("stored", 3)


def a_person_is_erased_and_certified(r):
    two_people(r)
    found, = r.json("subject", "find", "+57 300 111 2233")
    subject = found["subject"]
    documents = {d["id"]: d for d in r.json("document", "list")
                 if d["subject"] == subject}
    equal(len(documents), 2, "documents of the person")
    slots = {n for (n,) in rows(
        r, "SELECT slot FROM document WHERE subject = ?", subject)}
    slots |= set(rows(r, "SELECT content_slot FROM subject WHERE id = ?",
                      subject)[0])
    index, = rows(r, "SELECT value FROM meta WHERE key = 'index_slot'")[0]
    handles = [h for (h,) in rows(
        r, "SELECT idx FROM handle WHERE subject = ?", subject)]
    needles = {f"slot {n}": slot_bytes(r, n) for n in slots | {index}}
    needles.update({f"handle {h.hex()}": h for h in handles})
    payloads = [p for (p,) in rows(
        r, "SELECT payload FROM document WHERE subject = ?", subject)]

    # Looking for them is on record, and names nobody there.
    search, = leaves(r, "subject_searched")
    equal(search["subject"], subject, "whom it found")
    expect(set(search["commitments"]) == {"filter"}, "no commitment")
    refusal(r.cli("subject", "find", "573000000000"), 3, "nobody is known")
    expect("subject" not in leaves(r, "subject_searched")[-1], "a subject")
    refusal(r.cli("subject", "find", "CO..%n"), 3, "nobody is known")
    refusal(r.cli("subject", "erase", "s" + "0" * 26, "--ground", "request"),
            3, "no such person")
    refusal(r.cli("subject", "erase", subject, "--ground", "whim"), 2,
            "no such ground")
    for place in (r.path("nowhere", "paper.json"), r.folder):
        code, _, err = r.cli("subject", "erase", subject, "--ground",
                             "request", "-o", place)
        equal(code, 1, f"-o {place} ({err})")
    equal(leaves(r, "erasure_ordered"), [], "orders so far")

    paper = erase(r, subject, "--reason", "pidió la supresión")
    entry = verify(paper)
    equal(entry["documents"], 2, "documents, as the leaf counts them")
    equal({d["document_id"]: d["payload_sha256"] for d in paper["documents"]},
          {i: d["payload_sha256"] for i, d in documents.items()},
          "what the certificate names")
    equal({d["slot"] for d in paper["documents"]} |
          {s["slot"] for s in paper["slots"]}, slots, "its slots")
    expect(paper["erasure_effective_at"] > paper["finished_at"], "no copies?")
    order, = [e for e in leaves(r, "erasure_ordered")
              if e["scope"] == "subject"]
    equal((order["actor"], order["role"]), ("root", "officer"), "who ordered")
    expect("sign_key" in order["evidence"], "it was not signed")

    # Again, it is the same paper; nobody is found any more.
    equal(erase(r, subject), paper, "the second order")
    code, _, err = r.cli("subject", "erase", subject, "--ground", "request",
                         "-o", r.path(300 * "x"))
    equal(code, 1, "a name that is too long")
    expect(f"subject certificate {subject}" in err, f"no way on: {err}")
    code, out, _ = r.cli("subject", "certificate", subject, "-o",
                         r.path("paper.json"))
    equal((code, out), (0, ""), "certificate -o")
    with open(r.path("paper.json"), encoding="utf-8") as f:
        equal(json.load(f), paper, "the certificate in a file")
    refusal(r.cli("subject", "find", PHONE), 3, "nobody is known")
    refusal(r.cli("subject", "find", BSUID), 3, "nobody is known")
    for document in documents:
        refusal(r.cli("document", "show", document), 3, "no such document")
    equal(len(r.json("document", "list")), 1, "the other's document")
    r.json("subject", "find", OTHER)

    # Meta was asked, by the ids that the person's rows no longer have.
    until("Meta's copies are gone", lambda: len(
        {c["media_id"] for c in r.sim.log("delete") if c["status"] == 200}) >= 2)
    call, = until("the contact book", lambda: r.sim.log("contact"))
    equal((call["bsuid"], call["phone_number_id"]), (BSUID, NUMBER),
          "what was asked of the contact book")
    until("nothing more is asked", lambda: not rows(
        r, "SELECT id FROM forget"))

    for payload in payloads:
        expect(not os.path.exists(os.path.join(
            r.storage, "payloads", payload[-2:], payload)) and not any(
                payload in files for _, _, files in os.walk(r.storage)),
               f"payload {payload} is there")
    needles["user id"] = BSUID.encode()
    gone_everywhere(r, needles)

    # Who writes again is somebody new, and asked anew.
    r.file(caption="otra vez el mismo papel 4713", user_id=BSUID)
    again, = until("a new person", lambda: [
        p for p in r.json("subject", "find", PHONE)])
    expect(again["subject"] != subject, "the same subject again")
    until("asked anew", lambda: [a for a in r.attachments("held")
                                 if a["subject"] == again["subject"]])

    r.check_everything()


def only_officers_erase(r):
    if not need_root():
        print("skip only_officers_erase (needs root)")
        return
    r.file()
    r.consent_all()
    r.wait_attachments("stored", 1)
    os.chmod(r.socket, 0o666)
    ana = Colleague(r, ANA)
    add(r, ana, "agent")
    subject = r.json("document", "list")[0]["subject"]
    for args in (("find", PHONE), ("erase", subject, "--ground", "request"),
                 ("certificate", subject)):
        refusal(ana.cli("subject", *args), 4, "this is for the role officer")
    equal(leaves(r, "erasure_ordered"), [], "orders")
    r.check_everything()


# ---- the raw disk ----------------------------------------------------------------

CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 0x40000


class OnImage(Instance):
    """Its storage is an ext4 image of its own, mounted for these processes
    alone."""

    def make_config(self, policy, graph_url):
        super().make_config(policy, graph_url)
        self.image = self.path("disk.ext4")
        with open(self.image, "wb") as f:
            f.truncate(48 * 1024 * 1024)
        os.mkdir(self.storage)
        for words in (["mkfs.ext4", "-q", "-F", self.image],
                      ["mount", "-o", "loop,nodiscard", self.image,
                       self.storage]):
            done = subprocess.run(words, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
            if done.returncode:
                raise Skip(f"no image can be mounted: {done.stdout.decode()}")
        os.rmdir(os.path.join(self.storage, "lost+found"))

    def close(self):
        if self.daemon is not None:
            self.kill()
        subprocess.run(["umount", self.storage], check=False)
        super().close()


def on_disk(r, needles):
    """Which of them are anywhere in the image, once all is written."""
    os.sync()
    with open(r.image, "rb") as f:
        with mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as bytes_:
            return {what for what, needle in needles.items()
                    if bytes_.find(needle) >= 0}


def the_raw_disk_keeps_no_key():
    libc = ctypes.CDLL(None, use_errno=True)
    if os.getuid() != 0 or libc.unshare(CLONE_NEWNS) != 0 or libc.mount(
            b"none", b"/", None, MS_REC | MS_PRIVATE, None) != 0:
        raise Skip("needs root, and mounts of its own")
    r = OnImage()
    try:
        two_people(r)
        subject = r.json("subject", "find", PHONE)[0]["subject"]
        slots = {n for (n,) in rows(
            r, "SELECT slot FROM document WHERE subject = ?", subject)}
        slots |= set(rows(r, "SELECT content_slot FROM subject WHERE id = ?",
                          subject)[0])
        slots |= set(rows(r, "SELECT value FROM meta"
                          " WHERE key = 'index_slot'")[0])
        keys = {f"slot {n}": slot_bytes(r, n) for n in slots}
        names = {"the number": PHONE.encode(), "the user id": BSUID.encode(),
                 "the caption": "mi documento 4711".encode()}

        # The keys are there before, so that we would see them.
        equal(on_disk(r, {**keys, **names}), set(keys), "before")
        verify(erase(r, subject))
        until("what Meta answers", lambda: not rows(r, "SELECT 1 FROM forget"))
        equal(on_disk(r, {**keys, **names}), set(), "after the erasure")
        r.check_everything()
        equal(on_disk(r, {**keys, **names}), set(), "after a stop")
    finally:
        r.close()


# ---- kills -----------------------------------------------------------------------

def a_killed_daemon_goes_on_erasing(r):
    for _ in range(6):
        r.file()
    r.consent_all()
    r.wait_attachments("stored", 6)
    subject = r.json("document", "list")[0]["subject"]
    order = subprocess.Popen(
        [os.path.join(BUILD, "resguardo"), "--socket", r.socket, "--identity",
         r.identity, "subject", "erase", subject, "--ground", "withdrawn"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until("it is ordered", lambda: rows(r, "SELECT 1 FROM erasure"))
    r.kill()
    order.wait(DEADLINE_S)
    for _ in range(2):
        r.start()
        r.kill()
    r.start()
    paper = until("it is done", lambda: (
        lambda p: p if "ledger" in p else None)(
            r.json("subject", "certificate", subject)))
    verify(paper)
    equal(len(paper["documents"]), 6, "documents that went")
    equal(len(leaves(r, "subject_erased")), 1, "leaves that say so")
    equal(r.json("document", "list"), [], "documents left")


if __name__ == "__main__":
    run([a_person_is_erased_and_certified, only_officers_erase,
         a_killed_daemon_goes_on_erasing, the_raw_disk_keeps_no_key])
