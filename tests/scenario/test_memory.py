#!/usr/bin/env python3
"""What is left in memory: after real traffic no byte of a document, no word of
a customer and no private key in the daemon and its helpers; secrets in locked
pages only; nobody without privileges can look; nothing in arguments or
environments. Needs root, which may look."""
import os
import re
import subprocess
import sys

# A sanitizer keeps freed memory on purpose: this is about the real programs.
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
os.environ["RESGUARDO_BUILD"] = os.path.join(ROOT, "build")

from age_help import Terminal  # noqa: E402
from harness import (BUILD, PHONE, Skip, equal, expect, run,  # noqa: E402
                     sample, until)

PASSPHRASE = b"canary battery staple"
CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


# ---- looking ----------------------------------------------------------------

def may_look(r):
    try:
        with open(f"/proc/{r.daemon.pid}/mem", "rb"):
            return
    except PermissionError:
        raise Skip("the memory of others cannot be read here") from None


def may_look_at_equals():
    try:
        with open("/proc/sys/kernel/yama/ptrace_scope", encoding="utf-8") as f:
            scope = f.read().strip()
    except FileNotFoundError:
        return
    if scope != "0":
        raise Skip("Yama keeps equals apart here, whatever we do")


class Area:
    """A mapping: its bytes, and whether they are locked and never dumped."""

    def __init__(self, start, end, name):
        self.start, self.end, self.name = start, end, name
        self.safe = False

    def read(self, mem):
        try:
            mem.seek(self.start)
            return mem.read(self.end - self.start)
        except OSError:  # a guard page
            return b""


def areas(pid):
    found = []
    with open(f"/proc/{pid}/smaps", encoding="utf-8") as f:
        for line in f:
            head = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \d+ *(.*)",
                            line)
            if head and "r" in head[3] and not head[4].startswith("[v"):
                found.append(Area(int(head[1], 16), int(head[2], 16), head[4]))
            elif head:
                found.append(None)
            elif line.startswith("VmFlags:") and found[-1]:
                found[-1].safe = {"lo", "dd"} <= set(line.split())
    return [area for area in found if area]


def leaks(pid, needles, anywhere):
    """Which of the needles are in memory where they must not be: anywhere, or
    in pages that are not locked."""
    found, seen = set(), 0
    with open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for area in areas(pid):
            data = area.read(mem)
            seen += len(data)
            for name, needle in needles.items():
                if needle in data and (anywhere or not area.safe):
                    found.add((name, area.name or "heap"))
    expect(seen > 100000, f"only {seen} bytes of {pid} could be read")
    return found


def holds(pid, needle):
    return bool(leaks(pid, {"it": needle}, True))


def family(pid):
    """A process and its helpers."""
    found = [pid]
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children", encoding="utf-8") as f:
            found += [int(child) for child in f.read().split()]
    return found


# ---- keys -------------------------------------------------------------------

def secret_bytes(text):
    """The 32 bytes of an AGE-SECRET-KEY-1…, which programs work with."""
    values = [CHARSET.index(c) for c in text.lower().split("1", 1)[1]][:-6]
    bits = "".join(f"{v:05b}" for v in values)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, 256, 8))


def identities(path):
    with open(path, encoding="utf-8") as f:
        return re.findall(r"AGE-SECRET-KEY-1\w+", f.read())


def private_keys(r):
    """Those that must never be in the daemon: of people, epochs, custody."""
    program = os.path.join(BUILD, "resguardo")
    code, grant, err = r.cli("vault", "grant", "1", text=False)
    equal(code, 0, f"grant ({err})")
    epoch = subprocess.run([program, "age", "decrypt", "-i", r.identity],
                           input=grant, stdout=subprocess.PIPE,
                           check=True).stdout.decode()
    found = {"epoch": re.search(r"AGE-SECRET-KEY-1\w+", epoch)[0],
             "officer": identities(r.identity)[0],
             "custody": identities(r.identity + ".custody")[0]}
    keys = {}
    for name, text in found.items():
        keys[name + "'s text"] = text.encode()
        keys[name + "'s bytes"] = secret_bytes(text)
    return keys


