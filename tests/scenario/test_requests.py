#!/usr/bin/env python3
"""What a customer asks for, until it is answered: dates, marks, rules that say
no and name the law, what ends by itself, and half a year counted."""
import csv
import datetime
import hashlib
import io
import os

from harness import equal, expect, json, run, sqlite3, until

LAW = "Ley 1581 de 2012, art. 15"


def heard(r, words):
    return until(f"a text with {words!r}", lambda: next(
        (t for t in r.texts() if words in t), None))


def refused(r, wanted, words, *args):
    code, out, err = r.cli(*args)
    equal(code, wanted, f"{args} ({out}{err})")
    expect(words in err, f"{args}: {err!r} does not say {words!r}")


def leaves(r, kind):
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    found = [json.loads(entry) for (entry,) in
             database.execute("SELECT entry FROM ledger ORDER BY idx")]
    database.close()
    return [leaf for leaf in found if leaf["event_type"] == kind]


def look(r):
    """What is due is looked at with the next batch, once a second."""
    r.json("document", "list")
    return r


def day_of(days):
    return (datetime.datetime.now(datetime.timezone.utc) +
            datetime.timedelta(days=days)).strftime("%Y-%m-%d")


def a_request_runs_until_it_is_answered(r):
    r.file()
    r.consent_all()
    r.wait_attachments("stored", 1)
    document = r.json("document", "list")[0]
    subject, case = document["subject"], document["case_id"]
    r.canaries |= {"motivo-uno", "motivo-dos", "motivo-tres"}
    equal(r.json("case", "show", case)["legends"], [], "nothing is contested")

    # Taken by staff: the customer hears by when; the data are marked at once.
    refused(r, 2, "--reason", "request", "open", subject, "--kind", "correct")
    refused(r, 3, "no clock for nope", "request", "open", subject, "--kind",
            "nope", "--reason", "x")
    claim = r.json("request", "open", subject, "--kind", "correct",
                   "--reason", "motivo-uno: la dirección está mal")
    equal([claim[k] for k in ("type", "kind", "state", "extensions")],
          ["correct", "reclamo", "open", 0], "the request")
    expect(claim["forward_until"] < claim["due"] and claim["ask_until"] and
           claim["then_until"] is None, f"its steps: {claim}")
    table = r.cli("request", "list")[1]
    expect("ASK BY" in table and claim["forward_until"] in table and
           "DO BY" not in table, table)
    text = heard(r, "Recibimos su solicitud: Corrección de un dato")
    expect(f"{int(claim['due'][8:])} de " in text, f"{claim['due']}: {text}")
    for what in (("case", case), ("document", document["id"])):
        marks = r.json(what[0], "show", what[1])["legends"]
        equal([(m["text"], m["request_id"], m["type"]) for m in marks],
              [("reclamo en trámite", claim["id"], "correct")], what[0])
    refused(r, 1, "runs already", "request", "open", subject, "--kind",
            "correct", "--reason", "otra vez")

    longer_by_the_rules_alone(r, claim)
    whose_it_is_and_its_end(r, claim, case)
    somebody_used_their_name(r, document)
    a_court_has_it(r, document)
    nobody_reads_what_is_restricted(r, document)
    late = what_is_late_is_said(r, subject)
    withdrawn_and_counted(r)
    what_they_had_blocked_is_theirs_to_see(r, document, late)
    nobodys_incident(r, document)
    erased_but_counted(r, subject)


def longer_by_the_rules_alone(r, claim):
    extend = ("request", "extend", claim["id"])
    refused(r, 2, "--reason", *extend, "--until", day_of(30))
    refused(r, 2, "YYYY-MM-DD", *extend, "--until", "mañana", "--reason", "x")
    refused(r, 4, f"rule extension_limit ({LAW}): the last day is", *extend,
            "--until", day_of(200), "--reason", "x")
    last = r.cli(*extend, "--until", day_of(200), "--reason", "x")[2]
    last = last.split("the last day is ")[1][:10]
    expect(last > claim["due"], f"{last} after {claim['due']}")
    after = r.json(*extend, "--until", last, "--reason",
                   "motivo-dos: falta un archivo")
    equal([after[k] for k in ("state", "due", "extensions")],
          ["extended", last, 1], "extended")
    text = heard(r, "motivo-dos: falta un archivo")
    expect(f"{int(last[8:])} de " in text, text)
    refused(r, 4, f"rule extension_times ({LAW})", *extend, "--until", last,
            "--reason", "x")
    equal(leaves(r, "request_extended")[0]["evidence"]["notice"], "message",
          "how they were told")


