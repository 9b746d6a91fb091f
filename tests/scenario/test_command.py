#!/usr/bin/env python3
"""The command line by itself: the table of commands, help, the man page and
what shells complete say the same. No daemon runs.
"""
import json
import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import time

from harness import BUILD, DEADLINE_S, ROOT, Skip, equal, expect, run

PROGRAM = os.path.join(BUILD, "resguardo")
SCRIPTS = os.path.join(ROOT, "packaging", "completion")


def resguardo(*args, data=None):
    done = subprocess.run([PROGRAM, *args], input=data, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True,
                          env=dict(os.environ, HOME="/nonexistent"))
    return done.returncode, done.stdout, done.stderr


def table():
    code, out, err = resguardo("help", "--json")
    equal(code, 0, f"help --json ({err})")
    return json.loads(out)


def called(command):
    return " ".join(w for w in (command["noun"], command["verb"]) if w)


# ---- the table and help -----------------------------------------------------

def check_example(command):
    """Nothing of it is a usage error: with --help at the end nothing runs, but
    each word is looked at. What must be there is looked at here."""
    words = [w for w in shlex.split(command["example"])
             if not w.startswith(">")]
    code, out, err = resguardo(*words, "--help")
    equal((code, err), (0, ""), command["example"])
    expect(f"$ resguardo {command['example']}\n" in out, out)
    for option in command["options"]:
        expect(not option["required"] or option["name"] in words,
               f"{command['example']} lacks {option['name']}")
        if option["values"] and option["name"] in words:
            value = words[words.index(option["name"]) + 1]
            expect(value in option["values"] or "…" in option["values"],
                   f"{command['example']}: {value}")
    return out


def each_command_has_help_and_an_example():
    commands = table()
    expect(len(commands) > 90, f"{len(commands)} commands")
    nouns = {c["noun"] for c in commands}
    of_noun = {noun: resguardo(noun, "--help")[1] for noun in nouns}
    for command in commands:
        name = called(command)
        expect(command["example"], f"no example of {name}: src/cli/example.c")
        expect(name in command["example"], command["example"])
        out = check_example(command)
        expect(all(len(line) < 80 or "$ resguardo" in line
                   for line in out.split("\n")), f"wide: {out}")
        for option in command["options"]:
            expect(option["about"], f"what is {option['name']} for: "
                   "src/cli/option_words.c")
            for text in (out, of_noun[command["noun"]]):
                expect(option["name"] in text, f"{name}: {option['name']}")
        expect(command["example"] in of_noun[command["noun"]], name)
    equal(resguardo("help", "case", "list")[1],
          resguardo("case", "list", "--help")[1], "help NOUN VERB")
    everything = resguardo("--help")[1]
    for command in commands:
        expect("\n  " + called(command) in everything, called(command))


def an_error_says_what_to_do():
    for words, text, hint in (
            (("cas",), "unknown command cas", "see: resguardo --help"),
            (("case",), "a verb is missing after case",
             "see: resguardo case --help"),
            (("case", "list", "--state", "opened"),
             "--state: no such state: opened",
             "one of: open, complete, closed"),
            (("case", "show"), "missing: CASE",
             "see: resguardo case show --help"),
            (("case", "priority", "C1", "soon"),
             "PRIORITY: no such priority: soon",
             "one of: low, normal, high, urgent"),
            (("completion", "csh"), "SHELL: no such shell: csh",
             "one of: bash, zsh, fish"),
            (("help", "nothing"), "no such command: nothing", None),
            (("help", "case", "nothing"), "no such command: case nothing",
             None)):
        code, out, err = resguardo(*words)
        want = f"error: {text}\n" + (f"hint: {hint}\n" if hint else "")
        equal((code, out, err), (2, "", want), " ".join(words))


# ---- the man page -----------------------------------------------------------

def items(source):
    """The words of each item of the section COMMANDS that begins with one."""
    text = source[source.index(".Sh COMMANDS"):]
    text = text[:text.index("\n.Sh ", 1)].replace("\\\n", "")
    for line in re.findall(r"(?m)^\.It Cm (.*)$", text):
        yield re.sub(r"\bFl (\w+)", r"-\1",
                     re.sub(r"\bFl Fl ([\w-]+)", r"--\1", line))