# ---- traffic ----------------------------------------------------------------

def canary(word):
    return f"CANARY-{word}-{os.urandom(8).hex()}"


def traffic(r):
    """Small and large files, judged, stored, refused, read; words of all kinds.
    Returns what must be gone: of documents, of customers, documents' ids."""
    files = {name: canary(name).encode() for name in ("photo", "pdf", "refused")}
    words = {name: canary(name) for name in ("caption", "name", "file", "text",
                                              "reason")}
    media = r.sim.media(sample("photo.jpg") + files["photo"], "image/jpeg")
    r.sim.message(type="image", media_id=media, caption=words["caption"],
                  name=words["name"])
    r.file(sample("letter.pdf") + (b"\n%" + files["pdf"]) * 200000, "document",
           "application/pdf", words["file"] + ".pdf", caption=None)
    r.file(sample("program.jpg") + files["refused"], "document",
           "application/pdf", caption=None)
    r.consent_all()
    r.wait_attachments("stored", 2)
    r.wait_attachments("refused", 1)
    r.say(words["text"])
    until("receipt", lambda: len(r.texts()) >= 1)
    documents = [d["id"] for d in r.json("document", "list")]
    for document in documents:
        code, data, err = r.cli("document", "get", document, "--reason",
                                words["reason"], text=False)
        equal(code, 0, f"a reading ({err})")
        expect(files["photo"] in data or files["pdf"] in data, "canaries")
    until("all is sent", lambda: r.json("status")["outbox_pending"] == 0)
    words["phone"] = PHONE
    return files, {n: w.encode() for n, w in words.items()}, documents


def nothing_is_left_in_memory(r):
    may_look(r)
    files, words, _ = traffic(r)
    forbidden = {**files, **words, **private_keys(r)}
    pids = family(r.daemon.pid)
    expect(len(pids) > 3, f"helpers {pids}")
    for pid in pids:
        until(f"nothing is left in {pid}: {leaks(pid, forbidden, True)}",
              lambda pid=pid: not leaks(pid, forbidden, True))
        with open(f"/proc/{pid}/comm", encoding="utf-8") as f:
            name = f.read()
        token = {n: n.encode() for n in ("sim-access-token", "sim-app-secret",
                                         "sim-verify-token")}
        equal(leaks(pid, token, pid != r.daemon.pid), set(),
              f"tokens in {name}")
    # That it can be found where it is: the token, which the daemon works with.
    expect(holds(r.daemon.pid, b"sim-access-token"), "this test sees nothing")


# ---- who may look -----------------------------------------------------------

# Root that has lost the right to look into others, like any user; one may look
# into what has no more rights than oneself.
PLAIN = ["setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace"]
LOOK = """import sys
try:
    open(f"/proc/{sys.argv[1]}/mem", "rb").close()
except PermissionError:
    sys.exit(7)
"""


def looks(pid):
    """0: somebody of the same user reads its memory, 7: they may not."""
    return subprocess.run([*PLAIN, sys.executable, "-c", LOOK,
                           str(pid)]).returncode


def has_no_core(pid):
    with open(f"/proc/{pid}/limits", encoding="utf-8") as f:
        limit = re.search(r"Max core file size +(\d+|unlimited) +"
                          r"(\d+|unlimited)", f.read())
    equal(limit.groups(), ("0", "0"), f"core limit of {pid}")
    with open(f"/proc/{pid}/status", encoding="utf-8") as f:
        expect("NoNewPrivs:\t1" in f.read(), f"{pid} may gain privileges")


def tells_nothing(pid, needles):
    for name in ("cmdline", "environ"):
        with open(f"/proc/{pid}/{name}", "rb") as f:
            data = f.read()
        for needle in needles:
            expect(needle not in data, f"{needle!r} in {name} of {pid}")


