"""Reads a storage that no daemon holds, and compares it with a Load.

The database is copied first: opening it in place would recover its WAL, which
is the product's work.
"""
import hashlib
import json
import os
import shutil
import sqlite3
import tempfile

from harness import expect

ENDED = ("stored", "refused", "quarantined", "expired")
DECIDED = ("consent_given", "consent_refused", "consent_withdrawn",
           "consent_ignored")


class Record:
    """What the rows and leaves say."""

    def __init__(self, storage):
        self.storage = storage
        folder = tempfile.mkdtemp(prefix="resguardo-record-", dir=(
            "/dev/shm" if os.access("/dev/shm", os.W_OK) else None))
        try:
            for name in ("resguardo.db", "resguardo.db-wal"):
                path = os.path.join(storage, name)
                if os.path.exists(path):
                    shutil.copy(path, os.path.join(folder, name))
            db = sqlite3.connect(os.path.join(folder, "resguardo.db"))
            self.read(db)
            db.close()
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def read(self, db):
        found = db.execute("PRAGMA integrity_check").fetchone()[0]
        expect(found == "ok", f"integrity_check: {found}")
        self.attachments = db.execute(
            "SELECT id, subject, announced_type, state, case_id, purposes,"
            " payload, next_try, reason FROM attachment").fetchall()
        self.documents = db.execute(
            "SELECT id, attachment, subject, case_id, state, payload,"
            " payload_size, payload_sha256, size FROM document").fetchall()
        self.cases = db.execute("SELECT id, subject FROM cases").fetchall()
        self.loose = {r[0] for r in db.execute("SELECT payload FROM loose")}
        self.outbox = db.execute(
            "SELECT id, subject, kind, state FROM outbox").fetchall()
        self.bursts = db.execute("SELECT subject FROM burst").fetchall()
        self.dead = db.execute("SELECT error FROM dead_letter").fetchall()
        self.leaves = [json.loads(r[0]) for r in db.execute(
            "SELECT entry FROM ledger ORDER BY idx")]

    # ---- joined with the customers --------------------------------------------

    def numbers(self):
        """File number → attachment row; none twice."""
        found = {}
        for row in self.attachments:
            number = int(row[2].split("/n")[1])
            expect(number not in found, f"file {number} has two attachments")
            found[number] = row
        return found

    def subjects(self, load, numbers):
        """Phone → subject, told by whose files are whose."""
        who, owner = {}, {}
        for customer in load.customers.values():
            for file in customer.files:
                if file.number not in numbers:
                    continue
                subject = numbers[file.number][1]
                expect(who.setdefault(customer.phone, subject) == subject,
                       f"customer {customer.number} is two subjects")
                expect(owner.setdefault(subject, customer.phone)
                       == customer.phone, f"{subject} is two customers")
        return who

    def decisions(self):
        """(subject, second) → the purposes decided on, none twice."""
        found = {}
        for leaf in self.leaves:
            if leaf["event_type"] not in DECIDED:
                continue
            second = seconds(leaf["provider_time"])
            purposes = found.setdefault((leaf["subject"], second), [])
            purpose = leaf.get("purpose", "")
            expect(purpose not in purposes,
                   f"a decision of {leaf['subject']} took effect twice:"
                   f" {leaf}")
            purposes.append(purpose)
        return found

    def standing(self):
        """(subject, purpose) → the last that was decided."""
        found = {}
        for leaf in self.leaves:
            if leaf["event_type"] in DECIDED[:3]:
                found[(leaf["subject"], leaf["purpose"])] = leaf["event_type"]
        return found


def seconds(text):
    import calendar
    import time
    return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))


def check_promises(record, load, promised, whole=False):
    """Every promised webhook has its effect once; nothing else has one.
    `whole`: all were delivered, so each must have one."""
    expect(not record.dead, f"dead letters: {record.dead}")
    numbers = record.numbers()
    who = record.subjects(load, numbers)
    decided = record.decisions()
    missing = []
    for webhook in promised:
        kind, number = webhook.key
        if kind == "file" and number not in numbers:
            missing.append(f"file {number} of {webhook.customer.number}")
        elif kind == "decision":
            subject = who.get(webhook.customer.phone)
            if subject is None and not whole:
                continue  # of somebody none of whose files has come yet
            if (subject, number) not in decided:
                missing.append(f"decision of {webhook.customer.number}"
                               f" at {number}: {webhook.body[-300:]}")
    expect(not missing, f"{len(missing)} acknowledged and lost: {missing[:5]}")

    # Nothing that nobody sent.
    for number in numbers:
        expect(number in load.files, f"file {number} was never sent")
    phone_of = {subject: phone for phone, subject in who.items()}
    for subject, second in decided:
        phone = phone_of.get(subject)
        expect(phone is None or (phone, second) in load.decisions,
               f"{subject} decided nothing at {second}")
    return numbers, who