def in_the_man_page():
    with open(os.path.join(ROOT, "packaging", "man", "resguardo.1"),
              encoding="utf-8") as f:
        source = f.read()
    return [re.findall(r"[^\s]+", item) for item in items(source)]


def the_man_page_has_each_command_and_its_options():
    commands, page = table(), in_the_man_page()
    known = {called(c): c for c in commands}
    for words in page:
        name = " ".join(words[:2])
        name = name if name in known else words[0]
        expect(name in known, f"the man page has {' '.join(words[:2])}")
    for name, command in known.items():
        mine = [w for w in page if w[:len(name.split())] == name.split()]
        expect(mine, f"{name} is not in the man page")
        flags = {w for words in mine for w in words
                 if re.fullmatch(r"-\w|--[\w-]+", w)}
        want = {o["name"] for o in command["options"]}
        equal(sorted(flags), sorted(want), f"the man page's options of {name}")
        for argument in re.findall(r"[\w.-]+", command["argument"] or ""):
            expect(any(argument in words for words in mine),
                   f"the man page's {name} has no {argument}")


# ---- completion -------------------------------------------------------------

def ask(*words):
    code, out, err = resguardo("completion",
                               data="".join(w + "\0" for w in words))
    equal((code, err), (0, ""), f"completion of {words}")
    return [line.split("\t")[0] for line in out.splitlines()]


def completion_knows_the_whole_table():
    commands = table()
    verbs = {}
    for command in commands:
        verbs.setdefault(command["noun"], []).append(command)
    equal(set(ask("")), set(verbs), "nouns")
    for noun, some in verbs.items():
        if some[0]["verb"]:
            equal(ask(noun, ""), [c["verb"] for c in some], noun)
        name = called(some[0]).split()
        equal(set(ask(*name, "-")) & {o["name"] for o in some[0]["options"]},
              {o["name"] for o in some[0]["options"]}, f"options of {name}")
    for command, option in ((c, o) for c in commands for o in c["options"]):
        if option["values"] and option["name"] not in ("--zone", "--lang"):
            equal(ask(*called(command).split(), option["name"], ""),
                  [v for v in option["values"] if v != "…"],
                  f"{called(command)} {option['name']}")
    # Hostile lines are lines.
    for data in ("", "case", "\0" * 600, "x\0" * 600, "--state=\0",
                 "case\0list\0--state=\xff\0"):
        equal(resguardo("completion", data=data)[0], 0, repr(data))
    code, out, err = resguardo("completion", data="x" * 70000)
    equal((code, out), (1, ""), f"a line that is too long ({err})")


class Terminal:
    """A shell that somebody types to."""

    def __init__(self, argv, setup):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(PATH=BUILD + ":" + os.environ["PATH"],
                              TERM="dumb", LC_ALL="C.UTF-8", HISTFILE="")
            os.chdir(ROOT)
            os.execvp(argv[0], argv)
        self.type(setup + "\n")
        self.type("echo sta''rted\n")
        self.read("started")

    def type(self, text):
        os.write(self.fd, text.encode())

    def read(self, pattern):
        """What came until it matches."""
        text, end = "", time.monotonic() + DEADLINE_S
        while not re.search(pattern, text):
            expect(time.monotonic() < end, f"no {pattern!r} in {text!r}")
            if select.select([self.fd], [], [], 0.1)[0]:
                text += os.read(self.fd, 65536).decode(errors="replace")
        return text

    def completed(self, begun, want):
        """The words of the line after a TAB."""
        self.type(begun + "\t\x01printf '<%s>' \n")
        wanted = "<" + "><".join(want) + ">"
        # zsh takes a folder's slash away where a blank follows.
        self.read(re.escape(wanted).replace("/>", "/?>"))

    def listed(self, begun, *want):
        """What two TABs list: patterns."""
        self.type(begun + "\t\t")
        for word in want:
            self.read(word)
        self.type("\x15")  # the line is thrown away

    def close(self):
        self.type("\x15exit\n")
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def try_it(terminal):
    try:
        terminal.completed("resguardo att", ["resguardo", "attachment"])
        terminal.completed("resguardo case list --state com",
                           ["resguardo", "case", "list", "--state",
                            "complete"])
        terminal.completed("resguardo case list --state=com",
                           ["resguardo", "case", "list", "--state=complete"])
        # A value with a colon in it moves no word.
        terminal.completed("resguardo --socket ssh://a@b case cl",
                           ["resguardo", "--socket", "ssh://a@b", "case",
                            "close"])
        terminal.completed("resguardo case note C1 --text 'a b' --js",
                           ["resguardo", "case", "note", "C1", "--text",
                            "a b", "--json"])
        terminal.completed("resguardo policy check policies/es-g",
                           ["resguardo", "policy", "check",
                            "policies/es-gdpr/"])
        terminal.completed("resguardo document send C1 READ",
                           ["resguardo", "document", "send", "C1",
                            "README.md"])
        terminal.listed("resguardo conversation list --state ", "bot")
        terminal.listed("resguardo conversation list --state=", r"\sbot")
    finally:
        terminal.close()


