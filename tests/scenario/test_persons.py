#!/usr/bin/env python3
"""One person under two numbers, a child who writes, and who asks for whom: from
the chat to the officer's commands and to a bundle that somebody else verifies."""
import io
import json
import os
import subprocess
import sys
import zipfile

from harness import BUILD, PHONE, ROOT, equal, expect, run, sample, until

NEW = "573009998877"
CHILD = "573001110000"


def the_gate_rule_is_the_same_in_python():
    """The histories that tests/unit/ledger_gate.c reads."""
    sys.path.insert(0, os.path.join(ROOT, "packaging", "audit"))
    import gate
    n = 0
    with open(os.path.join(ROOT, "tests", "vectors", "gate", "persons.jsonl"),
              encoding="utf-8") as f:
        for line in f:
            history, n = json.loads(line), n + 1
            rule, at = gate.Gate(), -1
            for i, entry in enumerate(history["entries"]):
                try:
                    rule.add(entry)
                except gate.Bad:
                    at = i
                    break
            equal(at, history["bad"], history["name"])
    expect(n > 15, "there are histories")


def leaves(r, *types):
    out = r.path("entries")
    with open(out, "w", encoding="utf-8") as f:
        subprocess.run([os.path.join(BUILD, "resguardo"), "--socket", r.socket,
                        "--identity", r.identity, "ledger", "export", "-o",
                        r.path("bundle")], check=True, stdout=f)
    with open(os.path.join(r.path("bundle"), "entries.jsonl"),
              encoding="utf-8") as f:
        return [e for e in map(json.loads, f) if e["event_type"] in types]


def find(r, person):
    return r.json("subject", "find", person)[0]


def refused(r, code, words, *args):
    got, _, err = r.cli(*args)
    equal(got, code, f"{args}: {err}")
    expect(words in err, f"{args} says {err!r}")


def a_new_number(r):
    """Stranger, suggestion, link, one stored file on a carried consent."""
    r.say("hola")
    r.consent_all(1)
    until("answered", lambda: r.texts())
    answer = r.sim.message(**{"from": PHONE, "type": "system", "object": {
        "system": {"type": "user_changed_number", "wa_id": NEW}}})
    expect(answer["ok"], f"refused: {answer}")
    former = find(r, PHONE)["subject"]
    [hint] = until("a suggestion", lambda: r.json("subject", "suggestions"))
    equal([hint["former"], hint["subject"], hint["how"]],
          [former, None, "user_changed_number"], "nobody yet")
    r.file(sample("letter.pdf"), "document", "application/pdf", person=NEW,
           caption=None)
    r.prompt(1, NEW)
    now = find(r, NEW)["subject"]
    equal(r.json("subject", "suggestions")[0]["subject"], now, "they wrote")
    equal(r.downloads(), [], "a new number starts without consent")

    refused(r, 2, "no such proof", "subject", "link", now, former, "--proof",
            "guess", "--evidence", "x")
    refused(r, 2, "missing: --evidence", "subject", "link", now, former)
    refused(r, 3, "not linked", "subject", "unlink", now, former, "--reason",
            "x")
    r.canaries.add("trajo-su-documento-en-papel")
    code, _, err = r.cli("subject", "link", now, former, "--proof",
                         "same_document", "--evidence",
                         "trajo-su-documento-en-papel")
    equal(code, 0, err)
    refused(r, 1, "one person already", "subject", "merge", former, now,
            "--evidence", "x")
    until("it went on", lambda: r.json("document", "list"))
    equal(r.json("subject", "suggestions"), [], "done with")
    equal(find(r, PHONE)["linked"], [now], "find says it")
    code, _, err = r.cli("subject", "find", PHONE)
    expect(code == 0 and f"the same person is {now}, too" in err,
           f"and to who reads tables: {err}")
    equal([l["proof"] for l in r.json("subject", "links", now)],
          ["same_document"], "the link")
    return now, former


