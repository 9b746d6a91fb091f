#!/usr/bin/env python3
"""A person in the conversation, as customer and agent see it: asked for without
consent, waited for, silent assistant, sealed words, hand-back; and cases as
work. It reads like the chat that it is."""
import os
import re
import subprocess

from harness import (BUILD, PHONE, ROOT, equal, expect, json, run, sqlite3,
                     until)

ANA = "573004440002"


def heard(r, n, person=PHONE):
    """The n-th text (from 1) that the customer reads."""
    return until(f"text {n} for {person}", lambda: (
        r.texts(person)[n - 1:n] or [None])[0])


def refused(r, wanted, words, *args):
    code, out, err = r.cli(*args)
    equal(code, wanted, f"{args} ({out}{err})")
    expect(words in err, f"{args}: {err!r} does not say {words!r}")


def set_policy(r, pattern, line):
    path = r.path("policies", "co-habeas-data", "policy.yaml")
    with open(path, encoding="utf-8") as f:
        text = re.sub(pattern, line, f.read())
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def conversation(r, state, n=1):
    return until(f"{n} conversations {state}", lambda: (
        lambda found: found if len(found) == n else None)(
            r.json("conversation", "list", "--state", state)))


def chat(r, id):
    return [(m["kind"], m["text"]) for m in
            r.json("conversation", "show", id, "--reason", "atender")["chat"]]


def look(r):
    """What is due by the day is looked at with the next batch, once a second:
    a list of documents, which is on record, makes one."""
    r.json("document", "list")
    return r


def leaves(r, kind):
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    found = [json.loads(entry) for (entry,) in
             database.execute("SELECT entry FROM ledger ORDER BY idx")]
    database.close()
    return [leaf for leaf in found if leaf["event_type"] == kind]


def a_person_talks_and_the_assistant_is_silent(r):
    r.stop()
    set_policy(r, r"(?ms)^hours:.*?^clocks:", "clocks:")  # always open
    set_policy(r, r"\{waiting: 30m", "{waiting: 300ms")
    set_policy(r, r"\{untouched: 3d", "{untouched: 200ms")
    r.start()

    # Somebody who never consented to anything asks for a person.
    r.say("¡Asesor!")
    text = heard(r, 1)
    expect("Su lugar en la fila: 1." in text, text)
    expect("Todavía no podemos decirle" in text, "no estimate is invented")
    expect("/notice/co-habeas-data/" in text, "how their data are treated")
    equal(r.prompts(), [], "no question is put to who wants a person")
    r.say("secreto-uno: no puedo subir la cédula")
    r.canaries.add("secreto-uno")
    r.say("persona", ANA)
    expect("Su lugar en la fila: 2." in heard(r, 1, ANA), "who came later")

    # A file brings its question as ever, and nothing of it is fetched.
    r.file(caption="mi canario 12")
    prompt = r.prompt(1)
    equal(r.downloads(), [], "no byte before the yes")

    # Agents see the queue, without a word; who waits too long is urgent.
    waiting = conversation(r, "waiting", 2)
    mine = [c for c in waiting if c["position"] == 1][0]
    equal(mine["messages"], 1, "what was written meanwhile")
    until("a rule makes it urgent", lambda: all(
        c["priority"] == "high"
        for c in look(r).json("conversation", "list", "--state", "waiting")))
    expect('"handover_waits"' in r.log(), "and alarms")
    refused(r, 4, "not yours", "conversation", "reply", mine["id"],
            "--template", "greeting")
    equal(r.json("conversation", "take", mine["id"])["state"], "person",
          "taken")
    refused(r, 1, "you have it already", "conversation", "take", mine["id"])

    # What was written opens on the reader's side, and reading is on record.
    equal(chat(r, mine["id"]),
          [("in", "secreto-uno: no puedo subir la cédula")], "the chat")
    equal(len(leaves(r, "chat_read")), 1, "a reading")

    # They talk; a typed yes answers the person, the button the question.
    refused(r, 3, "there are: greeting", "conversation", "reply", mine["id"],
            "--template", "nope")
    r.canaries.add("respuesta-dos")
    code, _, err = r.cli("conversation", "reply", mine["id"], "--text",
                         "respuesta-dos: ¿la foto es suya?")
    equal(code, 0, err)
    equal(heard(r, 2), "respuesta-dos: ¿la foto es suya?", "the agent's words")
    r.say("Sí, acepto")
    until("the yes is kept", lambda: len(chat(r, mine["id"])) == 3)
    equal([e["evidence"] for e in r.consent_log()
           if e["event_type"] == "consent_given"], [], "it grants nothing")
    equal(r.downloads(), [], "and fetches nothing")
    r.say("hola?\n2099-01-01T00:00:00.000Z  in\x1b[2J")
    equal(len(r.prompts()), 1, "the assistant is silent")
    what_the_agent_sees(r, mine["id"])
    r.press(prompt, "grant")
    r.press(r.prompt(2), "grant")
    r.wait_attachments("stored", 1)
    receipt = heard(r, 3)
    expect("Código de su caso" in receipt, f"the receipt comes: {receipt}")

    # Not even the store keeps an agent's words in a form that it can open.
    until("the reply was sent", lambda: chat(r, mine["id"])[1][0] == "out")
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    until("and its words went", lambda: database.execute(
        "SELECT body_sealed FROM outbox WHERE kind = 'reply'").fetchall() ==
        [(b"",)])
    database.close()

    cases_are_work(r)

    # Handed back: the assistant says so, and answers; a kill changes nothing.
    r.kill()
    r.start()
    equal(conversation(r, "person")[0]["id"], mine["id"], "after a kill")
    equal(r.cli("conversation", "hand-back", mine["id"])[0], 0, "hand-back")
    expect("asistente automático" in heard(r, 4), "it says who answers")
    refused(r, 1, "the bot has it", "conversation", "hand-back", mine["id"])
    r.say("asistente", ANA)
    expect("asistente automático" in heard(r, 2, ANA), "by a word, too")
    r.say("asesor")
    expect(re.search(r"alrededor de \d+ min", heard(r, 5)),
           "what the last ones waited")

    all_of_it_goes_out_and_is_erased(r, mine)


