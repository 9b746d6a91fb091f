#!/usr/bin/env python3
"""The power goes: what was acknowledged before is on the disk.

usage: tests/soak/powercut.py [CUTS [SEED]]

The storage is on an ext4 image in memory. The daemon runs under load, is
stopped (SIGSTOP), and the image is copied as it is: what only the kernel's
page cache holds is not in it. The copy is mounted (ext4 replays its journal),
compared with what had been answered 200, and a second daemon starts on it,
checks it and verifies its ledger. Every tenth cut is for good: the copy takes
the original's place. Needs root; else skipped, which is said.
"""
import ctypes
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import soak  # noqa: E402
from harness import BUILD, DEADLINE_S, Failure, equal, expect  # noqa: E402
from load import Load  # noqa: E402
import record  # noqa: E402

MEMORY = "/dev/shm"
IMAGE_BYTES = 160 * 1024 * 1024
EPOCH = 40  # cuts one storage lives through
FOR_GOOD = 10
# Nothing reaches the image but what somebody syncs.
OPTIONS = "loop,commit=300,nodiscard"


CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 0x40000


def own_mounts():
    """Mounts of this process and its children only: they go when these go,
    whatever ends them."""
    libc = ctypes.CDLL(None, use_errno=True)
    return (libc.unshare(CLONE_NEWNS) == 0 and
            libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) == 0)


def memory_folder():
    return tempfile.mkdtemp(prefix="resguardo-cut-", dir=MEMORY)


