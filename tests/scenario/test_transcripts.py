#!/usr/bin/env python3
"""Chats, as customers see them: each file of transcripts/ is played, and what
the customer reads must be what stands there. chat_help.py says how a line is
read, chat_houses.py under which policy a folder is played; README.md of
transcripts/ is the index, by the rows of what the product has to do.

`--write` writes what was said into the files: read the difference before you
keep it. `--only=WORD` plays those whose path has the word."""
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import textwrap

from chat_help import Played, play_all
from chat_houses import HOUSES, build_houses
from harness import BUILD, ROOT, equal, expect, run

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "transcripts")
WRITE = "--write" in sys.argv
ONLY = [word[7:] for word in sys.argv if word.startswith("--only=")]


def lots():
    """Each transcript beside the others, but for houses with a queue."""
    out, n = [], 0
    for house in HOUSES:
        folder = os.path.join(FOLDER, house.folder)
        ours = []
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            n += 1
            if name.endswith(".txt") and all(word in path for word in ONLY):
                ours.append(Played(path, house, f"{house.country}300777{n:03}"))
        out += [ours] if house.serial else [[played] for played in ours]
    return sorted(out, key=len, reverse=True)


def chats_read_as_they_are_written(r):
    build_houses(r)
    r.start()
    play_all(r, lots(), WRITE)


chats_read_as_they_are_written.needs = {"start": False}


def every_chat_has_its_row():
    """transcripts/README.md: each file that a row names is there, each chat
    that is there is in a row, and each folder is some house's."""
    rows = [line.split("|")[1:-1] for line in
            read("tests", "scenario", "transcripts", "README.md").splitlines()
            if line.startswith("| ")][1:]
    named = set()
    for what, chats in rows:
        links = re.findall(r"\[([^]]+)\]\(([^)]+)\)", chats)
        expect(links, f"{what.strip()}: a chat")
        equal([f"{name}.txt" for name, _ in links], [to for _, to in links],
              f"{what.strip()}: links")
        named |= {to for _, to in links}
    there = {os.path.relpath(os.path.join(folder, name), FOLDER)
             for folder, _, names in os.walk(FOLDER) for name in names
             if name.endswith(".txt")}
    equal(sorted(named - there), [], "named and not there")
    equal(sorted(there - named), [], "there and in no row")
    equal(sorted({os.path.dirname(name) for name in there}),
          sorted(house.folder for house in HOUSES), "folders")


def read(*names):
    with open(os.path.join(ROOT, *names), encoding="utf-8") as f:
        return f.read()


def the_page_and_the_code_agree():
    """docs/dialogue.md names every state, input, action, word and id."""
    header = read("include", "resguardo", "dialogue.h")
    code = read("src", "dialogue", "intent.c")
    page = read("docs", "dialogue.md")
    names = set(re.findall(r"^    ((?:DO|INPUT|MODE|MATCH|CONSENT)_[A-Z]+"
                           r"(?:_[A-Z]+)*),", header, re.M))
    intents = re.findall(r'\{ (WORD_[A-Z]+), (NULL|"[^"]*"), \w+ \}', code)
    prefixes = re.findall(r'\{ "([a-z]+/)", \w+ \}', code)
    expect(len(names) > 25 and len(intents) >= 7 and len(prefixes) >= 2,
           f"the code was read: {names} {intents} {prefixes}")
    rows = [[re.findall("`([^`]*)`", cell) for cell in line.split("|")[1:-1]]
            for line in page.splitlines() if line.startswith("| ")]
    said = {name for row in rows for cell in row for name in cell}
    equal(sorted(names - said), [], "what the page leaves out")
    known = re.compile(r"(DO|INPUT|MODE|MATCH|CONSENT)_")
    equal(sorted(n for n in said if known.match(n) and n not in names), [],
          "what only the page has")
    table = sorted((row[0][0], row[1][0] if row[1] else None) for row in rows
                   if row[0] and row[0][0].startswith("WORD_"))
    equal(table, sorted((w, None if i == "NULL" else i.strip('"'))
                        for w, i in intents), "words and ids")
    equal(sorted(row[0][0] for row in rows
                 if row[0] and row[0][0].endswith("/")), sorted(prefixes),
          "what ids begin with")


def put_behind(path, line, block):
    """The block behind that line of the file."""
    with open(path, encoding="utf-8") as f:
        text = f.read()
    equal(text.count(f"\n{line}\n"), 1, f"{line} in {path}")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text.replace(f"\n{line}\n", f"\n{line}\n{block}"))


def the_page_writes_a_procedure():
    """docs/procedures.md, step by step: its blocks, put where it says into a
    copy of the policy, load and are what is shown."""
    steps = read("docs", "procedures.md").split("step by step\n", 1)[1]
    blocks = [textwrap.dedent(b) for b in
              re.findall(r"(?ms)^ *```yaml\n(.*?)^ *```", steps)]
    clock, procedure, texts, title = [textwrap.indent(b, "  ") for b in blocks]
    with tempfile.TemporaryDirectory() as folder:
        policy = os.path.join(folder, "co-habeas-data")
        shutil.copytree(os.path.join(ROOT, "policies", "co-habeas-data"),
                        policy)
        yaml = os.path.join(policy, "policy.yaml")
        words = os.path.join(policy, "texts.es-CO.yaml")
        put_behind(yaml, "clocks:", clock)
        put_behind(yaml, "procedures:", procedure)
        put_behind(words, "procedures:", texts)
        put_behind(words, "clocks:", title)
        program = os.path.join(BUILD, "resguardo")
        said = subprocess.run([program, "policy", "check", policy],
                              capture_output=True, text=True, check=False)
        equal(said.returncode, 0, said.stderr)
        expect("texts.en.yaml: procedures.subsidio_vivienda.title: is missing;"
               " es-CO is used" in said.stderr, said.stderr)
        shown_as = subprocess.run([program, "policy", "show", policy],
                                  capture_output=True, text=True, check=True)
        expect("subsidio_vivienda" in shown_as.stdout, shown_as.stdout)


if __name__ == "__main__":
    sys.argv = [word for word in sys.argv if not word.startswith("--")]
    run([the_page_and_the_code_agree, the_page_writes_a_procedure,
         every_chat_has_its_row, chats_read_as_they_are_written])