def check_documents(record, seen=None):
    """Payload files and rows fit, byte for byte; one case a customer."""
    cases = {}
    for case, subject in record.cases:
        expect(cases.setdefault(subject, case) == case,
               f"{subject} has two cases")
    payloads = set()
    for row in record.documents:
        payload, size, sha256 = row[5:8]
        payloads.add(payload)
        expect(row[3] == cases.get(row[2]), f"{row[0]} is on another's case")
        if seen is not None and payload in seen:
            continue
        path = payload_path(record.storage, payload)
        expect(os.path.exists(path), f"{row[0]} has no payload file")
        with open(path, "rb") as f:
            data = f.read()
        expect(len(data) == size, f"{row[0]}: {len(data)} bytes of {size}")
        expect(hashlib.sha256(data).digest() == sha256,
               f"{row[0]}: the payload is another")
        if seen is not None:
            seen.add(payload)
    for folder, _, names in os.walk(os.path.join(record.storage, "payloads")):
        for name in names:
            expect(name in payloads or name in record.loose,
                   f"{name} is an orphan")


def payload_path(storage, payload):
    folder = hashlib.blake2b(payload.encode(), digest_size=16).hexdigest()[:2]
    return os.path.join(storage, "payloads", folder, payload)


def check_basis(record, load, resolved, numbers):
    """As often as Meta was asked for a file, a leaf had allowed it."""
    allowed = {}
    for leaf in record.leaves:
        if leaf["event_type"] == "media_fetching":
            a = leaf["attachment_id"]
            allowed[a] = allowed.get(a, 0) + 1
    media = {f.media: n for n, f in load.files.items()}
    for id, times in resolved.items():
        row = numbers.get(media.get(id))
        expect(row is not None and times <= allowed.get(row[0], 0),
               f"media {id} was asked for {times} times, allowed"
               f" {allowed.get(row[0], 0) if row else 0}")


def unended(record, load, numbers):
    """Files with an open basis that have no end yet, and messages under way."""
    standing = record.standing()
    left = []
    for row in record.attachments:
        given = all(standing.get((row[1], p)) == "consent_given"
                    for p in row[5].split(","))
        if row[3] in ("queued", "fetching", "judging") or \
                (given and row[3] not in ENDED and row[3] != "dropped"):
            left.append((row[0], row[3], row[7], row[8]))
    left += [r for r in record.outbox if r[3] in ("pending", "sending")]
    left += record.bursts
    return left


def check_ends(record, load, numbers):
    left = unended(record, load, numbers)
    expect(not left, f"never ended: {left[:5]}")
    documents = {row[1]: row for row in record.documents}
    for number, row in numbers.items():
        file = load.files[number]
        if row[3] == "stored":
            expect(file.want == "stored", f"file {number} should be refused")
            expect(row[0] in documents, f"file {number} has no document")
            expect(documents[row[0]][8] == file.size,
                   f"file {number} is not as long as it was")
        if row[3] == "refused":
            expect(file.want == "refused", f"file {number} was refused:"
                   f" {row[8]}")
    expect(not record.loose, f"loose at rest: {record.loose}")


def check_messages(record, load, who, excused):
    """No message reached anybody oftener than it was written, but questions
    whose fate a kill (or an order of ours) had left open."""
    subject_phone = {s: p for p, s in who.items()}
    written, allowed = {}, {}
    for id, subject, kind, _ in record.outbox:
        key = (subject_phone.get(subject), kind == "prompt")
        written[key] = written.get(key, 0) + 1
        if kind == "prompt":
            allowed[key] = allowed.get(key, 0) + excused.get(id, 0)
    got = {}
    for person, message in load.accepted:
        key = (person, bool(message["buttons"]))
        got[key] = got.get(key, 0) + 1
    attempts = [m["callback_data"] for _, m in load.accepted]
    expect(len(attempts) == len(set(attempts)), "one attempt arrived twice")
    for key, n in got.items():
        if key[1] and key[0] in load.unsure:
            continue
        limit = written.get(key, 0) + allowed.get(key, 0)
        expect(n <= limit, f"{key[0]} got {n} messages (questions: {key[1]}),"
               f" {limit} were written")


def check_canaries(storage, log, needles):
    for folder, _, names in os.walk(storage):
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                data = f.read()
            for needle in needles:
                expect(needle not in data, f"{needle!r} is in {name}")
    with open(log, "rb") as f:
        data = f.read()
    for needle in needles:
        expect(needle not in data, f"{needle!r} is in the log")