def command(*words):
    done = subprocess.run(words, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    expect(done.returncode == 0, f"{words}: {done.stdout.decode()}")


class Disk:
    """An image and where it is mounted."""

    def __init__(self, folder, name):
        self.image = os.path.join(folder, name + ".ext4")
        self.place = os.path.join(folder, name)
        self.mounted = False
        os.mkdir(self.place)

    def make(self):
        with open(self.image, "wb") as f:
            f.truncate(IMAGE_BYTES)
        command("mkfs.ext4", "-q", "-F", self.image)

    def mount(self):
        command("mount", "-o", OPTIONS, self.image, self.place)
        self.mounted = True

    def unmount(self):
        """Also of one that is busy: nothing stays behind."""
        if self.mounted and subprocess.run(
                ["umount", self.place], stderr=subprocess.DEVNULL).returncode:
            subprocess.run(["umount", "-l", self.place], check=False)
        self.mounted = False


class Cut(soak.Killed):
    """An instance whose storage is on an image."""

    def __init__(self):
        self.shelf = memory_folder()
        self.disk = Disk(self.shelf, "disk")
        self.after = Disk(self.shelf, "after")
        try:
            super().__init__(start=False)
        except BaseException:
            self.disk.unmount()
            shutil.rmtree(self.shelf, ignore_errors=True)
            raise

    def make_config(self, policy, graph_url):
        self.disk.make()
        self.disk.mount()
        super().make_config(policy, graph_url)
        self.storage = os.path.join(self.disk.place, "storage")
        with open(self.config, encoding="utf-8") as f:
            text = f.read().replace("storage: storage",
                                    f"storage: {self.storage}")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(text)
        # The second daemon: the copy, its own door, and nobody to talk to.
        self.config_after = self.path("after.yaml")
        self.socket_after = self.path("after.sock")
        with open(self.config_after, "w", encoding="utf-8") as f:
            f.write(text.replace(self.disk.place, self.after.place)
                    .replace("desk.sock", "after.sock")
                    .replace(graph_url, "http://127.0.0.1:9"))

    def close(self):
        try:
            super().close()
        finally:
            self.after.unmount()
            self.disk.unmount()
            shutil.rmtree(self.shelf, ignore_errors=True)

    def freeze(self):
        self.daemon.send_signal(signal.SIGSTOP)
        path = f"/proc/{self.daemon.pid}/task"
        soak.until("every thread stands", lambda: all(
            open(f"{path}/{task}/stat", encoding="ascii").read()
            .rsplit(") ", 1)[1][0] == "T" for task in os.listdir(path)))

    def copy(self):
        command("cp", "--sparse=always", self.disk.image, self.after.image)

    def thaw(self):
        self.daemon.send_signal(signal.SIGCONT)

    def second_daemon(self):
        """Starts on the copy, and is content with it."""
        log_path = self.path("after.log")
        with open(log_path, "wb") as log:
            daemon = subprocess.Popen(
                [os.path.join(BUILD, "resguardod"), "--config",
                 self.config_after], stdout=subprocess.PIPE, stderr=log,
                text=True)
        try:
            line = daemon.stdout.readline()
            with open(log_path, encoding="utf-8") as f:
                expect(line.startswith("ready "),
                       f"on the copy a daemon said {line!r}: {f.read()}")
            identity = self.path("identity-after")
            shutil.copy(self.identity, identity)
            if os.path.exists(identity + ".known"):
                os.unlink(identity + ".known")
            for words in (("check",), ("ledger", "verify")):
                done = subprocess.run(
                    [os.path.join(BUILD, "resguardo"), "--socket",
                     self.socket_after, "--identity", identity, *words],
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                    timeout=DEADLINE_S)
                equal(done.returncode, 0, f"{words} on the copy"
                      f" ({done.stdout.decode()[-1000:]})")
        finally:
            daemon.kill()
            daemon.wait(DEADLINE_S)
            daemon.stdout.close()

    def for_good(self):
        """The copy takes the original's place."""
        self.kill()
        self.disk.unmount()
        os.replace(self.after.image, self.disk.image)
        self.disk.mount()


class Cuts(soak.Soak):
    def begin(self):
        self.instance = Cut()
        self.instance.sim.post("/sim/config", {"window_s": 0})
        self.load = Load(self.instance.sim, self.random.random())
        self.seen, self.resolved, self.log_index = set(), {}, 0
        self.excused = {}

    def kill(self, n):
        """Here: one cut."""
        r = self.instance
        self.what = f"cut {n}"
        if r.daemon is None:
            self.ready.append(r.start())
        self.load.go(r.gateway)
        time.sleep(0.02 + 0.4 * self.random.random() ** 2)
        self.ask_log()
        r.freeze()
        r.copy()
        promised = self.load.promised()
        self.load.hold()  # looking takes longer than the load lasted
        self.total["kills"] += 1
        if n % FOR_GOOD == 0:
            r.for_good()
            self.ask_log()
            self.look(promised)
            return
        r.thaw()
        storage = r.storage
        r.after.mount()
        try:
            r.storage = os.path.join(r.after.place, "storage")
            rows = record.Record(r.storage)
            with self.load.lock:
                numbers, _ = record.check_promises(rows, self.load, promised)
                record.check_basis(rows, self.load, self.resolved, numbers)
            record.check_documents(rows)
            r.second_daemon()
            # What the start cleared away, with nothing running.
            record.check_documents(record.Record(r.storage))
        finally:
            r.storage = storage
            r.after.unmount()
            os.unlink(r.after.image)

    def run(self, kills):
        soak.EPOCH = EPOCH
        super().run(kills)


def possible():
    """Why it cannot be done here, or None."""
    if os.geteuid() != 0:
        return "not root"
    if not os.access(MEMORY, os.W_OK) or shutil.which("mkfs.ext4") is None:
        return "no file system in memory"
    if not own_mounts():
        return "no mounts of our own"
    folder = memory_folder()
    disk = Disk(folder, "try")
    try:
        disk.make()
        disk.mount()
    except (Failure, OSError) as error:
        return f"no loop mounts ({str(error)[:80]!r})"
    finally:
        disk.unmount()
        shutil.rmtree(folder, ignore_errors=True)
    return None


def main(cuts=2000):
    cuts = int(sys.argv[1]) if len(sys.argv) > 1 else cuts
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else \
        random.SystemRandom().randrange(1 << 32)
    why = possible()
    if why is not None:
        print(f"skip {cuts} power cuts: {why}", flush=True)
        return
    # Mounts are ours to take back whatever ends us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    print(f"power cuts: {cuts}, seed {seed}", flush=True)
    run = Cuts(seed)
    try:
        run.run(cuts)
    except Failure as failure:
        print(f"not ok power cuts: {failure}", flush=True)
        sys.exit(1)
    print(f"ok power cuts: {run.summary()}", flush=True)


if __name__ == "__main__":
    main()