def whose_it_is_and_its_end(r, claim, case):
    me = r.json("staff", "list")[0]["name"]
    refused(r, 3, "no such member", "request", "assign", claim["id"], "nadie")
    equal(r.json("request", "assign", claim["id"], me)["handler"], me, "whose")
    equal([q["id"] for q in r.json("request", "list")], [claim["id"]], "runs")
    equal(r.json("request", "list", "--due-before", day_of(1)), [], "not yet")
    refused(r, 2, "no such state: x", "request", "list", "--state", "x")
    shown = r.json("request", "show", claim["id"])
    equal([w["what"] for w in shown["words"]], ["opened", "extended"], "words")
    equal(len(leaves(r, "request_shown")), 1, "a look is on record")
    text = r.cli("request", "show", claim["id"])[1]
    expect("AT " in text and "what=" not in text, f"words in lines: {text}")

    close = ("request", "close", claim["id"], "--reason", "motivo-tres: listo")
    refused(r, 4, "rule refusal_ground", *close, "--outcome", "refused")
    refused(r, 2, "no such outcome", *close, "--outcome", "nunca")
    done = r.json(*close, "--outcome", "granted")
    equal([done["state"], done["outcome"]], ["answered", "granted"], "answered")
    heard(r, "motivo-tres: listo")
    equal(leaves(r, "request_closed")[0]["evidence"]["in_time"], True, "time")
    equal(r.json("case", "show", case)["legends"], [], "no mark is left")
    refused(r, 1, "ended already", *close, "--outcome", "granted")


def somebody_used_their_name(r, document):
    """The mark, and the document's way from its announcement to its readers."""
    me, person = r.json("staff", "list")[0]["name"], document["subject"]
    refused(r, 2, "one of: legal, impersonation, judicial", "hold", "add",
            person, "--kind", "x", "--reason", "x")
    hold = r.json("hold", "add", person, "--kind", "impersonation", "--reason",
                  "motivo-uno: denuncia")
    equal([(h["id"], h["kind"]) for h in r.json("hold", "list")],
          [(hold["id"], "impersonation")], "the hold")
    for what in (("case", document["case_id"]), ("document", document["id"])):
        marks = r.json(what[0], "show", what[1])["legends"]
        equal([(m["text"], m["hold_id"]) for m in marks],
              [("Víctima de Falsedad Personal", hold["id"])], what[0])
    file = r.path("read.jpg")
    code, _, err = r.cli("document", "get", document["id"], "--reason",
                         "comparar", "-o", file)
    equal(code, 0, err)
    os.unlink(file)
    way = r.json("document", "custody", document["id"])
    equal([(e["event_type"], e["actor"]) for e in way["events"]
           if e["event_type"] not in ("document_shown",)],
          [("media_held", "system"), ("media_fetching", "system"),
           ("media_stored", "system"), ("document_read", me)], "its way")
    equal({e.get("payload_sha256") for e in way["events"]} - {None},
          {document["payload_sha256"]}, "its hash")
    expect(all(e["proof"].startswith("c2sp.org/tlog-proof@v1\n")
               for e in way["events"]), "each has a proof")
    out = r.path("custody.json")
    code, _, err = r.cli("document", "custody", document["id"], "-o", out)
    equal(code, 0, err)
    with open(out, encoding="utf-8") as f:
        equal(len(json.load(f)["events"]), len(way["events"]) + 1,
              "the first look is in the second")
    equal(len(leaves(r, "custody_exported")), 2, "on record")
    refused(r, 3, "no such document", "document", "custody", "d" + "0" * 26)
    r.json("hold", "lift", hold["id"], "--reason", "aclarado")
    equal(r.json("case", "show", document["case_id"])["legends"], [], "over")


