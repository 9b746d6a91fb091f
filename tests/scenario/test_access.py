#!/usr/bin/env python3
"""Who opened what: denied attempts, the access report, reconciliation, and
identities with a reason. One instance; colleagues need root."""
import csv
import datetime
import hashlib
import io
import os
import re
import signal
import time

from harness import (BUILD, PHONE, Skip, equal, expect, json, run, shutil,
                     sqlite3, subprocess, tampering, until)
from test_staff import ANA, BEA, Colleague, add, refusal


def entries(r, kind=None):
    """Entries as they are committed now."""
    with sqlite3.connect(os.path.join(r.storage, "resguardo.db")) as database:
        found = [json.loads(e) for (e,) in database.execute(
            "SELECT entry FROM ledger ORDER BY idx")]
    database.close()
    return [e for e in found if kind is None or e["event_type"] == kind]


def report(r, *more, code=0):
    got, out, err = r.cli("access", "report", "--format", "csv", *more)
    equal(got, code, f"access report ({err})")
    return list(csv.DictReader(io.StringIO(out))), err


def the_daemon_speaks_of_itself(r):
    until("the clock is on record", lambda: entries(r, "clock_status"))
    kinds = [e["event_type"] for e in entries(r)]
    expect(kinds.index("daemon_started") < kinds.index("clock_status"), kinds)
    started = entries(r, "daemon_started")[0]["evidence"]
    with open(r.config, "rb") as f:
        equal(started["config_sha256"], hashlib.sha256(f.read()).hexdigest(),
              "the configuration's hash")
    # Other policies, other hash; and the one before the change is on record.
    with open(r.path("policies", "es-gdpr", "policy.yaml"), "a",
              encoding="utf-8") as f:
        f.write("# nothing\n")
    with open(r.path("policies", "co-habeas-data", "policy.yaml"), "a",
              encoding="utf-8") as f:
        f.write("# nothing\n")
    r.daemon.send_signal(signal.SIGHUP)
    changed = until("config_changed", lambda: entries(r, "config_changed"))[0]
    expect(changed["evidence"]["policies_sha256"] != started["policies_sha256"],
           "the policies have the same hash")
    equal(changed["evidence"]["config_sha256"], started["config_sha256"],
          "the configuration, which was not read again")
    r.stop()
    equal(entries(r)[-1]["event_type"], "daemon_stopped", "the last entry")
    r.start()
    equal(len(entries(r, "daemon_started")) >= 2 or until(
        "a second start", lambda: len(entries(r, "daemon_started")) == 2), True,
          "starts")


def a_clock_that_is_behind_takes_no_yes(r):
    """Meta's message is two minutes ahead of us: so we are behind."""
    person = "573005550000"
    r.file(person=person)
    asked = r.prompt(1, person)
    r.press(asked, "grant", person, timestamp=int(time.time()) + 120)
    ignored = until("the yes is ignored", lambda: [
        e for e in entries(r, "consent_ignored")
        if e["evidence"]["reason"] == "clock_behind"])[0]
    equal([e for e in entries(r, "consent_given")
           if e["subject"] == ignored["subject"]], [], "a yes that counts")
    behind = until("the clock is on record", lambda: [
        e for e in entries(r, "clock_status") if e["reason"] == "behind"])[0]
    expect(60000 < behind["evidence"]["behind_ms"] <= 121000, behind)
    expect("clock_behind" in r.log(), "an alarm")
    equal([a for a in r.attachments() if a["state"] != "held"], [],
          "what was fetched")


def refusals(r, ana, bea, document):
    """Denied by role, by state and by who asks; counted, not one by one."""
    begun = time.monotonic()
    for _ in range(3):
        refusal(ana.cli("consent", "export"), 4, "auditor")
    refusal(ana.cli("subject", "reveal", "s" + "a" * 26, "--reason", "x"), 4,
            "officer")
    for one in (document, "d" + "a" * 26):
        refusal(bea.cli("document", "show", one), 4, "agent")
    stranger = subprocess.run(
        ["setpriv", "--reuid", "54321", "--regid", "54321", "--clear-groups",
         os.path.join(BUILD, "resguardo"), "--socket", r.socket, "--identity",
         r.path("none"), "case", "list"], capture_output=True, check=False)
    equal(stranger.returncode, 4, f"a stranger ({stranger.stderr})")

    def there():
        found = entries(r, "access_denied")
        return found if "unknown" in [e["actor"] for e in found] else None
    found = until("refusals are entered", there)
    by = {(e["actor"], e["reason"], e["evidence"]["route"]): e for e in found}
    first = by[(str(ANA), "role", "GET /consent")]
    equal(first["evidence"]["uid"], ANA, "who")
    expect((str(ANA), "role", "POST /reveal") in by, f"{list(by)}")
    equal(by[("unknown", "unknown", "GET /cases")]["evidence"]["uid"], 54321,
          "the stranger")
    r.stop()  # enters what was counted since
    said = [e["evidence"]["count"] for e in entries(r, "access_denied")
            if e["evidence"]["route"] == "GET /consent"]
    equal(sum(said), 3, f"three refusals: {said}")
    expect(len(said) <= 2 + (time.monotonic() - begun) // 60,
           f"one entry a minute: {said}")
    # Which document an auditor was after is on record, if there is such a one.
    named = [e.get("document_id") for e in entries(r, "access_denied")
             if e["evidence"]["route"].startswith("GET /documents/")]
    expect(document in named and set(named) <= {document, None}, f"{named}")
    r.start()
    os.chmod(r.socket, 0o666)