def all_of_a_person_goes_out(r, now, former):
    out = r.path("all.age")
    refused(r, 2, "-o", "subject", "export", now, "--linked")
    code, _, err = r.cli("subject", "export", now, "-o", out)
    expect(code == 0 and former in err, f"it says that there is more: {err}")
    code, _, err = r.cli("subject", "export", now, "--linked", "-o", out)
    equal(code, 0, err)
    for name in (out, f"{out}.{former}"):
        plain = subprocess.run(
            [os.path.join(BUILD, "resguardo"), "age", "decrypt", "-i",
             r.identity, name], stdout=subprocess.PIPE, check=True).stdout
        expect(b'"linked":["s' in plain, f"{name} says who else")
        os.unlink(name)


def page_of(r, sealed):
    plain = subprocess.run(
        [os.path.join(BUILD, "resguardo"), "age", "decrypt", "-i", r.identity,
         sealed], stdout=subprocess.PIPE, check=True).stdout
    with zipfile.ZipFile(io.BytesIO(plain)) as z:
        return z.read("index.html").decode()


def who_asks(r, subject):
    heir = r.json("request", "open", subject, "--kind", "access", "--policy",
                  "co-habeas-data", "--requester-role", "heir", "--reason",
                  "carta de una hija", "--told", "por carta")
    equal([heir["requester_role"], heir["identity_assurance"]],
          ["heir", "unverified"], "who asks")
    refused(r, 4, "requester_identity", "request", "close", heir["id"],
            "--outcome", "granted", "--reason", "copia", "--told", "por carta")
    refused(r, 2, "no such requester-role", "request", "open", subject, "--kind",
            "erase", "--policy", "co-habeas-data", "--requester-role", "uncle",
            "--reason", "x")
    code, out, err = r.cli("request", "list")
    expect(code == 0 and "heir" in out, f"{out}{err}")
    # Nothing of it is said in the person's chat.
    said = len(r.sim.sent(PHONE))
    refused(r, 4, "who asked is not in the person's chat", "request", "close",
            heir["id"], "--outcome", "refused", "--ground", "identity",
            "--reason", "no mostró nada")
    attorney = r.json("request", "open", subject, "--kind", "erase",
                      "--policy", "co-habeas-data", "--requester-role",
                      "attorney", "--reason", "llamó por teléfono")
    equal(len(r.sim.sent(PHONE)), said, "their chat is not who asked")
    # A copy that is made for the person is none for an heir, and one that the
    # person asks for has a date of its own.
    own = r.json("request", "open", subject, "--kind", "access", "--policy",
                 "co-habeas-data", "--reason", "en la sede")
    code, _, err = r.cli("subject", "export", subject, "-o", r.path("own.age"),
                       "--told", "se le entregó en la sede")
    equal(code, 0, err)
    page = page_of(r, r.path("own.age"))
    for title, has, lacks in (("Lo que usted pidió", "copia de sus datos", "heredero"),
                              ("Lo que otra persona pidió", "heredero", "Nada")):
        part = page.split(f"<h2>{title}", 1)[1].split("<h2>", 1)[0]
        expect(has in part and lacks not in part, f"{title}: {part}")
    equal([(r.json("request", "show", g["id"])["outcome"])
           for g in (own, heir, attorney)], ["granted", None, None],
          "an export ends what it answers")
    code, _, err = r.cli("request", "close", heir["id"], "--outcome", "granted",
                         "--identity-assurance", "notarised", "--reason",
                         "copia", "--told", "por carta")
    equal(code, 0, err)
    equal(r.json("request", "show", heir["id"])["identity_assurance"],
          "notarised", "by then it was known")
    return attorney["id"]