def a_court_has_it(r, document):
    """Marked on what it is about, and kept; and no longer than it lasts."""
    case, person = document["case_id"], document["subject"]
    for about in (case, person):
        hold = r.json("hold", "add", about, "--kind", "judicial", "--reason",
                      "motivo-dos: juzgado 4, 2026-12")
        equal(leaves(r, "hold_placed")[-1]["evidence"]["kind"], "judicial",
              "on record")
        for what in (("case", case), ("document", document["id"])):
            equal([(m["text"], m["hold_id"], m["type"]) for m in
                   r.json(what[0], "show", what[1])["legends"]],
                  [("información en discusión judicial", hold["id"],
                    "judicial")], f"{what[0]}, a hold on {about}")
        r.json("hold", "lift", hold["id"], "--reason", "sentencia")
        equal(r.json("case", "show", case)["legends"], [], "it is over")


def nobody_reads_what_is_restricted(r, document):
    """Kept, and left alone, but for the grounds that an officer names."""
    person, case = document["subject"], document["case_id"]
    hold = r.json("hold", "add", person, "--kind", "restriction", "--reason",
                  "motivo-uno: impugna la exactitud")
    equal([m["type"] for m in r.json("case", "show", case)["legends"]],
          ["restriction"], "marked")
    out = r.path("leida.jpg")
    get = ("document", "get", document["id"], "--reason", "motivo-dos", "-o",
           out)
    reads = len(leaves(r, "document_read"))
    refused(r, 4, "rule restriction (GDPR, art. 18.2)", *get)
    refused(r, 4, "rule restriction", "document", "get", "--case", case,
            "--reason", "motivo-dos", "-o", r.path("carpeta"))
    refused(r, 4, "rule restriction", "subject", "export", person, "-o",
            r.path("copia.age"))
    refused(r, 2, "one of: consent, legal_claims", *get, "--ground", "x")
    equal([len(leaves(r, "document_read")), leaves(r, "subject_exported"),
           os.path.exists(out)], [reads, [], False], "nothing was read")
    code, _, err = r.cli(*get, "--ground", "legal_claims")
    equal(code, 0, err)
    os.unlink(out)
    equal(leaves(r, "document_read")[-1]["evidence"]["ground"],
          "legal_claims", "on record")
    lift = ("hold", "lift", hold["id"], "--reason", "eran exactos")
    refused(r, 4, "rule notice_to_person (GDPR, art. 18.3)", *lift)
    r.json(*lift, "--told", "carta del mismo día")
    equal(leaves(r, "hold_lifted")[-1]["evidence"]["notice"], "elsewhere",
          "told")
    code, _, err = r.cli(*get)
    equal(code, 0, f"as before: {err}")
    equal("ground" in leaves(r, "document_read")[-1]["evidence"], False,
          "no ground is wanted")
    os.unlink(out)


def what_is_late_is_said(r, subject):
    """A letter of three months ago: overdue at once, and once only."""
    late = r.json("request", "open", subject, "--kind", "access", "--from",
                  day_of(-90), "--reason", "llegó por correo")
    until("it is overdue", lambda: look(r).json(
        "request", "list", "--state", "overdue"))
    expect('"request_overdue"' in r.log(), "an alarm")
    status = r.json("status")
    equal([status["requests"]["overdue"], status["alarms"]["last"]],
          [1, "request_overdue"], "status counts it")
    expect("1 request is overdue" in [x["say"] for x in status["attention"]],
           f"and says so: {status['attention']}")
    r.kill()
    r.start()
    look(r)
    equal([leaf["evidence"]["request_id"] for leaf in
           leaves(r, "request_overdue")], [late["id"]], "on record, once")
    refused(r, 4, "rule extension_before_expiry (Ley 1581 de 2012, art. 14)",
            "request", "extend", late["id"], "--until", day_of(5), "--reason",
            "tarde", "--told", "carta")

    # What somebody else answers for is theirs within two business days.
    other = r.json("request", "open", subject, "--kind", "correct", "--from",
                   day_of(-10), "--reason", "llegó por correo")
    forward = ("request", "close", other["id"], "--outcome", "forwarded",
               "--reason", "motivo-tres: lo enviamos a Otra S. A.", "--told",
               "carta")
    code, out, err = r.cli(*forward)
    equal(code, 0, err)
    expect("warning: it was forwarded after the last day" in err, err)
    expect("forwarded_late" in out, out)
    equal(leaves(r, "request_closed")[-1]["evidence"]["forwarded_late"], True,
          "on record")

    # It asked for their data. A look of staff's own answers nothing.
    file = r.path("export.age")
    code, _, err = r.cli("subject", "export", subject, "-o", file)
    equal(code, 0, err)
    expect(f"request {late['id']} runs on" in err, err)
    equal(r.json("request", "show", late["id"])["state"], "overdue", "it runs")
    os.unlink(file)
    return late