def the_report(r, document, subject):
    rows, err = report(r, "--hours", "00:00-24:00", "--zone", "UTC")
    reads = [x for x in rows if x["event_type"] == "document_read"]
    equal([x["document_id"] for x in reads], [document] * 21, "readings")
    entry = entries(r)[int(reads[0]["index"])]
    equal((entry["event_type"], entry["document_id"], entry["time"]),
          ("document_read", document, reads[0]["time"]), "the entry behind it")
    flags = ["bulk" in x["flags"] for x in reads]
    equal(flags, [False] * 19 + [True] * 2, "the twentieth in an hour is bulk")
    about = [x["flags"] for x in rows if x["event_type"] in (
        "documents_listed", "subject_searched")]
    expect(len(about) >= 2 and not [x for x in about if "no_case" in x],
           f"of no case by their nature: {about}")
    denied = [x for x in rows if "denied" in x["flags"]]
    expect({"GET /consent", "POST /reveal", "GET /cases"} <=
           {x["route"] for x in denied}, f"{denied}")
    equal({x["uid"] for x in denied if x["actor"] == "unknown"}, {"54321"},
          "who the stranger was")
    equal([x for x in rows if "after_withdrawal" in x["flags"]], [],
          "after a withdrawal")
    expect("after a withdrawal: 0 (0 expected)" in err, err)
    expect(PHONE not in json.dumps(rows) and "revisión" not in json.dumps(rows),
           "somebody is named")

    # Other hours: nothing else changes.
    other = (int(reads[0]["time"][11:13]) + 12) % 24
    odd, _ = report(r, "--hours", f"{other:02}:00-{other:02}:01", "--zone",
                    "UTC")
    equal(len([x for x in odd if "out_of_hours" in x["flags"]]) >= len(reads),
          True, "out of hours")
    refusal(r.cli("access", "report", "--hours", "9-5"), 2, "no hours")
    refusal(r.cli("access", "report", "--zone", "Luna/Mar"), 2, "no such zone")
    refusal(r.cli("access", "report", "--reveal"), 2, "go together")
    periods(r, rows, reads[0]["time"])

    # A bundle says the same, on a machine of the auditor's own.
    r.json("ledger", "export", "-o", r.path("taken"))
    taken, _ = report(r, r.path("taken"), "--hours", "00:00-24:00", "--zone",
                      "UTC")
    equal(taken[:len(rows)], rows, "of the bundle")
    code, out, err = r.cli("access", "report")
    equal(code, 0, f"summary ({err})")
    expect("after a withdrawal: 0 (0 expected)" in out, out)


def open_these_days(r, is_open):
    """Every policy of the desk is open, or closed, yesterday to tomorrow."""
    today = datetime.datetime.now(datetime.timezone.utc).date()
    week, day = ("00:00-00:01", "00:00-24:00") if is_open else (
        "00:00-24:00", None)
    hours = "hours:\n  - numbers: all\n    week:\n" + "".join(
        f"      {name}: [\"{week}\"]\n" for name in (
            "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
            "sunday")) + "    special:\n" + "".join(
        f"      - {{date: {today + datetime.timedelta(days=n)}, open: "
        f"[{json.dumps(day) if day else ''}]}}\n" for n in (-1, 0, 1))
    for name in os.listdir(r.path("policies")):
        path = r.path("policies", name, "policy.yaml")
        with open(path, encoding="utf-8") as f:
            text = re.sub(r"(?m)^hours:\n(?:[ #].*\n)*", "", f.read())
        with open(path, "w", encoding="utf-8") as f:
            f.write(text + hours)
    before = r.log().count('"reloaded"')
    r.daemon.send_signal(signal.SIGHUP)
    until("the policies are reloaded",
          lambda: r.log().count('"reloaded"') > before)