def a_child(r):
    """No yes of theirs counts; the file is held until an officer says that
    they are of age, and they say yes."""
    r.say("hola", CHILD)
    r.prompt(1, CHILD)
    r.say("soy menor de edad", CHILD)
    until("a person, too", lambda: len(r.sim.sent(CHILD)) >= 3)
    r.press(r.prompt(1, CHILD), "grant", CHILD)
    before = len(r.downloads())
    r.file(sample("letter.pdf"), "document", "application/pdf", person=CHILD,
           caption=None)
    r.wait_attachments("held", 1)
    equal(len(r.downloads()), before, "nothing of theirs was fetched")
    subject = find(r, CHILD)
    equal(subject["minor"], True, "find says it")
    code, _, err = r.cli("subject", "find", CHILD)
    expect(code == 0 and "under age" in err, f"to everybody: {err}")
    child = subject["subject"]
    refused(r, 2, "missing: --relation", "subject", "represent", child,
            "--evidence", "x")
    refused(r, 2, "no such relation", "subject", "represent", child, "--relation",
            "uncle", "--evidence", "x")
    refused(r, 2, "go together", "subject", "represent", child, "--relation",
            "heir", "--procedure", "cesantias", "--evidence", "x")
    refused(r, 1, "heard", "subject", "represent", child, "--relation",
            "parent_guardian", "--evidence", "x")
    r.canaries.add("registro-civil-con-su-nombre")
    code, out, err = r.cli("--json", "subject", "represent", child,
                           "--relation", "parent_guardian", "--child-heard",
                           "too_young", "--evidence",
                           "registro-civil-con-su-nombre")
    equal([code, out and json.loads(out)],
          [0, {"subject": child, "case_id": None}], err)
    until("whoever answers is asked", lambda: len(r.sim.sent(CHILD)) >= 4)
    shown = r.json("subject", "show", child)
    equal([shown[k] for k in ("minor", "represented", "language", "linked",
                              "cases")], [True, True, None, [], []], "shown")
    refused(r, 1, "somebody answers", "subject", "represent", child,
            "--relation", "attorney", "--child-heard", "heard", "--evidence",
            "x")
    code, _, err = r.cli("subject", "unrepresent", child, "--reason",
                         "no era su madre")
    equal(code, 0, err)
    equal(r.json("subject", "show", child)["represented"], False, "no more")
    code, _, err = r.cli("subject", "adult", child, "--reason",
                         "mostró su cédula")
    equal(code, 0, err)
    equal(r.json("subject", "show", child)["minor"], False, "of age")
    r.press(r.prompt(2, CHILD), "grant", CHILD)
    until("it went on", lambda: len(r.downloads()) > before)
    refused(r, 1, "under age", "subject", "adult", subject["subject"],
            "--reason", "otra vez")


def all_of_a_person_is_erased(r, now, former):
    # One of them has a request of somebody else, who is in no chat of theirs.
    code, out, err = r.cli("subject", "erase", now, "--ground", "request",
                           "--linked", "--told", "por carta")
    equal(code, 0, err)
    until("both are gone", lambda: all(
        r.json("subject", "certificate", s).get("subject") == s
        for s in (now, former)))
    refused(r, 3, "nobody is known", "subject", "find", NEW)
    refused(r, 3, "nobody is known", "subject", "find", PHONE)


def persons(r):
    now, former = a_new_number(r)
    all_of_a_person_goes_out(r, now, former)
    attorney = who_asks(r, former)
    a_child(r)
    all_of_a_person_is_erased(r, now, former)
    equal(r.json("request", "show", attorney)["outcome"], "erased",
          "nobody knew who asked: it was not granted")
    types = [e["event_type"] for e in leaves(
        r, "subject_relinked", "consent_carried", "subject_unlinked",
        "consent_uncarried", "minor_declared", "minor_cleared",
        "representation_declared", "representation_ended", "subject_erased")]
    equal(sorted(types),
          sorted(["subject_relinked", "consent_carried", "subject_unlinked",
                  "consent_uncarried", "minor_declared", "minor_cleared",
                  "representation_declared", "representation_ended",
                  "subject_erased", "subject_erased"]), "on record")
    done = subprocess.run([sys.executable, "verify.py"], cwd=r.path("bundle"),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    equal(done.returncode, 0, done.stdout.decode())


run([the_gate_rule_is_the_same_in_python, persons])
