#!/usr/bin/env python3
"""consent export: what a filter lets through, a moment in the past, a sample;
and what each export leaves on record."""
import csv
import datetime
import hashlib
import io
import json
import time

from harness import equal, expect, run, until

OTHER = "573009998877"


def export(r, *args, code=0):
    got, out, err = r.cli("consent", "export", "--format", "jsonl", *args)
    equal(got, code, f"consent export {args} ({err})")
    return [json.loads(line) for line in out.splitlines()]


def history(r):
    """One says yes twice and withdraws; another refuses and comes back."""
    r.file()
    r.consent_all()
    r.wait_attachments("stored", 1)
    r.say("BAJA", timestamp=int(time.time()) + 5)
    until("withdrawn", lambda: len([
        x for x in r.consent_log() if x["event_type"] == "consent_withdrawn"])
        == 2)
    r.file(person=OTHER)
    r.press(r.prompt(1, OTHER), "refuse", OTHER)
    until("refused", lambda: "consent_refused" in [
        x["event_type"] for x in r.consent_log()])
    # Asked again: the refusal stands.
    r.file(person=OTHER, caption="segunda 4714")
    r.prompt(2, OTHER)
    until("asked again", lambda: r.consent_log()[-1]["event_type"] ==
          "consent_requested")
    return r.consent_log()


def same(r, log, wanted, *args):
    rows = export(r, *args)
    expect(rows, f"nothing for {args}")
    equal(rows, [x for x in log if wanted(x)], f"rows of {args}")


def one_by_one(r, log):
    first = next(x for x in log if x["event_type"] == "consent_given")
    who, case = first["subject"], r.json("case", "list")[0]["id"]
    sensitive = {x["purpose"] for x in log
                 if x["legal_basis"] == "explicit_consent"}
    for args, wanted in (
            (["--subject", who], lambda x: x["subject"] == who),
            (["--case", case], lambda x: x["subject"] == who),
            (["--policy", "co-habeas-data"],
             lambda x: x["policy"] == "co-habeas-data"),
            (["--purpose", "case_processing"],
             lambda x: x["purpose"] == "case_processing"),
            (["--notice-version", first["notice_version"]],
             lambda x: x["notice_version"] == first["notice_version"]),
            (["--state", "given"],
             lambda x: x["event_type"] == "consent_given"),
            (["--state", "consent_refused"],
             lambda x: x["event_type"] == "consent_refused"),
            (["--language", first["language"]],
             lambda x: x["language"] == first["language"]),
            (["--sensitive", "yes"], lambda x: x["purpose"] in sensitive),
            (["--sensitive", "no"],
             lambda x: x["purpose"] and x["purpose"] not in sensitive),
            (["--channel", "whatsapp"], lambda x: x["channel"]),
            (["--since", first["time"]], lambda x: x["time"] >= first["time"]),
            (["--until", first["time"]], lambda x: x["time"] < first["time"]),
            (["--actor", "subject"], lambda x: x["event_type"] in (
                "consent_given", "consent_refused", "consent_withdrawn",
                "consent_ignored")),
            (["--subject", who, "--state", "withdrawn", "--sensitive", "no",
              "--since", first["time"], "--actor", "subject", "--policy",
              "co-habeas-data", "--channel", "whatsapp"],
             lambda x: x["subject"] == who and x["event_type"] ==
             "consent_withdrawn" and x["purpose"] not in sensitive)):
        same(r, log, wanted, *args)

    # A day is the zone's day: in Bogotá it begins five hours later.
    at = datetime.datetime.fromisoformat(first["time"][:19])
    day = (at - datetime.timedelta(hours=5)).date()
    begin = f"{day}T05:00:00.000Z"
    same(r, log, lambda x: x["time"] >= begin,
         "--since", str(day), "--zone", "America/Bogota")
    equal(export(r, "--until", str(day), "--zone", "America/Bogota"), [],
          "before that day")


def slips(r):
    for args, code in (
            (["--purpose", "marketing_of_nobody"], 3),
            (["--subject", "s" + "a" * 26], 3), (["--policy", "none"], 3),
            (["--case", "BCDF-GHJK"], 3), (["--language", "tlh"], 3),
            (["--notice-version", "v999"], 3), (["--actor", "root2"], 3),
            (["--state", "maybe"], 2), (["--sensitive", "perhaps"], 2),
            (["--since", "yesterday"], 2), (["--since", "2026-02-31"], 2),
            (["--since", "2026-01-01", "--zone", "Mars/Olympus"], 2),
            (["--zone", "America/Bogota"], 2), (["--sample", "3"], 2),
            (["--seed", "x"], 2), (["--sample", "0", "--seed", "x"], 2),
            (["--as-of", "999999"], 2), (["--as-of", "soon"], 2),
            (["--as-of", "1", "--state", "consent_given"], 2),
            (["--format", "27560", "--as-of", "1"], 2),
            (["--format", "27560", "--state", "given"], 2),
            (["--format", "27560", "--since", "2026-01-01"], 2),
            (["--format", "27560", "--sample", "1", "--seed", "x"], 2),
            (["--format", "html", "--lang", "fr"], 2), (["--lang", "en"], 2),
            (["--as-of", "2999-01-01T00:00:00Z"], 2),
            (["--format", "xml"], 2)):
        got, out, err = r.cli("consent", "export", *args)
        equal(got, code, f"exit for {args} ({err})")
        equal(out, "", f"stdout for {args}")
        if args == ["--language", "tlh"]:
            expect("it has: es-CO" in err, f"what there is: {err}")


