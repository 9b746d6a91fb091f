#!/usr/bin/env python3
"""Makes copies of policies ask about notices: what docs/reminders.md says to
copy is put into FOLDER/co-habeas-data, so that the page is known to work."""
import os
import re
import sys

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "docs",
                    "reminders.md")


def parts():
    """[(file, key or "", text)] of the page's marked blocks."""
    with open(PAGE, encoding="utf-8") as f:
        page = f.read()
    return re.findall(r"```yaml\n# (\S+?\.yaml)(?:: (\w+))?\n(.*?)```", page,
                      re.S)


def add(text, key, part):
    """Behind the last line of the block under a key; at the end without one."""
    if not key:
        return text.rstrip("\n") + "\n" + part
    found = re.search(rf"(?m)^{key}:\n(?:(?:[ ].*)?\n)*?(?=\S)", text)
    at = found.end()
    return text[:at] + part + text[at:]


def with_notices(folder):
    for name, key, part in parts():
        path = os.path.join(folder, "co-habeas-data", name)
        with open(path, encoding="utf-8") as f:
            text = f.read()
        with open(path, "w", encoding="utf-8") as f:
            f.write(add(text, key, part))


if __name__ == "__main__":
    with_notices(sys.argv[1])
