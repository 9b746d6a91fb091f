#!/usr/bin/env python3
"""What every listing gives programs: one array, each row with the same keys,
null for what is absent. And what nobody is called: exit 3, wherever it stands.
One instance with a bit of everything."""
import json
import os

from harness import ROOT, Skip, equal, expect, run, until
from test_officers import set_policy, yesterday
from test_staff import ANA, Colleague, add


def rows(r, *args):
    """A listing's rows; an array."""
    found = r.json(*args)
    expect(isinstance(found, list), f"{args}: {type(found).__name__}")
    return found


def lines(r, *args):
    """Rows of a stream, a line each."""
    code, out, err = r.cli("--json", *args)
    equal(code, 0, f"{args} ({err})")
    return [json.loads(line) for line in out.splitlines()]


def no_empty_text(where, value):
    expect(value != "", f"{where} is \"\", not null")
    if isinstance(value, dict):
        for key, inner in value.items():
            no_empty_text(f"{where}.{key}", inner)
    if isinstance(value, list):
        for inner in value:
            no_empty_text(where, inner)


def same_keys(where, found):
    """The same in each row, and of the same kind where it is not null."""
    kinds = {}
    for row in found:
        expect(isinstance(row, dict), f"{where}: {row!r}")
        equal(sorted(row), sorted(found[0]), f"keys of {where}")
        for key, value in row.items():
            if value is not None:
                kinds.setdefault(key, set()).add(type(value).__name__)
        no_empty_text(where, row)
    for key, kind in kinds.items():
        equal(len(kind), 1, f"{where}.{key} is {kind}")


def a_bit_of_everything(r):
    """Subject, case, document, and a recipient, after a day of work."""
    r.file()
    r.consent_all(2)
    r.wait_attachments("stored", 1)
    r.file(kind="document", mime="application/zip", data=b"PK\3\4nothing",
           filename="x.zip", caption=None)
    r.wait_attachments("refused", 1)
    r.say("Asesor")
    until("they wait", lambda: r.json("conversation", "list"))
    r.say("hola", "573005550001")
    document = r.json("document", "list")[0]
    subject, case = document["subject"], document["case_id"]
    other = r.json("case", "open", subject, "--policy", "co-habeas-data")
    r.json("hold", "add", other["id"], "--reason", "pleito")
    r.json("hold", "add", subject, "--reason", "x", "--kind", "impersonation",
           "--until", "2099-01-01T00:00:00Z")
    r.json("case", "note", case, "--text", "llamó")
    r.json("case", "assign", case, r.json("staff", "list")[0]["name"])
    r.json("request", "open", subject, "--kind", "correct", "--reason", "una")
    r.json("request", "open", subject, "--kind", "access", "--reason", "dos",
           "--requester-role", "heir", "--told", "carta")
    r.json("incident", "open", "--policy", "co-habeas-data", "--kind",
           "incidente", "--reason", "portátil perdido")
    r.cli("document", "get", document["id"], "--reason", "mirar", text=False)
    another = r.json("subject", "find", "+573005550001")[0]["subject"]
    expect(r.cli("consent", "export", "-o", r.path("x.csv"))[0] == 0, "export")
    ana = Colleague(r, ANA)
    add(r, ana, "officer")
    yesterday(r)
    set_policy(r, "co-habeas-data", "two_officers: [erase]")
    for who in (subject, another):
        equal(r.cli("subject", "erase", who, "--ground", "request")[0], 4,
              "a second officer is needed")
    return subject, case, document, ana.recipient


