"""Colleagues for scenarios: Unix users of their own with an identity each, and
what the ledger says of them."""
import os
import subprocess

from harness import BUILD, DEADLINE_S, equal, expect, json, sqlite3

ANA, BEA, CAM = 4711, 4712, 4713
CLEAN = {"HOME": "/nonexistent", "ASAN_OPTIONS": "detect_leaks=0"}


def need_root():
    """Only root can be several users; others skip, aloud."""
    return os.getuid() == 0


class Colleague:
    """A Unix user with an identity of their own."""

    def __init__(self, r, uid):
        self.r, self.uid = r, uid
        self.folder = r.path(f"home-{uid}")
        self.identity = os.path.join(self.folder, "identity")
        os.mkdir(self.folder, 0o700)
        # An identity as init makes it, in a storage of its own.
        other = r.path(f"other-{uid}")
        os.mkdir(other)
        with open(r.config, encoding="utf-8") as f:
            text = f.read().replace("storage: storage",
                                    f"storage: other-{uid}/storage")
        config = r.path(f"other-{uid}.yaml")
        with open(config, "w", encoding="utf-8") as f:
            f.write(text)
        done = subprocess.run(
            [os.path.join(BUILD, "resguardo"), "--identity", self.identity,
             "init", "--no-passphrase", "--config", config],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        equal(done.returncode, 0, f"an identity ({done.stderr})")
        self.recipient = done.stdout.decode().split("officer ")[1].split(
            "\n")[0].split(", ")[1]
        os.unlink(self.identity + ".known")
        for name in [""] + os.listdir(self.folder):
            os.chown(os.path.join(self.folder, name), uid, uid)

    def cli(self, *args, identity=None, env=None):
        done = subprocess.run(
            [os.path.join(BUILD, "resguardo"), "--socket", self.r.socket,
             "--identity", identity or self.identity, *args],
            user=self.uid, group=self.uid, extra_groups=[], cwd="/",
            env=dict(CLEAN, **(env or {})), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=DEADLINE_S)
        return done.returncode, done.stdout, done.stderr.decode()

    def get(self, document, **more):
        return self.cli("document", "get", document, "--reason", "revisión",
                        **more)


def ready(r, documents=1):
    """Documents that are stored, and a socket that all may use."""
    for _ in range(documents):
        r.file()
    r.consent_all()
    r.wait_attachments("stored", documents)
    os.chmod(r.socket, 0o666)
    return [d["id"] for d in r.json("document", "list")]


def add(r, colleague, roles):
    code, _, err = r.cli("staff", "add", str(colleague.uid), "--role", roles,
                         "--recipient", colleague.recipient)
    equal(code, 0, f"staff add ({err})")


def refusal(result, code, words):
    """An exit code, a sentence, and nothing on stdout."""
    equal(result[0], code, f"exit ({result[2]})")
    expect(words in result[2], f"no {words!r} in {result[2]!r}")
    expect(not result[1], "something came out")


def reads(r):
    """Readings on record, by name."""
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    leaves = [json.loads(e) for (e,) in
              database.execute("SELECT entry FROM ledger ORDER BY idx")]
    database.close()
    return [e["actor"] for e in leaves if e["event_type"] == "document_read"]


def events(r, *kinds):
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    leaves = [json.loads(e) for (e,) in
              database.execute("SELECT entry FROM ledger ORDER BY idx")]
    database.close()
    return [e for e in leaves if e["event_type"] in kinds]
