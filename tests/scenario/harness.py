"""One Resguardo and one simulator in a folder of their own, for scenarios.

Nothing sleeps a fixed time: everything is polled with a deadline, and a
deadline is there against what hangs, not to measure: it is far from what a busy
machine needs. Every scenario ends with the global check
(Instance.check_everything).
"""
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.request

import leaf_page

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("RESGUARDO_BUILD",
                                       os.path.join(ROOT, "build")))
MEDIA = os.path.join(ROOT, "tests", "vectors", "media")
PHONE = "573001112233"
NUMBER = "106540352242922"
DEADLINE_S = 180
WEBHOOK_MS = 60000  # the simulator's patience, longer than the gateway's


class Failure(Exception):
    """An expectation that did not hold."""


class Skip(Exception):
    """What cannot be tested here, and why."""


def expect(condition, what):
    if not condition:
        raise Failure(what)


def equal(got, want, what):
    if got != want:
        raise Failure(f"{what}: got {got!r}, want {want!r}")


def until(what, probe, seconds=DEADLINE_S):
    """Polls until probe() is true (returned); fails naming `what`."""
    end = time.monotonic() + seconds
    while True:
        value = probe()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f"never happened: {what}")
        time.sleep(0.03)


def sample(name):
    with open(os.path.join(MEDIA, name), "rb") as f:
        return f.read()


