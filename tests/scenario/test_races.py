#!/usr/bin/env python3
"""Copies, withdrawals and late answers that meet what is under way."""
import contextlib
import os
import signal
import subprocess
import time

from harness import (BUILD, DEADLINE_S, equal, expect, run, sample, until)

SLOW_MS = DEADLINE_S * 1000  # longer than any wait here: only a cancel ends it
WORKERS = 4         # inspect.parallel, by default
LARGE = 3 << 20     # more than a pipe and two sockets hold


def payloads(r):
    return [os.path.join(folder, name)
            for folder, _, names in os.walk(os.path.join(r.storage, "payloads"))
            for name in names]


def later(seconds):
    return int(time.time()) + seconds


def large_photo():
    """The sample photo, with comment segments before its first one."""
    photo = sample("photo.jpg")
    comment = b"\xff\xfe\xff\xff" + b"x" * 65533
    return photo[:2] + comment * (LARGE // len(comment)) + photo[2:]


def consenting(r, person):
    """Somebody who said yes to a PDF's purpose."""
    r.say("hola", person)
    r.press(r.prompt(1, person), "grant", person)


def send_pdf(r, person, **more):
    return r.file(sample("letter.pdf"), "document", "application/pdf",
                  person=person, **more)


def judges(r):
    """The daemon's judges, and theirs."""
    found, parents = [], {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            with open(f"/proc/{name}/stat", encoding="latin-1") as f:
                head, _, tail = f.read().rpartition(")")
            parents[int(name)] = int(tail.split()[1])
            if "(resguardo-inspe" in head:
                found.append(int(name))
    return [pid for pid in found if parents[pid] == r.daemon.pid or
            parents.get(parents[pid]) == r.daemon.pid]


def album_of_fifty_copies_is_one_case(r):
    r.file()
    r.consent_all()
    r.wait_attachments("stored", 1)
    until("the first receipt", lambda: len(r.texts()) == 1)
    medias = [r.sim.media(sample("photo.jpg")) for _ in range(3)]
    answer = r.sim.post("/sim/message", {
        "messages": [{"from": "573001112233", "type": "image", "media_id": m}
                     for m in medias],
        "duplicate": 50, "parallel": 50, "shuffle": 7})
    expect(answer["ok"], "a copy was refused")
    equal(len(answer["deliveries"]), 150, "webhooks")
    r.wait_attachments("stored", 4)
    until("the album's receipt", lambda: len(r.texts()) == 2)
    equal(len(r.attachments()), 4, "attachments")
    equal(len(r.json("document", "list")), 4, "documents")
    equal(len(r.json("case", "list")), 1, "cases")
    equal([r.sim.get(f"/sim/media/{m}")["downloads"] for m in medias],
          [1, 1, 1], "downloads")
    equal(len(payloads(r)), 4, "payload files")


def copies_before_consent_are_asked_about_once(r):
    medias = [r.sim.media(sample("photo.jpg")) for _ in range(3)]
    answer = r.sim.post("/sim/message", {
        "messages": [{"from": "573001112233", "type": "image", "media_id": m}
                     for m in medias],
        "duplicate": 50, "parallel": 50, "shuffle": 11})
    expect(answer["ok"], "a copy was refused")
    equal(len(r.attachments("held")), 3, "held")
    r.consent_all()
    r.wait_attachments("stored", 3)
    equal(len(r.prompts()), 2, "prompts")
    equal(len(r.json("case", "list")), 1, "cases")
    equal(len(r.json("document", "list")), 3, "documents")


def withdraw(r, person):
    """Its whole effect is committed when the webhook is answered."""
    r.say("BAJA", person, timestamp=later(5))
    equal([a["state"] for a in r.attachments()
           if a["state"] in ("held", "queued", "fetching", "judging")], [],
          "what goes on after a withdrawal")
    equal([d["state"] for d in r.json("document", "list")
           if d["state"] == "stored"], [], "documents still open")


def nothing_is_kept(r, n):
    """n files were dropped on their way, and left nothing."""
    until("no payload left", lambda: payloads(r) == [])
    equal([a["state"] for a in r.attachments()], ["dropped"] * n, "ends")
    equal(r.json("document", "list"), [], "documents")


def withdrawal_meets_the_fetch(r):
    steps = [dict(at="resolve", kind="slow", delay_ms=SLOW_MS),
             dict(at="download", kind="slow", delay_ms=SLOW_MS),
             dict(at="download", kind="slow", delay_ms=0, bytes_per_s=2000),
             dict(at="download", kind="status", status=500, times=0)]
    for n, fault in enumerate(steps):
        person = f"57300111330{n}"
        consenting(r, person)
        media = r.sim.media(large_photo() if n == 2 else sample("letter.pdf"),
                            "application/pdf")
        r.sim.fault(media_id=media, **fault)
        expect(r.sim.message(**{"from": person, "type": "document",
                                "media_id": media})["ok"], "refused")
        until(f"a request of {fault}", lambda m=media, f=fault: [
            x for x in r.sim.log(f["at"]) if x["media_id"] == m])
        withdraw(r, person)
        until("Meta's copy deleted",
              lambda m=media: r.sim.get(f"/sim/media/{m}")["deleted"])
        nothing_is_kept(r, n + 1)


def withdrawal_meets_the_judge(r):
    consenting(r, "573001113310")
    stopped = until("each worker's judge and its mother", lambda: (
        lambda found: found if len(found) == 2 * WORKERS else None)(judges(r)))
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    send_pdf(r, "573001113310")
    r.wait_attachments("judging", 1)
    withdraw(r, "573001113310")
    for pid in stopped:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
    nothing_is_kept(r, 1)

    # The next one's judge is not in the way of anything.
    consenting(r, "573001113311")
    send_pdf(r, "573001113311")
    r.wait_attachments("stored", 1)


def withdrawal_meets_the_document(r):
    """After it was stored, and again and again at about that time."""
    for n in range(6):
        person = f"57300111332{n}"
        consenting(r, person)
        send_pdf(r, person)
        if n == 0:
            r.wait_attachments("stored", 1)
        time.sleep(0.004 * n)
        withdraw(r, person)
    documents = r.json("document", "list")
    expect(documents, "documents")
    equal(len([a for a in r.attachments() if a["state"] == "stored"]),
          len(documents), "documents of stored files")
    until("payloads of documents only",
          lambda: len(payloads(r)) == len(documents))
    for document in documents:
        equal(document["state"], "blocked", "state")
        code, out, _ = r.cli("document", "get", document["id"], "--reason",
                             "x", text=False)
        equal((code, out), (4, b""), "a blocked document")


def withdrawal_meets_a_reader(r):
    person = "573001113330"
    photo = large_photo()
    consenting(r, person)
    r.file(photo, person=person)
    r.press(r.prompt(2, person), "grant", person)
    r.wait_attachments("stored", 1)
    document = r.json("document", "list")[0]["id"]
    reader = subprocess.Popen(
        [os.path.join(BUILD, "resguardo"), "--socket", r.socket, "--identity",
         r.identity, "document", "get", document, "--reason", "slow"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    first = reader.stdout.read(65536)
    withdraw(r, person)

    # What was on record before may end; it is all of it, or said to be less.
    rest, _ = reader.communicate(timeout=DEADLINE_S)
    expect(reader.returncode != 0 or first + rest == photo,
           "a reading that was cut says that it is whole")
    size = r.json("status")["ledger_size"]
    code, out, _ = r.cli("document", "get", document, "--reason", "again",
                         text=False)
    equal((code, out), (4, b""), "a reading after the withdrawal")
    expect(r.json("status")["ledger_size"] >= size, "the ledger")


def grant_that_comes_late_opens_nothing(r):
    """Given before the withdrawal, delivered after it: also to a question
    that is still open."""
    now = later(0)
    media = r.file(timestamp=now - 60)
    prompt = r.prompt(1)
    r.say("BAJA", timestamp=now - 10)
    r.press(prompt, "grant", timestamp=now - 20)
    r.wait_attachments("dropped", 1)

    r.file(caption="otra 4714", timestamp=now - 5)
    again = r.prompt(2)
    r.press(again, "grant", timestamp=now - 15)
    r.press(again, "grant", timestamp=now - 10)
    equal(len(r.attachments("held")), 1, "held")
    equal([x["purpose"] for x in r.consent_log()
           if x["event_type"] == "consent_given"], [], "grants")
    equal(r.downloads(), [], "asked of Meta")
    expect(r.sim.get(f"/sim/media/{media}")["downloads"] == 0, "fetched")

    # A yes that is later than the no is one.
    r.press(again, "grant")
    until("a grant", lambda: [x for x in r.consent_log()
                              if x["event_type"] == "consent_given"])


run([album_of_fifty_copies_is_one_case,
     copies_before_consent_are_asked_about_once, withdrawal_meets_the_fetch,
     withdrawal_meets_the_judge, withdrawal_meets_the_document,
     withdrawal_meets_a_reader, grant_that_comes_late_opens_nothing])
