#!/usr/bin/env python3
"""A document goes to a customer: after the code that they were given, once, its
bytes through memory alone; and what forbids it says which rule it is."""
import hashlib
import os

from harness import equal, expect, run, sample, until
from test_requests import leaves, look, refused

LETTER = sample("letter.pdf")


def file_of(r, name, data):
    with open(r.path(name), "wb") as f:
        f.write(data)
    return r.path(name)


def documents(r):
    return [m for m in r.sim.sent() if m["type"] == "document"]


def uploads(r):
    return len(r.sim.log("upload"))


def who_has_the_phone_has_to_show_it(r, case, letter):
    send = ("document", "send", case, letter, "--reason", "pidió su extracto")
    refused(r, 4, "identity_not_checked", *send)
    first = r.json("document", "code", case)
    until("they are told", lambda: any("código de seis" in t for t in r.texts()))
    wrong = "000000" if first["code"] != "000000" else "000001"
    for n in range(3):
        r.say(wrong)
        until("that is wrong", lambda: sum("no es" in t for t in r.texts())
              == n + 1)
    r.say(first["code"])  # too late: three were wrong
    until("it failed", lambda: leaves(r, "identity_check_failed"))
    refused(r, 4, "identity_not_checked", *send)
    second = r.json("document", "code", case)
    r.canaries |= {first["code"], second["code"]}
    r.say("hola " + second["code"])  # no code: it is a message
    r.say(second["code"])
    until("they are known", lambda: leaves(r, "identity_checked"))
    equal(uploads(r), 0, "nothing has left")


def it_goes_once(r, case, letter):
    send = ("document", "send", case, letter, "--caption", "closing",
            "--reason", "pidió su extracto")
    refused(r, 3, "no such prepared text", *send[:4], "--caption", "x",
            "--reason", "x")
    equal(r.json(*send)["state"], "sent", "it is on its way")
    message = until("it is there", lambda: documents(r))[0]["request"]
    equal(message["document"]["filename"], "extracto.pdf", "its name")
    expect(message["document"]["caption"].startswith("Con esto"), message)
    media = r.sim.get("/sim/media/" + message["document"]["id"])
    equal([media["sha256"], media["mime_type"]],
          [hashlib.sha256(LETTER).hexdigest(), "application/pdf"], "the bytes")
    equal(leaves(r, "document_sent")[0]["commitments"],
          {"file": leaves(r, "document_send_ordered")[0]["commitments"]
           ["file"]}, "one commitment")
    expect(hashlib.sha256(LETTER).hexdigest() not in str(leaves(
        r, "document_sent") + leaves(r, "document_send_ordered")), "no hash")
    # An answer that is lost is no reason to send it again.
    r.sim.fault(kind="lost_answer", at="send", times=1)
    equal(r.json(*send)["state"], "sent", "the second one")
    until("it may be there", lambda: len(documents(r)) == 2)
    r.kill()
    r.start()
    look(r)
    equal(len(documents(r)), 2, "it was not sent again")


def what_does_not_go(r, case, letter):
    send = ("document", "send", case)
    sent = uploads(r)
    refused(r, 1, "PDF, JPEG and PNG", *send, file_of(r, "x.pdf", b"words\n"),
            "--reason", "x")
    refused(r, 1, "empty", *send, file_of(r, "empty.pdf", b""), "--reason", "x")
    refused(r, 1, "", *send, file_of(r, "big.pdf", LETTER + bytes(16 << 20)),
            "--reason", "x")
    equal(uploads(r), sent, "nothing has left")
    r.sim.fault(kind="status", at="upload", status=500, times=1)
    refused(r, 1, "WhatsApp did not take it", *send, letter, "--reason", "x")
    equal([leaf["reason"] for leaf in leaves(r, "document_send_failed")],
          ["type", "upload"], "why not")
    equal(r.json(*send, letter, "--reason", "x")["state"], "sent", "and again")


def sent_to_customers(r):
    r.canaries |= {"extracto.pdf", "pidió su extracto"}
    r.canaries.add(LETTER[:64].decode("latin1"))
    r.file()
    r.consent_all()
    r.wait_attachments("stored", 1)
    case = r.json("document", "list")[0]["case_id"]
    letter = file_of(r, "extracto.pdf", LETTER)
    who_has_the_phone_has_to_show_it(r, case, letter)
    it_goes_once(r, case, letter)
    what_does_not_go(r, case, letter)
    r.say("BAJA")
    until("the withdrawal", lambda: leaves(r, "consent_withdrawn"))
    refused(r, 4, "purpose_not_open", "document", "send", case, letter,
            "--reason", "x")
    refused(r, 4, "purpose_not_open", "document", "code", case)
    os.unlink(letter)


def nothing_is_sent_where_the_policy_says_nothing(r):
    r.file()
    r.consent_all()
    r.wait_attachments("stored", 1)
    case = r.json("document", "list")[0]["case_id"]
    refused(r, 4, "send_documents", "document", "code", case)
    refused(r, 4, "send_documents", "document", "send", case,
            file_of(r, "extracto.pdf", LETTER), "--reason", "x")
    texts = len(r.sim.sent())
    r.say("123456")
    until("a menu", lambda: len(r.sim.sent()) > texts)


sent_to_customers.needs = {"notices": True}


if __name__ == "__main__":
    run([sent_to_customers, nothing_is_sent_where_the_policy_says_nothing])
