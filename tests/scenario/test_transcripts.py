#!/usr/bin/env python3
"""Chats, as customers see them: each file of transcripts/ is played against
one daemon, and what the customer reads must be what stands there.

A line is who and what; lines that are indented go on with the one before:

    cliente: TEXT              writes
    cliente pulsa: TITLE       taps a button, or a row of the newest list
    cliente envía: FILE "CAPTION"   one of tests/vectors/media
    cliente con número nuevo: TEXT  writes, and from there from here on
    resguardo: TEXT            reads; "…" stands for anything
      [Button] [Button]        and these buttons under it
      [Button: Row | Row]      or this list
    equipo: WORDS              an agent's command; {caso} is the case that
                               the customer was told, {chat} their
                               conversation, {antes} and {ahora} who they are
                               under the former and the new number
    # …                        a remark

What comes in an order that nobody can know (a receipt and the next answer) is
not in one transcript. `--write` writes what was said into the files: read the
difference before you keep it."""
import os
import re
import shlex
import sys

from harness import ROOT, equal, expect, run, sample, until

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "transcripts")
TYPES = {"jpg": ("image", "image/jpeg"), "png": ("image", "image/png"),
         "pdf": ("document", "application/pdf"),
         "docx": ("document", "application/vnd.openxmlformats-officedocument."
                              "wordprocessingml.document"),
         "txt": ("document", "text/plain")}
CODE = r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b"
WRITE = "--write" in sys.argv


def turns(path):
    """[who, text, number of the line] of a transcript."""
    out = []
    with open(path, encoding="utf-8") as f:
        for n, line in enumerate(f, 1):
            line = line.rstrip("\n")
            if line.startswith("#") or not line.strip():
                if out and not line.startswith("#"):
                    out[-1][1] += "\n"
            elif line.startswith("  "):
                out[-1][1] += "\n" + line[2:]
            else:
                who, _, text = line.partition(": ")
                out.append([who, text, n])
    return [[who, text.strip("\n"), n] for who, text, n in out]


def shown(message):
    """What the customer sees of it."""
    text = message["text"]
    if message["buttons"]:
        text += "\n" + " ".join(f"[{b['title']}]" for b in message["buttons"])
    interactive = message["request"].get("interactive", {})
    if "header" in interactive:
        text = f"*{interactive['header']['text']}*\n{text}"
    action = interactive.get("action", {})
    if "sections" in action:
        rows = [r["title"] for s in action["sections"] for r in s["rows"]]
        text += f"\n[{action['button']}: {' | '.join(rows)}]"
    return text


def says(wanted, text):
    parts = [re.escape(part) for part in wanted.split("…")]
    return re.fullmatch("(?s)" + ".*?".join(parts), text) is not None


class Chat:
    """One person's chat."""

    def __init__(self, r, person):
        self.r, self.person, self.read = r, person, 0
        self.former = None

    def sent(self):
        return self.r.sim.sent(self.person)

    def tap(self, title):
        for message in reversed(self.sent()):
            action = message["request"].get("interactive", {}).get("action", {})
            rows = [r for s in action.get("sections", []) for r in s["rows"]]
            for kind, options in (("button_reply", message["buttons"]),
                                  ("list_reply", rows)):
                for option in options:
                    if option["title"] == title:
                        more = {k: option[k] for k in ("title", "description")
                                if k in option}
                        answer = self.r.sim.message(**{
                            "from": self.person, "type": kind,
                            "button_id": option["id"],
                            "context": message["id"], **more})
                        expect(answer["ok"], f"refused: {answer}")
                        return
        raise AssertionError(f"nothing to tap that says {title!r}")

    def send(self, words):
        name, *caption = shlex.split(words)
        kind, mime = TYPES[name.rsplit(".", 1)[1]]
        self.r.file(sample(name), kind, mime, caption="".join(caption) or None,
                    person=self.person)

    def case(self):
        """The code that the customer was told last."""
        return re.findall(CODE, "\n".join(shown(m) for m in self.sent()))[-1]

    def who(self, person):
        return self.r.json("subject", "find", person)[0]["subject"]

    def chat(self):
        me = self.who(self.person)
        return [c["conversation"] for c in self.r.json("conversation", "list")
                if c["subject"] == me][0]

    def agent(self, words):
        named = {"{caso}": self.case, "{chat}": self.chat, "{antes}": lambda: self.who(self.former),
                 "{ahora}": lambda: self.who(self.person)}
        code, _, err = self.r.cli(*[
            named[word]() if word in named else word
            for word in shlex.split(words)])
        equal(code, 0, f"{words} ({err})")

    def move(self):
        self.former, self.person = self.person, self.person + "9"
        self.read = 0

    def next(self):
        until(f"message {self.read + 1} for the customer",
              lambda: len(self.sent()) > self.read)
        self.read += 1
        return shown(self.sent()[self.read - 1])

    def turn(self, who, text):
        if who == "cliente":
            self.r.say(text, self.person)
        elif who == "cliente con número nuevo":
            self.move()
            self.r.say(text, self.person)
        elif who == "cliente pulsa":
            self.tap(text)
        elif who == "cliente envía":
            self.send(text)
        elif who == "equipo":
            self.agent(text)
        else:
            equal(who, "resguardo", "who speaks")
            return self.next()
        return None