def what_they_had_blocked_is_theirs_to_see(r, document, late):
    """Nobody's but theirs: while they wait for it, on record, in their file."""
    subject, file = document["subject"], r.path("export.age")
    until("it is blocked", lambda: r.json(
        "document", "show", document["id"])["state"] == "blocked")
    code, _, err = r.cli("subject", "export", subject, "-o", file)
    equal(code, 0, err)
    expect("1 documents are blocked and not in it" in err, err)
    os.unlink(file)
    refused(r, 4, "nobody reads it", "document", "get", document["id"],
            "--reason", "x", "-o", file)
    refused(r, 2, "not both", "subject", "export", subject, "-o", file,
            "--told", "x", "--tell", "x")

    # Their data are left alone for their sake: who asks to see them may.
    hold = r.json("hold", "add", subject, "--kind", "restriction", "--reason",
                  "impugna la exactitud")
    refused(r, 4, "rule restriction", "subject", "export", subject, "-o", file)
    code, _, err = r.cli("subject", "export", subject, "-o", file, "--tell",
                         "motivo-dos: su copia está en la sede norte")
    equal(code, 0, err)
    expect(f"packed document {document['id']}" in err, err)
    heard(r, "motivo-dos: su copia está en la sede norte")
    row = r.json("request", "show", late["id"])
    equal([row["state"], row["outcome"]], ["answered", "granted"], "answered")
    os.unlink(file)
    refused(r, 4, "rule subject_access", "subject", "export", subject, "-o",
            file, "--ground", "subject_access")
    r.json("hold", "lift", hold["id"], "--reason", "x", "--told", "carta")
    equal([leaf["evidence"]["ground"] for leaf in leaves(r, "document_read")
           if "ground" in leaf["evidence"]],
          ["legal_claims", "subject_access"], "its ground")
    refused(r, 4, "rule subject_access", "subject", "export", subject, "-o",
            file, "--ground", "subject_access")
    code, out, err = r.cli("ledger", "audit")
    equal(code, 0, f"each reading had its ground ({out}{err})")


def withdrawn_and_counted(r):
    r.say("BAJA")
    done = until("the withdrawal", lambda: [
        q for q in r.json("request", "list", "--state", "answered")
        if q["type"] == "withdraw"])
    equal([done[0]["outcome"], len(done)], ["granted", 1], "done at once")
    there = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(
        hours=5)  # a half begins with its day in Colombia
    half = f"{there.year}-{1 if there.month < 7 else 2}"
    refused(r, 2, "no half of a year", "request", "report", "2026-3")
    code, out, err = r.cli("request", "report", half, "--format", "csv")
    equal(code, 0, err)
    rows = list(csv.DictReader(io.StringIO(out)))
    found = {(row["kind"], row["type"], row["outcome"]): row for row in rows}
    row = found["reclamo", "correct", "granted"]
    equal([row[k] for k in ("requests", "in_time", "extended")],
          ["1", "1", "1"], "the claim")
    expect(("reclamo", "withdraw", "granted") in found, f"{rows}")
    equal(json.loads(r.cli("request", "report", half, "--format", "json")[1])
          [0]["policy"], "co-habeas-data", "as JSON")


