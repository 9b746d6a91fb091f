"""Customers, and Meta's side of them: what they send, what came of it.

A Load keeps its own record of every webhook that was answered 200; it asks
the product nothing. Customers send albums, papers and programs under a false
name, answer the questions that reach them (by button, by word, twice, never),
withdraw, and come back. Webhooks overtake each other; what was not answered
200 comes again, and now and then what was.
"""
import hashlib
import hmac
import http.client
import itertools
import json
import os
import queue
import random
import threading
import time

from harness import NUMBER, sample

# No other number begins like this: the canary of all. Six digits came up by
# chance among the hashes of ten thousand entries; eight do not.
PHONES = "57300900"
CAPTION = "CANARIO-leyenda"
INSIDE = b"CANARIO-contenido"
SECRET = b"sim-app-secret"
THREADS = 6
OUTSTANDING = 48  # webhooks under way before nobody new comes
WORDS_YES = ["acepto", "Sí, autorizo", "¡ACEPTO!"]
WORDS_NO = ["no acepto", "no"]


class Webhook:
    """One body, as often as Meta sends it. `key` is (kind, number): what its
    one effect is recognised by."""

    def __init__(self, customer, key, body):
        self.customer, self.key, self.body = customer, key, body
        self.sent = 0
        self.acked = False
        self.signature = "sha256=" + hmac.new(SECRET, body,
                                              hashlib.sha256).hexdigest()


class File:
    def __init__(self, number, media, kind, data, want):
        self.number, self.media, self.kind = number, media, kind
        self.sha256 = hashlib.sha256(data).hexdigest()
        self.size = len(data)
        self.want = want  # stored | refused


class Customer:
    def __init__(self, number):
        self.number = number
        self.phone = f"{PHONES}{number:04d}"
        self.second = 0
        self.files = []
        self.asked = 0  # prompts that arrived
        self.silent = False

    def next_second(self):
        """Everything a person does has a second of its own."""
        self.second = max(int(time.time()), self.second + 1)
        return self.second


