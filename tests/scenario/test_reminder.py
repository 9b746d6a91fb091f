#!/usr/bin/env python3
"""Reminders to a list: looked through whole, sent once, never to who did not
agree; what is said of it reaches other systems."""
import json
import os
import sqlite3
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

    code, _, err = exclude("name,to\nx,+57 300 999 8877\ny,573001112233\n"
                           "again,573001112233\n")
    equal(code, 0, err)
    expect("2 numbers get no advertising any more; 1 rows" in err, err)
    bad = "to\n573001112233\nuser.4711\n3009998877\n1,2\n5.73E+11\n"
    code, out, err = exclude(bad)
    equal(code, 1, "a list with wrong rows")
    equal([line.split()[0] for line in out.splitlines()[1:]],
          ["3", "4", "5", "6"], "each of them is named")
    expect("lacks its country" in out and "rounded" in out, out)
    equal(exclude("name\nx\n")[0], 1, "no column")
    equal(exclude("to\n3009998877\n", "--country", "1")[0], 2, "a country")
    code, _, err = exclude("to\n3009998877\n", "--remove", "--country", "57")
    equal(code, 0, err)
    expect("1 numbers may get advertising again" in err, err)
    code, _, err = exclude(bad, "--skip-bad")
    equal(code, 0, err)
    expect("0 numbers" in err and "4 rows left out" in err, err)
    r.canaries.add("573009998877")


def reminders(r):
    r.canaries.add("Reclamación 7")
    r.say("hola")
    a_list_is_looked_through(r)
    it_goes_once_to_who_agreed(r)
    who_wants_no_advertising(r)


reminders.needs = {"policy": "es-gdpr"}


# ---- what people answer -------------------------------------------------------

OWED = "to,cuota,monto,fecha\n573001112233,{} de 12,\"45,90 EUR\",2026-11-20\n"


def collect(r, n):
    with open(r.path("owed.csv"), "w", encoding="utf-8") as f:
        f.write(OWED.format(n))
    return r.cli("reminder", "send", r.path("owed.csv"), "--policy", "es-gdpr",
                 "--template", "cuota_vencida")


def tap(r, kind):
    """The button of the reminder that came last, as Meta hands it on."""
    message = notices(r)[-1]
    payload = [p["payload"] for c in message["request"]["template"]["components"]
               for p in c["parameters"]
               if p.get("payload", "").endswith("/" + kind)][0]
    answer = r.sim.message(**{"from": "573001112233", "type": "button",
                              "button_id": payload, "title": kind,
                              "context": message["id"]})
    expect(answer["ok"], f"refused: {answer}")


def pick_a_day(r, place):
    def rows():
        found = [m["request"]["interactive"]["action"]["sections"][0]["rows"]
                 for m in r.sim.sent() if "sections" in
                 m["request"].get("interactive", {}).get("action", {})]
        return [f for f in found if f[0]["id"].startswith("promise/")]
    row = until("the days", rows)[-1][place]
    expect(r.sim.message(**{"from": "573001112233", "type": "list_reply",
                            "button_id": row["id"], "title": row["title"]})["ok"],
           "refused")
    return row["id"].rsplit("/", 1)[1]


def promised(r, *more):
    return [(p["state"], p["due"]) for p in r.json("reminder", "promises", *more)]


