#!/usr/bin/env python3
"""The ledger for whoever does not trust us: what is written is documented, and
what somebody changes is found, by two verifiers that agree."""
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import leaf_page
from bundle_help import (Bundle, FakeDesk, Key, by_c, by_python, canonical,
                         climb, place, root, sha, verifier)
from harness import (BUILD, DEADLINE_S, Failure, equal, expect, run, sample, tampering,
                     until)

LATER = "2099-01-01T00:00:00.000Z"


def every_leaf_type_is_in_the_page_and_nothing_else():
    equal(leaf_page.source_faults(), [], "docs/ledger.md")


# ---- a history to change ----------------------------------------------------

def live(r):
    """A photo and a letter, stored and read; then the consent is withdrawn."""
    r.file(sample("letter.pdf"), "document", "application/pdf", "carta.pdf")
    r.file()
    r.consent_all()
    r.wait_attachments("stored", 2)
    for document in r.json("document", "list"):
        code, _, err = r.cli("document", "get", document["id"], "--reason",
                             "auditoría", text=False)
        equal(code, 0, f"reading ({err})")
    first = r.path("first")
    equal(r.cli("ledger", "export", "-o", first)[0], 0, "export")
    r.say("BAJA", timestamp=int(time.time()) + 5)
    until("blocked", lambda: all(
        d["state"] == "blocked" for d in r.json("document", "list")))
    second = r.path("second")
    code, out, err = r.cli("--json", "ledger", "export", "-o", second)
    equal(code, 0, f"export ({out}{err})")
    return first, second


def at(entries, kind, n=0, **members):
    """The place of the n-th entry of a kind with these members."""
    found = [i for i, e in enumerate(entries) if e["event_type"] == kind and
             all(e.get(k) == v for k, v in members.items())]
    return found[n]


def judge(r, name, bundle, want, old=None):
    """Both verifiers, on the same folder: the verdict and the place."""
    folder = r.path("tampered")
    bundle.write(folder)
    if old is not None:
        with open(r.path("old"), "wb") as f:
            f.write(old)
        old = r.path("old")
    for who, verifier in (("verify.py", by_python), ("ledger verify", by_c)):
        holds, index, words = verifier(folder, old)
        if (holds, index) != (want is None, want):
            raise Failure(f"{name}: {who} says {index}, not {want}: {words}")


# ---- what somebody without the key can do -----------------------------------

def flip_a_byte(b):
    lines = b.lines()
    lines[5] = lines[5].replace(b'"actor":"', b'"actor":"x', 1)
    b.set_lines(lines)
    return 5


def flip_a_leaf(b):
    leaves = b.lines("leaves")
    leaves[7] = leaves[7][:-1] + (b"0" if leaves[7][-1:] != b"0" else b"1")
    b.set_lines(leaves, "leaves")
    return 7


def change_entry_and_leaf(b):
    """Nobody can tell which it was: only that one is not as signed."""
    entry = b.entries()[6]
    entry["time"] = "2020-01-01T00:00:00.000Z"
    lines, leaves = b.lines(), b.lines("leaves")
    lines[6] = canonical(entry)
    leaves[6] = sha(b"\0" + lines[6]).hex().encode()
    b.set_lines(lines)
    b.set_lines(leaves, "leaves")
    return 0


def both(change):
    """Changes entries and their leaves alike."""
    def apply(b):
        for name in ("entries.jsonl", "leaves"):
            lines = b.lines(name)
            change(lines)
            b.set_lines(lines, name)
    return apply


def drop_a_line(b):
    lines = b.lines()
    del lines[4]
    b.set_lines(lines)
    return 4


def drop_a_line_and_its_leaf(b):
    both(lambda lines: lines.pop(4))(b)
    return 4


def swap(lines):
    lines[2], lines[8] = lines[8], lines[2]


def swap_two_lines(b):
    lines = b.lines()
    swap(lines)
    b.set_lines(lines)
    return 2


def swap_two_lines_and_their_leaves(b):
    both(swap)(b)
    return 2


def repeat_a_line(b):
    both(lambda lines: lines.insert(3, lines[3]))(b)
    return 4


