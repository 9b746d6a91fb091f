#!/usr/bin/env python3
"""Keys that stay with their owner: a keyring made on the officer's machine, a
desk behind ssh, passphrases typed on a terminal, an escrow kit. ssh is played
by a script that runs the rest of its command here."""
import json
import os
import pty
import re
import select
import shutil
import sqlite3
import subprocess
import tempfile
import time

from harness import BUILD, DEADLINE_S, equal, expect, run, sample, until

ADDRESS = "ssh://ana@desk.example.org:2222"
WORDS = "caballo correcto"


def fake_ssh(r):
    """A folder for PATH; what it was asked goes to its log."""
    folder = r.path("bin")
    os.mkdir(folder)
    with open(os.path.join(folder, "ssh"), "w", encoding="utf-8") as f:
        f.write(f"""#!/bin/sh
echo "$@" >>{folder}/log
[ -e {folder}/down ] && {{ echo "ssh: connect: no route" >&2; exit 255; }}
[ "$1" = -T ] || exit 99
shift
[ "$1" = -p ] && shift 2
shift
export PATH={BUILD}:$PATH RESGUARDO_SOCKET={r.socket}
[ -e {folder}/tee ] && {{ "$@" | tee -a {folder}/answers; exit 0; }}
"$@"
code=$?
echo $code >>{folder}/ended
exit $code
""")
    os.chmod(os.path.join(folder, "ssh"), 0o755)
    return folder


class Remote:
    """The officer's machine: another folder, and only ssh to the desk."""

    def __init__(self, r):
        self.r, self.bin = r, fake_ssh(r)
        self.folder = r.path("laptop")
        self.identity = os.path.join(self.folder, "identity")
        if not os.path.exists(self.folder):
            os.mkdir(self.folder, 0o700)

    def cli(self, *args, address=ADDRESS):
        env = dict(os.environ, PATH=self.bin + ":" + os.environ["PATH"])
        env.pop("RESGUARDO_SOCKET", None)
        done = subprocess.run(
            [os.path.join(BUILD, "resguardo"), "--socket", address,
             "--identity", self.identity, *args], env=env,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=DEADLINE_S)
        return done.returncode, done.stdout, done.stderr.decode()

    def good(self, *args):
        code, out, err = self.cli(*args)
        equal(code, 0, f"{args} ({err})")
        return out

    def log(self):
        with open(os.path.join(self.bin, "log"), encoding="utf-8") as f:
            return f.read().splitlines()


