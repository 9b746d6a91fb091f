#!/usr/bin/env python3
"""The daemon under load, killed; then everything that was promised is looked
for.

usage: tests/soak/soak.py [KILLS [SEED]]

Half of the kills fall at a random moment, half before a chosen system call
(strace; without it all are random, which is said). The seed fixes customers,
faults and kills; threads and the kernel add their own chance, so a seed
replays a run as far as a real daemon can.
"""
import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "scenario"))

from harness import (  # noqa: E402
    BUILD, DEADLINE_S, Failure, Instance, equal, expect, until)
from load import Load  # noqa: E402
import record  # noqa: E402

# Calls to die at, and how many of one thread's may pass before.
CALLS = {"write": 12, "pwrite64": 60, "fdatasync": 12, "fsync": 6,
         "linkat": 3, "unlinkat": 3, "sendto": 40, "sendmsg": 4,
         "openat": 8, "connect": 3, "futex": 60, "recvfrom": 20, "read": 20}
# While it starts it makes more of some.
STARTING = {"pwrite64": 8, "fdatasync": 6, "fsync": 2, "openat": 60,
            "unlinkat": 2, "pread64": 40, "mmap": 60, "read": 40,
            "execve": 3}
EPOCH = 50  # kills one storage lives through
READ_AT_THE_END = 12


def tracer():
    """strace that may trace here, or None."""
    path = shutil.which("strace")
    if path is None:
        return None
    done = subprocess.run([path, "-f", "-qq", "-o", "/dev/null", "true"],
                          stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL)
    return path if done.returncode == 0 else None


class Killed(Instance):
    """An instance that dies at the nth of some call: from its start on, or
    from now on."""

    tracing = None

    def trace(self, call, n, *more):
        return [tracer(), "-f", "-qq", "-o", "/dev/null", "-e",
                f"trace={call}", "-e",
                f"inject={call}:signal=SIGKILL:when={n}", *more]

    def start(self, call=None, n=0):
        command = [os.path.join(BUILD, "resguardod"), "--config", self.config]
        env = dict(os.environ)
        # The leak checker traces, and only one may.
        env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        if call is not None:
            command = self.trace(call, n, "-D") + command
        began = time.monotonic()
        with open(self.log_path, "ab") as log:
            self.daemon = subprocess.Popen(command, env=env, text=True,
                                           stdout=subprocess.PIPE, stderr=log)
        line = self.daemon.stdout.readline()
        found = re.match(r"ready gateway=(\S+) desk=(\S+)$", line)
        if not found:
            code = self.daemon.wait(DEADLINE_S)
            self.daemon = None
            expect(call is not None and code != 0,
                   f"daemon said {line!r}, exit {code}: {self.log()[-2000:]}")
            return None  # killed, or without its helpers, while it started
        self.gateway = "http://" + found.group(1)
        self.sim.post("/sim/config",
                      {"webhook_url": self.gateway + "/webhook"})
        return time.monotonic() - began

    def attach(self, call, n):
        pid = self.daemon.pid
        self.tracing = subprocess.Popen(self.trace(call, n, "-p", str(pid)),
                                        stderr=subprocess.DEVNULL)

        def traced():
            if self.daemon.poll() is not None:
                return True  # dead already
            with open(f"/proc/{pid}/status", encoding="ascii") as f:
                return "TracerPid:\t0\n" not in f.read()
        until("strace attached", traced)

    def died(self, within):
        """Did it die by itself? Kills it when the time is over."""
        try:
            code = self.daemon.wait(within)
            by_itself = True
            equal(code, -signal.SIGKILL,
                  f"a daemon that should have been killed said"
                  f" {self.log()[-2000:]}")
        except subprocess.TimeoutExpired:
            self.daemon.kill()
            self.daemon.wait(DEADLINE_S)
            by_itself = False
        if self.tracing is not None:
            self.tracing.wait(DEADLINE_S)
            self.tracing = None
        self.daemon.stdout.close()
        self.daemon = None
        return by_itself