def insert_an_entry(b):
    lines, leaves = b.lines(), b.lines("leaves")
    lines.insert(3, lines[9].replace(b'"index":9', b'"index":3'))
    leaves.insert(3, sha(b"\0" + lines[3]).hex().encode())
    b.set_lines(lines)
    b.set_lines(leaves, "leaves")
    return 4


def cut_the_tail(b):
    both(lambda lines: lines.pop())(b)
    return len(b.lines())


def cut_many(b):
    def half(lines):
        del lines[9:]
    both(half)(b)
    return 9


def cut_within_a_line(b):
    b.files["entries.jsonl"] = b.files["entries.jsonl"][:-9]
    return len(b.lines())


def cut_the_leaves(b):
    b.set_lines(b.lines("leaves")[:-2], "leaves")
    return len(b.lines("leaves"))


def add_at_the_end(b):
    n = len(b.lines())
    entry = dict(b.entries()[-1], index=n)
    b.set_lines(b.lines() + [canonical(entry)])
    b.set_lines(b.lines("leaves")
                + [sha(b"\0" + canonical(entry)).hex().encode()], "leaves")
    return n


def add_a_leaf(b):
    b.set_lines(b.lines("leaves") + [b"0" * 64], "leaves")
    return len(b.lines())


def add_a_space(b):
    lines = b.lines()
    lines[3] = lines[3].replace(b",", b", ", 1)
    b.set_lines(lines)
    return 3


def name_a_member_twice(b):
    lines = b.lines()
    lines[3] = lines[3].replace(b'{"actor"', b'{"actor":"x","actor"', 1)
    b.set_lines(lines)
    return 3


def no_json(b):
    lines = b.lines()
    lines[10] = b"\xff\xfe" + lines[10]
    b.set_lines(lines)
    return 10


def no_entries(b):
    b.set_lines([])
    b.set_lines([], "leaves")
    return 0


def other_root(b):
    text = b.files["checkpoint"].split(b"\n")
    text[2] = b"A" + text[2][1:] if text[2][:1] != b"A" else b"B" + text[2][1:]
    b.files["checkpoint"] = b"\n".join(text)
    return 0


def other_size(b):
    text = b.files["checkpoint"].split(b"\n")
    text[1] = b"3"
    b.files["checkpoint"] = b"\n".join(text)
    return 0


def other_key(b):
    name, key_id, key = b.files["vkey"].decode().split("+", 2)
    b.files["vkey"] = (name + "+" + key_id + "+" + key[:9]
                       + ("A" if key[9] != "A" else "B") + key[10:]).encode()
    return 0


def no_signature(b):
    b.files["checkpoint"] = b.files["checkpoint"].rsplit(b"\n\n", 1)[0] + b"\n"
    return 0


def words_of_a_notice(b):
    name = [n for n in b.files if n.startswith("notice-")][0]
    b.files[name] += b"\n"
    return at(b.entries(), "notice_published", notice_sha256=name[7:-3])


def no_notice(b):
    name = [n for n in b.files if n.startswith("notice-")][0]
    del b.files[name]
    return at(b.entries(), "notice_published", notice_sha256=name[7:-3])


WITHOUT_KEY = [
    flip_a_byte, flip_a_leaf, change_entry_and_leaf, drop_a_line,
    drop_a_line_and_its_leaf, swap_two_lines, swap_two_lines_and_their_leaves,
    repeat_a_line, insert_an_entry, cut_the_tail, cut_many, cut_within_a_line,
    cut_the_leaves, add_at_the_end, add_a_leaf, add_a_space,
    name_a_member_twice, no_json, no_entries, other_root, other_size,
    other_key, no_signature, words_of_a_notice, no_notice]


# ---- what the daemon itself could have done: signed, and not allowed --------

def gone(entries, *places):
    return [e for i, e in enumerate(entries) if i not in places]


def no_consent(e):
    place = at(e, "consent_given", purpose="case_processing")
    e = gone(e, place)
    return e, at(e, "media_fetching")


def consent_too_late(e):
    fetch, given = at(e, "media_fetching"), at(e, "consent_given")
    entry = e.pop(fetch)
    e.insert(given, entry)
    return e, given


