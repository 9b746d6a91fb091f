"""docs/ledger.md against what the product writes: every entry of a database,
and every event type that the sources name."""
import glob
import json
import os
import re
import sqlite3

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
EVERY = {"v", "index", "time", "event_type"}
INSIDE = ("evidence", "commitments")


def page():
    """event_type: ({member that must be there}, {member that may be})."""
    with open(os.path.join(ROOT, "docs", "ledger.md"), encoding="utf-8") as f:
        rows = re.findall(r"^\| `(\w+_\w+)` \|([^|]*)\|[^|]+\|$", f.read(),
                          re.M)
    found = {}
    for name, members in rows:
        # A row of members has nothing but them; other tables are prose.
        if not re.fullmatch(r"(\s*`[a-z_.0-9]+`\??)+\s*", members):
            continue
        if name in found:
            raise ValueError(f"docs/ledger.md has {name} twice")
        must = set(re.findall(r"`([a-z_.0-9]+)`(?!\?)", members))
        may = set(re.findall(r"`([a-z_.0-9]+)`\?", members))
        found[name] = (must, may)
    return found


def members(leaf):
    names = set(leaf) - EVERY - set(INSIDE)
    for part in INSIDE:
        names |= {f"{part}.{key}" for key in leaf.get(part, {})}
    return names


def faults(leaves, known):
    """One sentence for each way in which a leaf is not as the page says."""
    found = set()
    for leaf in leaves:
        kind = leaf["event_type"]
        if kind not in known:
            found.add(f"docs/ledger.md does not name {kind}")
            continue
        must, may = known[kind]
        there = members(leaf)
        found |= {f"docs/ledger.md: {kind} has no {m}"
                  for m in there - must - may}
        found |= {f"docs/ledger.md: {kind} lacks {m} in a ledger"
                  for m in must - there}
    return sorted(found)


def faults_of_storage(storage):
    database = sqlite3.connect(os.path.join(storage, "resguardo.db"))
    leaves = [json.loads(entry) for (entry,) in
              database.execute("SELECT entry FROM ledger ORDER BY idx")]
    database.close()
    return faults(leaves, page())


def source_types():
    """Event types by the calls and tables that name them in the sources."""
    found = set()
    for path in glob.glob(os.path.join(ROOT, "src", "*", "*.c")):
        with open(path, encoding="utf-8") as f:
            text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
        if "leaf" not in text and "access" not in text:
            continue
        if os.path.basename(os.path.dirname(path)) == "cli":
            continue  # what is typed reads entries, and writes none
        # Calls that make a leaf or an access, to the end of the statement.
        for call in re.findall(
                r"\b(?:\w*leaf(?!_(?:text|time|hash|object|value|commit)\b)\w*|"
                r"\w+_access|access_of|\w*record)"
                r"\(([^;{]*?)\)\s*(?:;|,|!=|==|\{)", text):
            found |= set(re.findall(r'"([a-z]+_[a-z_]+)"', call))
        found |= set(re.findall(r'\b(?:record|enter)\(\w+, "([a-z]+_[a-z_]+)"', text))
        # Members and tables that hold one.
        found |= set(re.findall(r'event_type = "(\w+)"', text))
        found |= {w for w in re.findall(
            r'event_type =[^;"]*"(\w+)"[^;"]*"(\w+)"', text) for w in w}
        for table in re.findall(r"\bevents\[[^;]*?= \{(.*?)\};", text, re.S):
            found |= set(re.findall(r'"([a-z]+_[a-z_]+)"', table))
        for body in re.findall(
                r"\*event_of\(.*?\)\n\{(.*?)\n\}", text, re.S):
            found |= set(re.findall(r'"([a-z]+_[a-z_]+)"', body))
    return {t for t in found  # no member is one
            if not t.endswith("_id") and t != "event_type"}


def source_faults():
    known, said = set(page()), source_types()
    return ([f"docs/ledger.md does not name {t}" for t in sorted(said - known)]
            + [f"docs/ledger.md names {t}, which nothing writes"
               for t in sorted(known - said)])


if __name__ == "__main__":
    print("\n".join(source_faults()) or "docs/ledger.md names them all")
