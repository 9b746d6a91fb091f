#!/usr/bin/env python3
"""The main job, end to end."""
import csv
import io
import json
import os
import stat

from harness import (NUMBER, PHONE, Instance, equal, expect, run, sample,
                     until)

COLUMNS = ["index", "time", "event_type", "subject", "policy",
           "notice_version", "notice_sha256", "language", "purpose",
           "legal_basis", "channel", "evidence"]


def photo_becomes_a_document(r):
    photo = sample("photo.jpg")
    r.file(photo)

    # Held: nothing was asked of Meta, nothing but claims is kept.
    held = r.attachments("held")
    equal(len(held), 1, "held attachments")
    equal(held[0]["announced_type"], "image/jpeg", "announced type")
    equal(held[0]["case_id"], None, "case before consent")
    first = r.prompt(1)
    expect(len(first["text"]) <= 1024, "first layer too long")
    expect("Protección de Ejemplo" in first["text"], "no controller named")
    equal([b["id"].split("/")[0] for b in first["buttons"]],
          ["grant", "refuse", "other"], "buttons")
    equal(r.downloads(), [], "asked before consent")

    # The second question only after the first yes; still nothing fetched.
    r.press(first, "grant")
    second = r.prompt(2)
    equal(r.downloads(), [], "asked before the sensitive consent")
    r.press(second, "grant")
    stored = r.wait_attachments("stored", 1)

    # One receipt, with a code that can be read over the phone.
    receipt = until("receipt", lambda: r.texts())[0]
    case = stored[0]["case_id"]
    expect(case in receipt, f"no case code in {receipt!r}")

    # The desk: lists, then the file, byte for byte.
    cases = r.json("case", "list")
    equal([c["id"] for c in cases], [case], "cases")
    equal(cases[0]["documents"], 1, "documents on the case")
    equal(r.json("case", "show", case)["state"], "open", "case state")
    documents = r.json("document", "list", "--case", case)
    equal(documents[0]["media_type"], "image/jpeg", "media type")
    equal(documents[0]["caption"], "mi documento 4711", "caption")
    equal(documents[0]["size"], len(photo), "size")
    code, out, err = r.cli("document", "get", documents[0]["id"], "--reason",
                           "case review", text=False)
    equal(code, 0, f"document get ({err})")
    expect(out == photo, "the file read back differs")
    copy = r.path("copy.jpg")
    code, _, err = r.cli("document", "get", documents[0]["id"], "--reason",
                         "again", "-o", copy)
    equal(code, 0, f"document get -o ({err})")
    with open(copy, "rb") as f:
        expect(f.read() == photo, "the copy differs")
    equal(stat.S_IMODE(os.stat(copy).st_mode), 0o600, "mode of the copy")


def reading_is_on_record_and_needs_a_reason(r):
    r.file()
    r.consent_all()
    r.wait_attachments("stored", 1)
    document = r.json("document", "list")[0]["id"]
    code, _, _ = r.cli("document", "get", document, text=False)
    equal(code, 2, "exit without --reason")
    size = r.json("status")["ledger_size"]
    code, _, _ = r.cli("document", "get", document, "--reason", "audit 1",
                       text=False)
    equal(code, 0, "document get")
    expect(r.json("status")["ledger_size"] > size, "no ledger entry for a read")
    code, _, _ = r.cli("document", "get", "d" + "a" * 26, "--reason", "x",
                       text=False)
    equal(code, 3, "exit for an unknown document")
    expect(b"audit 1" not in open(os.path.join(r.storage, "resguardo.db"),
                                  "rb").read(), "a reason in the clear")


