#!/usr/bin/env python3
"""What other systems are told: signed, in order, at least once, whoever stops
in between; and never who a customer is."""
import hashlib
import hmac
import http.server
import json
import os
import signal
import subprocess
import threading
import time

from harness import BUILD, DEADLINE_S, PHONE, equal, expect, run, sample, until

SECRET = "a secret of this receiver, 0123456789"


class Receiver:
    """As docs/events.md has one: checks the signature, takes an id once."""

    def __init__(self, port=0, secret=SECRET):
        self.secret, self.heard, self.answers = secret, [], []
        self.elsewhere = 0
        self.gate, self.held = threading.Event(), None
        mine = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                mine.elsewhere += self.path != "/hook"
                status = mine.take(self.headers, body)
                if self.headers["X-Resguardo-Event"] == mine.held:
                    mine.gate.wait(DEADLINE_S)
                try:
                    self.send_response(status)
                    if 300 <= status < 400:
                        self.send_header("Location", "/elsewhere")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    pass  # who asked is gone

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port),
                                                      Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,),
                         daemon=True).start()

    def take(self, headers, body):
        want = "sha256=" + hmac.new(self.secret.encode(), body,
                                    hashlib.sha256).hexdigest()
        if not hmac.compare_digest(headers["X-Resguardo-Signature"], want):
            return 401
        event = json.loads(body)
        equal(headers["X-Resguardo-Id"], event["id"], "id in the header")
        equal(headers["X-Resguardo-Event"], event["event"], "event's name")
        self.heard.append((event["id"], body))
        return self.answers.pop(0) if self.answers else 204

    def ids(self):
        return [i for i, _ in self.heard]

    def names(self):
        return [json.loads(b)["event"] for _, b in self.heard]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def words(r, receiver, *more, cursor="cursor"):
    return ["events", "follow", "--url", f"http://127.0.0.1:{receiver.port}/hook",
            "--secret-file", r.path("hook-secret"), "--cursor", r.path(cursor),
            *more]


started = []


def follow(r, receiver, *more):
    process = subprocess.Popen(
        [os.path.join(BUILD, "resguardo"), "--socket", r.socket, "--identity",
         r.identity, *words(r, receiver, *more)], stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL, text=True)
    started.append(process)
    return process


def stop(process):
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=DEADLINE_S)
    equal(process.returncode, 0, f"exit of a follower ({err})")
    return err


def first_document(r):
    r.file(sample("letter.pdf"), "document", "application/pdf", "carta.pdf",
           caption=None)
    r.press(r.prompt(1), "grant")
    r.wait_attachments("stored", 1)


def received_while_it_was_down(r, receiver):
    """Nobody there, then an answer that is no yes, then a redirect."""
    port = receiver.port
    receiver.close()
    code, _, err = r.cli(*words(r, receiver, "--all", "--once"))
    equal(code, 1, f"nobody there ({err})")
    process = follow(r, receiver, "--all")
    process.stderr.readline()  # it says that it waits
    receiver = Receiver(port)
    receiver.answers = [500, 307]
    until("all events", lambda: "document.stored" in receiver.names())
    first = receiver.ids()[0]
    equal(receiver.ids()[:3], [first] * 3, "the same event, until it is taken")
    equal(receiver.elsewhere, 0, "redirects followed")
    equal(receiver.names()[2:], ["consent.given", "case.opened",
                                 "document.stored"], "events, in order")
    indexes = [json.loads(b)["index"] for _, b in receiver.heard[2:]]
    equal(indexes, sorted(indexes), "order")
    equal(len({b for i, b in receiver.heard if i == first}), 1,
          "an event is the same each time")
    return receiver, process


def next_of_cursor(r):
    with open(r.path("cursor"), encoding="utf-8") as f:
        return json.load(f)["next"]


def killed_before_the_answer(r, receiver, process):
    """What was not answered for comes again, what was does not."""
    before = len(receiver.heard)
    receiver.held = "document.blocked"
    r.say("BAJA", timestamp=int(time.time()) + 5)
    until("withdrawal and block", lambda: (
        "document.blocked" in receiver.names()))
    process.kill()
    process.communicate(timeout=DEADLINE_S)
    receiver.held = None
    receiver.gate.set()
    process = follow(r, receiver)
    # A withdrawal is a request, too: the last that is on record of it. It is
    # heard before the follower has our yes: stopped there it would come again.
    until("the block again, and the rest", lambda: (
        "request.closed" in receiver.names() and
        next_of_cursor(r) > json.loads(receiver.heard[-1][1])["index"]))
    told = stop(process)
    expect("handed out" in told, f"words at the end: {told}")
    again = receiver.ids()[before:]
    equal(receiver.names()[before:], ["consent.withdrawn"] +
          ["document.blocked"] * 2 + ["request.opened", "request.closed"],
          "events after a withdrawal")
    equal(again[1], again[2], "an event whose answer was not seen")
    equal(len(set(again)), 4, "others came once")
    code, _, err = r.cli(*words(r, receiver, "--once"))
    equal((code, len(receiver.ids())), (0, before + 5), f"no more ({err})")