def quiet(r):
    """Nothing more will be said."""
    def over():
        status = r.json("status")
        busy = sum(status["attachments"][s]
                   for s in ("queued", "fetching", "judging"))
        return busy + status["outbox_pending"] == 0
    until("all is said", over)


def play(r, path, person):
    chat = Chat(r, person)
    name = os.path.basename(path)
    heard = []
    for who, text, n in turns(path):
        got = chat.turn(who, text)
        heard.append((who, text, got))
        if got is not None and not WRITE:
            expect(says(text, got), f"{name}:{n}: the customer reads:\n{got}")
    quiet(r)
    if WRITE:
        write(path, heard, [shown(m) for m in chat.sent()[chat.read:]])
    more = [shown(m) for m in chat.sent()[chat.read:]]
    equal(more, [], f"{name}: nothing more is said")
    print(f"ok {name}", flush=True)


def write(path, heard, more):
    with open(path, encoding="utf-8") as f:
        remarks = [line for line in f if line.startswith("#")]
    blocks = []
    for who, text, got in heard + [("resguardo", "", m) for m in more]:
        if got is not None and not says(text, got):
            text = re.sub(CODE, "…", got)
            text = re.sub(r"\d\d/\d\d/\d{4}|\d{4}-\d\d-\d\d", "…", text)
        blocks.append(f"{who}: " + text.replace("\n", "\n  "))
    text = "\n\n".join(blocks).replace("\n  \n", "\n\n")
    with open(path, "w", encoding="utf-8") as f:
        f.write("".join(remarks) + "\n" + text + "\n")


def ask_how_it_was(r):
    """At any hour: without the rules of contact."""
    r.stop()
    path = r.path("policies", "co-habeas-data", "policy.yaml")
    with open(path, encoding="utf-8") as f:
        text = re.sub(r"(?ms)^contact_rules:.*?^storage_locations:",
                      "storage_locations:", f.read())
    with open(path, "w", encoding="utf-8") as f:
        f.write(text + "satisfaction: {ask_after: 0s}\n")
    r.start()


def chats_read_as_they_are_written(r):
    ask_how_it_was(r)
    names = sorted(n for n in os.listdir(FOLDER) if n.endswith(".txt"))
    expect(len(names) > 5, "there are transcripts")
    for i, name in enumerate(names):
        play(r, os.path.join(FOLDER, name), f"57300777{i:04}")


def chats_about_notices(r):
    """Under the policy of docs/reminders.md, which asks about them."""
    folder = os.path.join(FOLDER, "avisos")
    for i, name in enumerate(sorted(os.listdir(folder))):
        play(r, os.path.join(folder, name), f"57300888{i:04}")


chats_about_notices.needs = {"notices": True}


def chats_in_spain(r):
    folder = os.path.join(FOLDER, "banca-es")
    for i, name in enumerate(sorted(os.listdir(folder))):
        play(r, os.path.join(folder, name), f"34600777{i:04}")


chats_in_spain.needs = {"policy": "es-gdpr"}


def read(*names):
    with open(os.path.join(ROOT, *names), encoding="utf-8") as f:
        return f.read()


def the_page_and_the_code_agree():
    """docs/dialogue.md names every state, input, action, word and id."""
    header = read("include", "resguardo", "dialogue.h")
    code = read("src", "dialogue", "intent.c")
    page = read("docs", "dialogue.md")
    names = set(re.findall(r"^    ((?:DO|INPUT|MODE|MATCH|CONSENT)_[A-Z]+"
                           r"(?:_[A-Z]+)*),", header, re.M))
    intents = re.findall(r'\{ (WORD_[A-Z]+), (NULL|"[^"]*"), \w+ \}', code)
    prefixes = re.findall(r'\{ "([a-z]+/)", \w+ \}', code)
    expect(len(names) > 25 and len(intents) >= 7 and len(prefixes) >= 2,
           f"the code was read: {names} {intents} {prefixes}")
    rows = [[re.findall("`([^`]*)`", cell) for cell in line.split("|")[1:-1]]
            for line in page.splitlines() if line.startswith("| ")]
    said = {name for row in rows for cell in row for name in cell}
    equal(sorted(names - said), [], "what the page leaves out")
    known = re.compile(r"(DO|INPUT|MODE|MATCH|CONSENT)_")
    equal(sorted(n for n in said if known.match(n) and n not in names), [],
          "what only the page has")
    table = sorted((row[0][0], row[1][0] if row[1] else None) for row in rows
                   if row[0] and row[0][0].startswith("WORD_"))
    equal(table, sorted((w, None if i == "NULL" else i.strip('"'))
                        for w, i in intents), "words and ids")
    equal(sorted(row[0][0] for row in rows
                 if row[0] and row[0][0].endswith("/")), sorted(prefixes),
          "what ids begin with")


if __name__ == "__main__":
    if WRITE:
        sys.argv.remove("--write")
    run([the_page_and_the_code_agree, chats_read_as_they_are_written,
         chats_about_notices, chats_in_spain])
