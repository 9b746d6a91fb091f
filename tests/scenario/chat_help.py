"""Chats as text: a transcript is read, played by customers, staff and the
institution, and compared with what each of them reads.

A line is who and what; lines that are indented go on with the one before:

    cliente: TEXT              writes
    cliente pulsa: TITLE       taps a button, or a row of the newest list; "…"
                               stands for anything
    cliente envía: FILE "CAPTION" + FILE   of tests/vectors/media, at once
    cliente manda: un sticker  or what else WRITES has
    cliente reacciona: 👍      to what they read last
    cliente con número nuevo: TEXT  writes, and from there from here on
    otro cliente: TEXT         whoever is no client yet is a number of its own
    resguardo: TEXT            reads; "…" stands for anything in its
                               line, or of any lines where it begins or ends one
      [Button] [Button]        and these buttons under it
      [Button: Row | Row]      or this list
    resguardo a otro cliente: TEXT   reads, on that phone
    equipo: WORDS              a command of the staff
    equipo no puede: WORDS     one that is refused
    pantalla: TEXT             what that command said
    entidad: WORDS             what the institution does: see the test
    # …                        a remark

In the words of the staff {cliente} is who writes (so is {otro cliente} …),
{caso} the case that they were told last, {chat} their conversation, {solicitud}
their newest request, {documento} their newest document, {antes} and {ahora} who
they are under the former and the new number, {política} whose number it is,
{hace 90 días} a day, {plazo + 3 días} a day behind that request's last one,
{lista} a list of reminders with them alone, {archivo NAME} one of
tests/vectors/media. In those of a customer {código} is the code that `document
code` drew. Lines of ours that follow each other may come in any order, as
messages that are sent at once do. What else comes in an order that nobody can
know (a receipt and the next answer) is not in one transcript."""
import datetime
import os
import re
import shlex
import threading
import time

from harness import MEDIA, equal, expect, sample, until

TYPES = {"jpg": ("image", "image/jpeg"), "png": ("image", "image/png"),
         "pdf": ("document", "application/pdf"),
         "docx": ("document", "application/vnd.openxmlformats-officedocument."
                              "wordprocessingml.document"),
         "txt": ("document", "text/plain"), "zip": ("document",
                                                    "application/zip")}
CODE = r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b"
TURN = re.compile(r"(?:(cliente con número nuevo)"
                  r"|(resguardo|pantalla|entidad)|(equipo)( no puede)?"
                  r"|resguardo al? (.+?)"
                  r"|(.+?)( pulsa| envía| manda| reacciona)?)")
# A page of Ogg with an Opus head: what a voice message begins with.
VOICE = (b"OggS\0\2" + bytes(8) + b"\1\0\0\0" + bytes(8) + b"\1\x13OpusHead\1\1"
         + bytes(9)) + b"OggS\0\0" + bytes(8) + b"\1\0\0\0\1\0\0\0" + bytes(600)
WRITES = {
    "un sticker": {"type": "sticker"},
    "su ubicación": {"type": "location", "object": {
        "location": {"latitude": 6.25, "longitude": -75.56}}},
    "un contacto": {"type": "contacts", "object": {
        "contacts": [{"name": {"formatted_name": "Rosa"}}]}},
    "algo que WhatsApp no muestra": {"type": "unsupported"},
    "un mensaje de voz": {"type": "audio"},
}
CARRIES = {"sticker": ("photo.webp", "image/webp"), "audio": (None, "audio/ogg")}
DAY = datetime.timedelta(days=1)


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


def template_shown(template, known):
    """As Meta fills it, where the policy says what Meta has."""
    parts = template.get("components", [])
    given = [p for c in parts for p in c["parameters"]]
    values = [f"[{p['document'].get('filename')}]" if "document" in p
              else p["text"] for p in given if {"text", "document"} & set(p)]
    body, titles = known(template["name"])
    if not body:
        return f"({template['name']}) " + " | ".join(values)
    texts = [p["text"] for p in given if "text" in p]
    for i, value in enumerate(texts, 1):
        body = body.replace(f"{{{{{i}}}}}", value)
    return body + "\n" + " ".join(f"[{title}]" for title in titles)