def consent_log_tells_the_story_in_order(r):
    r.file()
    r.consent_all()
    r.wait_attachments("stored", 1)
    rows = r.consent_log()
    events = [row["event_type"] for row in rows]
    equal([e for e in events if e != "notice_published"],
          ["notice_presented", "consent_requested", "consent_given",
           "consent_requested", "consent_given"], "events")
    equal([row["index"] for row in rows], sorted(row["index"] for row in rows),
          "order")
    for row in rows:
        equal(list(row), COLUMNS, "columns")
    given = [row for row in rows if row["event_type"] == "consent_given"]
    equal(given[0]["purpose"], "case_processing", "purpose")
    equal(given[0]["channel"], "whatsapp", "channel")
    expect(isinstance(given[0]["evidence"], str), "evidence is a string")
    expect(json.loads(given[0]["evidence"])["prompt_sha256"], "prompt hash")
    for filter_ in (("--policy", "nobodys"), ("--subject", "s" + "a" * 26)):
        code, out, err = r.cli("consent", "export", *filter_)
        equal((code, out), (3, ""), f"{filter_} ({err})")
    code, out, _ = r.cli("consent", "export", "--format", "csv")
    table = list(csv.reader(io.StringIO(out)))
    equal(table[0], COLUMNS, "csv header")
    equal(len(table) - 1, len(rows), "csv rows")
    equal(table[-1][-1], rows[-1]["evidence"], "evidence in csv and jsonl")


def checkpoint_is_a_signed_note(r):
    code, note, err = r.cli("ledger", "checkpoint")
    equal(code, 0, f"ledger checkpoint ({err})")
    lines = note.split("\n")
    expect(lines[0].startswith("intake.example.co/"), f"origin {lines[0]}")
    expect(lines[1].isdigit() and lines[3] == "", "checkpoint form")
    expect(lines[4].startswith("\u2014 " + lines[0] + " "), "signature line")


def album_is_one_case_and_one_receipt(r):
    r.file()
    r.consent_all()
    r.wait_attachments("stored", 1)
    until("first receipt", lambda: len(r.texts()) == 1)
    photos = [sample("photo.jpg") + bytes([n]) for n in range(10)]
    media = [r.sim.media(p) for p in photos]
    answer = r.sim.post("/sim/message", {
        "messages": [{"from": PHONE, "type": "image", "media_id": m}
                     for m in media], "parallel": 10, "shuffle": 3})
    expect(answer["ok"], "album refused")
    r.wait_attachments("stored", 11)
    until("second receipt", lambda: len(r.texts()) == 2)
    equal(len(r.json("case", "list")), 1, "cases")
    expect("10" in r.texts()[1], f"receipt {r.texts()[1]!r}")


def person_without_a_number(r):
    who = "CO.4410009182736455"
    media = r.sim.media(sample("letter.pdf"), "application/pdf")
    r.sim.message(**{"from": None, "user_id": who, "type": "document",
                     "media_id": media, "filename": "carta.pdf"})
    r.press(r.prompt(1, who), "grant", None, user_id=who)
    r.wait_attachments("stored", 1)
    sent = r.sim.sent(who)
    expect(all(m["recipient"] == who and m["to"] is None for m in sent),
           "sent to the user id")


def spain_asks_once(r):
    r.file()
    first = r.prompt(1)
    equal(first["buttons"][0]["id"].split("/")[1], "case_processing",
          "purpose")
    r.press(first, "grant")
    r.wait_attachments("stored", 1)
    equal(len(r.prompts()), 1, "prompts")


spain_asks_once.needs = {"policy": "es-gdpr"}


def published_notice_is_served(r):
    row = [x for x in r.consent_log()
           if x["event_type"] == "notice_published"][0]
    from harness import http
    import hashlib
    status, body = http("GET", f"{r.gateway}/notice/{row['policy']}/"
                               f"{row['notice_version']}/{row['language']}")
    equal(status, 200, "notice")
    equal(hashlib.sha256(body).hexdigest(), row["notice_sha256"],
          "hash of what is served")
    equal(http("GET", r.gateway + "/notice/x/y/z")[0], 404, "no such notice")
    equal(http("GET", r.gateway + "/healthz")[0], 200, "health")
    # The published words changed: the daemon says which file, and stops.
    r.stop()
    path = r.path("policies", row["policy"], "notices",
                  row["notice_version"], row["language"] + ".md")
    with open(path, "a", encoding="utf-8") as f:
        f.write("\nOtra cosa.\n")
    code, err = r.start_fails()
    equal(code, 2, "exit")
    expect(path in err, f"file not named: {err}")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    with open(path, "w", encoding="utf-8") as f:
        f.write(text.removesuffix("\nOtra cosa.\n"))


run([photo_becomes_a_document, reading_is_on_record_and_needs_a_reason,
     consent_log_tells_the_story_in_order, checkpoint_is_a_signed_note,
     album_is_one_case_and_one_receipt, person_without_a_number,
     spain_asks_once, published_notice_is_served])