def each_listing_is_one_array_of_like_rows(r, subject, case, incident):
    policy = os.path.join(ROOT, "policies", "co-habeas-data")
    for least, args in (
            (2, ("case", "list")), (0, ("case", "list", "--state", "closed")),
            (0, ("case", "list", "--overdue")), (1, ("conversation", "list")),
            (2, ("attachment", "list")), (1, ("document", "list")),
            (1, ("document", "list", "--case", case)),
            (2, ("hold", "list", "--all")), (2, ("request", "list")),
            (1, ("incident", "list")), (1, ("consent", "exports")),
            (2, ("staff", "list")), (2, ("approval", "list")),
            (0, ("subject", "links", subject)),
            (0, ("subject", "suggestions")), (1, ("vault", "status")),
            (1, ("subject", "find", "+573005550001")),
            (1, ("case", "notes", case, "--reason", "x")),
            (1, ("request", "report", "2026-1")),
            (1, ("request", "report", "2026-2")),
            (1, ("calendar", "due", "--policy", policy)),
            (18, ("policy", "record", "co-habeas-data")),
            (90, ("help",))):
        found = rows(r, *args)
        if args[:2] != ("request", "report"):
            expect(len(found) >= least, f"{args}: {len(found)} rows")
        same_keys(" ".join(args[:2]), found)
        # The table for people has a line for each.
        code, out, err = r.cli(*args)
        equal((code, err), (0, ""), f"{args}")
        expect(len(out.splitlines()) >= len(found), f"{args}: {out}")
    for least, args in (
            (1, ("consent", "export")), (1, ("access", "report")),
            (1, ("incident", "affected", incident, "--since", "2020-01-01"))):
        found = lines(r, *args)
        expect(len(found) >= least, f"{args}: {len(found)} rows")
        for row in found:
            no_empty_text(" ".join(args[:2]), row)
        same_keys(" ".join(args[:2]), found)


def what_is_one_thing_is_one_object(r, subject, case, document, ids):
    policy = os.path.join(ROOT, "policies", "co-habeas-data")
    for args, lists in (
            (("status",), ()),
            (("retention", "plan", "--until", "2099-01-01"),
             ("counts", "rows")),
            (("case", "show", case), ("timeline",)),
            (("document", "show", document["id"]), ()),
            (("request", "show", ids["request"]), ("words",)),
            (("conversation", "show", ids["conversation"], "--reason", "x"),
             ("chat",)),
            (("approval", "show", ids["approval"]), ()),
            (("report", "service"), ()), (("check",), ("faults",)),
            (("ledger", "reconcile"), ()), (("ledger", "verify"), ()),
            (("ledger", "audit"), ()),
            (("calendar", "show", "2027", "--policy", policy), ("days",)),
            (("policy", "show", policy), ("clocks", "procedures")),
            (("policy", "check", policy), ()),
            (("identity", "new", "--no-passphrase", "-o", r.path("new")), ())):
        found = r.json(*args)
        expect(isinstance(found, dict), f"{args}: {found!r}")
        no_empty_text(" ".join(args[:2]), found)
        for name in lists:
            expect(isinstance(found.get(name), list),
                   f"{args}: {name} of {sorted(found)}")
            same_keys(f"{' '.join(args[:2])}.{name}", found[name])


def status_says_what_waits(r):
    status = r.json("status")
    equal([status["handovers"]["waiting"], status["approvals"],
           status["requests"]["overdue"]], [1, 2, 0], "what waits")
    expect(status["handovers"]["since"], "since when")
    expect(status["storage_free_bytes"] > 0, "the disk")
    equal([x["what"] for x in status["attention"]
           if x["what"] not in ("disk_low", "requests_due")],
          ["approvals"], "what needs somebody")
    out = r.cli("status")[1]
    expect("ATTENTION  2 approvals wait for a second officer\n" in out and
           "resguardo approval list\n" in out, out)
    equal(out.splitlines()[-1].split(":")[0], "alarms", "the rest is below")


