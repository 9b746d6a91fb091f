"""A bundle of `ledger export`, taken apart and put together again, also by
somebody who has the signing key; and the two verifiers side by side."""
import base64
import hashlib
import http.server
import importlib.util
import json
import os
import re
import shutil
import socketserver
import subprocess
import sys
import tempfile
import threading

from harness import BUILD, DEADLINE_S, Failure


def sha(data):
    return hashlib.sha256(data).digest()


def canonical(entry):
    return json.dumps(entry, sort_keys=True, ensure_ascii=False,
                      separators=(",", ":")).encode()


def root(leaves):
    """RFC 6962, 2.1, word by word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha(b"")
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return sha(b"\1" + root(leaves[:k]) + root(leaves[k:]))


def sign(seed, text):
    der = bytes.fromhex("302e020100300506032b657004220420") + seed
    with tempfile.TemporaryDirectory() as d:
        for name, data in ("key", der), ("text", text):
            with open(os.path.join(d, name), "wb") as f:
                f.write(data)
        done = subprocess.run(
            ["openssl", "pkeyutl", "-sign", "-rawin", "-keyform", "DER",
             "-inkey", f"{d}/key", "-in", f"{d}/text"], check=True,
            stdout=subprocess.PIPE)
    return done.stdout


class Key:
    """keys/ledger of a storage: who has it can sign what they like."""

    def __init__(self, storage):
        with open(os.path.join(storage, "keys", "ledger"),
                  encoding="utf-8") as f:
            self.name, self.id, typed = f.read().strip().split("+", 4)[2:]
        self.seed = base64.b64decode(typed)[1:]

    def note(self, size, tree, seed=None):
        text = (f"{self.name}\n{size}\n"
                f"{base64.b64encode(tree).decode()}\n").encode()
        blob = bytes.fromhex(self.id) + sign(seed or self.seed, text)
        return text + (f"\n\u2014 {self.name} "
                       f"{base64.b64encode(blob).decode()}\n").encode()


class Bundle:
    """The files of a bundle in memory: what a test may change."""

    def __init__(self, folder):
        self.files = {}
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), "rb") as f:
                self.files[name] = f.read()

    def copy(self):
        other = Bundle.__new__(Bundle)
        other.files = dict(self.files)
        return other

    def lines(self, name="entries.jsonl"):
        return self.files[name].split(b"\n")[:-1]

    def set_lines(self, lines, name="entries.jsonl"):
        self.files[name] = b"".join(line + b"\n" for line in lines)

    def entries(self):
        return [json.loads(line) for line in self.lines()]

    def forge(self, entries, key, raw=()):
        """Another history, complete and signed with the real key; some of its
        lines may be as they are in `raw`."""
        for index, entry in enumerate(entries):
            entry["index"] = index
        lines = [raw[i] if i in raw else canonical(e)
                 for i, e in enumerate(entries)]
        leaves = [sha(b"\0" + line) for line in lines]
        self.set_lines(lines)
        self.set_lines([leaf.hex().encode() for leaf in leaves], "leaves")
        self.files["checkpoint"] = key.note(len(lines), root(leaves))

    def write(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        os.mkdir(folder)
        for name, data in self.files.items():
            with open(os.path.join(folder, name), "wb") as f:
                f.write(data)


# ---- a receipt, by the book --------------------------------------------------

def climb(entry, text):
    """(root, size, signed note) to which a tlog-proof leads from an entry, by
    RFC 9162, 2.1.3.2."""
    head, note = text.split("\n\n", 1)
    lines = head.split("\n")
    if lines[0] != "c2sp.org/tlog-proof@v1":
        raise Failure(f"no proof: {lines[0]}")
    size = int(note.split("\n")[1])
    fn, sn = int(lines[1].split(" ")[1]), size - 1
    node = sha(b"\0" + entry.encode())
    for beside in (base64.b64decode(line) for line in lines[2:]):
        if fn & 1 or fn == sn:
            node = sha(b"\1" + beside + node)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = sha(b"\1" + node + beside)
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise Failure("the proof is too short")
    return node, size, note.encode()


# ---- a desk that says what it is told to ------------------------------------

class FakeDesk:
    """Answers GETs of a few paths on a Unix socket, in a thread."""

    def __init__(self, path, answers):
        desk = self
        self.answers = answers

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = desk.answers[self.path.split("?")[0]]
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Server(socketserver.ThreadingUnixStreamServer):
            daemon_threads = True

            def get_request(self):
                request, _ = super().get_request()
                return request, ("desk", 0)

        self.server = Server(path, Handler)
        self.thread = threading.Thread(target=self.server.serve_forever,
                                       kwargs={"poll_interval": 0.05})
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


# ---- the verifiers ----------------------------------------------------------

def place(words):
    """The first bad index that a verifier names; None when it names none."""
    found = re.search(r"\bentry (\d+)\b|from (\d+) on", words)
    return int(found.group(1) or found.group(2)) if found else None


def verifier():
    """verify.py as a module, beside its gate.py."""
    audit = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(
        os.path.abspath(__file__)))), "packaging", "audit")
    if audit not in sys.path:
        sys.path.insert(0, audit)
    sys.dont_write_bytecode = True
    spec = importlib.util.spec_from_file_location(
        "verify", os.path.join(audit, "verify.py"))
    verify = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(verify)
    return verify


def beside():
    """What verify.py takes its other files to."""
    verifier()
    return importlib.import_module("beside").Beside


def by_python(folder, old=None):
    """(holds, first bad index, words) of the bundle's own verify.py."""
    verify = verifier()
    try:
        verify.check(folder, old, beside())
    except (OSError, ValueError, LookupError, TypeError, AttributeError,
            RecursionError) as why:
        return False, place(str(why)), str(why)
    return True, None, ""


def by_c(folder, old=None):
    """The same of `resguardo ledger verify`, which asks no desk."""
    more = ["--since-checkpoint", old] if old else []
    done = subprocess.run(
        [os.path.join(BUILD, "resguardo"), "--socket", "/nonexistent",
         "ledger", "verify", folder] + more, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
        timeout=DEADLINE_S)
    words = done.stderr.decode()
    if done.returncode not in (0, 5, 3):
        raise Failure(f"ledger verify: exit {done.returncode}: {words}")
    return (done.returncode == 0, None if done.returncode == 0
            else place(words), words)