def whole_story_over_ssh(r):
    """The instance of this scenario is founded by the officer's machine, and
    everything is asked over ssh; the server never sees an identity."""
    laptop = Remote(r)
    shutil.rmtree(r.storage)
    for name in os.listdir(r.folder):
        if name.startswith("identity"):
            os.unlink(r.path(name))
    carried = r.path("carried.json")
    name = subprocess.run(["id", "-un"], stdout=subprocess.PIPE,
                          check=True).stdout.decode().strip()
    out = laptop.good("vault", "init", "--name", name, "--uid",
                      str(os.getuid()), "-o", carried, "--no-passphrase")
    root = out.decode().split("keyring root ")[1].split()[0]

    # Another machine's user of that number, a changed file: nothing is made.
    with open(carried, encoding="utf-8") as f:
        made = f.read()
    for spoilt in (made.replace('"v":1', '"v":2'), made[:-40], "{}",
                   made.replace('"epoch":1', '"epoch":2')):
        with open(r.path("spoilt.json"), "w", encoding="utf-8") as f:
            f.write(spoilt)
        code, out, err = r.cli("init", "--config", r.config, "--keyring",
                               r.path("spoilt.json"))
        equal(code, 1, f"spoilt ({err})")
        expect(not os.path.exists(r.storage), "a storage was made")
    code, out, err = r.cli("init", "--config", r.config, "--keyring", carried)
    equal(code, 0, f"init ({err})")
    expect(f"keyring root {root}" in out, out)
    expect(not os.path.exists(r.identity), "an identity on the server")

    r.start()
    code, _, err = laptop.cli("status")
    equal(code, 0, f"status ({err})")
    r.file()
    consent(r, laptop)
    document, = until("a document", lambda: [
        d["id"] for d in json.loads(laptop.good("--json", "document", "list"))])
    out = laptop.good("document", "get", document, "--reason", "revisión")
    equal(out, sample("photo.jpg"), "what was read")

    # A large one streams.
    big = os.urandom(3 << 20)
    with open(r.path("big.pdf"), "wb") as f:
        f.write(sample("letter.pdf") + b"\n%" + big.hex().encode())
    with open(r.path("big.pdf"), "rb") as f:
        sent = f.read()
    r.file(sent, kind="document", mime="application/pdf", filename="big.pdf")
    large, = until("the large one", lambda: [
        d["id"] for d in json.loads(laptop.good("--json", "document", "list"))
        if d["size"] == len(sent)])
    equal(laptop.good("document", "get", large, "--reason", "x"), sent,
          "the large one")
    colleague = os.path.join(laptop.folder, "colleague")
    recipient = laptop.good("identity", "new", "-o", colleague,
                            "--no-passphrase").decode().strip()
    laptop.good("staff", "add", "4711", "--role", "officer", "--recipient",
                recipient)
    laptop.good("staff", "revoke", "4711")
    before = len(laptop.log())
    laptop.good("vault", "rewrap")
    equal(len(laptop.log()) - before, 1, "logins of one command")
    with open(os.path.join(laptop.bin, "ended"), encoding="utf-8") as f:
        equal(f.read().split(), ["0"] * len(laptop.log()),
              "each ended by itself")
    equal([e["documents"] for e in
           json.loads(laptop.good("--json", "vault", "status"))], [0, 2],
          "documents under each epoch")
    out = laptop.good("document", "get", document, "--reason", "otra vez")
    equal(out, sample("photo.jpg"), "what was read")
    laptop.good("check")
    laptop.good("ledger", "verify")
    equal(set(laptop.log()), {"-T -p 2222 ana@desk.example.org resguardo "
                              "desk-pipe"}, "how ssh was called")
    with open(laptop.identity, encoding="utf-8") as f:
        secret = f.read().split("AGE-SECRET-KEY-")[1].strip().encode()
    for folder, _, files in os.walk(r.storage):
        for file in files:
            with open(os.path.join(folder, file), "rb") as f:
                expect(secret not in f.read(), f"the identity is in {file}")

    # Another keyring at that address is noticed, before anything is sealed.
    known = laptop.identity + ".known"
    with open(known, encoding="utf-8") as f:
        before = f.read()
    expect(root in before, "the root was not pinned")
    with open(known, "w", encoding="utf-8") as f:
        f.write(before.replace(root, "0" * 64))
    code, _, err = laptop.cli("vault", "rotate")
    equal(code, 5, f"another root ({err})")
    with open(known, "w", encoding="utf-8") as f:
        f.write(before)
    refusals_of_ssh(r, laptop)
    r.identity = laptop.identity


whole_story_over_ssh.needs = {"start": False}


def consent(r, laptop):
    """As the harness does it, with who may look."""
    for n in (1, 2):
        r.press(r.prompt(n), "grant")
    until("a stored file", lambda: json.loads(
        laptop.good("--json", "attachment", "list", "--state", "stored")))


def refusals_of_ssh(r, laptop):
    for address in ("ssh://", "ssh://-oProxyCommand=x", "ssh://a b",
                    "ssh://-l@host", "ssh://u@-v", "ssh://h:0", "ssh://h:x",
                    "ssh://h:70000", "ssh://h/x", "ssh://[::1", "ssh://[host]",
                    "ssh://u;id@h", "ssh://h$(id)", "ssh://a@b@c",
                    "ssh://h\n", "ssh://é"):
        before = len(laptop.log())
        code, out, err = laptop.cli("status", address=address)
        equal((code, out), (2, b""), f"{address} ({err})")
        equal(len(laptop.log()), before, f"ssh was run for {address}")
    for address, words in (("ssh://h", "-T h resguardo desk-pipe"),
                           ("ssh://[::1]:22", "-T -p 22 ::1 resguardo "
                            "desk-pipe")):
        code, _, err = laptop.cli("status", address=address)
        equal(code, 0, f"{address} ({err})")
        equal(laptop.log()[-1], words, "how ssh was called")
    with open(os.path.join(laptop.bin, "down"), "w", encoding="utf-8"):
        pass
    code, _, err = laptop.cli("status")
    equal(code, 1, f"a dead ssh ({err})")
    expect("ssh: connect: no route" in err and "exit code 255" in err and
           "hint:" in err, err)
    os.unlink(os.path.join(laptop.bin, "down"))
    r.stop()
    code, _, err = laptop.cli("status")
    equal(code, 1, f"a dead daemon ({err})")
    expect("cannot reach the daemon at " + r.socket in err, err)
    # The pipe does not go round in circles.
    code, _, err = r.cli("--socket", "ssh://h", "desk-pipe")
    equal(code, 2, f"a pipe to ssh ({err})")