def what_nobody_is_called_is_not_found(r, subject, case, document, ids):
    reason = ("--reason", "x")
    no = {"subject": "s" + "0" * 26, "document": "d" + "0" * 26,
          "request": "r" + "0" * 26, "incident": "g" + "0" * 26,
          "hold": "h" + "0" * 26, "conversation": "c" + "0" * 26,
          "approval": "q" + "0" * 26}
    affected = ("incident", "affected", ids["incident"])
    for args in (
            ("case", "show", "ZZZZZZ"), ("case", "close", "ZZZZZZ"),
            ("case", "assign", case, "nadie"),
            ("case", "assign", "ZZZZZZ", "root"),
            ("case", "priority", "ZZZZZZ", "high"),
            ("case", "move", document["id"], "ZZZZZZ"),
            ("case", "move", no["document"], case),
            ("case", "received", case, "nothing"),
            ("case", "note", "ZZZZZZ", "--text", "x"),
            ("case", "notes", "ZZZZZZ", *reason),
            ("case", "open", no["subject"], "--policy", "co-habeas-data"),
            ("case", "open", subject, "--policy", "nothing"),
            ("document", "list", "--case", "ZZZZZZ"),
            ("document", "show", no["document"]),
            ("document", "get", no["document"], *reason),
            ("document", "get", "--case", "ZZZZZZ", *reason, "-o",
             r.path("no")),
            ("document", "custody", no["document"]),
            ("document", "code", "ZZZZZZ"),
            ("document", "release", no["document"], "--authority", "a",
             *reason),
            ("document", "release", "--subject", no["subject"], "--authority",
             "a", *reason),
            ("conversation", "show", no["conversation"], *reason),
            ("conversation", "take", no["conversation"]),
            ("conversation", "hand-back", no["conversation"]),
            ("conversation", "reply", no["conversation"], "--text", "x"),
            ("hold", "add", "ZZZZZZ", *reason),
            ("hold", "add", no["subject"], *reason),
            ("hold", "lift", no["hold"], *reason),
            ("request", "open", no["subject"], "--kind", "access", *reason),
            ("request", "open", subject, "--kind", "nothing", *reason),
            ("request", "open", subject, "--kind", "access", "--policy",
             "nothing", *reason),
            ("request", "show", no["request"]),
            ("request", "ask", no["request"], *reason),
            ("request", "complete", no["request"]),
            ("request", "assign", ids["request"], "nadie"),
            ("request", "close", no["request"], "--outcome", "granted",
             *reason),
            ("request", "extend", no["request"], "--until", "2099-01-01",
             *reason),
            ("incident", "open", "--policy", "nothing", "--kind", "incidente",
             *reason),
            ("incident", "open", "--policy", "co-habeas-data", "--kind",
             "nothing", *reason),
            ("incident", "close", no["incident"], "--outcome", "done",
             *reason),
            ("incident", "affected", no["incident"], "--epoch", "1"),
            (*affected, "--actor", "nadie"), (*affected, "--epoch", "99"),
            ("consent", "export", "--subject", no["subject"]),
            ("consent", "export", "--case", "ZZZZZZ"),
            ("consent", "export", "--policy", "nothing"),
            ("consent", "export", "--purpose", "nothing"),
            ("consent", "export", "--notice-version", "nothing"),
            ("consent", "export", "--language", "xx"),
            ("consent", "export", "--channel", "nothing"),
            ("consent", "export", "--actor", "nothing"),
            ("consent", "receipt", no["subject"]),
            ("consent", "receipt", "--case", "ZZZZZZ"),
            ("consent", "receipt", "--document", no["document"]),
            ("report", "service", "--policy", "nothing"),
            ("staff", "revoke", "nadie"),
            ("staff", "add", "nadie-aqui", "--role", "agent", "--recipient",
             ids["recipient"]),
            ("vault", "grant", "99"), ("vault", "regrant", "nadie"),
            ("vault", "escrow", "99", "-r", ids["recipient"]),
            ("approval", "show", no["approval"]),
            ("approval", "grant", no["approval"], *reason, "--what", "0" * 32),
            ("approval", "refuse", no["approval"]),
            ("subject", "find", "+573009999999"),
            ("subject", "reveal", no["subject"], *reason),
            ("subject", "export", no["subject"], "-o", r.path("no")),
            ("subject", "erase", no["subject"], "--ground", "request"),
            ("subject", "certificate", no["subject"]),
            ("subject", "link", no["subject"], subject, "--evidence", "x"),
            ("subject", "link", subject, no["subject"], "--evidence", "x"),
            ("subject", "links", no["subject"]),
            ("subject", "unlink", subject, no["subject"], *reason),
            ("subject", "adult", no["subject"], *reason)):
        code, out, err = r.cli(*args, text=False)
        equal((code, out), (3, b""), f"{' '.join(args)} ({err})")
        expect(err.startswith("error: "), f"{args}: {err}")


def programs_read_it(r):
    if os.getuid() != 0:
        raise Skip("needs root to have a second officer")
    subject, case, document, recipient = a_bit_of_everything(r)
    ids = {"incident": r.json("incident", "list")[0]["id"],
           "request": r.json("request", "list")[0]["id"],
           "conversation": r.json("conversation", "list")[0]["id"],
           "approval": r.json("approval", "list")[0]["id"],
           "recipient": recipient}
    each_listing_is_one_array_of_like_rows(r, subject, case, ids["incident"])
    what_is_one_thing_is_one_object(r, subject, case, document, ids)
    status_says_what_waits(r)
    what_nobody_is_called_is_not_found(r, subject, case, document, ids)


if __name__ == "__main__":
    run([programs_read_it])