def view(log, index):
    """The state of every decision after entry `index`, from the rows alone."""
    states = {"consent_requested": "requested", "consent_given": "given",
              "consent_refused": "refused", "consent_withdrawn": "withdrawn"}
    now = {}
    for x in log:
        key = (x["subject"], x["policy"], x["purpose"])
        state = states.get(x["event_type"])
        if state is None or x["index"] > index or (
                state == "requested" and
                now.get(key, ("requested",))[0] != "requested"):
            continue
        now[key] = (state, x["index"])
    return sorted(now.items(), key=lambda pair: pair[1][1])


def as_of(r, log):
    for x in log:
        rows = export(r, "--as-of", str(x["index"]))
        equal([((y["subject"], y["policy"], y["purpose"]),
                (y["state"], y["index"])) for y in rows],
              view(log, x["index"]), f"as of {x['index']}")
    given = next(x for x in log if x["event_type"] == "consent_given")
    last = max(x["index"] for x in log if x["time"] <= given["time"])
    equal(export(r, "--as-of", given["time"]),
          export(r, "--as-of", str(last)), "as of a time")
    rows = export(r, "--as-of", str(log[-1]["index"]), "--state", "withdrawn",
                  "--purpose", "case_processing")
    equal([x["state"] for x in rows], ["withdrawn"], "filtered view")


def drawn(log, n, seed):
    def key(x):
        return hashlib.sha256(f"resguardo sample v1\n{seed}\n{x['index']}\n"
                              .encode()).digest()
    return sorted(sorted(log, key=key)[:n], key=lambda x: x["index"])


def sampled(r, log):
    for n, seed in ((3, "2026-Q4"), (3, "otra"), (1, "x"), (10000, "x")):
        equal(export(r, "--sample", str(n), "--seed", seed),
              drawn(log, n, seed), f"sample {n} {seed}")
    some = [x for x in log if x["purpose"] == "case_processing"]
    equal(export(r, "--sample", "2", "--seed", "s", "--purpose",
                 "case_processing"), drawn(some, 2, "s"), "of a filter")


def formats_agree(r, log):
    code, out, err = r.cli("consent", "export", "--progress")
    equal(code, 0, f"csv ({err})")
    expect(f"{len(log)} rows" in err, f"progress: {err}")
    equal([{k: v or None for k, v in x.items()}
           for x in csv.DictReader(io.StringIO(out))],
          [{k: None if v is None else str(v) for k, v in x.items()}
           for x in log], "csv")


def by_person(r):
    """Records of 27560 are made of a person's rows together: none is missing,
    and what is on record is the hash of them in that order."""
    _, lines, _ = r.cli("consent", "export", "--format", "jsonl")
    rows = [(x["subject"], x["index"], line) for line in lines.splitlines()
            for x in [json.loads(line)] if x["subject"] is not None]
    rows.sort(key=lambda x: x[:2])
    expect(len({x[0] for x in rows}) > 1, "people")
    code, out, err = r.cli("consent", "export", "--format", "27560")
    equal(code, 0, f"27560 ({err})")
    equal(len({x["dpv:hasDataSubject"]["dct:identifier"]
               for x in json.loads(out)["@graph"]}),
          len({x[0] for x in rows}), "people with a record")
    code, _, _ = r.cli("ledger", "export", "-o", r.path("people"))
    equal(code, 0, "ledger export")
    with open(r.path("people") + "/entries.jsonl", encoding="utf-8") as f:
        ended = [x for x in map(json.loads, f)
                 if x["event_type"] == "consent_export_ended"][-1]["evidence"]
    equal(ended["rows"], len(rows), "rows on record")
    equal(ended["rows_sha256"], hashlib.sha256(
        "".join(x[2] + "\n" for x in rows).encode()).hexdigest(), "hash")


def on_record(r, log):
    """Filter, who, how many and which: all of it can be checked later."""
    code, out, _ = r.cli("consent", "export", "--format", "jsonl", "--state",
                         "given")
    equal(code, 0, "export")
    code, entries, _ = r.cli("ledger", "export", "-o", r.path("bundle"))
    equal(code, 0, "ledger export")
    with open(r.path("bundle") + "/entries.jsonl", encoding="utf-8") as f:
        entries = [json.loads(line) for line in f]
    begun = [x for x in entries if x["event_type"] == "consent_exported"]
    ended = [x for x in entries if x["event_type"] == "consent_export_ended"]
    equal(ended[-1]["evidence"]["export_id"], begun[-1]["evidence"]["export_id"],
          "the two entries")
    equal(ended[-1]["evidence"]["rows"], len(out.splitlines()), "count")
    equal(ended[-1]["evidence"]["rows_sha256"],
          hashlib.sha256(out.encode()).hexdigest(), "hash")
    equal(len(begun), len(ended), "exports that ended")
    opened = {x["export_id"]: x for x in r.json("consent", "exports")}
    equal(len(opened), len(begun), "exports")
    for x in begun:
        o = opened[x["evidence"]["export_id"]]
        equal(hashlib.sha256(bytes.fromhex(o["salt"]) +
                             o["filter"].encode()).hexdigest(),
              x["commitments"]["filter"], "the commitment opens")
    equal(json.loads(opened[begun[-1]["evidence"]["export_id"]]["filter"]),
          {"state": "given"}, "the last filter")


def everything(r):
    log = history(r)
    one_by_one(r, log)
    slips(r)
    as_of(r, log)
    sampled(r, log)
    formats_agree(r, log)
    on_record(r, log)
    by_person(r)


run([everything])
