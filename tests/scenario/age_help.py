"""What the scenarios about age files share: programs, terminals, vectors."""
import base64
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time

from harness import BUILD, DEADLINE_S, ROOT, Failure, Skip, equal, expect

PROGRAM = os.path.join(BUILD, "resguardo")
LIMIT_S = DEADLINE_S


class Desk:
    """A folder with two people in it, each with an identity of their own."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="resguardo-age-")
        self.identity, self.recipient = self.person("identity")
        self.other, _ = self.person("other")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def person(self, name):
        path = self.path(name)
        subprocess.run(["age-keygen", "-o", path], check=True,
                       stderr=subprocess.DEVNULL)
        return path, re.search(r"age1\w+", self.read(name).decode()).group()

    def write(self, name, data, mode=0o600):
        with open(self.path(name), "wb") as f:
            f.write(data)
        os.chmod(self.path(name), mode)
        return self.path(name)

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def remove(self, name):
        os.unlink(self.path(name))

    def names(self):
        return set(os.listdir(self.folder))


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def succeeded(self, what):
        equal(self.code, 0, f"{what}: {self.err}")
        return self.out

    def failed(self, code, words, what):
        expect(self.code == code and words in self.err,
               f"{what}: exit {self.code}, {self.err!r}; "
               f"wanted {code}, {words!r}")


def ours(*argv, data=b"", **options):
    """resguardo age ARGV; stdin is a pipe, as stdout is."""
    done = subprocess.run([PROGRAM, "age", *argv], input=data,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=LIMIT_S, **options)
    return Result(done.returncode, done.stdout,
                  done.stderr.decode(errors="replace"))


def theirs(*argv, data=b""):
    if shutil.which("age") is None:
        raise Skip("age is not there")
    done = subprocess.run(["age", *argv], input=data, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=LIMIT_S)
    return Result(done.returncode, done.stdout,
                  done.stderr.decode(errors="replace"))


# ---- terminals --------------------------------------------------------------

class Terminal:
    """A program with a terminal of its own, that somebody types at."""

    def __init__(self, argv):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            try:
                os.execvp(argv[0], argv)
            finally:
                os._exit(127)
        self.seen, self.answered = b"", 0
        self.end = time.monotonic() + LIMIT_S

    def read(self):
        """More of what it shows; false at its end."""
        left = self.end - time.monotonic()
        if not select.select([self.fd], [], [], max(0, left))[0]:
            os.kill(self.pid, signal.SIGKILL)
            raise Failure(f"nothing more is shown after {self.seen!r}")
        try:
            more = os.read(self.fd, 4096)
        except OSError:
            more = b""
        self.seen += more
        return more != b""

    def prompt(self):
        """Waits until it asks."""
        while not re.search(rb"assphrase[^\n]*: $", self.seen[self.answered:]):
            if not self.read():
                raise Failure(f"it ended without asking: {self.seen!r}")

    def type(self, answer):
        self.answered = len(self.seen)
        os.write(self.fd, answer)

    def wait(self):
        """(exit status as of wait, all that was shown)"""
        while self.read():
            pass
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return status, self.seen


def at_terminal(argv, *answers):
    """Answers each question; (exit code, all that was shown)."""
    terminal = Terminal(argv)
    for answer in answers:
        terminal.prompt()
        terminal.type(answer + b"\n")
    status, seen = terminal.wait()
    return os.waitstatus_to_exitcode(status), seen


# ---- the public vectors -----------------------------------------------------

def vectors():
    """C2SP's test vectors, {name: bytes}, installed once under build/."""
    source = os.path.join(ROOT, "tests", "vectors", "cctv")
    folder = os.path.join(ROOT, "build", "cctv")
    index = os.path.join(folder, "node_modules", "cctv-age", "index.js")
    if not os.path.exists(index):
        install(source, folder)
    with open(index, encoding="utf-8") as f:
        text = f.read()
    found = {name: bytes_of(data) for name, data in re.findall(
        r'^// \.\./testdata/(\w+)\nvar \w+ = __toBinary\("([^"]*)"\);$', text,
        re.M)}
    equal(len(found), text.count("// ../testdata/"), "vectors read")
    expect(len(found) > 140, f"only {len(found)} vectors")
    return found


def bytes_of(text):
    return base64.b64decode(text + "=" * (-len(text) % 4))


def install(source, folder):
    npm = shutil.which("npm")
    why = "npm is not there"
    if npm is not None:
        os.makedirs(folder, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(os.path.join(source, name), folder)
        done = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True)
        if done.returncode == 0:
            return
        why = "npm ci failed: " + done.stdout[-300:].replace("\n", " ")
    if os.environ.get("RESGUARDO_NO_SKIP"):
        raise Failure(why)
    raise Skip("the public age vectors: " + why)