# ---- escrow -----------------------------------------------------------------

def code_of(page):
    """The modules of the page's picture, as a bitmap for a scanner."""
    picture = page.split("<svg")[1].split("</svg>")[0]
    left, top, width, height = (int(n) for n in picture.split(
        'viewBox="')[1].split('"')[0].split())
    rows = [[0] * width for _ in range(height)]
    for x, y, run in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", picture):
        for i in range(int(run)):
            rows[int(y) - top][int(x) - left + i] = 1
    scale = 6
    lines = [" ".join(str(m) for m in row for _ in range(scale))
             for row in rows for _ in range(scale)]
    return f"P1\n{width * scale} {height * scale}\n" + "\n".join(lines) + "\n"


def escrow_kit_opens_what_was_lost(r):
    """The officer's grant is lost; paper and the offline key bring it back."""
    laptop = Remote(r)
    for name in ("identity", "identity.known"):
        shutil.copy(r.path(name), os.path.join(laptop.folder, name))
    r.file()
    r.consent_all()
    r.wait_attachments("stored", 1)
    document = r.json("document", "list")[0]["id"]
    offline = r.path("offline")
    recipient = laptop.good("identity", "new", "-o", offline,
                            "--no-passphrase").decode().strip()
    for args, code in ((("1",), 2), (("x", "-r", recipient), 2),
                       (("0", "-r", recipient), 2), (("1", "-r", "age1"), 2),
                       (("2", "-r", recipient), 3),
                       (("1", "-r", recipient, "-r", recipient), 2)):
        got, out, err = laptop.cli("vault", "escrow", *args)
        equal((got, out), (code, b""), f"{args} ({err})")
    equal(escrows(r), [], "on record")
    kit = r.path("kit.html")
    laptop.good("vault", "escrow", "1", "-r", recipient, "-o", kit)
    with open(kit, encoding="utf-8") as f:
        page = f.read()
    leaf, = escrows(r)
    equal((leaf["evidence"]["epoch"], len(leaf["evidence"][
        "recipient_sha256"])), (1, 64), "on record")
    public = r.json("vault", "status")[0]["recipient"]
    expect(public in page and recipient in page, "keys are not on the page")
    expect("AGE-SECRET-KEY" not in page, "the secret is on the page")
    for words in ("Cómo se recupera", "How to come back", "age -d -i"):
        expect(words in page, f"no {words!r}")
    expect(not re.search(r'(src|href)=|<script|url\(', page),
           "the page asks for more")

    # What a scanner reads is the block of text.
    armor = page.split("<pre>\n")[1].split("</pre>")[0]
    if shutil.which("zbarimg"):
        with open(r.path("code.pbm"), "w", encoding="utf-8") as f:
            f.write(code_of(page))
        done = subprocess.run(["zbarimg", "-q", "--nodbus", "--raw", r.path("code.pbm")],
                              stdout=subprocess.PIPE, check=True)
        equal(done.stdout.decode().rstrip("\n"), armor.rstrip("\n"),
              "what a scanner reads")
        armor = done.stdout.decode().rstrip("\n") + "\n"
    else:
        print("skip the scanner (zbarimg is missing)")
    with open(r.path("kit.age"), "w", encoding="utf-8") as f:
        f.write(armor)
    subprocess.run(["age", "-d", "-i", offline, "-o", r.path("epoch.txt"),
                    r.path("kit.age")], check=True, umask=0o077)
    equal(subprocess.run(["age-keygen", "-y", r.path("epoch.txt")], text=True,
                         stdout=subprocess.PIPE, check=True).stdout.strip(),
          public, "the key that came back")

    # A document that the desk handed out, with the age program alone.
    with open(os.path.join(laptop.bin, "tee"), "w", encoding="utf-8"):
        pass
    laptop.good("document", "get", document, "--reason", "x")
    os.unlink(os.path.join(laptop.bin, "tee"))
    with open(os.path.join(laptop.bin, "answers"), "rb") as f:
        answers = f.read()
    at = answers.index(b"age-encryption.org/v1\n")
    done = subprocess.run(["age", "-d", "-i", r.path("epoch.txt")],
                          input=answers[at:], stdout=subprocess.PIPE,
                          check=True)
    equal(done.stdout, sample("photo.jpg"), "opened with age alone")

    # And through the desk, after all grants are gone.
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    database.execute("DELETE FROM keyring_grant")
    database.commit()
    database.close()
    equal(laptop.cli("document", "get", document, "--reason", "x")[0], 4,
          "a reading without a grant")
    name = r.json("staff", "list")[0]["name"]
    equal(laptop.cli("vault", "regrant", name)[0], 4, "regrant with nothing")
    code, _, err = laptop.cli("vault", "regrant", name, "-i", offline)
    equal(code, 1, f"another identity ({err})")
    laptop.good("vault", "regrant", name, "-i", r.path("epoch.txt"))
    equal(laptop.good("document", "get", document, "--reason", "x"),
          sample("photo.jpg"), "after the kit")