def whom_it_touched(r, incident, document):
    me = r.json("staff", "list")[0]["name"]
    affected = ("incident", "affected", incident)
    refused(r, 2, "--epoch N", *affected)
    refused(r, 2, "not both", *affected, "--epoch", "1", "--actor", me)
    refused(r, 3, "no such incident", "incident", "affected", "g" + "0" * 26,
            "--epoch", "1")
    code, out, err = r.cli(*affected, "--epoch", "1", "--format", "jsonl")
    equal(code, 0, err)
    equal([(row["document_id"], row["why"]) for row in
           map(json.loads, out.splitlines())], [(document["id"], "sealed")],
          "what the epoch seals")
    end = leaves(r, "affected_list_ended")[-1]["evidence"]
    equal([end["request_id"], end["rows"], end["rows_sha256"]],
          [incident, 1, hashlib.sha256(out.encode()).hexdigest()], "its hash")
    expect(end["rows_sha256"] in err and "1 people, 1 documents" in err, err)
    code, out, err = r.cli(*affected, "--actor", me, "--since", day_of(-1))
    equal(code, 0, err)
    rows = list(csv.DictReader(io.StringIO(out)))
    expect(document["id"] in [row["document_id"] for row in rows
                              if row["event_type"] == "document_read"], out)
    expect({row["actor"] for row in rows} == {me}, out)
    lists = [row for row in rows if row["event_type"] == "documents_listed"]
    expect(lists != [] and f"{len(lists)} of the rows are lists" in err,
           f"who was on a list is touched, too: {err}")
    equal(leaves(r, "affected_list_ended")[-1]["evidence"]["rows"], len(rows),
          "rows on record")
    # A list of nothing about a misspelt name would be believed.
    refused(r, 3, "no such member of staff", *affected, "--actor", "nadie")
    refused(r, 3, "no such epoch", *affected, "--epoch", "7")
    for none in (("--since", day_of(2)),
                 ("--since", day_of(2), "--actor", me)):
        code, out, err = r.cli(*affected, *none, "--format", "jsonl")
        equal([code, out], [0, ""], f"{none} ({err})")
    equal(len(leaves(r, "affected_listed")),
          len(leaves(r, "affected_list_ended")), "each list ended on record")


def nobodys_incident(r, document):
    found = r.json("incident", "open", "--policy", "co-habeas-data", "--kind",
                   "incidente", "--detected", day_of(-1), "--escalated",
                   day_of(0), "--reason", "motivo-uno: portátil perdido")
    equal([found["type"], found["subject"]], ["incident", None], "nobody's")
    equal([i["id"] for i in r.json("incident", "list")], [found["id"]], "runs")
    table = r.cli("incident", "list")[1]
    expect(found["due"] in table and found["due_at"] not in table and
           "America/Bogota" in table, f"a day, and where it is: {table}")
    expect("UTC" in r.cli("incident", "list", "--zone", "UTC")[1], "--zone")
    equal(r.json("request", "list"), [], "not among requests")
    whom_it_touched(r, found["id"], document)
    refused(r, 3, "no clock for consulta", "incident", "open", "--policy",
            "co-habeas-data", "--kind", "consulta", "--reason", "x")
    equal(r.json("incident", "close", found["id"], "--outcome", "done",
                 "--reason", "reportado")["state"], "closed", "reported")


def erased_but_counted(r, subject):
    open_one = r.json("request", "open", subject, "--kind", "erase",
                      "--reason", "todo fuera")
    refused(r, 4, f"rule not_erased ({LAW})", "request", "close",
            open_one["id"], "--outcome", "granted", "--reason", "borrado")
    heard(r, "Recibimos su solicitud: Borrado de sus datos")
    fault = r.sim.fault(at="send", kind="status", status=400, code=100,
                        times=1)
    refused(r, 4, "rule notice_to_person: the message", "subject", "erase",
            subject, "--ground", "request")
    equal(leaves(r, "subject_erased"), [], "nothing was destroyed")
    code, _, err = r.cli("subject", "erase", subject, "--ground", "request",
                         "--told", "carta del 3 de mayo")
    equal(code, 0, f"{err} {fault}")
    equal([leaf["evidence"]["notice"] for leaf in leaves(r, "erasure_told")],
          ["elsewhere"], "how, on record")
    until("erased", lambda: leaves(r, "subject_erased"))
    shown = r.json("request", "show", open_one["id"])
    equal([shown["state"], shown["outcome"], shown["words"]],
          ["answered", "granted", []], "the row, without a word")


if __name__ == "__main__":
    run([a_request_runs_until_it_is_answered])