def shown(message, known=lambda name: (None, [])):
    """What the customer sees of it."""
    request = message["request"]
    if "template" in request:
        return template_shown(request["template"], known)
    if "document" in request:
        return (f"({request['document'].get('filename')}) "
                + request["document"].get("caption", ""))
    text = message["text"]
    if message["buttons"]:
        text += "\n" + " ".join(f"[{b['title']}]" for b in message["buttons"])
    interactive = request.get("interactive", {})
    if "header" in interactive:
        text = f"*{interactive['header']['text']}*\n{text}"
    action = interactive.get("action", {})
    if "sections" in action:
        rows = [r["title"] for s in action["sections"] for r in s["rows"]]
        text += f"\n[{action['button']}: {' | '.join(rows)}]"
    return text


def says(wanted, text):
    """"…" is anything: within its line, unless it begins or ends one."""
    padded = f"\n{wanted}\n"
    pattern = ""
    for i, one in enumerate(wanted, 1):
        if one != "…":
            pattern += re.escape(one)
        elif "\n" in (padded[i - 1], padded[i + 1]):
            pattern += r"(?s:.*?)"
        else:
            pattern += r"[^\n]*?"
    return re.fullmatch(pattern, text) is not None


class Phone:
    """One number, and how far it was read."""

    def __init__(self, number):
        self.number, self.read = number, 0