def escrows(r):
    database = sqlite3.connect(os.path.join(r.storage, "resguardo.db"))
    leaves = [json.loads(e) for (e,) in
              database.execute("SELECT entry FROM ledger ORDER BY idx")]
    database.close()
    return [e for e in leaves if e["event_type"] == "epoch_escrowed"]


# ---- passphrases ------------------------------------------------------------

def typed(args, answers):
    """Runs a command with a terminal of its own and types an answer at each
    question; (exit code, all that was shown)."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(os.path.join(BUILD, "resguardo"), ["resguardo", *args])
    shown, answers, seen = b"", list(answers), 0
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
        while answers and shown.count(b"assphrase of", 0) > seen and \
                shown.endswith(b": "):
            seen = shown.count(b"assphrase of")
            os.write(terminal, answers.pop(0).encode() + b"\n")
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()


def identities_have_a_passphrase_unless_told_otherwise():
    folder = tempfile.mkdtemp(prefix="resguardo-identity-")
    path = os.path.join(folder, "sub", "identity")
    alone = [os.path.join(BUILD, "resguardo"), "identity", "new", "-o", path]

    # Without a terminal: exit 1, a hint that names both ways, nothing made.
    done = subprocess.run(alone, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          start_new_session=True)
    equal((done.returncode, done.stdout), (1, ""), done.stderr)
    expect("--passphrase-file" in done.stderr and
           "--no-passphrase" in done.stderr, done.stderr)
    equal(os.listdir(folder), [], "what was made")

    # Typed differently, nothing typed: nothing made. Typed twice: sealed.
    args = ["identity", "new", "-o", path]
    for answers, words in ((["one", "other"], "differ"), ([""], "empty")):
        code, shown = typed(args, answers)
        equal(code, 1, shown)
        expect(words in shown, shown)
        equal(os.listdir(folder), [], "what was made")
    code, shown = typed(args, [WORDS, WORDS])
    equal(code, 0, shown)
    expect(WORDS not in shown, "the passphrase was shown")
    recipient = [w for w in shown.split() if w.startswith("age1")][0]
    with open(path, encoding="utf-8") as f:
        text = f.read()
    expect(text.startswith("-----BEGIN AGE ENCRYPTED FILE-----"), text[:60])
    equal(os.stat(path).st_mode & 0o777, 0o600, "its mode")
    code, shown = typed(args, [])
    equal(code, 1, shown)
    expect("is there already" in shown, shown)

    # The age program agrees that the passphrase opens an identity file.
    words = os.path.join(folder, "words")
    with open(words, "w", encoding="utf-8") as f:
        f.write(WORDS + "\n")
    os.chmod(words, 0o600)
    done = subprocess.run([alone[0], "age", "decrypt", "--passphrase-file",
                           words, path], stdout=subprocess.PIPE, text=True,
                          check=True)
    lines = done.stdout.splitlines()
    expect(lines[0].startswith("# created: ") and
           lines[1] == f"# public key: {recipient}" and
           lines[2].startswith("AGE-SECRET-KEY-1"), lines[:2])

    # For machines: plain.
    plain = os.path.join(folder, "plain")
    subprocess.run(alone[:-1] + [plain, "--no-passphrase"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(plain, encoding="utf-8") as f:
        expect("AGE-SECRET-KEY-1" in f.read(), "no plain identity")
    shutil.rmtree(folder)


def init_with_files(r):
    """Two people's passphrases are not one."""
    a, b, again = (r.path(f"words-{x}") for x in "abc")
    for path, words in ((a, "uno"), (b, "dos"), (again, "uno")):
        with open(path, "w", encoding="utf-8") as f:
            f.write(words + "\n")
        os.chmod(path, 0o600)
    mine, custodian = "--passphrase-file", "--custody-passphrase-file"
    return ([mine, a], 2, "--custody-passphrase-file"), \
           ([mine, a, custodian, again], 2, "another passphrase"), \
           ([mine, a, custodian, b, "--no-passphrase"], 2, "exclude"), \
           ([mine, a, custodian, b, "--custody", "age1x"], 2, "exclude"), \
           ([mine, a, custodian, b], 0, "")