def refused_before(e):
    fetch = at(e, "media_fetching")
    e.insert(fetch, dict(e[at(e, "consent_given")],
                         event_type="consent_refused"))
    return e, fetch + 1


def withdrawn_before_it_was_kept(e):
    kept = at(e, "media_stored")
    e.insert(kept, dict(e[at(e, "consent_given")],
                        event_type="consent_withdrawn"))
    return e, kept + 1


def fewer_purposes(e):
    fetch = [i for i, x in enumerate(e) if x["event_type"] ==
             "media_fetching" and "," in x["purpose"]][0]
    e[fetch]["purpose"] = "case_processing"
    return e, fetch


def no_purpose(e):
    fetch = at(e, "media_fetching")
    for x in e:
        if x.get("attachment_id") == e[fetch]["attachment_id"]:
            x.pop("purpose", None)
    return e, fetch


def never_announced(e):
    file = e[at(e, "media_fetching")]["attachment_id"]
    e = gone(e, at(e, "media_held", attachment_id=file))
    return e, at(e, "media_fetching", attachment_id=file)


def announced_twice(e):
    held = at(e, "media_held")
    e.insert(held + 1, dict(e[held], purpose="other"))
    return e, held + 1


def never_fetched(e):
    file = e[at(e, "media_stored")]["attachment_id"]
    e = gone(e, at(e, "media_fetching", attachment_id=file))
    return e, at(e, "media_stored", attachment_id=file)


def one_document_twice(e):
    a, b = at(e, "media_stored", 0), at(e, "media_stored", 1)
    e[b]["document_id"] = e[a]["document_id"]
    return e, b


def another_persons_file(e):
    fetch = at(e, "media_fetching")
    e[fetch]["subject"] = "s" + "a" * 26
    return e, fetch


def notice_not_published(e):
    place = at(e, "consent_given")
    e[place]["notice_sha256"] = "0" * 64
    return e, place


def presented_and_not_published(e):
    place = at(e, "notice_presented")
    e[place]["notice_sha256"] = "0" * 64
    return e, place


def notice_with_other_words(e):
    place = at(e, "notice_published")
    e.append(dict(e[place], notice_sha256=e[at(
        e, "notice_published", 1)]["notice_sha256"]))
    return e, len(e) - 1


def question_not_asked(e):
    e = gone(e, at(e, "consent_requested", purpose="case_processing"))
    return e, at(e, "consent_given", purpose="case_processing")


def notice_not_presented(e):
    e = gone(e, at(e, "notice_presented"))
    return e, at(e, "consent_given")


def yes_to_something_else(e):
    """The sensitive purpose asks for explicit consent."""
    given = [i for i, x in enumerate(e) if x["event_type"] == "consent_given"
             and x["purpose"] != "case_processing"][0]
    e[given]["legal_basis"] = "consent"
    return e, given


def no_basis(e):
    for x in e:
        if x.get("legal_basis"):
            x["legal_basis"] = "curiosity"
    return e, at(e, "consent_given")


def again(e, **members):
    """One more reading at the end, of a document that was blocked."""
    e.append(dict(e[at(e, "document_read")], time=LATER, **members))
    return e, len(e) - 1


def read_while_blocked(e):
    return again(e)


def read_after_withdrawal(e):
    """No entry says that it was blocked: nothing carries it all the same."""
    return again([x for x in e if x["event_type"] != "document_blocked"])


def read_by_the_wrong_name(e):
    place = at(e, "document_read")
    e[place]["subject"] = "s" + "b" * 26
    return e, place


def read_of_nothing(e):
    return again(e, document_id="d" + "c" * 26)


def release(e, until, **members):
    read = e[at(e, "document_read")]
    e.append({"v": 1, "time": read["time"], "event_type": "document_released",
              "subject": read["subject"], "evidence": {"until": until},
              **members})
    return e


def read_after_the_release(e):
    document = e[at(e, "document_read")]["document_id"]
    return again(release(e, "2098-12-31T23:59:59.999Z", document_id=document))


def read_of_another_than_released(e):
    return again(release(e, LATER, document_id="d" + "c" * 26))


