#!/usr/bin/env python3
"""A document goes to a customer: after the code that they were given, once, its
bytes through memory alone; by a template where WhatsApp's window is closed; Meta
deletes it once it arrived; and what forbids it says which rule it is."""
import hashlib
import os
import subprocess

from harness import (BUILD, DEADLINE_S, equal, expect, run, sample, tampering,
                     until)
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


def nothing_is_left_at_meta(r):
    """Of what we uploaded; the customer's own file went when it was stored."""
    files = [r.sim.get("/sim/media/" + m["request"]["document"]["id"])["id"]
             for m in documents(r)]
    until("Meta deleted what arrived", lambda: all(
        r.sim.get("/sim/media/" + f)["deleted"] for f in files))
    for f in files:
        equal(len(r.sim.get(f"/sim/log?kind=delete&media_id={f}")), 1,
              "it was asked for once")


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


def two_days_later(r):
    """The window is closed: for Meta, and as far as we know. What is past here
    is written into the rows; the policy lets a check count for a month."""
    r.stop()
    database = tampering(os.path.join(r.storage, "resguardo.db"))
    for change in ("subject SET contact = contact -", "identity_check SET"
                   " passed = passed -"):
        database.execute(f"UPDATE {change} 2 * 86400000")
    database.commit()
    database.close()
    with open(r.path("policies", "co-habeas-data", "policy.yaml"), "a",
              encoding="utf-8") as f:
        f.write("identity_check_lasts: 30d\n")
    code, out, err = r.cli("policy", "check",
                           r.path("policies", "co-habeas-data"))
    equal(code, 0, err)
    expect("identity_check_lasts: a document goes" in out + err, out + err)
    r.start()
    r.sim.post("/sim/config", {"window_s": 1})


def templates(r):
    return [m["request"]["template"] for m in r.sim.sent()
            if m["type"] == "template"]


def it_goes_outside_of_the_window(r, case, letter):
    two_days_later(r)
    send = ("document", "send", case, letter, "--reason", "x")
    of_month = ("--template", "extracto", "--value", "mes=octubre")
    sent = len(documents(r))
    refused(r, 4, "window_closed", *send)
    refused(r, 3, "no such template", *send, "--template", "x")
    refused(r, 1, "mes: is missing", *send, "--template", "extracto")
    refused(r, 2, "NAME=VALUE", *send, "--template", "extracto", "--value", "x")
    refused(r, 2, "needs a --template", *send, "--value", "mes=octubre")
    refused(r, 1, "carries no document", *send, "--template",
            "documento_listo", "--value", "caso=x")
    r.canaries.add("mes-de-octubre")
    equal(r.json(*send, *of_month[:3], "mes=mes-de-octubre")["state"], "sent",
          "by the template")
    header, body = until("it is there", lambda: templates(r))[0]["components"]
    equal(header["parameters"][0]["document"]["filename"], "extracto.pdf",
          "in its header")
    equal(body["parameters"][0]["text"], "mes-de-octubre", "its words")
    media = header["parameters"][0]["document"]["id"]
    until("Meta deleted it", lambda: r.sim.get("/sim/media/" + media)["deleted"])
    equal(leaves(r, "outbound_queued")[0]["evidence"]["template"], "extracto",
          "a contact by the rules")
    refused(r, 1, "carries a document", "reminder", "send",
            file_of(r, "list.csv", b"to;mes\n573001112233;x\n"), "--policy",
            "co-habeas-data", "--template", "extracto")

    # Or they are told that it waits, and write: then the chat is open again.
    equal(r.json("document", "code", case)["by"], None, "nobody told them")
    asked = r.json("document", "code", case, "--template", "documento_listo",
                   "--value", f"caso={case}")
    equal([asked["told"], asked["by"]], [True, "template"], "they are told")
    until("they read it", lambda: len(templates(r)) == 2)
    refused(r, 4, "identity_not_checked", *send, *of_month)
    r.canaries.add(asked["code"])
    r.sim.post("/sim/config", {"window_s": 86400})
    waiting = subprocess.Popen(
        [os.path.join(BUILD, "resguardo"), "--socket", r.socket, "--identity",
         r.identity, *send, *of_month, "--wait"], stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True)
    expect("waiting for the code" in waiting.stderr.readline(), "it waits")
    equal(len(documents(r)), sent, "nothing has gone")
    r.say(asked["code"])
    equal(waiting.wait(DEADLINE_S), 0, waiting.stderr.read())
    expect(any(e["event"] == "identity_checked" for e in
               r.json("case", "show", case)["timeline"]), "staff see it")
    until("it is there", lambda: len(documents(r)) == sent + 1)
    equal(len(templates(r)), 2, "no template is spent")


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
    it_goes_outside_of_the_window(r, case, letter)
    nothing_is_left_at_meta(r)
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