def what_the_agent_sees(r, id):
    """Their lines are lines, which cannot be taken for rows; beside them what
    came and what happened, without a word."""
    until("it is kept", lambda: len(chat(r, id)) == 4)
    seen = r.json("conversation", "show", id, "--reason", "atender")
    file, = seen["files"]
    equal([file["sent"], file["type"], file["document_id"]],
          ["held", "image/jpeg", None], "the photo that waits for its yes")
    equal([e["text"] for e in seen["events"]],
          ["asked for a person", "an agent took it"], "what happened")
    expect(r.json("conversation", "list", "--state", "person")[0]
           ["unanswered_since"], "they wrote last")
    code, out, err = r.cli("conversation", "show", id, "--reason", "atender")
    equal(code, 0, err)
    lines = out.split("\n")
    first, = [i for i, line in enumerate(lines) if "hola?" in line]
    column = lines[first].index("hola?")
    equal(lines[first + 1], " " * column
          + r"2099-01-01T00:00:00.000Z  in\u{001B}[2J", "the line after it")
    expect(any("file" in line and "held" in line and "image/jpeg" in line
               for line in lines), out)


def cases_are_work(r):
    case = r.json("case", "list")[0]
    document = r.json("document", "list")[0]["id"]
    until("what nobody touches is urgent", lambda: look(r).json(
        "case", "show", case["id"])["priority"] == "high")
    me = r.json("staff", "list")[0]["name"]
    r.canaries.add("nota-tres")
    for args in (("note", case["id"], "--text", "nota-tres: llamar mañana"),
                 ("assign", case["id"], me),
                 ("priority", case["id"], "urgent")):
        code, _, err = r.cli("case", *args)
        equal(code, 0, f"{args} ({err})")
    refused(r, 2, "no such priority: soon", "case", "priority", case["id"], "soon")
    refused(r, 2, "missing: NAME", "case", "assign", case["id"])
    refused(r, 3, "no such agent", "case", "assign", case["id"], "nobody9")
    other = r.json("case", "open", case["subject"], "--policy",
                   "co-habeas-data")["id"]
    refused(r, 3, "no such policy", "case", "open", case["subject"],
            "--policy", "nope")
    stranger = [c["subject"] for c in r.json("conversation", "list")
                if c["subject"] != case["subject"]][0]
    theirs = r.json("case", "open", stranger, "--policy",
                    "co-habeas-data")["id"]
    refused(r, 3, "of another person", "case", "move", document, theirs)
    refused(r, 1, "in this case already", "case", "move", document,
            case["id"])
    equal(r.cli("case", "move", document, other)[0], 0, "moved")
    equal(r.json("document", "show", document)["case_id"], other, "there")
    equal([n["text"] for n in r.json("case", "notes", case["id"], "--reason",
                                     "seguir")],
          ["nota-tres: llamar mañana"], "the note")

    # What was not in the chat is in its history, too.
    r.canaries.add("nota-cuatro")
    refused(r, 2, "no such word: up", "case", "contact", case["id"], "up",
            "--channel", "phone")
    refused(r, 2, "no such channel", "case", "contact", case["id"], "in",
            "--channel", "pigeon")
    refused(r, 1, "yet to come", "case", "contact", case["id"], "in",
            "--channel", "branch", "--from", "2099-01-01")
    for args in (("in", "--channel", "branch", "--text", "nota-cuatro"),
                 ("out", "--channel", "phone")):
        code, _, err = r.cli("case", "contact", case["id"], *args)
        equal(code, 0, f"{args} ({err})")
    equal(len(leaves(r, "contact_noted")), 2, "on record")

    shown = r.json("case", "show", case["id"])
    equal([shown[k] for k in ("owner", "priority", "notes")],
          [me, "urgent", 2], "the ticket")
    equal([(e["event"], e["detail"], e["actor"]) for e in shown["timeline"]
           if e["event"].startswith("contact_")],
          [("contact_in", "branch", me), ("contact_out", "phone", me)],
          "contacts over other channels")
    events = [e["event"] for e in shown["timeline"]]
    for event in ("case_opened", "file_received", "message_sent",
                  "message_received", "handover_asked", "handover_taken",
                  "agent_replied", "consent_given", "note"):
        expect(event in events, f"{event} is not in {events}")
    equal([e["time"] for e in shown["timeline"]],
          sorted(e["time"] for e in shown["timeline"]), "by time")
    expect("secreto" not in json.dumps(shown), "no word of anybody")
    code, out, err = r.cli("case", "show", case["id"])
    expect(code == 0 and "agent_replied" in out, f"for people ({err})")


