#!/usr/bin/env python3
"""The pages that people look at, as a browser shows them: the report, the
receipt and the consent log; and the records that programs read.
"""
import json
import os
import re
import shutil
import subprocess
import time
from collections import Counter

from harness import (BUILD, DEADLINE_S, ROOT, Failure, Skip, equal, expect, run,
                     sample, until)

OTHER = "573009998877"
CONTRAST = 4.5


# ---- the browser ------------------------------------------------------------

def no_browser(why):
    if os.environ.get("RESGUARDO_NO_SKIP"):
        raise Failure(why)
    raise Skip("the pages in a browser: " + why)


def looker():
    """The program that looks, installed once under build/."""
    source = os.path.join(ROOT, "tests", "vectors", "browser")
    folder = os.path.join(ROOT, "build", "browser")
    if shutil.which("chromium") is None:
        no_browser("chromium is not there")
    if shutil.which("npm") is None:
        no_browser("npm is not there")
    os.makedirs(folder, exist_ok=True)
    for name in ("package.json", "package-lock.json", "look.js"):
        shutil.copy(os.path.join(source, name), folder)
    if not os.path.exists(os.path.join(folder, "node_modules",
                                       "playwright-core")):
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True)
        if done.returncode != 0:
            no_browser("npm ci failed: " +
                       done.stdout[-300:].replace("\n", " "))
    return os.path.join(folder, "look.js")


def look(visits):
    env = dict(os.environ, CHROMIUM=shutil.which("chromium") or "")
    done = subprocess.run(["node", looker(), json.dumps(visits)], env=env,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=DEADLINE_S)
    equal(done.returncode, 0, f"the browser ({done.stderr[-500:]})")
    return json.loads(done.stdout)


def check_page(seen, lang, name):
    """What every page of ours promises."""
    equal(seen["complaints"], [], f"{name}: console")
    equal(seen["asked"], [], f"{name}: asked of the network")
    equal(seen["lang"], lang, f"{name}: language")
    expect(seen["title"], f"{name}: no title")
    expect(seen["seen"] > 20, f"{name}: only {seen['seen']} texts")
    equal(seen["mute"], 0, f"{name}: charts without words")
    equal(seen["headless"], 0, f"{name}: tables without headings")
    expect(seen["least"] >= CONTRAST, f"{name}: contrast "
           f"{seen['least']:.2f} of {seen['what']!r}")
    expect(seen["wide"] <= 0, f"{name}: {seen['wide']} pixels too wide")
    levels = seen["headings"]
    equal(levels.count(1), 1, f"{name}: main headings")
    expect(all(b <= a + 1 for a, b in zip(levels, levels[1:])),
           f"{name}: headings leave a level out: {levels}")
    expect(seen.get("pages", 1) > 0, f"{name}: prints nothing")


# ---- what there is to see ---------------------------------------------------

def live_through_it(r):
    """Two people: one yes, read, withdrawn; one no. The document's id."""
    r.file()
    r.consent_all()
    r.wait_attachments("stored", 1)
    r.file(sample("letter.pdf"), "document", "application/pdf", "carta.pdf",
           person=OTHER)
    r.press(r.prompt(1, OTHER), "refuse", OTHER)
    r.wait_attachments("dropped", 1)
    row = r.json("document", "list")[0]
    code, _, err = r.cli("document", "get", row["id"], "--reason", "x", "-o",
                         r.path("got"))
    equal(code, 0, f"document get ({err})")
    r.say("baja", timestamp=int(time.time()) + 1)
    until("blocked", lambda: r.json("document", "list")[0]["state"]
          == "blocked")
    return row


def make(r, *args):
    code, _, err = r.cli(*args)
    equal(code, 0, f"{args} ({err})")


