#!/usr/bin/env python3
"""Reminders to a list: looked through whole, sent once, never to who did not
agree; what is said of it reaches other systems."""
import json
import time

from harness import equal, expect, run, until

HEAD = "to;tramite;fecha\n"
GOOD = HEAD + '"+57 300 111 2233";"Reclamación 7";2026-12-15\n'


def remind(r, verb, text, *more, name="list.csv"):
    with open(r.path(name), "w", encoding="utf-8") as f:
        f.write(text)
    return r.cli("reminder", verb, r.path(name), "--policy", "es-gdpr",
                 "--template", "documento_pendiente", *more)


def notices(r):
    return [m for m in r.sim.sent() if m["type"] == "template"]


def a_list_is_looked_through(r):
    bad = (GOOD + "573009999999;;2026-12-15\n600;Trámite;mañana\n"
           "573001112233;Trámite;2026-12-15\n")
    code, out, err = remind(r, "check", bad, "--json")
    equal(code, 1, f"a list with bad rows ({err})")
    equal([(f["line"], f["column"]) for f in json.loads(out)],
          [(3, "tramite"), (4, "to"), (4, "fecha"), (5, "to")], "faults")
    equal(remind(r, "send", bad)[0], 1, "it is not sent either")
    equal(len(notices(r)), 0, "messages")
    equal(remind(r, "check", GOOD)[0], 0, "a good list")
    for text in ("", "to;fecha\n", HEAD + "1;2\n", "to;tramite;fecha;x\n"):
        equal(remind(r, "check", text)[0], 1, f"no list: {text!r}")
    code, _, err = r.cli("reminder", "check", r.path("list.csv"), "--policy",
                         "es-gdpr", "--template", "none")
    equal(code, 3, f"no such template ({err})")


def it_goes_once_to_who_agreed(r):
    code, out, err = remind(r, "send", GOOD, "--json")
    equal((code, json.loads(out)), (4, [dict(json.loads(out)[0], line=2,
          rule="purpose_not_open")]), f"before the yes ({err})")
    r.press(r.prompt(1), "grant")
    until("the yes", lambda: any(
        e["event_type"] == "consent_given" for e in r.consent_log()))
    code, out, err = remind(r, "send", GOOD + "573009999999;x;2026-12-15\n",
                            name="two.csv")
    equal(code, 4, f"one of two is not known ({err})")
    expect("unknown_person" in out, f"rule: {out}")
    until("the message", lambda: notices(r))
    code, _, err = remind(r, "send", GOOD + "573009999999;x;2026-12-15\n",
                          name="two.csv")
    expect("0 queued, 1 were queued before" in err, f"words: {err}")
    code, _, err = remind(r, "send", GOOD + "x;y;z\n", "--skip-bad")
    expect("1 left out as wrong" in err, f"words: {err}")
    r.say("BAJA", timestamp=int(time.time()) + 5)
    until("the withdrawal", lambda: any(
        e["event_type"] == "consent_withdrawn" for e in r.consent_log()))
    code, _, err = remind(r, "send", GOOD + "x;y;z\n", "--skip-bad")
    equal(code, 0, f"a list that went before ({err})")
    code, out, _ = remind(r, "send", GOOD)
    equal(code, 4, "after the withdrawal")
    expect("purpose_withdrawn" in out, f"rule: {out}")


def who_wants_no_advertising(r):
    def exclude(text, *more):
        with open(r.path("rne.csv"), "w", encoding="utf-8") as f:
            f.write(text)
        return r.cli("reminder", "exclude", r.path("rne.csv"), *more)

    code, _, err = exclude("name,to\nx,+57 300 999 8877\ny,573001112233\n")
    equal(code, 0, err)
    expect("2 numbers get no advertising" in err, err)
    code, _, err = exclude("to\n573001112233\nuser.4711\n")
    equal(code, 1, "a user id is no number")
    expect("line 3" in err, err)
    equal(exclude("name\nx\n")[0], 1, "no column")
    code, _, err = exclude("to\n573009998877\n", "--remove")
    equal(code, 0, err)
    r.canaries.add("573009998877")


def reminders(r):
    r.canaries.add("Reclamación 7")
    r.say("hola")
    a_list_is_looked_through(r)
    it_goes_once_to_who_agreed(r)
    who_wants_no_advertising(r)


reminders.needs = {"policy": "es-gdpr"}


if __name__ == "__main__":
    run([reminders])