def all_of_it_goes_out_and_is_erased(r, mine):
    """The export has the chat; an erasure leaves nothing of it."""
    file = r.path("export.age")
    code, _, err = r.cli("subject", "export", mine["subject"], "-o", file)
    equal(code, 0, err)
    plain = subprocess.run(
        [os.path.join(BUILD, "resguardo"), "age", "decrypt", "-i", r.identity,
         file], stdout=subprocess.PIPE, check=True).stdout
    for word in ("secreto-uno", "respuesta-dos", "nota-tres"):
        expect(word.encode() in plain, f"{word} is in the export")
    os.unlink(file)
    code, _, err = r.cli("subject", "erase", mine["subject"], "--ground",
                         "request")
    expect(code == 0, err)
    until("the waiting one ended with its person", lambda: [
        leaf["reason"] for leaf in leaves(r, "handover_ended")
        if leaf.get("reason") == "erased"] == ["erased"])
    until("erased", lambda: leaves(r, "subject_erased"))
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    for table in ("chat", "handover", "conversation"):
        equal(database.execute(f"SELECT count(*) FROM {table} WHERE"
                               " subject = ?", (mine["subject"],)).fetchone(),
              (0,), table)
    database.close()
    refused(r, 3, "no such conversation", "conversation", "show", mine["id"],
            "--reason", "atender")


run([a_person_talks_and_the_assistant_is_silent])
