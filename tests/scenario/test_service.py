#!/usr/bin/env python3
"""How it was, and how people are served: a case is closed, the customer is asked
once, and the report counts what happened. Roles, formats and the record."""
import csv
import io
import os
import re
import time

from harness import (PHONE, equal, expect, json, run, sample, sqlite3,
                     until)

EVA = "573004440003"


def set_policy(r):
    """It asks at once, at any hour; what is promised is over after an hour."""
    path = r.path("policies", "co-habeas-data", "policy.yaml")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    text = re.sub(r"(?ms)^contact_rules:.*?^storage_locations:",
                  "storage_locations:", text)
    text += "satisfaction:\n  ask_after: 0s\n  quiet_days: 30\n"
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def look(r):
    """What is due is looked at with the next batch, once a second."""
    r.json("document", "list")
    return r


def leaves(r, kind):
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    found = [json.loads(entry) for (entry,) in
             database.execute("SELECT entry FROM ledger ORDER BY idx")]
    database.close()
    return [leaf for leaf in found if leaf["event_type"] == kind]


def question(r, person=PHONE):
    """The list of ids that the customer was asked with, 5 first."""
    def rows():
        look(r)
        for message in reversed(r.sim.sent(person)):
            action = message["request"].get("interactive", {}).get("action", {})
            ids = [row["id"] for s in action.get("sections", [])
                   for row in s["rows"]]
            if ids and ids[0].startswith("rate/"):
                return ids
        return None
    return until(f"{person} is asked how it was", rows)


def tap(r, id, person=PHONE):
    answer = r.sim.message(**{"from": person, "type": "list_reply",
                              "button_id": id, "title": "x"})
    expect(answer["ok"], f"refused: {answer}")


def close(r, case):
    code, _, err = r.cli("case", "close", case)
    equal(code, 0, f"case close ({err})")


def report(r, *args):
    code, out, err = r.cli("report", "service", "--format", "json", *args)
    equal(code, 0, f"report service {args} ({err})")
    return json.loads(out)


def total(r, *args):
    return report(r, *args)["groups"][0]


def a_case_is_rated(r):
    r.stop()
    set_policy(r)
    r.start()
    r.file()
    r.consent_all()
    r.wait_attachments("stored", 1)
    case = r.json("case", "list")[0]
    until("the receipt", lambda: any(case["id"] in t for t in r.texts()))
    close(r, case["id"])
    ids = question(r)
    equal([i.rsplit("/", 1)[1] for i in ids], ["5", "4", "3", "2", "1"],
          "from very well to very bad")
    expect(any(case["id"] in m["text"] for m in r.sim.sent()), "of which case")

    # Somebody else's tap is nobody's; a kill loses nothing.
    r.say("hola", EVA)
    r.press(r.prompt(1, EVA), "grant", EVA)
    tap(r, ids[0], EVA)
    r.kill()
    r.start()
    tap(r, ids[1])
    until("it is on record", lambda: leaves(r, "case_rated"))
    tap(r, ids[4])
    r.canaries.add("canario-comentario")
    r.say("canario-comentario: me explicaron todo")
    until("the comment is there", lambda: any(
        "lo leerá" in t for t in r.texts()))
    rated = leaves(r, "case_rated")
    equal(len(rated), 1, "once")
    equal((rated[0]["case_id"], rated[0]["evidence"], rated[0]["actor"]),
          (case["id"], {"rating": 4}, "subject"), "the score and no more")

    # Agents find both: the number in the history, the words sealed.
    shown = r.json("case", "show", case["id"])
    equal([e["detail"] for e in shown["timeline"] if e["event"] == "case_rated"],
          ["4"], "in the history")
    notes = r.json("case", "notes", case["id"], "--reason", "leer")
    equal([(n["kind"], n["text"]) for n in notes],
          [("comment", "canario-comentario: me explicaron todo")], "opened")

    the_report_counts_it(r, case)
    it_goes_out_and_is_erased(r, case)