def init_asks_for_both_passphrases(r):
    """And every command that needs the identity asks for its own."""
    shutil.rmtree(r.storage)
    for name in os.listdir(r.folder):
        if name.startswith("identity"):
            os.unlink(r.path(name))
    init = ["--identity", r.identity, "init", "--config", r.config]
    done = subprocess.run([os.path.join(BUILD, "resguardo"), *init], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, start_new_session=True)
    equal(done.returncode, 1, done.stderr)
    expect(not os.path.exists(r.storage) and not os.path.exists(r.identity),
           "something was made")
    for args, code, words in init_with_files(r):
        done = subprocess.run(
            [os.path.join(BUILD, "resguardo"), *init, *args], text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True)
        equal(done.returncode, code, f"{args}: {done.stderr}")
        expect(words in done.stderr, done.stderr)
        expect(os.path.exists(r.identity) == (code == 0), "what was made")
    for path, words in ((r.identity, "words-a"),
                        (r.identity + ".custody", "words-b")):
        subprocess.run([os.path.join(BUILD, "resguardo"), "age", "decrypt",
                        "--passphrase-file", r.path(words), path], check=True,
                       stdout=subprocess.DEVNULL)
        os.unlink(path)
    shutil.rmtree(r.storage)
    os.unlink(r.identity + ".known")

    code, shown = typed(init, ["a", "a", "a", "a"])
    equal(code, 2, shown)
    expect("needs another passphrase than yours" in shown, shown)
    code, shown = typed(init, ["a", "a", "b", "b"])
    equal(code, 0, shown)
    expect("whoever controls this machine" in shown, shown)
    expect("its passphrase goes to the custodian" in shown, shown)
    for name in ("identity", "identity.custody"):
        with open(r.path(name), encoding="utf-8") as f:
            expect(f.read().startswith("-----BEGIN AGE"), f"{name} is plain")
    r.start()
    rotate = ["--socket", r.socket, "--identity", r.identity, "vault",
              "rotate"]
    code, shown = typed(rotate, ["b"])
    equal(code, 1, shown)
    expect("another passphrase" in shown and "type the passphrase" in shown and
           "RESGUARDO_IDENTITY" not in shown, shown)
    code, shown = typed(rotate, ["a"])
    equal(code, 0, shown)


init_asks_for_both_passphrases.needs = {"start": False}


run([whole_story_over_ssh, escrow_kit_opens_what_was_lost,
     identities_have_a_passphrase_unless_told_otherwise,
     init_asks_for_both_passphrases])