def read_what_was_erased(e):
    read = e[at(e, "document_read")]
    e = release(e, LATER, document_id=read["document_id"])
    e.append({"v": 1, "time": read["time"], "event_type": "document_erased",
              "document_id": read["document_id"],
              "subject": read["subject"]})
    return again(e)


def read_of_who_was_erased(e):
    read = e[at(e, "document_read")]
    e = release(e, LATER)
    e.append({"v": 1, "time": read["time"], "event_type": "subject_erased",
              "subject": read["subject"]})
    return again(e)


def read_of_who_is_blocked(e):
    read = at(e, "document_read")
    e.insert(read, {"v": 1, "time": e[read]["time"],
                    "event_type": "subject_blocked",
                    "subject": e[read]["subject"]})
    return e, read + 1


def fetch_of_who_is_blocked(e):
    fetch = at(e, "media_fetching")
    e.insert(fetch, {"v": 1, "time": e[fetch]["time"],
                     "event_type": "subject_blocked",
                     "subject": e[fetch]["subject"]})
    return e, fetch + 1


def released_and_read(e):
    """Two officers opened it for an authority: allowed."""
    document = e[at(e, "document_read")]["document_id"]
    return again(release(e, LATER, document_id=document))[0], None


def released_as_a_whole(e):
    return again(release(e, LATER))[0], None


def release_without_an_end(e):
    e = release(e, LATER)
    del e[-1]["evidence"]["until"]
    return e, len(e) - 1


def of_a_kind_unknown(e):
    e.append({"v": 1, "time": LATER, "event_type": "something_new"})
    return e, None


def no_time(e):
    e[3]["time"] = "2026-11-24 00:17:54"
    return e, 3


WITH_KEY = [
    no_consent, consent_too_late, refused_before, withdrawn_before_it_was_kept,
    fewer_purposes, no_purpose, never_announced, announced_twice,
    never_fetched, one_document_twice, another_persons_file,
    notice_not_published, presented_and_not_published, notice_with_other_words, question_not_asked,
    notice_not_presented, yes_to_something_else, no_basis, read_while_blocked,
    read_after_withdrawal, read_by_the_wrong_name, read_of_nothing,
    read_after_the_release, read_of_another_than_released,
    read_what_was_erased, read_of_who_was_erased, read_of_who_is_blocked,
    fetch_of_who_is_blocked, released_and_read, released_as_a_whole,
    release_without_an_end,
    of_a_kind_unknown, no_time]


# ---- scenarios --------------------------------------------------------------