def entries_of(folder):
    with open(os.path.join(folder, "entries.jsonl"), encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def check_numbers(seen, entries):
    """What the page says is what the entries say."""
    events = Counter(e["event_type"] for e in entries)
    value = {k: v[0] for k, v in seen["values"].items() if v}
    equal(value["t-given"], events["consent_given"], "given")
    equal(value["t-withdrawn"], events["consent_withdrawn"], "withdrawn")
    equal(value["t-stored"], events["media_stored"], "stored")
    equal(value["t-people"], len({e["subject"] for e in entries
          if e["event_type"] == "notice_presented"}), "people")
    equal(seen["values"]["gate"], [events["media_fetching"],
          events["media_stored"], events["document_read"]], "allowed")
    equal([int(x) for x in seen["rows"]["decisions"][0][1:]],
          [events["consent_given"], events["consent_refused"],
           events["consent_withdrawn"], events["consent_expired"]],
          "decisions")
    staff = seen["rows"]["staff"]
    equal(sum(int(row[2]) for row in staff), events["document_read"], "readings")
    equal(sum(int(row[4]) for row in staff), events["documents_listed"],
          "lists")
    equal(sum(int(x) for row in seen["rows"]["hours"] for x in row[1:]),
          value["t-accesses"], "accesses by hour")
    equal([int(row[1]) for row in seen["rows"]["latency"]],
          [events["consent_withdrawn"], events["document_blocked"]],
          "withdrawals")
    dropped = [row for row in seen["rows"]["files"] if row[2] != "0"]
    equal([int(row[2]) for row in dropped], [events["media_dropped"]],
          "rejected")


def check_service(seen, entries):
    """Cases as the ledger has them, and nobody in it."""
    events = Counter(e["event_type"] for e in entries)
    equal((seen["values"]["t-opened"], seen["values"]["t-closed"]),
          ([events["case_opened"]], [events["case_closed"]]), "cases")
    for table in ("weeks", "procedures"):
        equal(sum(int(row[1]) for row in seen["rows"][table]),
              events["case_opened"], table)
    equal([row[1] for row in seen["rows"]["times"]], ["1", "0", "0", "0"],
          "what was timed")
    equal(len(seen["rows"]["scores"]), 5, "scores")
    for entry in entries:
        for key in ("subject", "case_id"):
            expect(entry.get(key) is None or entry[key] not in seen["text"],
                   f"{key} on the page")


# ---- records ----------------------------------------------------------------

# ISO/IEC TS 27560's mandatory fields, by where they stand in a record.
RECORD = {
    "schema_version": ["dct:conformsTo"],
    "record_id": ["dct:identifier"],
    "pii_principal_id": ["dpv:hasDataSubject", "dct:identifier"],
    "privacy_notice": ["dpv:hasNotice", "dct:identifier"],
    "language": ["dct:language"],
    "purpose": ["dpv:hasPurpose", "dct:identifier"],
    "lawful_basis": ["dpv:hasLegalBasis", "@id"],
    "pii_information": ["dpv:hasPersonalData"],
    "pii_type": ["dpv:hasPersonalData", 0, "dct:title"],
    "pii_controllers": ["dpv:hasDataController"],
    "storage_locations": ["dpv:hasStorageLocation", 0, "dct:title"],
    "retention_period": ["dpv:hasDuration", "dct:description"],
    "jurisdiction": ["dpv:hasJurisdiction", "dct:identifier"],
    "recipient_third_parties": ["dpv:hasRecipient", 0, "dct:title"],
    "withdrawal_method": ["dpv:hasConsentControl", "dct:description"],
    "party_id": ["dpv:hasDataController", "dct:identifier"],
    "party_name": ["dpv:hasDataController", "schema:name"],
    "party_address": ["dpv:hasDataController", "dpv:hasAddress"],
    "party_contact": ["dpv:hasDataController", "dpv:hasContact",
                      "schema:contactPoint"],
    "party_type": ["dpv:hasDataController", "rg:party_type"],
}
EVENT = {
    "event_time": ["dct:date"],
    "validity_duration": ["dpv:hasDuration", "dct:description"],
    "entity_id": ["dpv:hasEntity", "dct:identifier"],
    "event_type": ["@type"],
    "event_state": ["dpv:hasConsentStatus", "@id"],
}


def reach(value, path):
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def missing(record):
    """Mandatory fields that a record lacks, or that say nothing."""
    bad = [name for name, path in RECORD.items() if not reach(record, path)]
    events = record.get("rg:hasEvent") or []
    if not events:
        bad.append("events")
    return bad + [f"{name} of event {i}" for i, event in enumerate(events)
                  for name, path in EVENT.items() if not reach(event, path)]


# The terms of DPV that a record may use, of the many that there are.
TERMS = {
    "dpv:" + word for word in (
        "ConsentRecord ConsentReceipt DataSubject ConsentNotice Notice "
        "DataController Purpose Consent ExplicitlyExpressedConsent "
        "ExpressedConsent PersonalData SensitivePersonalData StorageDuration "
        "Recipient Country StorageLocation WithdrawConsent ConsentGiven "
        "ConsentRefused ConsentRequested ConsentWithdrawn ConsentExpired "
        "ConsentUnknown EndlessDuration UntilEventDuration UntilTimeDuration "
        "TemporalDuration ConsentStatus").split()}
FORMS = {
    "dct:date": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
    "dct:language": r"[a-z]{2}(-[A-Z]{2})?",
    "dct:identifier": r"\S(.*\S)?",
    "rg:sha256": r"[0-9a-f]{64}",
    "foaf:page": r"https://\S+",
    "schema:url": r"https://\S+",
    "schema:email": r"\S+@\S+",
}


def odd_shapes(value, context, at="record"):
    """What a reader of the linked data would stumble over: a prefix that is not
    declared, a term that is none, a value of another form."""
    if isinstance(value, list):
        return [x for i, one in enumerate(value)
                for x in odd_shapes(one, context, f"{at}[{i}]")]
    if not isinstance(value, dict):
        return []
    found = []
    for name, one in value.items():
        if name[0] != "@" and name.split(":")[0] not in context:
            found.append(f"{at}: no prefix of {name}")
        if name in ("@type", "@id") and one not in TERMS and not re.fullmatch(
                r"urn:resguardo:(record|receipt):\S+", one):
            found.append(f"{at}: no term {one}")
        if name in FORMS and not re.fullmatch(FORMS[name], str(one)):
            found.append(f"{at}: {name} is {one!r}")
        found += odd_shapes(one, context, f"{at}/{name}")
    return found


def check_shapes(whole, record):
    equal(odd_shapes(whole["@graph"], whole["@context"]), [], "shapes")
    # And it can fail.
    for change in (lambda x: x["dpv:hasPurpose"].update({"dpw:x": 1}),
                   lambda x: x.update({"@type": "dpv:ConsentRecrd"}),
                   lambda x: x["rg:hasEvent"][0].update({"dct:date": "today"}),
                   lambda x: x.update({"dct:language": "Spanish"})):
        copy = json.loads(json.dumps(record))
        change(copy)
        expect(odd_shapes(copy, whole["@context"]), "nobody stumbles")


def records_of_the_european_union(r):
    """The same fields under the other policy, and its own schema."""
    r.file()
    r.press(r.prompt(1), "grant")
    r.wait_attachments("stored", 1)
    r.say("BAJA", timestamp=int(time.time()) + 5)
    until("withdrawn", lambda: "consent_withdrawn" in [
        e["event_type"] for e in r.consent_log()])
    make(r, "consent", "export", "--format", "27560", "-o", r.path("records"))
    subject = r.consent_log()[-1]["subject"]
    make(r, "consent", "receipt", subject, "--format", "all", "-o",
         r.path("receipt"))
    for path, kind in ((r.path("records"), "record"),
                       (r.path("receipt", "27560.json"), "receipt")):
        with open(path, encoding="utf-8") as f:
            whole = json.load(f)
        if kind == "receipt":
            equal((bool(whole["dct:identifier"]), whole["dct:conformsTo"]), (
                True, "https://w3id.org/dpv/schema/dpv-27560#receipt"),
                "receipt_id, and what it is")
        for record in whole["@graph"]:
            equal(missing(record), [], f"mandatory fields of a {kind}")
            equal(record["dct:conformsTo"],
                  "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr",
                  "conformsTo")
            equal(reach(record, ["dpv:hasJurisdiction", "dct:identifier"]),
                  "ES", "jurisdiction")
            check_shapes(whole, record)


records_of_the_european_union.needs = {"policy": "es-gdpr"}


def check_records(r, entries):
    make(r, "consent", "export", "--format", "27560", "-o", r.path("records"))
    with open(r.path("records"), encoding="utf-8") as f:
        whole = json.load(f)
    records = whole["@graph"]
    wanted = {(e["subject"], e["purpose"]) for e in entries
              if e["event_type"] == "consent_requested"}
    equal({(x["dpv:hasDataSubject"]["dct:identifier"],
            x["dpv:hasPurpose"]["dct:identifier"]) for x in records}, wanted,
          "people and purposes")
    equal(len(records), len(wanted), "records")
    for record in records:
        equal(missing(record), [], "mandatory fields missing")
        expect(record["dct:conformsTo"].startswith(
            "https://w3id.org/dpv/schema/dpv-27560#record"), "conformsTo")
        for name in {x.split(":")[0] for x in record if ":" in x}:
            expect(name in whole["@context"], f"no prefix {name}")
    states = Counter(x["dpv:hasConsentStatus"]["@id"] for x in records)
    equal(states, {"dpv:ConsentWithdrawn": 2, "dpv:ConsentRefused": 1},
          "states")
    check_shapes(whole, records[0])
    # The check can fail: each field, taken away or emptied, is missed.
    for name, path in RECORD.items():
        copy = json.loads(json.dumps(records[0]))
        holder = reach(copy, path[:-1])
        holder[path[-1]] = ""
        expect(name in missing(copy), f"nobody misses {name}")


# ---- receipts ---------------------------------------------------------------

def of_document(entries, document):
    """All that its gate rested on until it was kept, and what became of it."""
    kept = next(e for e in entries if e.get("document_id") == document and
                e["event_type"] in ("media_stored", "media_quarantined"))
    found = []
    for e in entries:
        kind, its = e["event_type"], kept["purpose"].split(",")
        decision = kind.startswith("consent_") or kind == "notice_presented"
        if e.get("subject") != kept["subject"]:
            continue
        if (decision and e["index"] < kept["index"] and e.get("purpose") in (
                None, *its)) or (not decision and (
                    e.get("attachment_id") == kept["attachment_id"] or
                    e.get("document_id") == document) and (
                        kind.startswith("media_") or kind in (
                            "document_blocked", "document_erased"))):
            found.append(json.dumps(e, sort_keys=True, ensure_ascii=False,
                                    separators=(",", ":")))
    return found


def check_receipts(r, row, entries):
    make(r, "consent", "receipt", row["subject"], "--format", "all", "-o",
         r.path("receipt"))
    with open(r.path("receipt", "kantara.json"), encoding="utf-8") as f:
        kantara = json.load(f)
    equal(kantara["version"], "KI-CR-v1.1.0", "Kantara's version")
    for name in ("jurisdiction", "consentTimestamp", "collectionMethod",
                 "consentReceiptID", "publicKey", "language",
                 "piiPrincipalId", "piiControllers", "policyUrl", "services",
                 "spiCat"):
        expect(kantara.get(name), f"Kantara: no {name}")
    equal(kantara["piiPrincipalId"], row["subject"], "whose receipt")
    with open(r.path("receipt", "27560.json"), encoding="utf-8") as f:
        records = json.load(f)["@graph"]
    equal([missing(x) for x in records], [[], []], "mandatory fields missing")

    # Of a document: what its gate rested on, and nothing that came later.
    code, out, err = r.cli("consent", "receipt", "--document", row["id"])
    equal(code, 0, f"receipt of a document ({err})")
    events = [e["event_type"] for e in json.loads(out)["record"]["events"]]
    for event in ("consent_given", "media_fetching", "media_stored",
                  "document_blocked"):
        expect(event in events, f"no {event} of the document")
    expect("consent_withdrawn" not in events and "document_read" not in events,
           f"too much: {events}")
    # Looked up: just what reading the whole log finds.
    equal([e["entry"] for e in json.loads(out)["record"]["events"]],
          of_document(entries, row["id"]), "the entries of a document")
    # Of a case: the same person, under its policy.
    case = r.json("case", "list")[0]["id"]
    code, out, err = r.cli("consent", "receipt", "--case", row["case"]
                           if "case" in row else case)
    equal(code, 0, f"receipt of a case ({err})")
    expect(len(json.loads(out)["record"]["events"]) > 3, "of a case")
    expect(json.loads(out)["services"][0]["purposes"][0]["thirdPartyName"] ==
           "WhatsApp (Meta Platforms)", "the policy's recipients")
    for args, want in (((row["subject"], "--document", row["id"]), 2), ((), 2),
                       (("--case", "BCDF-GHJK"), 3),
                       ((row["subject"], "--case", case), 2),
                       (("--document", "d" + "a" * 26), 3),
                       ((row["subject"], "--format", "pdf"), 2),
                       ((row["subject"], "--format", "all"), 2)):
        equal(r.cli("consent", "receipt", *args)[0], want, f"receipt {args}")


def entries_origin(r):
    with open(r.path("bundle", "checkpoint"), encoding="utf-8") as f:
        return f.readline().strip()


def raw(r):
    """The notices of the receipt as they were published: once on the page."""
    with open(r.path("receipt", "receipt.json"), encoding="utf-8") as f:
        return "".join(json.load(f)["texts"]["notices"].values())


# ---- scenarios --------------------------------------------------------------

def pages_are_what_the_ledger_says(r):
    row = live_through_it(r)
    make(r, "consent", "report", "-o", r.path("es.html"))
    make(r, "ledger", "export", "-o", r.path("bundle"))
    make(r, "consent", "report", r.path("bundle"), "--lang", "en", "-o",
         r.path("en.html"))
    entries = entries_of(r.path("bundle"))
    equal(entries[-1]["event_type"], "consent_reported", "the last entry")
    check_records(r, entries)
    check_receipts(r, row, entries)
    make(r, "consent", "export", "--format", "html", "-o", r.path("log.html"))
    make(r, "consent", "receipt", "--document", row["id"], "--format", "html",
         "--lang", "en", "-o", r.path("document.html"))

    # Times that nothing falls into, before and after.
    make(r, "consent", "report", "--since", "2099-01-01", "-o",
         r.path("future.html"))
    with open(r.path("future.html"), encoding="utf-8") as f:
        text = f.read()
    expect("no tiene nada de ese tiempo" in text, "a report of the future")
    expect('<li id="t-people"><b><data value="0">' in text, "people of then")
    make(r, "consent", "report", "--until", "2020-01-01", "-o",
         r.path("empty.html"))
    equal(r.cli("consent", "report", "--lang", "fr", "-o", r.path("x"))[0], 2,
          "a language that is none")
    # A part that is missing is no bundle to believe; a slip is only that.
    for name in ("vkey", "checkpoint", "leaves", "entries.jsonl"):
        shutil.copytree(r.path("bundle"), r.path("part"))
        os.unlink(r.path("part", name))
        code, _, err = r.cli("ledger", "verify", r.path("part"))
        equal(code, 5, f"without {name} ({err})")
        shutil.rmtree(r.path("part"))
    equal(r.cli("ledger", "verify", r.path("part"))[0], 3, "no bundle at all")
    code, _, err = r.cli("ledger", "verify", r.path("bundle"), "--witness", "x")
    equal((code, "--witness" in err, "hint:" in err), (2, True, True), err)

    # Of a bundle that does not verify there is no report.
    with open(r.path("bundle", "entries.jsonl"), "r+b") as f:
        f.seek(60)
        f.write(b"X")
    code, _, err = r.cli("consent", "report", r.path("bundle"), "-o",
                         r.path("x"))
    equal(code, 5, f"report of a changed bundle ({err})")
    expect(not os.path.exists(r.path("x")), "a report was left")

    make(r, "report", "service", "-o", r.path("service.html"))
    make(r, "report", "service", "--lang", "en", "-o",
         r.path("service-en.html"))
    visits = [
        ("es.html", "es", False, "light", 1200), ("es.html", "es", True,
                                                  "dark", 360),
        ("en.html", "en", True, "light", 360), ("en.html", "en", False, "dark",
                                                1200),
        ("empty.html", "es", True, "light", 360),
        ("receipt/receipt.html", "es", False, "dark", 360),
        ("receipt/receipt.html", "es", True, "light", 1200),
        ("document.html", "en", False, "light", 360),
        ("log.html", "es", False, "dark", 360),
        ("log.html", "es", True, "light", 1300),
        ("service.html", "es", True, "dark", 360),
        ("service-en.html", "en", False, "light", 1200),
    ]
    seen = look([{"file": r.path(*name.split("/")), "script": script,
                  "scheme": scheme, "width": width, "print": not script}
                 for name, _, script, scheme, width in visits])
    for page, (name, lang, *_) in zip(seen, visits):
        check_page(page, lang, name)
    expect(seen[0]["background"] != seen[1]["background"], "dark is light")
    # The page of the desk was made before the entry that tells of it.
    check_numbers(seen[0], entries[:-1])
    check_numbers(seen[1], entries[:-1])
    equal(seen[0]["values"]["t-given"], [2], "given")
    expect("el de atención de las políticas" in seen[0]["text"], "their hours")
    expect("07:00 to 19:00" in seen[3]["text"], "a bundle has none")
    check_numbers(seen[3], entries)
    expect(row["subject"] in seen[5]["text"], "whose receipt")
    expect("Usted dijo que sí" in seen[5]["text"], "what they said")
    equal(len(seen[8]["text"].split("consent_given")) - 1, 2, "rows given")
    width, height, edge = seen[8]["paper"]
    expect(width > height, f"the log on paper: {width} x {height}")
    expect(edge <= 0.5, f"the log on paper: {edge} pixels beyond")
    expect(seen[9]["edge"] <= 0.5, f"the log: {seen[9]['edge']} beyond")
    equal(len([x for x in r.json("consent", "exports")
               if x["export_id"] in seen[9]["text"]]), 1, "which export it is")
    check_service(seen[10], entries)
    check_service(seen[11], entries)
    for what in ("ninguno: todo el registro", entries_origin(r)):
        expect(what in seen[9]["text"], f"the log does not say {what}")
    for what in ("## ", "{#"):
        shown = seen[5]["text"].split("Cómo comprobarlo")[0]
        equal(shown.count(what), raw(r).count(what), f"raw {what!r}")
    expect("Atención del trámite" in seen[5]["rows"]["events"][1][2],
           f"{seen[5]['rows']['events']}")


run([pages_are_what_the_ledger_says, records_of_the_european_union])