def the_report_counts_it(r, case):
    t = total(r)
    equal((t["opened"], t["closed"], t["without_person"],
           t["without_person_of"], t["without_other_channel_permille"]),
          (1, 1, 1, 1, 1000), "cases")
    equal((t["rated"], t["rated_of"], t["score_4"],
           t["score_mean_hundredths"]), (1, 1, 1, 400), "ratings")
    expect(0 <= t["assistant_first_median_ms"] < 60000, "the assistant")
    expect(t["resolution_median_ms"] > 0, "resolution")
    equal(t["person_first_median_ms"], None, "nobody asked for a person")
    equal([g["group"] for g in report(r)["groups"]],
          ["total", "procedure", "week"], "groups")
    equal(total(r, "--policy", "co-habeas-data")["opened"], 1, "of a policy")
    equal(total(r, "--since", "2099-01-01")["opened"], 0, "of the future")
    equal(total(r, "--until", "2020-01-01")["rated_of"], 0, "of the past")

    code, out, _ = r.cli("report", "service", "--format", "csv", text=True)
    rows = list(csv.DictReader(io.StringIO(out)))
    equal((code, rows[0]["opened"], rows[0]["score_mean_hundredths"],
           rows[0]["person_first_median_ms"]), (0, "1", "400", ""), "csv")
    for args, want in ((("--format", "pdf"), 2), (("--lang", "fr"), 2),
                       (("--zone", "Nowhere"), 2), (("--policy", "nope"), 3),
                       (("--since", "2026-02-01", "--until", "2026-01-01"), 2)):
        equal(r.cli("report", "service", *args)[0], want, f"{args}")

    # On record with what was asked for, and no id in what left.
    made = leaves(r, "service_reported")
    expect(len(made) >= 6 and all("filter" in m["commitments"] for m in made),
           f"on record: {made}")
    text = json.dumps(report(r))
    for secret in (case["id"], case["subject"], PHONE):
        expect(secret not in text, "nobody is in it")


def what_is_no_good_is_sent_back(r, case):
    """A document that staff cannot use: the case is open again, what was
    promised for it counts no more, and the customer reads what to do."""
    r.file(sample("letter.pdf"), "document", "application/pdf",
           caption="el recibo")
    until("complete", lambda: r.json("case", "show", case)["state"] ==
          "complete")
    document = r.json("document", "list", "--case", case)[0]["id"]
    equal(r.cli("case", "return", case, document)[0], 2, "why?")
    equal(r.cli("case", "return", case, document, "--ground", "ugly")[0], 2,
          "no such ground")
    equal(r.cli("case", "return", case, "d" + "a" * 26, "--ground",
                "wrong")[0], 3, "no such document")
    equal(r.json("case", "return", case, document, "--ground", "incomplete"),
          {"id": case, "told": True, "reopened": True}, "sent back")
    until("they are told", lambda: any(
        "le falta una parte" in t and "Nos falta: Recibo de servicios." in t
        for t in r.texts()))
    shown = r.json("case", "show", case)
    equal((shown["state"], shown["items"][0]["state"]), ("open", "missing"),
          "it is missing again")
    left = leaves(r, "document_returned")
    equal([(l["document_id"], l["evidence"]["ground"]) for l in left],
          [(document, "incomplete")], "on record")
    equal(r.cli("case", "return", case, document, "--ground", "wrong")[0], 1,
          "once")