def a_bundle_holds_until_somebody_touches_it(r):
    first, second = live(r)
    key = Key(r.storage)
    former, bundle = Bundle(first), Bundle(second)
    old = former.files["checkpoint"]

    # What leaves is whole, says what it is, and is checked as a reader would.
    for folder in (first, second):
        done = subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"],
                              cwd=folder, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        equal((done.returncode, done.stdout), (0, b""), "SHA256SUMS")
        done = subprocess.run([sys.executable, "verify.py"], cwd=folder,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        equal(done.returncode, 0, f"verify.py ({done.stdout})")
        expect("2 files fetched, 2 kept, 2 readings" in done.stdout,
               f"verify.py said {done.stdout}")
    record = bundle.entries()[at(bundle.entries(), "ledger_exported")]
    equal(record["evidence"], {
        "entries": len(former.lines()),
        "root": root([sha(b"\0" + x) for x in former.lines()]).hex()},
        "the export on record")
    equal(r.cli("ledger", "export", "-o", first)[0], 1, "an export over it")
    equal(Bundle(first).files, former.files, "the first bundle")
    equal(r.cli("ledger", "export", "-o", r.path("none", "x"))[0], 1,
          "an export to nowhere")
    expect(not os.path.exists(r.path("none")), "a folder was left")
    for text in ("573001112233", "mi documento", "carta.pdf", "auditoría"):
        expect(not any(text.encode() in data for name, data in
                       bundle.files.items() if name.endswith(".jsonl")),
               f"{text} is in the bundle")

    judge(r, "as it was", bundle, None)
    judge(r, "as it was, and its former self", bundle, None, old)
    for change in WITHOUT_KEY:
        tampered = bundle.copy()
        judge(r, change.__name__, tampered, change(tampered))
    for change in WITH_KEY:
        tampered = bundle.copy()
        entries, want = change(bundle.entries())
        tampered.forge(entries, key)
        judge(r, change.__name__, tampered, want)
    exchanged(r, bundle, former, key)


def exchanged(r, bundle, former, key):
    """A checkpoint that is not this tree's, or not this log's."""
    old, n = former.files["checkpoint"], len(former.lines())
    tampered = bundle.copy()
    tampered.files["checkpoint"] = old
    judge(r, "a former checkpoint", tampered, n)
    judge(r, "a longer one was seen", former, n, bundle.files["checkpoint"])
    tampered = bundle.copy()
    tampered.files["checkpoint"] = key.note(
        len(bundle.lines()), b"\0" * 32, seed=b"\1" * 32)
    judge(r, "signed by somebody else", tampered, 0)
    tampered = bundle.copy()
    tampered.forge(bundle.entries(), key, {6: bundle.lines()[6] + b" "})
    judge(r, "signed, and not in canonical form", tampered, 6)
    tampered = bundle.copy()
    entries = bundle.entries()
    entries[8]["time"] = LATER
    tampered.forge(entries, key)
    judge(r, "a history written anew", tampered, None)
    judge(r, "a history written anew, and the old one", tampered, 0, old)
    tampered = former.copy()
    entries = former.entries()
    entries[8]["time"] = LATER
    tampered.forge(entries, key)
    judge(r, "two trees of one size", tampered, 0, old)
    judge(r, "no old checkpoint", bundle, 0, b"nothing\n")


# ---- a receipt --------------------------------------------------------------

def one_person_and_nobody_else(r):
    """Proven entries and exact texts, which a reader checks without us."""
    other = "573009998877"
    r.file()
    r.file(person=other)
    r.press(r.prompt(1, other), "refuse", other)
    r.press(r.prompt(1), "grant")
    until("a refusal", lambda: "consent_refused" in [
        e["event_type"] for e in r.consent_log()])
    log = r.consent_log()
    person = log[at(log, "consent_given")]["subject"]
    stranger = log[at(log, "consent_refused")]["subject"]
    path = r.path("receipt.json")
    code, out, err = r.cli("consent", "receipt", person, "-o", path)
    equal((code, out), (0, ""), f"receipt ({err})")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    receipt = json.loads(text)
    expect(stranger not in text and "57300" not in text, "somebody else")

    # What stands in it is what was said, and each entry is proven.
    events = receipt["record"]["events"]
    equal([e["event_type"] for e in events], [
        e["event_type"] for e in log if e["subject"] == person],
        "what happened")
    key = receipt["publicKey"]
    for event in events:
        node, size, note = climb(event["entry"], event["proof"])
        equal(verifier().checkpoint(note, key), (size, node),
              "the signed root")
        words = receipt["texts"]["notices"][event["privacy_notice"]]
        equal(sha(words.encode()).hex(), event["privacy_notice"], "notice")
    question = receipt["texts"]["prompts"][events[1]["evidence"][
        "prompt_sha256"]]
    equal(sha(question.encode()).hex(),
          events[1]["evidence"]["prompt_sha256"], "question")
    equal(json.loads(question)["body"]["text"], r.prompts()[0]["text"],
          "the question as it was sent")
    given = [p for p in receipt["services"][0]["purposes"]
             if p["purpose"] == "case_processing"][0]
    equal(given["state"], "given", "state")
    equal((receipt["version"], receipt["jurisdiction"], receipt[
        "piiControllers"][0]["piiController"]), (
            "KI-CR-v1.1.0", "CO", "Protección de Ejemplo S. A."), "header")
    equal(r.cli("consent", "receipt", "s" + "a" * 26)[0], 3, "a stranger")
    equal(r.cli("consent", "receipt", "../keyring")[0], 3, "no id")
    lying_desks(r, person, text)


def lying_desks(r, person, text):
    """A receipt that is not what the ledger says is not written."""
    socket = r.path("fake.sock")
    answers = {}
    for name in ("ledger/key", "ledger/checkpoint", "ledger/history", "keyring"):
        answers[f"/{name}"] = ask(r, f"/{name}")
    desk = FakeDesk(socket, answers)
    receipt = json.loads(text)
    # A little older than the ledger is now: so is the checkpoint it is told.
    answers["/ledger/checkpoint"] = receipt["checkpoint"].encode()

    def lie(change):
        other = json.loads(text)
        change(other, other["record"]["events"])
        return json.dumps(other).encode()

    def other_words(o, _):
        name = next(iter(o["texts"]["notices"]))
        o["texts"]["notices"][name] += " "

    def other_question(o, _):
        name = next(iter(o["texts"]["prompts"]))
        o["texts"]["prompts"][name] += " "

    lies = {
        "": lambda o, e: None,
        "event 2": lambda o, e: e[2].update(
            entry=e[2]["entry"].replace("given", "taken")),
        "event 1": lambda o, e: e[1].update(proof=e[2]["proof"]),
        "does not say what its entry says":
            lambda o, e: e[2].update(purpose="marketing"),
        "it has no proof": lambda o, e: e[0].pop("proof"),
        "notice are missing": lambda o, e: o["texts"].update(notices={}),
        "a text of the receipt": other_words,
        "not the one that was shown": other_question,
        "not of this ledger": lambda o, e: o.update(publicKey="x"),
    }
    try:
        for words, change in lies.items():
            answers["/consent/receipt"] = lie(change)
            done = subprocess.run(
                [os.path.join(BUILD, "resguardo"), "--socket", socket,
                 "--identity", r.identity, "consent", "receipt", person],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=DEADLINE_S)
            err = done.stderr.decode()
            equal(done.returncode, 5 if words else 0, f"exit ({words}: {err})")
            expect(words in err, f"no {words!r} in {err!r}")
            expect(bool(done.stdout) != bool(words), "what came out")
        done = subprocess.run(
            [os.path.join(BUILD, "resguardo"), "--socket", socket,
             "--identity", r.identity, "consent", "receipt",
             "s" + "b" * 26], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            timeout=DEADLINE_S)
        equal(done.returncode, 5, "the receipt of another person")
    finally:
        desk.close()


def ask(r, path):
    """What the desk answers, as curl would show it."""
    done = subprocess.run(
        [sys.executable, "-c", """
import http.client, socket, sys
c = http.client.HTTPConnection("desk")
c.sock = socket.socket(socket.AF_UNIX)
c.sock.connect(sys.argv[1])
c.request("GET", sys.argv[2])
sys.stdout.buffer.write(c.getresponse().read())
""", r.socket, path], stdout=subprocess.PIPE, check=True)
    return done.stdout


# ---- the live database, in the hands of root --------------------------------

class Forger:
    """Root with a copy of everything, and each time a daemon to fool."""

    def __init__(self, r, kept):
        self.r, self.kept, self.saved = r, kept, r.path("saved")
        shutil.copytree(r.storage, self.saved)

    def database(self):
        return tampering(os.path.join(self.r.storage, "resguardo.db"))

    def rows(self):
        with closing(self.database()) as database:
            return [(i, bytes(e), bytes(h)) for i, e, h in database.execute(
                "SELECT idx, entry, leaf FROM ledger ORDER BY idx")]

    def put(self, rows):
        put_rows(self.r.storage, rows)

    def try_it(self, name, forge, where):
        """Nobody who kept a checkpoint is fooled, and `where` is named."""
        r = self.r
        forge(self)
        known = r.identity + ".known"
        if os.path.exists(known):
            os.unlink(known)  # only the checkpoint that was kept is left
        code, words = start_or_verify(r, self.kept)
        equal(code, 5, f"{name}: exit ({words})")
        expect(place(words) in (where if isinstance(where, tuple) else (where,)),
               f"{name}: the place ({words})")
        shutil.rmtree(r.storage)
        shutil.copytree(self.saved, r.storage)


def start_or_verify(r, kept):
    """What the daemon says when it refuses to start, else what the CLI does."""
    daemon = subprocess.Popen(
        [os.path.join(BUILD, "resguardod"), "--config", r.config],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        if not daemon.stdout.readline().startswith("ready "):
            words = daemon.communicate(timeout=DEADLINE_S)[1]
            return daemon.returncode, words
        until("a verdict", lambda: r.json("status")["storage"] != "checking")
        code, out, err = r.cli("ledger", "verify", "--since-checkpoint", kept)
        return code, out + err
    finally:
        daemon.kill()
        daemon.communicate()


def tree(leaves):
    """meta.ledger_tree: the size, and the roots of its perfect subtrees."""
    out, at, n = len(leaves).to_bytes(8, "little"), 0, len(leaves)
    while at < n:
        k = 1 << (n - at).bit_length() - 1
        out += root(leaves[at:at + k])
        at += k
    return out


def numbered(entries):
    """Rows of a history as it should have been."""
    rows = []
    for i, entry in enumerate(entries):
        line = canonical(dict(entry, index=i))
        rows.append((i, line, sha(b"\0" + line)))
    return rows


def altered(f):
    with closing(f.database()) as database, database:
        database.execute("UPDATE ledger SET entry = CAST(replace(CAST(entry"
                         " AS TEXT), 'time\":\"20', 'time\":\"21') AS BLOB)"
                         " WHERE idx = 6")


def altered_with_its_leaf(f):
    rows = f.rows()
    line = rows[6][1].replace(b'"time":"20', b'"time":"21')
    rows[6] = (6, line, sha(b"\0" + line))
    f.put(rows)


def dropped(f):
    with closing(f.database()) as database, database:
        database.execute("DELETE FROM ledger WHERE idx = 5")


def reordered(f):
    rows = f.rows()
    rows[3], rows[9] = (3, *rows[9][1:]), (9, *rows[3][1:])
    f.put(rows)


def inserted(f):
    rows = f.rows()
    rows.insert(4, rows[8])
    f.put([(i, *row[1:]) for i, row in enumerate(rows)])


def tail_cut(f):
    with closing(f.database()) as database, database:
        database.execute("DELETE FROM ledger WHERE idx >="
                         " (SELECT max(idx) FROM ledger)")


def tail_cut_with_the_tree(f):
    f.put(f.rows()[:-2])


def row_past_the_end(f):
    rows = f.rows()
    with closing(f.database()) as database, database:
        database.execute("INSERT INTO ledger VALUES (?, ?, ?)",
                         (len(rows), *rows[-1][1:]))


def put_rows(storage, rows):
    """Other rows, and a tree that goes with as many of them."""
    path = os.path.join(storage, "resguardo.db")
    with closing(tampering(path)) as database, database:
        database.execute("DELETE FROM ledger")
        database.executemany("INSERT INTO ledger VALUES (?, ?, ?)", rows)
        hashes = [h for *_, h in rows]
        database.execute("DELETE FROM tile")
        for level in 1, 2:
            full = range(0, len(hashes) - 255, 256)
            hashes = [root(hashes[i:i + 256]) for i in full]
            database.executemany("INSERT INTO tile VALUES (?, ?, ?)",
                                 [(level, n, h) for n, h in enumerate(hashes)])
        database.execute("UPDATE meta SET value = ? WHERE key ="
                         " 'ledger_tree'", (tree([h for *_, h in rows]),))


def write_history(r, entries):
    """All of it: rows, tree, and the head signed with the real key."""
    rows = numbered(entries)
    put_rows(r.storage, rows)
    leaves = [h for *_, h in rows]
    note = Key(r.storage).note(len(leaves), root(leaves)).decode()
    with open(os.path.join(r.storage, "keys", "head"), "wb") as head:
        head.write(canonical({"note": note, "tree": tree(leaves).hex()})
                   + b"\n")


def signed_anew(f, change):
    write_history(f.r, change([json.loads(line) for _, line, _ in f.rows()]))


def export_takes_no_more_memory_for_a_long_log(r):
    small = memory_of(r, "ledger", "export", "-o", r.path("small"))
    r.stop()
    with closing(tampering(os.path.join(r.storage, "resguardo.db"))) as db:
        entries = [json.loads(e) for (e,) in db.execute(
            "SELECT entry FROM ledger ORDER BY idx")]
    n = len(entries) + 20000
    while len(entries) < n:
        entries.append({"v": 1, "time": LATER, "actor": "x" * 900,
                        "event_type": "documents_listed", "role": "agent"})
    write_history(r, entries)
    r.start()
    n += 2  # the start and the clock, once it was found sound
    until("the start", lambda: r.json("status")["ledger_size"] == n)
    large = memory_of(r, "ledger", "export", "-o", r.path("large"))
    size = os.path.getsize(r.path("large", "entries.jsonl"))
    expect(size > 20e6, f"a log of {size} bytes")
    expect(large - small < 4e6, f"{small} bytes of memory, then {large}")
    with open(r.path("large", "checkpoint"), encoding="utf-8") as f:
        equal(int(f.read().split("\n")[1]), n, "entries")


def memory_of(r, *args):
    """The most that a run of the CLI had in memory, in bytes, as it was last
    seen: what the kernel says at the end includes ourselves."""
    env = dict(os.environ, ASAN_OPTIONS="detect_leaks=0:quarantine_size_mb=0:"
               "thread_local_quarantine_size_kb=0")
    child = subprocess.Popen(
        [os.path.join(BUILD, "resguardo"), "--socket", r.socket, "--identity",
         r.identity, *args], env=env, stdout=subprocess.DEVNULL)
    most = 0
    while child.poll() is None:
        with open(f"/proc/{child.pid}/status", encoding="ascii") as f:
            found = re.search(r"VmHWM:\s+(\d+) kB", f.read())
        most = max(most, int(found.group(1)) * 1024 if found else 0)
        time.sleep(0.002)
    equal(child.returncode, 0, f"{args}")
    return most


def no_withdrawal_ever(f):
    signed_anew(f, lambda entries: [
        e for e in entries if e["event_type"] != "consent_withdrawn"])


def another_time(f):
    signed_anew(f, lambda entries: entries[:7] + [dict(
        entries[7], time=LATER)] + entries[8:])


def the_live_database_is_no_better(r):
    live(r)
    r.stop()
    old = r.path("older")
    shutil.copytree(r.storage, old)
    r.start()
    r.say("hola", person="573009998877")
    r.prompt(1, "573009998877")
    until("the notice on record", lambda: any(
        e["event_type"] == "consent_requested" and e["subject"] !=
        r.consent_log()[2]["subject"] for e in r.consent_log()))
    code, note, err = r.cli("ledger", "checkpoint")
    equal(code, 0, f"checkpoint ({err})")
    kept = r.path("kept")
    with open(kept, "w", encoding="utf-8") as f:
        f.write(note)
    size = int(note.split("\n")[1])
    equal(r.cli("ledger", "verify", "--since-checkpoint", kept)[0], 0,
          "nobody touched it")
    equal(r.cli("ledger", "verify", "--since-checkpoint", r.config)[0], 5,
          "a file that is no checkpoint")
    r.stop()

    def older_database(f):
        shutil.copy(os.path.join(old, "resguardo.db"), f.r.storage)

    def older_everything(f):
        shutil.rmtree(f.r.storage)
        shutil.copytree(old, f.r.storage)

    forger = Forger(r, kept)
    before = len(forger.rows())
    with closing(sqlite3.connect(os.path.join(old, "resguardo.db"))) as db:
        older = db.execute("SELECT count(*) FROM ledger").fetchone()[0]
    for forge, where in (
            (altered, 6), (altered_with_its_leaf, 0), (dropped, 5),
            (reordered, 3), (inserted, 4), (tail_cut, before - 1),
            (tail_cut_with_the_tree, before - 2), (row_past_the_end, before),
            (older_database, older),
            # A start and its clock are entered just after the verdict.
            (older_everything, (older, older + 1, older + 2)),
            (no_withdrawal_ever, 0), (another_time, 0)):
        forger.try_it(forge.__name__, forge, where)
    r.start()


run([every_leaf_type_is_in_the_page_and_nothing_else,
     a_bundle_holds_until_somebody_touches_it, one_person_and_nobody_else,
     the_live_database_is_no_better,
     export_takes_no_more_memory_for_a_long_log])
