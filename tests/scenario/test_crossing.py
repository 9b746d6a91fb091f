#!/usr/bin/env python3
"""Where features meet: a child and what rests on no consent, two references of
one person of whom one says no, and a consent that came over and ran out."""
import os
import re

from bundle_help import by_c, by_python
from harness import ROOT, equal, expect, run, sample, until
from test_bases import edit, entries, voice

# Enough for what is to come between a yes and its end on a busy machine: the
# most are a file, a link and a BAJA.
VALID_S = 20
CHILD, OLD, NEW = "34600000005", "34600000006", "34600000007"
BEFORE, AFTER = "34600000008", "34600000009"
AGAIN = "34600000010"
FIRST, SECOND, THIRD = "34600000011", "34600000012", "34600000013"


def subject_of(r, person):
    return r.json("subject", "find", person)[0]["subject"]


def ok(r, *args):
    code, _, err = r.cli(*args)
    equal(code, 0, f"{args}: {err}")


def texts_about_persons(r):
    with open(os.path.join(ROOT, "policies", "es-gdpr", "texts.es-ES.yaml"),
              encoding="utf-8") as f:
        text = f.read()
    with open(r.path("policies", "banca-ejemplo", "texts.es-ES.yaml"), "a",
              encoding="utf-8") as f:
        f.write(re.search(r"\npersons:\n(?:[ \n].*\n)+", text)[0])


def letter(r, person):
    r.file(sample("letter.pdf"), "document", "application/pdf", person=person)


def documents(r, person):
    who = subject_of(r, person)
    return [d["state"] for d in r.json("document", "list")
            if d["subject"] == who]


def link(r, now, former, *more):
    ok(r, "subject", "link", subject_of(r, now), subject_of(r, former),
       "--evidence", "carta firmada", *more)


def a_child_and_a_contract(r):
    """What rests on the contract is open, but to no child alone: not here, and
    not under another number of theirs; nor does what was given there stay."""
    letter(r, CHILD)
    r.wait_attachments("stored", 1)
    voice(r, AGAIN)
    r.press(r.prompt(1, AGAIN), "grant", AGAIN)
    r.wait_attachments("stored", 2)
    link(r, AGAIN, CHILD)
    r.say("soy menor de edad", CHILD)
    until("it is on record",
          lambda: r.json("subject", "find", CHILD)[0]["minor"])
    equal(documents(r, AGAIN), ["blocked"], "what the child had allowed")
    before = len(r.downloads())
    letter(r, CHILD)
    voice(r, AGAIN)
    r.wait_attachments("held", 2)
    # A grown-up's goes its way meanwhile.
    letter(r, OLD)
    r.wait_attachments("stored", 3)
    equal((len(r.attachments("held")), len(r.downloads())), (2, before + 2),
          "they wait, and nobody asks Meta for them")
    ok(r, "subject", "adult", subject_of(r, CHILD), "--reason", "su DNI")
    r.wait_attachments("stored", 4)
    equal([a["subject"] for a in r.attachments("held")],
          [subject_of(r, AGAIN)], "the other waits for a yes again")


def a_no_under_the_new_number(r):
    """Who never said yes under it says no for all of theirs."""
    voice(r, OLD)
    asked = r.prompt(1, OLD)
    r.say("hola", NEW)
    until("an answer", lambda: r.sim.sent(NEW))
    r.press(asked, "grant", OLD)
    until("it came", lambda: documents(r, OLD) == ["stored"] * 2)
    link(r, NEW, OLD)
    r.say("BAJA", NEW)
    until("it ended", lambda: entries(r, "consent_withdrawn",
                                      subject=subject_of(r, OLD)))
    equal(sorted(documents(r, OLD)), ["blocked", "stored"], "what hung on it")
    r.say("BAJA", NEW)
    # Each of it is there once more for what nobody had asked about.
    until("said twice", lambda: len([e for e in entries(
        r, "consent_ignored", subject=subject_of(r, NEW))
        if '"nothing_to_withdraw"' in e["evidence"]]) == 2)
    equal(len(entries(r, "consent_withdrawn", subject=subject_of(r, OLD))), 1,
          "ended once")


def a_link_for_a_while(r):
    """From the yes to the link there is nothing that takes its time."""
    voice(r, BEFORE)
    asked = r.prompt(1, BEFORE)
    voice(r, AFTER)
    r.prompt(1, AFTER)
    order = ("subject", "link", subject_of(r, AFTER), subject_of(r, BEFORE),
             "--evidence", "carta firmada", "--proof", "signed_form")
    r.press(asked, "grant", BEFORE)
    ok(r, *order)
    until("it went on", lambda: documents(r, AFTER) == ["stored"])
    until("it came", lambda: documents(r, BEFORE) == ["stored"])


def was_a_mistake(r):
    """It ran out before that was seen: what it brought is blocked all the
    same."""
    until("it ran out", lambda: entries(r, "consent_expired",
                                        subject=subject_of(r, AFTER)))
    ok(r, "subject", "unlink", subject_of(r, AFTER), subject_of(r, BEFORE),
       "--reason", "era su hermana")
    equal((documents(r, AFTER), documents(r, BEFORE)), (["blocked"],
                                                        ["stored"]), "whose")


def a_mistake_that_went_on(r):
    """A number after the wrong one has that yes no more, either."""
    voice(r, FIRST)
    r.press(r.prompt(1, FIRST), "grant", FIRST)
    until("it came", lambda: documents(r, FIRST) == ["stored"])
    for now, former in ((SECOND, FIRST), (THIRD, SECOND)):
        r.say("hola", now)
        until("an answer", lambda: r.sim.sent(now))
        link(r, now, former, "--proof", "branch_visit")
    ok(r, "subject", "unlink", subject_of(r, SECOND), subject_of(r, FIRST),
       "--reason", "era su hermana")
    before = len(r.downloads())
    voice(r, THIRD)
    r.prompt(1, THIRD)
    equal((len(r.downloads()), documents(r, THIRD)), (before, []),
          "it is asked about anew")
    equal(documents(r, FIRST), ["stored"], "hers stays")


def judged(r):
    folder = r.path("bundle")
    ok(r, "ledger", "export", "-o", folder)
    for verifier in (by_python, by_c):
        holds, index, words = verifier(folder, None)
        expect(holds, f"entry {index}: {words}")


def features_meet(r):
    texts_about_persons(r)
    edit(r, "policy.yaml", ("valid_for: 365d", f"valid_for: {VALID_S}s"))
    r.start()
    a_child_and_a_contract(r)
    a_no_under_the_new_number(r)
    a_link_for_a_while(r)
    a_mistake_that_went_on(r)
    was_a_mistake(r)
    judged(r)


features_meet.needs = {"policy": "banca-ejemplo", "start": False}


if __name__ == "__main__":
    run([features_meet])
