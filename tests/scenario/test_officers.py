#!/usr/bin/env python3
"""What officers do together: approvals, legal holds, blocking, release, and
the plan of retention. Officers are Unix users, so most of it needs root."""
import hashlib
import os
import re
import signal

from age_help import Terminal
from harness import (BUILD, Skip, equal, expect, json, run, sample, sqlite3,
                     until)
from test_staff import ANA, BEA, Colleague, add, events, ready, refusal

SPAIN = {"policy": "es-gdpr"}


def set_policy(r, name, line):
    """One more line for a policy, taken up by the running daemon."""
    path = r.path("policies", name, "policy.yaml")
    with open(path, "a", encoding="utf-8") as f:
        f.write(line + "\n")
    before = r.log().count('"reloaded"')
    r.daemon.send_signal(signal.SIGHUP)
    until("the policies are reloaded",
          lambda: r.log().count('"reloaded"') > before)


def a_fault_is_in_status(r):
    """Who changed a policy looks at status: a reload ends well whatever came
    of it."""
    path = r.path("policies", "co-habeas-data", "policy.yaml")
    with open(path, encoding="utf-8") as f:
        good = f.read()
    equal(r.json("status")["attention"], [], "nothing is wrong")
    with open(path, "a", encoding="utf-8") as f:
        f.write("nonsense: 1\n")
    r.daemon.send_signal(signal.SIGHUP)
    until("it was not taken", lambda: '"reload_failed"' in r.log())
    status = r.json("status")
    equal(status["ready"], True, "the former is in force")
    found = [x for x in status["attention"] if x["what"] ==
             "policies_not_taken"]
    line = good.count("\n") + 1
    expect(f"policy.yaml:{line}: nonsense: " in found[0]["say"], f"{found}")

    # Another one that loads, and names a number that is none of ours.
    start = good.index("  - numbers: all")
    with open(path, "w", encoding="utf-8") as f:
        f.write(good[:start] + good[start:].replace(
            "numbers: all", 'numbers: ["999"]', 1))
    before = r.log().count('"reloaded"')
    r.daemon.send_signal(signal.SIGHUP)
    until("it is in force", lambda: r.log().count('"reloaded"') > before)
    equal([x["what"] for x in r.json("status")["attention"]],
          ["hours_unknown_number", "hours_missing"], "mended, and mistyped")
    expect('"hours_missing"' in r.log(), "logged, too")
    with open(path, "w", encoding="utf-8") as f:
        f.write(good)


def yesterday(r):
    """Nobody is a newcomer any more."""
    r.stop()
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    database.execute("UPDATE newcomer SET added = added - 90000000")
    database.commit()
    database.close()
    r.start()
    os.chmod(r.socket, 0o666)


def asked(result):
    """The approval that an answer says was asked for."""
    refusal(result, 4, "needs a second officer: approval q")
    return re.search(r"approval (q\S+) was asked", result[2]).group(1)


def hash_of(who, approval):
    return json.loads(who.cli("--json", "approval", "show",
                              approval)[1])["hash"]


def what_was_seen_is_granted(ana, approval):
    """Not what the desk shows at that moment; the hash is of its words."""
    shown = json.loads(ana.cli("--json", "approval", "show", approval)[1])
    words = json.dumps(shown["what"], sort_keys=True, ensure_ascii=False,
                       separators=(",", ":")).encode()
    equal(shown["hash"], hashlib.sha256(words).hexdigest()[:32], "the hash")
    grant = ("approval", "grant", approval, "--reason", "visto")
    refusal(ana.cli(*grant), 2, "what is approved?")
    refusal(ana.cli(*grant, "--what", shown["hash"][:-1]), 2, "is no hash")
    refusal(ana.cli(*grant, "--what", "0" * 32), 5,
            "the desk shows something else now")
    equal(len(json.loads(ana.cli("--json", "approval", "list")[1])), 1,
          "it waits still")
    for answer, wanted in ((b"n", 1), (b"", 1), (b"y", 0)):
        terminal = Terminal(
            ["setpriv", "--reuid", str(ana.uid), "--regid", str(ana.uid),
             "--clear-groups", os.path.join(BUILD, "resguardo"), "--socket",
             ana.r.socket, "--identity", ana.identity, *grant])
        while not terminal.seen.endswith(b"[y/N] "):
            expect(terminal.read(), f"it ended: {terminal.seen!r}")
        expect(b"action: staff_add" in terminal.seen, f"{terminal.seen!r}")
        terminal.type(answer + b"\n")
        status, seen = terminal.wait()
        equal(os.waitstatus_to_exitcode(status), wanted, f"{seen!r}")
        expect((b"nothing was approved" in seen) == (wanted == 1), f"{seen!r}")