class Chat:
    """What a transcript's people do under one house (a number of ours)."""

    def __init__(self, house, number):
        self.house, self.r = house, house.r
        self.first, self.phones = number, {}
        self.former = self.screen = self.code = self.last_request = None
        self.second = 0
        self.client = self.phone("cliente")

    def phone(self, who):
        if who not in self.phones:
            self.phones[who] = Phone(self.first + str(len(self.phones)))
        return self.phones[who]

    def sent(self, phone, at_least=0):
        """What came to a phone under this house; waits for so many."""
        def get(more=""):
            return self.r.sim.get("/sim/sent?since=0&accepted=true&person="
                                  + phone.number + more)
        if not at_least:
            return get()
        return until(f"message {at_least} for {phone.number}", lambda: (
            lambda found: found if len(found) >= at_least else None)(
                get(f"&count={at_least}&wait_ms=20000")))

    # ---- what a customer does ---------------------------------------------

    def at(self):
        """Each message in a second of its own: people are not faster."""
        self.second = max(self.second + 1, int(time.time()))
        return self.second

    def message(self, phone, **message):
        answer = self.r.sim.message(**{
            "from": phone.number, "phone_number_id": self.house.number,
            "timestamp": self.at(), **message})
        expect(answer["ok"], f"refused: {answer}")

    def tap_template(self, phone, message, title):
        """A button of a template comes back with its payload."""
        template = message["request"].get("template")
        _, titles = self.house.template(template["name"]) if template else (
            None, [])
        for part in template["components"] if title in titles else ():
            if part.get("index") == str(titles.index(title)):
                self.message(phone, type="button", title=title,
                             button_id=part["parameters"][0]["payload"],
                             context=message["id"])
                return True
        return False

    def tap(self, phone, title):
        for message in reversed(self.sent(phone)):
            if self.tap_template(phone, message, title):
                return
            action = message["request"].get("interactive", {}).get("action", {})
            rows = [r for s in action.get("sections", []) for r in s["rows"]]
            for kind, options in (("button_reply", message["buttons"]),
                                  ("list_reply", rows)):
                for option in options:
                    if says(title, option["title"]):
                        more = {k: option[k] for k in ("title", "description")
                                if k in option}
                        self.message(phone, type=kind, button_id=option["id"],
                                     context=message["id"], **more)
                        return
        raise AssertionError(f"nothing to tap that says {title!r}")

    def send(self, phone, words):
        """All at once, as an album comes."""
        messages = []
        for part in words.split(" + "):
            name, *caption = shlex.split(part)
            kind, mime = TYPES[name.rsplit(".", 1)[1]]
            message = {"from": phone.number, "type": kind,
                       "timestamp": self.at(),
                       "phone_number_id": self.house.number,
                       "media_id": self.r.sim.media(sample(name), mime)}
            if caption:
                message["caption"] = "".join(caption)
                self.r.canaries |= {c for c in caption if len(c.split()) > 1}
            messages.append(message)
        answer = self.r.sim.post("/sim/message", {"messages": messages,
                                                  "batch": True})
        expect(answer["ok"], f"refused: {answer}")

    def hand(self, phone, what):
        message = dict(WRITES[what])
        if message["type"] in CARRIES:
            name, mime = CARRIES[message["type"]]
            message["media_id"] = self.r.sim.media(
                VOICE if name is None else sample(name), mime)
        self.message(phone, **message)

    def react(self, phone, emoji):
        self.message(phone, type="reaction", emoji=emoji,
                     message_id=self.sent(phone)[phone.read - 1]["id"])

    def move(self):
        self.former = self.client
        self.client = self.phones["cliente"] = Phone(self.first + "9")

    # ---- what staff do ------------------------------------------------------

    def case(self):
        """The code that the customer was told last; else of their only one."""
        told = re.findall(CODE, "\n".join(
            shown(m) for m in self.sent(self.client)))
        return told[-1] if told else self.newest("case", 0)["id"]

    def who(self, phone):
        return self.r.json("subject", "find", phone.number)[0]["subject"]

    def newest(self, what, key):
        me = self.who(self.client)
        return [one for one in self.r.json(what, "list")
                if one["subject"] == me and self.house.id == one.get(
                    "policy", self.house.id)][key]

    def request(self):
        me = self.who(self.client)
        mine = [q for q in self.r.json("request", "list")
                if q["subject"] == me]
        if mine:  # what was answered is in the list no more
            self.last_request = max(mine, key=lambda q: q["id"])
        return self.last_request

    def csv(self):
        path = self.r.path(f"list-{self.client.number}.csv")
        with open(path, "w", encoding="utf-8") as f:
            f.write(self.house.list_of(self.client.number))
        return path

    def named(self, name):
        simple = {"caso": self.case, "lista": self.csv,
                  "chat": lambda: self.newest("conversation", 0)["id"],
                  "documento": lambda: self.newest("document", -1)["id"],
                  "solicitud": lambda: self.request()["id"],
                  "política": lambda: self.house.id,
                  "antes": lambda: self.who(self.former),
                  "ahora": lambda: self.who(self.client)}
        if name in simple:
            return simple[name]()
        if name.startswith("archivo "):
            return os.path.join(MEDIA, name[8:])
        day = re.fullmatch(r"hace (\d+) días?|plazo \+ (\d+) días?", name)
        if day and day[1]:
            return str(datetime.date.today() - int(day[1]) * DAY)
        if day:
            due = datetime.date.fromisoformat(self.request()["due"][:10])
            return str(due + int(day[2]) * DAY)
        return self.who(self.phones[name])

    def agent(self, words, fails):
        filled = re.sub(r"\{(.+?)\}",
                        lambda m: shlex.quote(self.named(m[1])), words)
        code, out, err = self.r.cli(*shlex.split(filled))
        equal(code != 0, fails, f"{words} ({out}{err})")
        lines = (out + err if fails else out or err).splitlines()
        self.screen = "\n".join(re.sub(r"\s+", " ", line).strip()
                                for line in lines if line.strip())
        code = re.search(r"(?m)^code:? (\d{6})$", self.screen)
        self.code = code[1] if code else self.code

    def coded(self, text):
        """{código}: what staff told them over another channel."""
        return text.replace("{código}", self.code or "")

    # ---- a line --------------------------------------------------------------

    def next(self, phone):
        phone.read += 1
        sent = self.sent(phone, phone.read)
        return shown(sent[phone.read - 1], self.house.template)

    def turn(self, who, text):
        """Plays it; what is to be compared with the text, or None."""
        moved, ours, staff, fails, reader, name, verb = (
            TURN.fullmatch(who).groups())
        if ours == "resguardo" or reader:
            return self.next(self.phone(reader or "cliente"))
        if ours == "pantalla":
            return self.screen
        if ours:
            self.house.does(text)
        elif staff:
            self.agent(text, fails is not None)
        elif moved:
            self.move()
            self.message(self.client, type="text", text=text)
        else:
            {None: lambda p, t: self.message(p, type="text",
                                             text=self.coded(t)),
             " pulsa": self.tap, " envía": self.send, " manda": self.hand,
             " reacciona": self.react}[verb](self.phone(name), text)
        return None

    def rest(self):
        return [shown(m, self.house.template) for phone in self.phones.values()
                for m in self.sent(phone)[phone.read:]]