def needs_shell(shell):
    if shutil.which(shell) is None:
        raise Skip(f"{shell} is not there")


def bash_completes():
    equal(resguardo("completion", "bash")[1],
          open(os.path.join(SCRIPTS, "resguardo.bash")).read(), "the script")
    try_it(Terminal(["bash", "--norc", "--noprofile", "-i"],
                    "bind 'set enable-bracketed-paste off'; "
                    "source packaging/completion/resguardo.bash"))


def zsh_completes():
    needs_shell("zsh")
    try_it(Terminal(["zsh", "-f", "-i"],
                    "unsetopt zle_bracketed_paste; bindkey -e; "
                    "autoload -U compinit && compinit -u -D; "
                    "source packaging/completion/resguardo.zsh"))


def fish_completes():
    needs_shell("fish")
    script = os.path.join(SCRIPTS, "resguardo.fish")

    def offered(line):
        done = subprocess.run(
            ["fish", "--no-config", "-c",
             f"source {script}; complete -C {shlex.quote(line)}"],
            stdout=subprocess.PIPE, text=True, cwd=ROOT,
            env=dict(os.environ, PATH=BUILD + ":" + os.environ["PATH"]))
        return [l.split("\t")[0] for l in done.stdout.splitlines()]

    equal(offered("resguardo att"), ["attachment"], "a noun")
    equal(sorted(offered("resguardo case list --state ")),
          ["closed", "complete", "open"], "states")
    equal(offered("resguardo case list --state=com"), ["--state=complete"],
          "a value behind =")
    equal(offered("resguardo --socket ssh://a@b case cl"), ["close"], "a verb")
    equal(offered("resguardo policy check policies/es-g"),
          ["policies/es-gdpr/"], "a folder")
    expect("README.md" in offered("resguardo document send C1 READ"), "a file")


def a_rule_of_contact_is_one_of_the_page():
    """Of a rule that is not there "none was denied" would be no answer."""
    with open(os.path.join(ROOT, "docs", "reminders.md"),
              encoding="utf-8") as f:
        page = f.read().split("| rule | it does not go because |\n")[1]
    rules = re.findall(r"(?m)^\| `([a-z_]+)` \|", page.split("\n\n")[0])
    log = [c for c in table() if called(c) == "reminder log"][0]
    equal([o["values"] for o in log["options"] if o["name"] == "--rule"],
          [rules], "rules")
    code, _, err = resguardo("reminder", "log", "--rule", "contact_hour")
    equal(code, 2, err)
    expect("see: resguardo reminder log --help" in err, err)


if __name__ == "__main__":
    run([a_rule_of_contact_is_one_of_the_page,
         each_command_has_help_and_an_example, an_error_says_what_to_do,
         the_man_page_has_each_command_and_its_options,
         completion_knows_the_whole_table, bash_completes, zsh_completes,
         fish_completes])