def overdue_cases_are_listed(r):
    """A clock of our own that is over: put back by hand, as nobody waits days."""
    set_policy(r)
    equal(r.json("case", "list", "--overdue"), [], "none yet")
    equal(r.cli("case", "list", "--overdue", "--state", "open")[0], 2, "usage")
    r.say("hola")
    r.press(r.prompt(1), "grant")
    until("granted", lambda: len(r.texts()) >= 1)
    tap(r, "procedure/actualizacion")
    until("what it needs", lambda: any("Recibo de servicios" in t
                                       for t in r.texts()))
    case = r.json("case", "list")[0]["id"]
    what_is_no_good_is_sent_back(r, case)
    code, _, err = r.cli("case", "received", case, "recibo_servicio")
    equal(code, 0, err)
    equal(r.json("case", "show", case)["state"], "complete", "complete")
    equal(r.json("case", "list", "--overdue"), [], "not over")
    me = r.json("staff", "list")[0]["name"]
    for args in (("assign", case, me), ("priority", case, "urgent")):
        equal(r.cli("case", *args)[0], 0, f"{args}")
    r.stop()
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    with database:
        database.execute("UPDATE request SET due_at = 1000, due_early_at = 900"
                         " WHERE type = 'sla'")
    database.close()
    r.start()
    equal([c["id"] for c in r.json("case", "list", "--overdue")], [case],
          "over")
    t = total(r)
    equal((t["overdue"], t["promise_kept_of"]), (1, 0), "overdue now")
    clocks = report(r)["clocks"]
    equal([(c["clock"], c["of"], c["overdue"]) for c in clocks],
          [("tramite_corto", "case", 1)], "clocks")
    close(r, case)
    t = total(r)
    equal((t["overdue"], t["promise_kept"], t["promise_kept_of"],
           t["without_other_channel"]), (0, 0, 1, 0), "late, and elsewhere")
    its_history_is_whole(r, case, me)


def its_history_is_whole(r, case, me):
    """What staff did and what was decided, in order, by its own name and with
    who it was; each once."""
    document = leaves(r, "document_returned")[0]["document_id"]
    r.say("BAJA")
    until("withdrawn", lambda: leaves(r, "consent_withdrawn"))
    n = len(r.prompts())
    r.file()
    r.press(r.prompt(n + 1), "grant", timestamp=int(time.time()) + 5)
    until("a yes again", lambda: len([l for l in leaves(r, "consent_given")
                                      if l["purpose"] == "case_processing"])
          == 2)
    shown = r.json("case", "show", case)["timeline"]
    names = ("case_completed", "document_returned", "case_reopened",
             "case_item_received", "case_assigned", "case_prioritised",
             "case_closed")
    equal([(e["event"], e["detail"], e["actor"]) for e in shown
           if e["event"] in names],
          [("case_completed", None, None),
           ("document_returned", "recibo_servicio incomplete", me),
           ("case_reopened", None, None),
           ("case_item_received", "recibo_servicio", me),
           ("case_completed", None, None),
           ("case_assigned", me, me), ("case_prioritised", "urgent", me),
           ("case_closed", None, me)], "what was done")
    equal([e["id"] for e in shown if e["event"] == "document_returned"],
          [document], "which document")
    equal([(e["event"], e["actor"]) for e in shown
           if e["event"].startswith("consent_")
           and e["detail"] == "case_processing"],
          [("consent_given", None), ("consent_withdrawn", None),
           ("consent_given", None)], "what was decided")
    equal([e["time"] for e in shown], sorted(e["time"] for e in shown),
          "by time")
    code, out, err = r.cli("case", "show", case)
    expect(code == 0 and "document_returned" in out, f"for people ({err})")


def it_goes_out_and_is_erased(r, case):
    code, _, err = r.cli("subject", "erase", case["subject"], "--ground",
                         "request", "--reason", "lo pidió")
    equal(code, 0, f"erase ({err})")
    until("erased", lambda: leaves(look(r), "subject_erased"))
    notes = r.cli("case", "notes", case["id"], "--reason", "leer")
    expect("canario" not in notes[1], "the words are gone")
    t = total(r)
    equal((t["opened"], t["without_person_of"], t["score_4"]), (1, 0, 1),
          "what is nobody's stays")


if __name__ == "__main__":
    run([a_case_is_rated, overdue_cases_are_listed])