def hours_are_those_of_the_policies(r):
    """One rule for both reports, at any hour and on any day."""
    for is_open in (True, False):
        open_these_days(r, is_open)
        # The writer takes them up with its next batch.
        until(f"open: {is_open}", lambda: {
            "out_of_hours" in x["flags"] for x in report(r)[0]} ==
            {not is_open})
        err = report(r)[1]
        expect("opening hours of today's policies" in err, err)
        code, _, err = r.cli("consent", "report", "-o", r.path("page.html"))
        equal(code, 0, err)
        with open(r.path("page.html"), encoding="utf-8") as f:
            told = re.search(r'id="t-late"[^>]*>\D*(\d+)', f.read())
        equal(int(told.group(1)) == 0, is_open, "the page")


def periods(r, rows, at):
    """--since and --until are those of --zone, in both reports."""
    day = datetime.datetime.fromisoformat(at[:19])
    there = (day - datetime.timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M")
    begin = day.strftime("%Y-%m-%dT%H:%M:00.000Z")
    some, _ = report(r, "--since", there, "--zone", "America/Bogota")
    wanted = [x["index"] for x in rows if x["time"] >= begin]
    equal([x["index"] for x in some][:len(wanted)], wanted, "since then")
    none, err = report(r, "--until", there[:10], "--zone", "America/Bogota",
                       "--hours", "07:00-19:00")
    equal([x for x in none if x["time"] >= begin], [], "until that day")
    expect("in America/Bogota" in err, f"no zone is named: {err}")
    # Without --zone it is UTC, whatever the machine's own zone is.
    code, out, err = r.cli("access", "report", "--hours", "07:00-19:00",
                           env={"TZ": "Asia/Tokyo"})
    expect(code == 0 and "Monday to Friday, in UTC" in out, f"{out}{err}")
    for what in (("access", "report"), ("consent", "report"),
                 ("consent", "export")):
        for args, word in (
                (("--since", "2026-11-27", "--until", "2026-11-26"),
                 "not before"),
                (("--since", "2026-11-26", "--until", "2026-11-26"),
                 "not before"),
                (("--since", "2026-11-26T08:00", "--zone", "Luna/Mar"),
                 "no such zone"),
                (("--since", "soon"), "not a time")):
            refusal(r.cli(*what, *args), 2, word)


def nowhere_to_write(r, stranger):
    """What cannot be written is not asked for, and not on record."""
    before = len(entries(r))
    for what in (("consent", "export"), ("consent", "report"),
                 ("ledger", "export"), ("consent", "receipt", "s" + "a" * 26),
                 ("access", "report", "--format", "csv", "--reveal",
                  "--reason", "x")):
        refusal(r.cli(*what, "-o", "/no/such/b"), 1, "/no/such")
        refusal(stranger.cli(*what, "-o", "/no/such/b"), 4, "")
    refusal(r.cli("access", "report", "--reveal", "--reason", "x"), 2,
            "--format")
    equal([e["event_type"] for e in entries(r)[before:]
           if e["event_type"] not in (
               "access_denied", "clock_status", "daemon_started")], [],
          "on record all the same")


def first_visit(r, bea):
    """Who has no folder for what they know gets one; pinned is what is in it."""
    home = os.path.join(bea.folder, "home")
    known = os.path.join(home, ".config", "resguardo", "identity")
    os.mkdir(home)
    os.chown(home, BEA, BEA)
    subject = r.json("document", "list")[0]["subject"]
    for n in range(2):
        code, _, err = bea.cli("consent", "receipt", subject, identity=known)
        equal(code, 0, f"receipt ({err})")
        equal("is pinned" in err, n == 0, f"visit {n}: {err}")
    with open(known + ".known", encoding="utf-8") as f:
        line = json.loads(f.readline())
    expect(line["ledger_key"] and line["seen"], f"{line}")
    equal(os.stat(os.path.dirname(known)).st_mode & 0o777, 0o700, "its mode")
    os.chmod(home, 0o500)
    shutil.rmtree(os.path.join(home, ".config"))
    code, _, err = bea.cli("ledger", "verify", identity=known)
    expect(code == 0 and "warning" in err and "is pinned" not in err, err)


def identities(r, subject):
    before = len(entries(r))
    shown = r.json("subject", "reveal", subject, "--reason", "por orden")
    equal((shown["phone"], shown["subject"]), (PHONE, subject), "who it is")
    new = entries(r)[before:]
    equal([e["event_type"] for e in new][-2:],
          ["identities_revealed", "subject_revealed"], "on record before")
    expect(PHONE not in json.dumps(new), "the number is in the ledger")
    refusal(r.cli("subject", "reveal", "s" + "a" * 26, "--reason", "x"), 3,
            "no such person")
    export_with_who_they_are(r, subject)
    rows, _ = report(r, "--reveal", "--reason", "auditoría anual")
    words = {x["words"] for x in rows if x["event_type"] == "document_read"}
    equal(words, {"revisión"}, "why, in words")


def export_with_who_they_are(r, subject):
    export = ("consent", "export", "--reveal", "--reason", "oficio 12")
    before = len(entries(r))
    code, out, err = r.cli(*export, "--format", "jsonl")
    equal(code, 0, f"export --reveal ({err})")
    rows = [json.loads(line) for line in out.splitlines()]
    plain = r.consent_log()
    equal([{k: v for k, v in x.items() if k not in ("phone", "bsuid", "name")}
           for x in rows], plain, "the same rows")
    equal({x["phone"] for x in rows if x["subject"] == subject}, {PHONE},
          "whose they are")
    equal({x["phone"] for x in rows if x["subject"] is None}, {None},
          "rows of nobody")
    new = [e["event_type"] for e in entries(r)[before:]]
    equal(new.count("subject_revealed"), len({
        x["subject"] for x in rows} - {None}), f"each is on record ({new})")
    equal(new.count("identities_revealed"), 1, "at once")
    expect(new.index("consent_exported") < new.index("identities_revealed"),
           f"{new}")
    path = r.path("revealed.csv")
    equal(r.cli(*export, "-o", path)[0], 0, "as csv")
    with open(path, encoding="utf-8", newline="") as f:
        table = list(csv.DictReader(f))
    equal(list(table[0])[-3:], ["phone", "bsuid", "name"], "columns")
    equal([x["phone"] or None for x in table], [x["phone"] for x in rows],
          "phones")
    for args in (("--reveal",), ("--reason", "x"), (
            "--reveal", "--reason", "x", "--format", "html")):
        refusal(r.cli("consent", "export", *args), 2, "--reveal")


def it_adds_up_until_somebody_touches_it(r, document):
    code, out, err = r.cli("ledger", "reconcile")
    equal(code, 0, f"reconcile ({out}{err})")
    told = r.json("ledger", "reconcile")
    equal((told["documents"]["kept"], told["documents"]["destroyed"],
           told["documents"]["there"]), (1, 0, {"stored": 1}), "documents")
    m = told["messages"]
    equal(m["messages"], sum(m[k] for k in (
        "applied", "statuses", "ignored", "duplicates", "failed",
        "put_aside")), f"messages {m}")
    equal(told["files"]["not_downloaded"], 1, "the one that was refused")
    equal(len(r.downloads()) > 0, True, "downloads")

    def forged(*statements):
        r.stop()
        shutil.copytree(r.storage, r.path("saved"))
        database = tampering(os.path.join(r.storage, "resguardo.db"))
        database.execute("PRAGMA foreign_keys = OFF")
        for statement in statements:
            database.execute(statement)
        database.commit()
        database.close()
        r.start()
        got = r.cli("ledger", "reconcile")
        r.stop()
        os.unlink(r.identity + ".known")  # it saw entries that go again
        shutil.rmtree(r.storage)
        os.rename(r.path("saved"), r.storage)
        r.start()
        return got

    # A row that is gone, and a message nobody knows of.
    code, out, err = forged(
        f"DELETE FROM document WHERE id = '{document}'",
        "UPDATE meta SET value = CAST(replace(CAST(value AS TEXT),"
        " '\"messages\":', '\"messages\":1') AS BLOB) WHERE key = 'traffic'")
    equal(code, 5, f"reconcile of a forged storage ({out}{err})")
    expect("documents: 1 were kept, 0 destroyed, and 0 are there" in out, out)
    expect("it is known what became of them" in out, out)


def who_opened_what(r):
    if os.getuid() != 0:
        raise Skip("needs root to be several users")
    r.file()
    r.consent_all()
    document = r.wait_attachments("stored", 1) and \
        r.json("document", "list")[0]
    r.file(person="573007770000", caption=None)
    r.press(r.prompt(1, "573007770000"), "refuse", "573007770000")
    r.wait_attachments("dropped", 1)
    r.json("subject", "find", PHONE)
    for _ in range(21):
        code, _, err = r.cli("document", "get", document["id"], "--reason",
                             "revisión", text=False)
        equal(code, 0, f"document get ({err})")
    os.chmod(r.socket, 0o666)
    ana = Colleague(r, ANA)
    add(r, ana, "agent")
    bea = Colleague(r, BEA)
    add(r, bea, "auditor")
    first_visit(r, bea)
    refusals(r, ana, bea, document["id"])
    nowhere_to_write(r, ana)
    the_report(r, document["id"], document["subject"])
    hours_are_those_of_the_policies(r)
    identities(r, document["subject"])
    it_adds_up_until_somebody_touches_it(r, document["id"])


run([the_daemon_speaks_of_itself, a_clock_that_is_behind_takes_no_yes,
     who_opened_what])