def approved(r, second, *args):
    """Asks, lets the second officer approve, does it."""
    approval = asked(r.cli(*args))
    equal(asked(r.cli(*args)), approval, "the same question")
    code, _, err = second.cli("approval", "grant", approval, "--reason",
                              "visto", "--what", hash_of(second, approval))
    equal(code, 0, f"grant ({err})")
    code, out, err = r.cli(*args)
    equal(code, 0, f"{args} ({err})")
    return out


# ---- scenarios --------------------------------------------------------------

def two_officers_add_erase_and_release(r):
    if os.getuid() != 0:
        raise Skip("needs root to be several users")
    r.file()
    r.consent_all(1)
    r.wait_attachments("stored", 1)
    os.chmod(r.socket, 0o666)
    document = r.json("document", "list")[0]
    ana, bea = Colleague(r, ANA), Colleague(r, BEA)
    add(r, ana, "officer")  # the first adds the second alone
    set_policy(r, "es-gdpr", "two_officers: [staff_add, erase, reveal]")

    # From now on two add, and one of them may not be the other's puppet.
    command = ("staff", "add", str(BEA), "--role", "agent", "--recipient",
               bea.recipient)
    approval = asked(r.cli(*command))
    what = "--what", hash_of(r, approval)
    refusal(r.cli("approval", "grant", approval, "--reason", "yo mismo",
                  *what), 4, "another officer approves")
    refusal(ana.cli("approval", "grant", approval, "--reason", "nueva",
                    *what), 4, "less than a day ago")
    yesterday(r)
    listed = json.loads(ana.cli("--json", "approval", "list")[1])
    equal([a["id"] for a in listed], [approval], "what waits")
    shown = json.loads(ana.cli("--json", "approval", "show", approval)[1])
    equal([shown["what"][k] for k in ("action", "uid", "roles", "recipient")],
          ["staff_add", BEA, ["agent"], bea.recipient], "what is asked")
    what_was_seen_is_granted(ana, approval)
    code, _, err = r.cli(*command)
    equal(code, 0, f"what was approved ({err})")
    equal(events(r, "staff_added")[-1]["evidence"]["approved_by"], str(ANA),
          "the second officer in the ledger")
    equal(bea.get(document["id"])[1], sample("photo.jpg"), "bea reads")

    # Held: an erasure blocks, and what is blocked is not destroyed.
    subject, case = document["subject"], document["case_id"]
    state = r.json("case", "show", case)["state"]
    hold = json.loads(r.cli("--json", "hold", "add", case, "--reason",
                            "juzgado 3")[1])["id"]
    out = approved(r, ana, "--json", "subject", "erase", subject, "--ground",
                   "request", "--reason", "carta del 3 de mayo")
    equal(json.loads(out)["state"], "waiting", "the erasure")
    unwritten(r, subject, f"waits for hold {hold}")
    blocked_from_agents(r, bea, document, state)
    released_for_an_authority(r, ana, document)
    equal([h["id"] for h in r.json("hold", "list")], [hold], "holds")
    equal(r.cli("hold", "lift", hold, "--reason", "archivado")[0], 0, "lift")
    equal(r.json("hold", "list"), [], "no hold")
    gone, = r.json("hold", "list", "--all")
    expect(gone["id"] == hold and gone["lifted_at"], f"{gone}")
    refusal(r.cli("hold", "lift", hold, "--reason", "otra vez"), 1,
            "was lifted already")
    unwritten(r, subject, "blocked until 20")

    # Who writes again is a stranger, and nobody finds the person any more.
    r.say("hola")
    r.prompt(2)
    until("another person was asked", lambda: len(
        {e["subject"] for e in events(r, "consent_requested")}) == 2)


def unwritten(r, subject, words):
    """No failure, and no certificate: it says both."""
    path = r.path("paper.json")
    code, _, err = r.cli("subject", "certificate", subject, "-o", path)
    equal(code, 0, f"certificate ({err})")
    expect(words in err and f"{path} was not written" in err, err)
    expect(not os.path.exists(path), "a file is there")


