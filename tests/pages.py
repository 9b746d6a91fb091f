#!/usr/bin/env python3
"""Holds pages and sources together: each key that src/policy takes is named in
the pages about policies, those at the top of a file in policy.md; and a person's
copy of their data has words for each entry of the ledger about them."""
import glob
import os
import re
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
PAGES = ("policy", "procedures", "reminders", "service", "persons", "requests",
         "conversation")


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as f:
        return f.read()


def keys_taken():
    """{(file, table): [key]}: lists that are called keys, and forms of texts."""
    found = {}
    for path in sorted(glob.glob(os.path.join(ROOT, "src", "policy", "*.c"))):
        source = read("src", "policy", os.path.basename(path))
        for name, body in re.findall(
                r"static const char \*const (\w*keys|others)\[[^\]]*\] = "
                r"\{(.*?)\};", source, re.S):
            found.setdefault((os.path.basename(path), name), []).extend(
                re.findall(r'"(\w+)"', body))
        for name, body in re.findall(
                r"const struct text_form (\w+)\[[^\]]*\] = \{(.*?)\n\};",
                source, re.S):
            found[os.path.basename(path), name] = re.findall(
                r'=\s+[A-Z]+\("(\w+)"', body)
    return found


def named_in(text):
    """Words in code, and keys of examples."""
    words = set(re.findall(r"(?m)(?:^\s*(?:- )?\{?|[{,]\s*)\"?(\w+)\"?:", "\n".join(
        re.findall(r"```yaml\n(.*?)```", text, re.S))))
    for code in re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text,
                                                  flags=re.S)):
        words.update(re.findall(r"\w+", code))
    return words


def policies():
    pages = {name: named_in(read("docs", name + ".md")) for name in PAGES}
    anywhere = set().union(*pages.values())
    bad = 0
    taken = keys_taken()
    top = {("policy.c", "root_keys"), ("texts.c", "others"),
           ("texts.c", "text_keys")}
    forms = [keys for (path, _), keys in taken.items()
             if path == "text_forms.c"]
    if (not top <= set(taken) or len(forms) < 10 or not all(forms)
            or sum(map(len, taken.values())) < 150):
        print("the loader's tables are no more where this test looks")
        bad = 1
    for table, keys in taken.items():
        for key in keys:
            if key not in (pages["policy"] if table in top else anywhere):
                print(f"{key} ({table[0]}, {table[1]}) is on no page")
                bad = 1
    return bad


def words_for_people():
    words = set(re.findall(r'\{ "(\w+)",', read("src", "cli",
                                                "subject_words.c")))
    about = [event for event, members in re.findall(
        r"(?m)^\| `(\w+_\w+)` \| ([^|]*) \|", read("docs", "ledger.md"))
        if "`subject`" in members]
    bad = len(about) < 60
    for event in about:
        if event not in words:
            print(f"{event} is no word in src/cli/subject_words.c")
            bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(policies() or words_for_people())