class Load:
    """Runs between go(gateway) and hold(); outlives the daemons."""

    def __init__(self, sim, seed, faults=True, per_second=60):
        self.random = random.Random(seed)
        self.sim, self.faults, self.per_second = sim, faults, per_second
        self.lock = threading.RLock()
        self.gateway = None
        self.customers = {}
        self.webhooks = []
        self.files = {}
        self.decisions = {}  # (phone, second) → webhook
        self.due = queue.PriorityQueue()
        self.order = itertools.count()
        self.numbers = itertools.count(1)
        self.outstanding = 0
        self.again = 0  # webhooks sent again after their 200
        self.accepted = []  # what the simulator took from the product
        self.unsure = set()  # people whose message had no answer by order
        self.newcomers = True
        self.deaf = False  # nobody reacts to anything any more
        self.stopping = False
        self.errors = []
        self.threads = [threading.Thread(target=self.guard, args=(f,),
                                         daemon=True)
                        for f in [self.deliver] * THREADS +
                        [self.listen, self.arrive, self.spoil]]
        for thread in self.threads:
            thread.start()

    def guard(self, loop):
        try:
            loop()
        except Exception as error:  # a thread that died is a failed run
            if not self.stopping:
                self.errors.append(f"{loop.__name__}: {error!r}")

    def go(self, gateway):
        self.gateway = gateway

    def hold(self):
        self.gateway = None

    def close(self):
        self.stopping = True
        for _ in range(THREADS):
            self.due.put((0, next(self.order), None))
        for thread in self.threads:
            thread.join(5)

    # ---- Meta delivers ------------------------------------------------------

    def post(self, webhook, wait):
        self.due.put((time.monotonic() + wait, next(self.order), webhook))

    def deliver(self):
        connection, host = None, None
        while not self.stopping:
            at, _, webhook = self.due.get()
            if webhook is None:
                return
            now = time.monotonic()
            gateway = self.gateway
            if gateway is None or at > now:
                self.due.put((at, next(self.order), webhook))
                time.sleep(0.004)
                continue
            if connection is None or host != gateway:
                host = gateway
                connection = http.client.HTTPConnection(gateway[7:],
                                                        timeout=60)
            with self.lock:
                webhook.sent += 1
            status = 0
            try:
                connection.request(
                    "POST", "/webhook", webhook.body,
                    {"X-Hub-Signature-256": webhook.signature,
                     "Content-Type": "application/json"})
                answer = connection.getresponse()
                status = answer.status
                answer.read()
            except (OSError, http.client.HTTPException):
                connection.close()
                connection = None
            with self.lock:
                self.delivered(webhook, status)

    def delivered(self, webhook, status):
        if status == 200:
            if not webhook.acked:
                webhook.acked = True
                self.outstanding -= 1
            if self.random.random() < 0.04:
                self.again += 1
                self.post(webhook, self.random.random() * 2)
        elif status in (0, 503):
            if not webhook.acked:
                self.post(webhook, 0.02 + self.random.random() * 0.2)
        else:
            self.errors.append(f"a webhook was answered {status}")

    # ---- what a customer sends ---------------------------------------------

    def message(self, customer, key, element, second=None):
        second = customer.next_second() if second is None else second
        element = dict({"from": customer.phone,
                        "id": f"wamid.{customer.phone}.{len(self.webhooks)}",
                        "timestamp": str(second)}, **element)
        value = {"messaging_product": "whatsapp",
                 "metadata": {"display_phone_number": "576015550100",
                              "phone_number_id": NUMBER},
                 "contacts": [{"wa_id": customer.phone,
                               "profile": {"name": "CANARIO-nombre"}}],
                 "messages": [element]}
        body = json.dumps({"object": "whatsapp_business_account", "entry": [
            {"id": "7001", "changes": [{"field": "messages",
                                        "value": value}]}]}).encode()
        webhook = Webhook(customer, key or ("decision", second), body)
        if key is None:
            self.decisions[(customer.phone, second)] = webhook
        self.webhooks.append(webhook)
        self.outstanding += 1
        self.post(webhook, self.random.random() * 0.05)
        if self.random.random() < 0.1:
            self.post(webhook, self.random.random() * 0.05)

    def content(self, number):
        """(kind, bytes, what becomes of it): no two files alike."""
        dice = self.random.random()
        tail = b"%" + INSIDE + b" %d\n" % number
        if dice < 0.6:
            data = sample("photo.jpg") + tail
            if dice < 0.05:
                data += self.random.randbytes(200000)
            return "image", data, "stored"
        if dice < 0.9:
            return "document", sample("letter.pdf") + tail, "stored"
        return "image", sample("program.jpg") + tail, "refused"

    def file(self, customer):
        number = next(self.numbers)
        with self.lock:
            kind, data, want = self.content(number)
        media = self.sim.media(data, "image/jpeg" if kind == "image"
                               else "application/pdf")
        file = File(number, media, kind, data, want)
        with self.lock:
            self.files[number] = file
            customer.files.append(file)
            what = "image" if kind == "image" else "application"
            self.message(customer, ("file", number), {"type": kind, kind: {
                "id": media, "mime_type": f"{what}/n{number}",
                "caption": f"{CAPTION} {number}"}})

    def text(self, customer, text):
        self.message(customer, None, {"type": "text", "text": {"body": text}})

    def button(self, customer, prompt, verb):
        for button in prompt["buttons"]:
            if button["id"].startswith(verb + "/"):
                self.message(customer, None, {
                    "type": "interactive", "context": {"id": prompt["id"]},
                    "interactive": {"type": "button_reply",
                                    "button_reply": dict(button)}})

    # ---- what customers do of themselves ----------------------------------

    def arrive(self):
        """New people, as long as the product keeps up."""
        while not self.stopping:
            time.sleep(1 / self.per_second)
            if (self.gateway is None or not self.newcomers or
                    self.outstanding > OUTSTANDING):
                continue
            with self.lock:
                customer = Customer(len(self.customers))
                self.customers[customer.phone] = customer
                greets = self.random.random() < 0.2
                album = self.random.choice([1, 1, 2, 3, 5])
                if greets:
                    self.message(customer, ("text", 0),
                                 {"type": "text", "text": {"body": "hola"}})
            try:
                for _ in range(album):
                    self.file(customer)
            except Exception:  # the simulator may be gone at the end
                if self.stopping:
                    return
                raise

    def listen(self):
        """Reads what reaches the customers, and lets them react."""
        index = 0
        while not self.stopping:
            try:
                sent = self.sim.get(f"/sim/sent?since={index}&accepted=true"
                                    "&wait_ms=200")
            except Exception:
                if self.stopping:
                    return
                raise
            for message in sent:
                index = message["index"] + 1
                person = (message["to"] or "").lstrip("+")
                with self.lock:
                    self.accepted.append((person, message))
                    if person in self.customers:
                        self.react(self.customers[person], message)

    def react(self, customer, message):
        dice = self.random.random()
        if self.deaf:
            return
        if not message["buttons"]:
            if not self.newcomers:
                return
            if dice < 0.12 and not customer.silent:
                self.text(customer, "BAJA")
            elif dice < 0.25 and len(customer.files) < 12:
                threading.Thread(target=self.guard, daemon=True, args=(
                    lambda: self.file(customer),)).start()
            return
        customer.asked += 1
        if dice < 0.62:
            self.button(customer, message, "grant")
        elif dice < 0.78:
            self.text(customer, self.random.choice(WORDS_YES))
        elif dice < 0.84:
            self.button(customer, message, "refuse")
        elif dice < 0.87:
            self.text(customer, self.random.choice(WORDS_NO))
        elif dice < 0.89:
            self.button(customer, message, "other")
        elif dice < 0.95:
            self.button(customer, message, "grant")
            self.button(customer, message, "grant")
        else:
            customer.silent = True

    # ---- Meta has bad moments ----------------------------------------------

    def spoil(self):
        while not self.stopping:
            time.sleep(0.15)
            if not self.faults or self.gateway is None or not self.customers:
                continue
            with self.lock:
                person = self.random.choice(list(self.customers))
                fault = self.random.choice([
                    {"at": "resolve", "kind": "status", "status": 503},
                    {"at": "resolve", "kind": "close"},
                    {"at": "download", "kind": "cut", "bytes": 100},
                    {"at": "download", "kind": "cut_plain", "bytes": 50},
                    {"at": "download", "kind": "status", "status": 404},
                    {"at": "download", "kind": "slow", "delay_ms": 300},
                    {"at": "download", "kind": "wrong_bytes"},
                    {"at": "send", "kind": "too_many", "person": person},
                    {"at": "send", "kind": "slow", "delay_ms": 300},
                    {"at": "send", "kind": "lost_answer", "person": person},
                    {"at": "send", "kind": "status", "status": 500,
                     "person": person}])
                if fault["kind"] in ("lost_answer", "status") and \
                        fault["at"] == "send":
                    self.unsure.add(person)
            try:
                self.sim.fault(**fault)
            except Exception:
                if self.stopping:
                    return
                raise

    def promised(self):
        """The webhooks answered 200 by now."""
        with self.lock:
            return [w for w in self.webhooks if w.acked]

    def canaries(self):
        return [PHONES.encode(), CAPTION.encode(), INSIDE, b"CANARIO-nombre",
                b"wamid." + PHONES.encode()]


def storage_files(storage):
    for folder, _, names in os.walk(storage):
        for name in names:
            yield os.path.join(folder, name)