def blocked_from_agents(r, bea, document, case):
    """An officer sees that it is there, and in which state; an agent does
    not."""
    for args in (("document", "show", document["id"]),
                 ("case", "show", document["case_id"]),
                 ("document", "list", "--case", document["case_id"]),
                 ("case", "close", document["case_id"])):
        refusal(bea.cli(*args), 3, "no such")
    refusal(bea.get(document["id"]), 3, "no such document")
    until("who looked for it is on record", lambda: {
        "GET /documents/*", "GET /cases/*"} <= {
            e["evidence"]["route"] for e in events(r, "access_denied")
            if (e["actor"], e["reason"]) == (str(BEA), "refused")})
    for noun, state in (("document", ("blocked", None)),
                        ("case", (case, True)),
                        ("attachment", ("stored", True))):
        equal(json.loads(bea.cli("--json", noun, "list")[1]), [],
              f"{noun}s of an agent")
        equal([(x["state"], x.get("blocked")) for x in r.json(noun, "list")],
              [state], f"{noun}s of an officer")
    equal(r.json("case", "list", "--state", "closed"), [], "closed cases")
    expect("BLOCKED" in r.cli("case", "list")[1], "the human view")
    equal(r.json("case", "show", document["case_id"])["blocked"], True, "case")
    refusal(r.cli("document", "get", document["id"], "--reason", "x"), 4,
            "the document is blocked")


def released_for_an_authority(r, ana, document):
    """For who asked, each reading with the authority on record."""
    approved(r, ana, "document", "release", document["id"], "--authority",
             "J-3 12/2026", "--reason", "auto del 3 de mayo")
    code, out, err = r.cli("document", "get", document["id"], "--reason",
                           "para el juzgado", text=False)
    equal(code, 0, f"reading what was released ({err})")
    equal(out, sample("photo.jpg"), "what was released")
    leaf = events(r, "document_read")[-1]
    equal(sorted(leaf["commitments"]), ["authority", "reason"], "commitments")
    expect("J-3" not in json.dumps(events(r, "document_read",
                                          "document_released")),
           "the authority stands in the ledger")
    equal(r.json("document", "show", document["id"])["state"], "blocked",
          "it stays blocked")

    # All of a person only when all of them was released.
    out = r.path("released.zip.age")
    export = ("subject", "export", document["subject"], "--reason", "x", "-o",
              out)
    refusal(r.cli(*export), 4, "the person is blocked")
    equal(events(r, "subject_exported"), [], "exports")
    approved(r, ana, "document", "release", "--subject", document["subject"],
             "--authority", "J-3 12/2026", "--reason", "auto del 4 de mayo")
    code, _, err = r.cli(*export)
    equal(code, 0, f"export of what was released ({err})")
    leaf, = events(r, "subject_exported")
    equal(sorted(leaf["commitments"]), ["authority", "reason"], "commitments")


two_officers_add_erase_and_release.needs = SPAIN


def retention_is_planned_held_and_carried_out(r):
    document, = ready(r)
    a_fault_is_in_status(r)
    case = r.json("case", "list")[0]["id"]
    equal(r.json("retention", "plan"), {"counts": [], "rows": []}, "now")
    refusal(r.cli("retention", "plan", "--until", "nope"), 2, "not a time")
    equal(r.cli("case", "close", case)[0], 0, "close")
    equal(r.cli("case", "close", case)[0], 1, "close again")
    hold = json.loads(r.cli("--json", "hold", "add", case, "--reason",
                            "pleito")[1])["id"]
    plan = r.json("retention", "plan", "--until", "2099-01-01")
    equal([(c["trigger"], c["count"], c["held"]) for c in plan["counts"]
           if c["media_type"]], [("case_closed", 1, 1)], "counts")
    row = [x for x in plan["rows"] if x["document"]][0]
    equal((row["document"], row["action"], row["held"]),
          (document, "destroy", True), "row")
    equal(r.json("document", "list")[0]["state"], "stored", "a dry run")

    # Five years pass by another rule; the hold keeps it, then it goes.
    path = r.path("policies", "co-habeas-data", "policy.yaml")
    with open(path, encoding="utf-8") as f:
        text = f.read().replace("after: 1825d", "after: 1s")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    set_policy(r, "co-habeas-data", "# another rule")
    until("it is due", lambda: r.json("retention", "plan")["counts"])
    equal(len(r.json("document", "list")), 1, "held")
    equal(r.cli("hold", "lift", hold, "--reason", "acabado")[0], 0, "lift")
    until("it is destroyed", lambda: not r.json("document", "list"))
    equal(len(events(r, "document_erased")), 1, "on record")


if __name__ == "__main__":
    run([two_officers_add_erase_and_release,
         retention_is_planned_held_and_carried_out])