class Soak:
    def __init__(self, seed, say=print):
        self.seed, self.say = seed, say
        self.random = random.Random(seed)
        self.strace = tracer() is not None
        self.total = {"kills": 0, "at a call": 0, "starting": 0,
                      "webhooks": 0, "again": 0, "documents": 0,
                      "decisions": 0}
        self.ready = []

    # ---- one storage's life --------------------------------------------------

    def begin(self):
        self.instance = Killed(start=False)
        self.instance.sim.post("/sim/config", {"window_s": 0})
        self.load = Load(self.instance.sim, self.random.random())
        self.seen, self.resolved, self.log_index = set(), {}, 0
        self.excused = {}

    def end(self):
        self.load.close()
        self.instance.close()

    def kill(self, n):
        """One start, some load, one death, one look at what is left."""
        dice = self.random.random() if self.strace else 0
        if dice < 0.5:
            self.what, call, calls = f"kill {n} (a moment)", None, {}
        elif dice < 0.65:
            call, calls = self.random.choice(list(STARTING)), STARTING
        else:
            call, calls = self.random.choice(list(CALLS)), CALLS
        at = self.random.randint(1, calls.get(call, 1))
        if call:
            self.what = f"kill {n} ({call} {at} of a" \
                        f" {'start' if calls is STARTING else 'run'})"
        took = self.instance.start(*((call, at) if calls is STARTING else ()))
        self.total["kills"] += 1
        if took is None:
            self.total["starting"] += 1
            self.look(self.load.promised())
            return
        if calls is not STARTING:
            self.ready.append(took)
        if call is None and n % 8 == 7:
            self.live_check()
        if calls is CALLS:
            self.instance.attach(call, at)
        self.load.go(self.instance.gateway)
        by_itself = self.instance.died(1.2 if calls is CALLS else
                                       0.05 + self.random.random() ** 2)
        promised = self.load.promised()
        self.load.hold()
        self.total["at a call"] += by_itself
        self.look(promised)

    def live_check(self):
        """Offline looks see rows and files; this one sees slots and leaves."""
        for words in (("check",), ("ledger", "verify")):
            code, out, err = self.instance.cli(*words)
            equal(code, 0, f"{words} ({out}{err})")

    def ask_log(self):
        for entry in self.instance.sim.get(
                f"/sim/log?kind=resolve&since={self.log_index}"):
            self.log_index = entry["index"] + 1
            media = entry["media_id"]
            # A connection closed without an answer is libcurl's to repeat.
            if entry["status"] != 0:
                self.resolved[media] = self.resolved.get(media, 0) + 1

    def look(self, promised, whole=False):
        expect(not self.load.errors, f"{self.load.errors[:3]}")
        self.ask_log()
        rows = record.Record(self.instance.storage)
        numbers, who = record.check_promises(rows, self.load, promised, whole)
        record.check_documents(rows, None if whole else self.seen)
        record.check_basis(rows, self.load, self.resolved, numbers)
        for id, _, kind, state in rows.outbox:
            if kind == "prompt" and state in ("sending", "unknown"):
                self.excused[id] = self.excused.get(id, 0) + 1
        return rows, numbers, who

    # ---- at rest ---------------------------------------------------------------

    def quiet(self):
        """The ledger's size when nothing is under way, else None."""
        status = self.instance.json("status")
        active = sum(status["attachments"].get(s, 0)
                     for s in ("queued", "fetching", "judging"))
        if self.load.outstanding or active or status["outbox_pending"]:
            return None
        return status["ledger_size"]

    def still(self):
        """Quiet, and a second later nothing has moved: receipts come after a
        pause, questions may be on their way."""
        size = self.quiet()
        if size is None:
            return False
        time.sleep(1)
        return self.quiet() == size

    def settle(self):
        self.what = "the end"
        self.load.newcomers = self.load.faults = False
        self.instance.sim.call("POST", "/sim/faults", {"faults": []})
        if self.instance.daemon is None:
            self.instance.start()
        self.load.go(self.instance.gateway)
        until("everything ends", self.still)
        self.load.deaf = True
        until("everything is still", self.still)
        self.live_check()
        self.instance.stop()
        rows, numbers, who = self.look(list(self.load.webhooks), whole=True)
        record.check_ends(rows, self.load, numbers)
        record.check_messages(rows, self.load, who, self.excused)
        record.check_canaries(self.instance.storage, self.instance.log_path,
                              self.load.canaries())
        self.read_back(rows, numbers)
        self.total["webhooks"] += len(self.load.webhooks)
        self.total["again"] += self.load.again
        self.total["documents"] += len(rows.documents)
        self.total["decisions"] += len(self.load.decisions)

    def read_back(self, rows, numbers):
        """Some documents, as staff read them: what the customer sent."""
        self.instance.start()
        attachment = {row[0]: n for n, row in numbers.items()}
        stored = [r for r in rows.documents if r[4] == "stored"]
        for row in self.random.sample(stored, min(READ_AT_THE_END,
                                                  len(stored))):
            code, out, err = self.instance.cli("document", "get", row[0],
                                               "--reason", "soak", text=False)
            equal(code, 0, f"document get ({err})")
            equal(hashlib.sha256(out).hexdigest(),
                  self.load.files[attachment[row[1]]].sha256,
                  f"document {row[0]}")
        self.instance.stop()

    def run(self, kills):
        n = 0
        while n < kills:
            self.begin()
            try:
                for _ in range(min(EPOCH, kills - n)):
                    n += 1
                    self.kill(n)
                self.settle()
                self.say(f"{n} kills, {self.summary()}", flush=True)
            except Exception as error:
                kept = f"/tmp/resguardo-soak-{self.seed}"
                shutil.rmtree(kept, ignore_errors=True)
                if self.instance.daemon is not None:
                    self.instance.kill()
                shutil.copytree(self.instance.folder, kept,
                                ignore=shutil.ignore_patterns("*.sock"))
                raise Failure(f"seed {self.seed}, {self.what}: {error}"
                              f" (kept: {kept})") from error
            finally:
                self.end()

    def summary(self):
        words = ", ".join(f"{v} {k}" for k, v in self.total.items())
        ready = sorted(self.ready) or [0]
        return (f"{words}; ready after {ready[len(ready) // 2] * 1000:.0f} ms"
                f" (median), {ready[-1] * 1000:.0f} ms (worst)")


def main():
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else \
        random.SystemRandom().randrange(1 << 32)
    print(f"soak: {kills} kills, seed {seed}", flush=True)
    soak = Soak(seed)
    if not soak.strace:
        print("skip kills at a system call: no strace that may trace",
              flush=True)
    try:
        soak.run(kills)
    except Failure as failure:
        print(f"not ok soak: {failure}", flush=True)
        sys.exit(1)
    print(f"ok soak: {soak.summary()}", flush=True)


if __name__ == "__main__":
    main()