def who_waits_and_what_is_late(r, receiver):
    """A letter of three months ago is overdue at once; a customer asks for a
    person, and neither tells a word of theirs."""
    before = len(receiver.heard)
    subject = r.json("document", "list")[0]["subject"]
    opened = r.json("request", "open", subject, "--kind", "access", "--from",
                    time.strftime("%Y-%m-%d", time.gmtime(time.time()
                                                          - 90 * 86400)),
                    "--reason", "una carta vieja")
    until("it is overdue", lambda: r.json("document", "list") and r.json(
        "request", "list", "--state", "overdue"))
    r.say("ASESOR", timestamp=int(time.time()) + 10)
    until("who waits", lambda: r.json("conversation", "list"))
    code, _, err = r.cli(*words(r, receiver, "--once"))
    equal(code, 0, err)
    told = [json.loads(body) for _, body in receiver.heard[before:]]
    equal([event["event"] for event in told],
          ["request.opened", "request.overdue", "handover.waiting"],
          "what happened")
    equal([told[1][k] for k in ("request_id", "due", "subject")],
          [opened["id"], opened["due"], subject], "overdue")
    waits = r.json("conversation", "list")[0]
    equal([told[2][k] for k in ("subject", "conversation_id")],
          [subject, waits["id"]], "who waits")


def local_program(r, receiver):
    script, heard = r.path("take"), r.path("heard")
    with open(script, "w", encoding="utf-8") as f:
        f.write(f"#!/bin/sh\n[ $# = 0 ] || exit 9\ncat >>{heard}\n"
                f"echo >>{heard}\n[ ! -e {r.path('sulk')} ]\n")
    os.chmod(script, 0o755)
    args = ["events", "follow", "--exec", script, "--cursor", r.path("local"),
            "--all", "--once"]
    open(r.path("sulk"), "w", encoding="utf-8").close()
    code, _, err = r.cli(*args)
    equal(code, 1, f"a program that fails ({err})")
    expect("ended with 1" in err, f"words: {err}")
    os.unlink(r.path("sulk"))
    equal(r.cli(*args)[0], 0, "a program that takes all")
    with open(heard, encoding="utf-8") as f:
        lines = f.read().splitlines()
    equal(lines[0], lines[1], "again after a failure")
    equal([json.loads(x)["id"] for x in lines[1:]],
          list(dict.fromkeys(receiver.ids())), "the same events")


def refused(r, receiver):
    """A wrong secret, a foreign cursor, and what is typed wrong."""
    receiver.secret = "another secret, of somebody else"
    code, _, err = r.cli(*words(r, receiver, "--all", "--once", cursor="c2"))
    equal(code, 1, "a receiver with another secret")
    expect("401" in err, f"words: {err}")
    with open(r.path("cursor"), encoding="utf-8") as f:
        kept = f.read()
    with open(r.path("cursor"), "w", encoding="utf-8") as f:
        f.write(json.dumps(dict(json.loads(kept), leaf="00" * 32)))
    code, _, err = r.cli(*words(r, receiver, "--once"))
    equal(code, 5, f"another history ({err})")
    with open(r.path("cursor"), "w", encoding="utf-8") as f:
        f.write(json.dumps(dict(json.loads(kept), next=10 ** 6)))
    equal(r.cli(*words(r, receiver, "--once"))[0], 5, "a shorter ledger")
    with open(r.path("cursor"), "w", encoding="utf-8") as f:
        f.write("{}")
    equal(r.cli(*words(r, receiver, "--once"))[0], 1, "no cursor")
    base = ["events", "follow", "--cursor", r.path("c3")]
    for more in (["--url", "http://intake.example.co/x", "--secret-file",
                  r.path("hook-secret")],
                 ["--url", "https://a:b@example.co/x", "--secret-file",
                  r.path("hook-secret")],
                 ["--url", "https://example.co/x"], [],
                 ["--exec", "cat"], ["--exec", "/no/such/program"]):
        equal(r.cli(*base, *more)[0], 2, f"{more}")


def others_hear_what_happened(r):
    try:
        they_hear(r)
    finally:
        for process in started:
            process.kill()


def they_hear(r):
    with open(r.path("hook-secret"), "w", encoding="utf-8") as f:
        f.write(SECRET + "\nthe one before\n")
    os.chmod(r.path("hook-secret"), 0o600)
    first_document(r)
    receiver, process = received_while_it_was_down(r, Receiver())
    code, _, err = r.cli(*words(r, receiver, "--once"))
    equal(code, 1, "two followers of one cursor")
    expect("in use" in err, f"words: {err}")
    killed_before_the_answer(r, receiver, process)
    who_waits_and_what_is_late(r, receiver)
    local_program(r, receiver)
    refused(r, receiver)
    said = b"".join(b for _, b in receiver.heard).decode()
    for word in (PHONE, "carta", "wamid", "actor", "sign", "commit", "sha256"):
        expect(word not in said, f"{word} is in an event")
    receiver.close()


if __name__ == "__main__":
    run([others_hear_what_happened])