def http(method, url, body=None, headers=None, timeout=DEADLINE_S):
    """(status, bytes); 0 when there was no answer."""
    request = urllib.request.Request(url, data=body, method=method,
                                     headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except (urllib.error.URLError, OSError):
        return 0, b""


def tampering(path):
    """A database in the hands of somebody who may do anything with it: what
    guards the append-only tables is the first that they take away."""
    database = sqlite3.connect(path)
    for (name,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        database.execute(f"DROP TRIGGER {name}")
    return database


class Sim:
    """The simulator's control side (docs/simulator.md)."""

    def __init__(self):
        self.process = subprocess.Popen(
            [os.path.join(BUILD, "resguardo-sim"), "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        expect(line.startswith("ready "), f"simulator said {line!r}")
        self.url = line.split()[1]

    def call(self, method, path, body=None):
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
        status, answer = http(method, self.url + path, body)
        expect(200 <= status < 300, f"simulator {path}: {status} {answer!r}")
        return json.loads(answer)

    def post(self, path, body):
        if path in ("/sim/message", "/sim/status"):
            body = {"timeout_ms": WEBHOOK_MS, **body}
        return self.call("POST", path, body)

    def get(self, path):
        return self.call("GET", path)

    def media(self, data, mime="image/jpeg", filename=None):
        query = f"?mime_type={mime}"
        if filename:
            query += "&filename=" + urllib.request.quote(filename)
        return self.post("/sim/media" + query, data)["id"]

    def message(self, **message):
        message.setdefault("from", PHONE)
        if message["from"] is None:
            del message["from"]
        return self.post("/sim/message", message)

    def fault(self, **fault):
        return self.post("/sim/faults", fault)

    def sent(self, person=PHONE, since=0):
        return self.get(f"/sim/sent?since={since}&accepted=true"
                        f"&person={person}")

    def log(self, kind):
        return self.get(f"/sim/log?kind={kind}")

    def close(self):
        self.process.terminate()
        self.process.wait(DEADLINE_S)


class Instance:
    """A storage, a daemon and its simulator."""

    def __init__(self, policy="co-habeas-data", quiet="300ms", start=True,
                 graph_url=None, notices=False):
        self.folder = tempfile.mkdtemp(prefix="resguardo-scenario-")
        os.chmod(self.folder, 0o755)
        self.storage = self.path("storage")
        self.identity = self.path("identity")
        self.socket = self.path("desk.sock")
        self.log_path = self.path("daemon.log")
        self.canaries = set()
        self.daemon = None
        self.gateway = None
        self.sim = Sim()
        self.make_policies(quiet)
        if notices:  # what docs/reminders.md says to copy; "answers": more
            subprocess.run([sys.executable,
                            os.path.join(ROOT, "tests", "with_notices.py"),
                            self.path("policies"),
                            *([notices] if notices != True else [])],
                           check=True)
        self.make_config(policy, graph_url or self.sim.url)
        code, _, err = self.cli("init", "--config", self.config,
                                "--no-passphrase")
        if code != 0:
            self.sim.close()
            raise Failure(f"init ({err})")
        if start:
            self.start()

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def make_policies(self, quiet):
        for place in ("policies", "tests/policies"):
            shutil.copytree(os.path.join(ROOT, place), self.path("policies"),
                            dirs_exist_ok=True)
        for name in os.listdir(self.path("policies")):
            file = self.path("policies", name, "policy.yaml")
            if not os.path.exists(file):
                continue
            with open(file, encoding="utf-8") as f:
                text = f.read()
            text = re.sub(r"(?m)^receipt_quiet:.*$",
                          f"receipt_quiet: {quiet}", text)
            with open(file, "w", encoding="utf-8") as f:
                f.write(text)

    def make_config(self, policy, graph_url):
        for name, value in (("app-secret", "sim-app-secret"),
                            ("verify-token", "sim-verify-token"),
                            ("access-token", "sim-access-token")):
            file = self.path(name)
            with open(file, "w", encoding="utf-8") as f:
                f.write(value + "\n")
            os.chmod(file, 0o600)
        self.config = self.path("resguardo.yaml")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(f"""controller: "Protección de Ejemplo S. A."
storage: storage
policies: policies
gateway:
  listen: 127.0.0.1:0
  public_url: https://intake.example.co
desk:
  socket: desk.sock
whatsapp:
  graph_url: {graph_url}
  api_version: v26.0
  app_secret_file: app-secret
  verify_token_file: verify-token
  access_token_file: access-token
  media_hosts: [127.0.0.1]
  numbers:
    - phone_number_id: "{NUMBER}"
      policy: {policy}
""")

    # ---- the daemon -------------------------------------------------------

    def start(self, before=()):
        """`before`: a program that runs the daemon, with its words."""
        log = open(self.log_path, "ab")
        self.daemon = subprocess.Popen(
            [*before, os.path.join(BUILD, "resguardod"), "--config",
             self.config], stdout=subprocess.PIPE, stderr=log, text=True)
        log.close()
        line = self.daemon.stdout.readline()
        found = re.match(r"ready gateway=(\S+) desk=(\S+)$", line)
        expect(found, f"daemon said {line!r}: {self.log()[-2000:]}")
        self.gateway = "http://" + found.group(1)
        self.sim.post("/sim/config",
                      {"webhook_url": self.gateway + "/webhook"})

    def starts_entered(self):
        """How often the ledger says that a daemon began."""
        path = os.path.join(self.storage, "resguardo.db")
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            return database.execute(
                "SELECT count(*) FROM ledger WHERE instr(entry,"
                " CAST('\"daemon_started\"' AS BLOB))").fetchone()[0]
        finally:
            database.close()

    def start_and_enter(self):
        """A start is an entry once the storage was found sound."""
        before = self.starts_entered()
        self.start()
        until("the start is an entry", lambda: self.starts_entered() > before)

    def reload(self):
        """What is written now is in force for what comes after this."""
        def done():
            log = self.log()
            expect('"reload_failed"' not in log, log[-2000:])
            return log.count('"reloaded"')
        before = done()
        self.daemon.send_signal(signal.SIGHUP)
        until("the policies were read again", lambda: done() > before)

    def start_fails(self):
        """Starts a daemon that must refuse; (exit code, stderr)."""
        done = subprocess.run(
            [os.path.join(BUILD, "resguardod"), "--config", self.config],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            timeout=DEADLINE_S)
        return done.returncode, done.stderr

    def stop(self):
        self.daemon.send_signal(signal.SIGTERM)
        code = self.daemon.wait(DEADLINE_S)
        self.daemon = None
        equal(code, 0, f"daemon's exit ({self.log()[-3000:]})")

    def kill(self):
        self.daemon.kill()
        self.daemon.wait(DEADLINE_S)
        self.daemon = None

    def log(self):
        with open(self.log_path, encoding="utf-8") as f:
            return f.read()

    def cli(self, *args, text=True, env=None):
        """(exit code, stdout, stderr) of the staff's program."""
        done = subprocess.run(
            [os.path.join(BUILD, "resguardo"), "--socket", self.socket,
             "--identity", self.identity, *args],
            env=dict(os.environ, **(env or {})), stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=DEADLINE_S)
        out = done.stdout.decode() if text else done.stdout
        return done.returncode, out, done.stderr.decode()

    def json(self, *args):
        code, out, err = self.cli("--json", *args)
        equal(code, 0, f"{args} ({err})")
        return json.loads(out)

    # ---- what a customer does ------------------------------------------------

    def file(self, data=None, kind="image", mime="image/jpeg", filename=None,
             caption="mi documento 4711", person=None, **more):
        """A customer sends a file; its media id."""
        data = sample("photo.jpg") if data is None else data
        media = self.sim.media(data, mime, filename)
        message = {"type": kind, "media_id": media, "caption": caption}
        if filename:
            message["filename"] = filename
            self.canaries.add(filename)
        if caption:
            self.canaries.add(caption)
        if person:
            message["from"] = person
        message.update(more)
        answer = self.sim.message(**message)
        expect(answer["ok"], f"webhook refused: {answer}")
        return media

    def prompts(self, person=PHONE):
        return [m for m in self.sim.sent(person) if m["buttons"]]

    def prompt(self, n, person=PHONE):
        """The n-th prompt (from 1), once it is there."""
        return until(f"prompt {n}", lambda: (
            self.prompts(person)[n - 1:n] or [None])[0])

    def press(self, prompt, verb, person=PHONE, **more):
        button = [b for b in prompt["buttons"]
                  if b["id"].startswith(verb + "/")][0]
        answer = self.sim.message(**{
            "from": person, "type": "button_reply", "button_id": button["id"],
            "title": button["title"], "context": prompt["id"], **more})
        expect(answer["ok"], f"webhook refused: {answer}")

    def say(self, text, person=PHONE, **more):
        answer = self.sim.message(**{"from": person, "type": "text",
                                     "text": text, **more})
        expect(answer["ok"], f"webhook refused: {answer}")

    def consent_all(self, prompts=2, person=PHONE):
        for n in range(1, prompts + 1):
            self.press(self.prompt(n, person), "grant", person)

    def attachments(self, state=None):
        args = ["attachment", "list"] + (["--state", state] if state else [])
        return self.json(*args)

    def wait_attachments(self, state, n):
        return until(f"{n} attachments {state}: "
                     f"{[a['state'] for a in self.attachments()]}", lambda: (
                         lambda found: found if len(found) >= n else None)(
                             self.attachments(state)))

    def texts(self, person=PHONE):
        return [m["text"] for m in self.sim.sent(person) if not m["buttons"]]

    def consent_log(self):
        code, out, err = self.cli("consent", "export", "--format", "jsonl")
        equal(code, 0, f"consent export ({err})")
        return [json.loads(line) for line in out.splitlines()]

    def downloads(self):
        return [r for r in self.sim.log("resolve") + self.sim.log("download")]

    # ---- the end of every scenario ----------------------------------------------

    def check_everything(self):
        if self.daemon is None:
            self.start()
        # Recomputes all entries, and finds a basis for what was done.
        code, out, err = self.cli("ledger", "audit")
        equal(code, 0, f"ledger audit ({out}{err})")
        code, out, err = self.cli("check")
        equal(code, 0, f"check ({out}{err})")
        self.stop()
        database = sqlite3.connect(os.path.join(self.storage, "resguardo.db"))
        equal(database.execute("PRAGMA integrity_check").fetchone()[0], "ok",
              "integrity_check")
        database.close()
        equal(leaf_page.faults_of_storage(self.storage), [], "entries")
        self.check_canaries()

    def check_canaries(self):
        """No plaintext of a customer anywhere under storage or in the log."""
        needles = [c.encode() for c in self.canaries | {PHONE}]
        needles.append(sample("photo.jpg")[200:232])
        for folder, _, files in os.walk(self.storage):
            for name in files:
                with open(os.path.join(folder, name), "rb") as f:
                    data = f.read()
                for needle in needles:
                    expect(needle not in data, f"{needle!r} is in {name}")
        for needle in (PHONE, "wamid.", "sim-access-token"):
            expect(needle not in self.log(), f"{needle} is in the log")

    def close(self):
        if self.daemon is not None:
            self.daemon.kill()
            self.daemon.wait(DEADLINE_S)
        self.sim.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def run(scenarios):
    """Runs scenario functions, each with an Instance of its own unless it
    takes none; prints "ok NAME", "not ok NAME" or "skip NAME"; exits."""
    failed = 0
    words = sys.argv[1:]
    if scenarios[0].__module__ != "__main__":
        return  # another file borrows from the one that these are in
    for scenario in scenarios:
        if words and not any(w in scenario.__name__ for w in words):
            continue
        wants = scenario.__code__.co_argcount > 0
        instance = None
        try:
            if wants:
                instance = Instance(**getattr(scenario, "needs", {}))
                scenario(instance)
                instance.check_everything()
            else:
                scenario()
            print(f"ok {scenario.__name__}", flush=True)
        except Skip as why:
            print(f"skip {scenario.__name__}: {why}", flush=True)
        except Exception as error:  # a scenario must never end the others
            failed += 1
            print(f"not ok {scenario.__name__}: {error}", flush=True)
            if not isinstance(error, Failure):
                traceback.print_exc(file=sys.stdout)
            if instance is not None and os.path.exists(instance.log_path):
                print("    " + instance.log()[-3000:].replace("\n", "\n    "))
        finally:
            if instance is not None:
                instance.close()
    sys.exit(1 if failed else 0)
