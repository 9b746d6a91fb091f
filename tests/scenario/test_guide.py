#!/usr/bin/env python3
"""docs/audit-guide*.md: every command of the guide is run as it stands there,
on an instance with a little history, and what the guide shows is what comes.
With --fill it writes what came into the guides instead."""
import os
import pwd
import re
import subprocess
import sys

from harness import BUILD, DEADLINE_S, PHONE, ROOT, equal, expect, run
from staff_help import BEA, Colleague, add

GUIDES = ("audit-guide.md", "audit-guide.en.md")
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)


def commands(text):
    """(command, wanted exit, [lines shown], place) of each fenced command."""
    found = []
    for block in BLOCK.finditer(text):
        for part in re.split(r"^\$ ", block.group(1), flags=re.M)[1:]:
            first, *shown = part.rstrip("\n").split("\n")
            wanted = re.search(r"\s+# (?:salida|exit) (\d)$", first)
            found.append((first, int(wanted.group(1)) if wanted else 0, shown))
    return found


def shape(line):
    """What stays of a line: words and their order, not ids, times, numbers."""
    line = re.sub(r"\b[a-z][a-z2-7]{26}\b", "ID", line)
    line = re.sub(r"\b[0-9a-f]{16,}\b", "HASH", line)
    line = re.sub(r"\S+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+", "KEY", line)
    line = re.sub(r"\S+/[0-9a-f]{8}\b", "ORIGIN", line)
    line = re.sub(r"\b[A-Za-z0-9+/]{43}=", "ROOT", line)
    line = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", line)
    line = re.sub(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", "CASE", line)
    line = re.sub(rf"\b{re.escape(ME)}\b", "root", line)
    return re.sub(r"\s+", " ", re.sub(r"\d+", "N", line)).strip()


def history(r):
    """One who agreed and whose photo was read, one who did not, and a no of the
    desk to somebody whom it does not know."""
    r.file()
    r.consent_all()
    r.wait_attachments("stored", 1)
    r.file(person="573007770000", caption=None)
    r.press(r.prompt(1, "573007770000"), "refuse", "573007770000")
    r.wait_attachments("dropped", 1)
    document = r.json("document", "list")[0]
    code, _, err = r.cli("document", "get", document["id"], "--reason",
                         "revisión del caso", text=False)
    equal(code, 0, f"document get ({err})")
    return document


def auditor(r):
    """Somebody with that role and no other; None where only root could be."""
    if os.getuid() != 0:
        return None
    os.chmod(r.socket, 0o666)
    bea = Colleague(r, BEA)
    add(r, bea, "auditor")
    return bea


def own(path, who):
    if who is not None:
        for folder, _, files in os.walk(path):
            for name in [folder] + [os.path.join(folder, f) for f in files]:
                os.chown(name, who.uid, who.uid)


def environment(r, document, name):
    folder = r.path(name)
    os.mkdir(folder)
    env = dict(os.environ, PATH=BUILD + ":" + os.environ["PATH"], LC_ALL="C",
               RESGUARDO_SOCKET=r.socket, RESGUARDO_IDENTITY=r.identity,
               TZ="America/Bogota")
    for one in ("SUJETO", "SUBJECT"):
        env[one] = document["subject"]
    for one in ("DOCUMENTO", "DOCUMENT"):
        env[one] = document["id"]
    return folder, env


def shell(command, folder, env, who):
    """As the auditor; what the guide says takes an officer, too, as one."""
    more = {}
    own(folder, who)
    if who is not None and "--reveal" not in command:
        env = dict(env, HOME=who.folder, RESGUARDO_IDENTITY=who.identity)
        more = {"user": who.uid, "group": who.uid, "extra_groups": []}
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=env, **more,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, timeout=DEADLINE_S, check=False)
    # Who it was that came here first is not the guide's matter.
    return done.returncode, "".join(
        line for line in done.stdout.decode().splitlines(keepends=True)
        if not line.startswith("first contact with "))


def fill(text, answers):
    """The guide with what came in place of what was shown."""
    answers = iter(answers)

    def block(found):
        out = "```console\n"
        for part in re.split(r"^\$ ", found.group(1), flags=re.M)[1:]:
            command = part.split("\n")[0]
            out += f"$ {command}\n" + next(answers)
        return out + "```"
    return BLOCK.sub(block, text)


def every_command_of_the_guide_does_what_it_shows(r):
    document = history(r)
    who = auditor(r)
    for name in GUIDES:
        path = os.path.join(ROOT, "docs", name)
        with open(path, encoding="utf-8") as f:
            text = f.read()
        found = commands(text)
        expect(len(found) >= 12, f"{name}: {len(found)} commands")
        folder, env = environment(r, document, name)
        answers = []
        for command, wanted, shown in found:
            code, came = shell(command, folder, env, who)
            answers.append(came)
            expect(PHONE not in came, f"{name}: {command}: names a person")
            if FILL:
                continue
            equal(code, wanted, f"{name}: {command} ({came})")
            equal([shape(line) for line in shown],
                  [shape(line) for line in came.splitlines()],
                  f"{name}: {command}")
        if FILL:
            with open(path, "w", encoding="utf-8") as f:
                f.write(fill(text, answers))


ME = pwd.getpwuid(os.getuid()).pw_name
FILL = "--fill" in sys.argv
if FILL:
    sys.argv.remove("--fill")

run([every_command_of_the_guide_does_what_it_shows])