def nobody_looks_into_us(r):
    may_look(r)
    may_look_at_equals()
    other = subprocess.Popen([*PLAIN, "cat"], stdin=subprocess.PIPE)
    try:
        until("somebody can be looked into", lambda: looks(other.pid) == 0)
    finally:
        other.communicate(b"")
    r.stop()
    r.start(PLAIN)
    reader_at_work(r, large_document(r))
    for pid in family(r.daemon.pid):
        has_no_core(pid)
        equal(looks(pid), 7, f"a look into {pid}")
        tells_nothing(pid, [b"sim-access-token", b"sim-app-secret",
                            b"sim-verify-token", b"AGE-SECRET-KEY"])


def large_document(r):
    """Its id; of more bytes than a pipe takes."""
    r.file(sample("letter.pdf") + b"\n" * (8 << 20), "document",
           "application/pdf", caption=None)
    r.consent_all(1)
    r.wait_attachments("stored", 1)
    return r.json("document", "list")[0]["id"]


def reader_at_work(r, document):
    """The CLI with a sealed identity asks, and then stands at a full pipe with
    all its keys: in locked pages alone, and the passphrase is forgotten."""
    program = os.path.join(BUILD, "resguardo")
    phrase, locked = r.path("phrase"), r.path("locked")
    with open(phrase, "wb") as f:
        f.write(PASSPHRASE)
    subprocess.run([program, "age", "encrypt", "--passphrase-file", phrase,
                    "-o", locked, r.identity], check=True,
                   stderr=subprocess.DEVNULL)
    keys = {"passphrase": PASSPHRASE, **private_keys(r)}
    pipe = r.path("pipe")
    os.mkfifo(pipe)
    terminal = Terminal(["sh", "-c", 'exec "$@" >"$0"', pipe, *PLAIN, program,
                         "--socket", r.socket, "--identity", locked, "document",
                         "get", document, "--reason", "x"])
    end = os.open(pipe, os.O_RDONLY)
    terminal.prompt()
    has_no_core(terminal.pid)
    equal(looks(terminal.pid), 7, "a look into the reader")
    terminal.type(PASSPHRASE + b"\n")
    os.set_blocking(end, True)
    equal(os.read(end, 5), b"%PDF-", "it reads")
    tells_nothing(terminal.pid, keys.values())
    expect(holds(terminal.pid, keys["officer's bytes"]), "it has its key")
    equal(leaks(terminal.pid, keys, False), set(), "keys outside of locks")
    os.close(end)
    terminal.wait()


# ---- how much ---------------------------------------------------------------

# A process of its own, so that what this one has does not count.
PEAK = """import os, sys
pid = os.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
_, status, used = os.wait4(pid, 0)
print(os.waitstatus_to_exitcode(status), used.ru_maxrss // 1024)
"""
READER_MIB = 20


def readers_stream(r):
    """A case and an export of 48 MiB in the memory of a few chunks."""
    for _ in range(3):
        r.file(sample("letter.pdf") + b"\n" * (16 << 20), "document",
               "application/pdf", caption=None)
    r.consent_all(1)
    r.wait_attachments("stored", 3)
    case = r.json("case", "list")[0]
    for argv in (["document", "get", "--case", case["id"], "--reason", "x",
                  "-o", r.path("case")],
                 ["subject", "export", case["subject"], "-o", r.path("all")]):
        done = subprocess.run(
            [sys.executable, "-c", PEAK, os.path.join(BUILD, "resguardo"),
             "--json", "--socket", r.socket, "--identity", r.identity, *argv],
            stdout=subprocess.PIPE, check=True, text=True)
        code, mib = done.stdout.splitlines()[-1].split()
        equal(code, "0", f"{argv}")
        expect(int(mib) < READER_MIB, f"{argv[0]}: {mib} MiB")


run([nothing_is_left_in_memory, nobody_looks_into_us, readers_stream])
