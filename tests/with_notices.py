#!/usr/bin/env python3
"""Makes copies of policies ask about notices: what docs/reminders.md says to
copy is put into FOLDER/co-habeas-data, so that the page is known to work. With
`answers` its example of a reminder that people answer, too, in FOLDER/es-gdpr as
well."""
import os
import re
import sys

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "docs",
                    "reminders.md")


def parts(mark=""):
    """[(file, key or "", text)] of the page's marked blocks."""
    with open(PAGE, encoding="utf-8") as f:
        page = f.read()
    return re.findall(rf"```yaml\n# (\S+?\.yaml){mark}(?:: (\w+))?\n(.*?)```",
                      page, re.S)


def add(text, key, part):
    """Behind the last line of the block under a key; at the end without one."""
    if not key:
        return text.rstrip("\n") + "\n" + part
    found = re.search(rf"(?m)^{key}:\n(?:(?:[ ].*)?\n)*?(?=\S)", text)
    at = found.end()
    return text[:at] + part + text[at:]


def put(path, key, part):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    with open(path, "w", encoding="utf-8") as f:
        f.write(add(text, key, part))


def with_notices(folder):
    for name, key, part in parts():
        put(os.path.join(folder, "co-habeas-data", name), key, part)


def in_spain(part):
    """The same reminder under a policy that asks about nothing by itself."""
    for here, there in (("es_CO", "es_ES"), ("Ya pagué", "Ya he pagado"),
                        ("contact_whatsapp", "case_processing"),
                        ("en línea, en un corresponsal o en nuestras oficinas",
                         "por transferencia o en nuestras oficinas")):
        part = part.replace(here, there)
    return "".join(line for line in part.splitlines(True)
                   if "leads_to: stop" not in line)


def with_answers(folder):
    for name, key, part in parts(", answers"):
        for policy, change in (("co-habeas-data", str), ("es-gdpr", in_spain)):
            path = os.path.join(folder, policy, name)
            if os.path.exists(path):
                put(path, key, change(part))


if __name__ == "__main__":
    with_notices(sys.argv[1])
    if sys.argv[2:] == ["answers"]:
        with_answers(sys.argv[1])