def quiet(r):
    """Nothing more will be said."""
    def over():
        status = r.json("status")
        busy = sum(status["attachments"][s]
                   for s in ("queued", "fetching", "judging"))
        return busy + status["outbox_pending"] == 0
    until("all is said", over)


def together(lines):
    """What is said without a word between is one group."""
    groups = []
    for line in lines:
        if (groups and line[0].startswith("resguardo")
                and line[0] == groups[-1][0][0]):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def matched(lines, heard):
    """Two messages that are sent at once come in any order."""
    left, out = list(heard), []
    for _, text, _ in lines:
        fits = [h for h in left if h is not None and says(text, h)]
        out.append(fits[0] if fits else left[0])
        left.remove(out[-1])
    return out


class Played:
    """A transcript as it was played."""

    def __init__(self, path, house, number):
        self.path, self.chat = path, Chat(house, number)
        self.name = os.path.basename(path)
        self.heard, self.fault = [], None

    def play(self, write):
        try:
            for lines in together(turns(self.path)):
                self.at = lines[0][2]
                got = [self.chat.turn(who, text) for who, text, _ in lines]
                for (who, text, _), one in zip(lines, matched(lines, got)):
                    self.heard.append((who, text, one))
                    if one is not None and not write:
                        expect(says(text, one), f"{who} reads:\n{one}")
        except Exception as error:  # of one chat: the others go on
            self.fault = error

    def end(self, write):
        if write:
            self.write()
            return
        if self.fault is None:
            equal(self.chat.rest(), [], f"{self.name}: nothing more is said")
            print(f"ok {self.name}", flush=True)

    def write(self):
        with open(self.path, encoding="utf-8") as f:
            remarks = [line for line in f if line.startswith("#")]
        blocks = []
        left = turns(self.path)[len(self.heard):]
        for who, text, got in self.heard + [("resguardo", "", m)
                                            for m in self.chat.rest()] + [
                (who, text, None) for who, text, _ in left]:
            if got is not None and not says(text, got):
                text = re.sub(CODE, "…", got)
                text = re.sub(r"\d\d/\d\d/\d{4}|\d{4}-\d\d-\d\d(T[\d:.]+Z)?"
                              r"|[^\W\d]+(-feira)?,? \d+( de)? [a-zA-Zç]+"
                              r"( de)? \d{4}|[^\W\d]+(-feira)?,? \d+( de)?"
                              r" [a-zA-Zç]+(,? a las?|,? às| at) \d+:\d\d"
                              r"( [ap]\. m\.)?"
                              r"|\b[a-z][a-z2-7]{26}\b", "…", text)
            blocks.append(f"{who}: " + text.replace("\n", "\n  "))
        text = "\n\n".join(blocks).replace("\n  \n", "\n\n")
        with open(self.path, "w", encoding="utf-8") as f:
            f.write("".join(remarks) + "\n" + text + "\n")


def one_after_the_other(command):
    """One member of staff signs for all chats: what is asked for to be signed
    is good for the newest of their commands alone."""
    lock = threading.Lock()

    def run(*args, **more):
        with lock:
            return command(*args, **more)
    return run


def play_all(r, lots, write=False, at_once=8):
    """Lots of transcripts: those of a lot one after the other, the lots beside
    each other. All are ended together, once everything is said."""
    waiting = list(lots)
    r.cli = one_after_the_other(r.cli)

    def work():
        while True:
            try:
                lot = waiting.pop(0)
            except IndexError:
                return
            for played in lot:
                played.play(write)

    workers = [threading.Thread(target=work) for _ in range(at_once)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    quiet(r)
    every = [played for lot in lots for played in lot]
    for played in every:
        played.end(write)
    faults = [f"{p.name}:{p.at}: {p.fault!r}" for p in every if p.fault]
    expect(not faults, "\n".join(faults))