def a_promise_runs_until_staff_say_what_became_of_it(r):
    equal(collect(r, 3)[0], 0, "a reminder")
    until("it is there", lambda: notices(r))
    tap(r, "promise")
    first = pick_a_day(r, 0)
    until("a promise", lambda: promised(r) == [("open", first)])
    later = pick_a_day(r, 2)
    until("another day", lambda: promised(r, "--state", "open") ==
          [("open", later)])
    equal(promised(r, "--state", "replaced"), [("replaced", first)], "the former")
    equal(promised(r, "--state", "due"), [], "what is due")
    code, out, _ = collect(r, 4)
    equal(code, 4, "it keeps collection away")
    expect("promise_running" in out, out)
    one = [p["id"] for p in r.json("reminder", "promises", "--state", "open")][0]
    equal(r.cli("reminder", "promise", "paid", one)[0], 2, "no such end")
    equal(r.cli("reminder", "promises", "--state", "paid")[0], 2, "no such state")
    equal(r.cli("reminder", "promise", "kept", "mnone")[0], 3, "no such promise")
    equal(r.json("reminder", "promise", "kept", one)["state"], "kept", "said")
    code, _, err = r.cli("reminder", "promise", "broken", one)
    equal(code, 1, "said twice")
    expect("kept already" in err, err)
    equal(collect(r, 4)[0], 0, "and no more")


def the_agent_sees_which_reminder_it_was(r):
    until("the second one", lambda: len(notices(r)) == 2)
    tap(r, "person")
    waits = until("somebody waits", lambda: [
        c for c in r.json("conversation", "list") if c["state"] == "waiting"])
    equal(waits[0]["reminder"], "cuota_vencida", "what they answer")


def the_log_has_what_went_and_what_did_not(r):
    code, out, err = r.cli("reminder", "log", "--format", "jsonl")
    equal(code, 0, err)
    rows = [json.loads(line) for line in out.splitlines()]
    equal([(x["result"], x["rule"], x["answer"]) for x in rows],
          [("sent", None, None), ("answered", None, "promise"),
           ("denied", "promise_running", None), ("sent", None, None),
           ("answered", None, "person")], "the log")
    equal({(x["class"], x["stage"], x["channel"]) for x in rows},
          {("collection", "administrative", "whatsapp")}, "class and stage")
    expect(all(x["local_time"][:10].count("-") == 2 for x in rows), "hours")
    code, out, err = r.cli("reminder", "log", "--rule", "promise_running", "-o",
                         r.path("log.csv"), "--subject", rows[0]["subject"])
    with open(r.path("log.csv"), encoding="utf-8", newline="") as f:
        lines = f.read().split("\r\n")
    equal((code, out, len(lines)), (0, "", 3), "one row of a file")
    expect(lines[0].startswith("index,time,local_time,result,subject"), lines[0])
    expect(",denied," in lines[1] and ",promise_running," in lines[1], lines[1])
    code, out, _ = r.cli("reminder", "log", "--until", "2026-01-01")
    equal((code, out.count("\n")), (0, 1), "nothing but names of columns")
    equal(r.cli("reminder", "log", "--format", "pdf")[0], 2, "no such format")
    equal(r.cli("reminder", "log", "--rule", "juan_1037612345")[0], 2, "no rule")
    for option in "--template", "--policy":
        equal(r.cli("reminder", "log", option, "juan_1037612345")[0], 0, "no rows")
    equal(r.cli("reminder", "log", "--subject", "nobody")[:2], (1, ""),
          "a refusal has no columns")
    with sqlite3.connect(os.path.join(r.storage, "resguardo.db")) as database:
        taken = [json.loads(entry) for (entry,) in database.execute(
            "SELECT entry FROM ledger WHERE instr(entry, 'outbound_log_read')")]
    equal([e.get("subject") for e in taken],
          [None, rows[0]["subject"], None, None, None], "each is on record")
    expect("juan" not in json.dumps(taken), "what staff type is on record")


def answers(r):
    r.canaries.add("3 de 12")
    r.say("hola")
    r.press(r.prompt(1), "grant")
    until("the yes", lambda: any(
        e["event_type"] == "consent_given" for e in r.consent_log()))
    a_promise_runs_until_staff_say_what_became_of_it(r)
    the_agent_sees_which_reminder_it_was(r)
    the_log_has_what_went_and_what_did_not(r)


answers.needs = {"policy": "es-gdpr", "notices": "answers"}


if __name__ == "__main__":
    run([reminders, answers])
