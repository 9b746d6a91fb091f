"""Rows about the consent export: all of a long log against sqlite3 -csv of the
same rows, and the first page of a filtered one, which a longer log must not
make slower."""
import atexit
import contextlib
import csv
import functools
import json
import os
import sqlite3
import subprocess
import tempfile
import time

from tools import BUILD, OUT, median, number, pairs, program, say, summary
import harness

ROUNDS = number("ROUNDS", 5)
ASKS = 30
SHORT = 10000


@functools.lru_cache(None)
def log(entries):
    """A daemon with so many entries of the consent log, and a person in it."""
    tempfile.tempdir = OUT
    i = harness.Instance(start=False)
    atexit.register(i.close)
    start = time.monotonic()
    who = subprocess.run([program("fill"), i.storage, "consents",
                          str(entries)], check=True, text=True,
                         stdout=subprocess.PIPE).stdout.strip()
    say(f"  made {entries} entries in {time.monotonic() - start:.0f} s")
    i.start()
    harness.until("storage was looked through", lambda: (
        i.json("status")["storage"] == "sound"), seconds=3600)
    return i, who


def export(i, *options, out):
    start = time.monotonic()
    subprocess.run([os.path.join(BUILD, "resguardo"), "--socket", i.socket,
                    "--identity", i.identity, "consent", "export", *options,
                    "-o", out], check=True)
    return time.monotonic() - start


def columns():
    """The export's rows in a table of their own, for sqlite3 -csv."""
    entries = number("ENTRIES", 1000000)
    i, _ = log(entries)
    exported = os.path.join(OUT, "export.csv")
    table = os.path.join(OUT, "export.db")
    export(i, out=exported)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(table)
    with contextlib.closing(sqlite3.connect(table)) as db, \
            open(exported, encoding="utf-8", newline="") as f:
        rows = csv.reader(f)
        names = next(rows)
        quoted = ", ".join(f'"{name}"' for name in names)
        db.execute(f"CREATE TABLE log ({quoted})")
        db.executemany(
            f"INSERT INTO log VALUES ({', '.join('?' * len(names))})", rows)
        db.commit()
        count = db.execute("SELECT count(*) FROM log").fetchone()[0]
    return i, table, exported, count


def baseline(table):
    """What the shell of SQLite needs, into a file as we do."""
    start = time.monotonic()
    with open(os.path.join(OUT, "baseline.csv"), "wb") as f:
        subprocess.run(["sqlite3", "-csv", "-header", table,
                        "SELECT * FROM log ORDER BY rowid"], stdout=f,
                       check=True)
    return time.monotonic() - start


def whole():
    i, table, exported, count = columns()
    results = pairs(
        ROUNDS, lambda _: {"value": count / baseline(table)},
        lambda _: {"value": count / export(i, out=exported)}, "export")
    with open(exported, "rb") as ours:
        harness.equal(sum(1 for _ in ours), count + 1, "lines")
    return summary(results, "rows/s", entries=count)


FILTERS = {
    "subject": lambda i, who: ["--subject", who],
    "state": lambda i, who: ["--state", "withdrawn"],
    "time": lambda i, who: ["--since", last(i)],
    "as-of": lambda i, who: ["--as-of", "200", "--state", "given"],
}


@functools.lru_cache(None)
def last(i):
    path = f"file:{i.storage}/resguardo.db?mode=ro"
    with contextlib.closing(sqlite3.connect(path, uri=True)) as db:
        entry = db.execute("SELECT entry FROM ledger ORDER BY idx DESC "
                           "LIMIT 1 OFFSET 300").fetchone()[0]
    return json.loads(entry)["time"]


def first_byte(i, options):
    """The command up to its first row; then it is stopped."""
    start = time.monotonic()
    with subprocess.Popen(
            [os.path.join(BUILD, "resguardo"), "--socket", i.socket,
             "--identity", i.identity, "consent", "export", "--format",
             "jsonl", *options], stdout=subprocess.PIPE) as p:
        p.stdout.readline()
        seconds = time.monotonic() - start
        p.kill()
    return seconds


def asked(entries):
    i, who = log(entries)
    took = {name: median([first_byte(i, options(i, who))
                          for _ in range(ASKS)])
            for name, options in FILTERS.items()}
    return {"value": sum(took.values()), "filters": took}


def first_page():
    entries = number("ENTRIES", 1000000)
    row = summary(pairs(ROUNDS, lambda _: asked(SHORT),
                        lambda _: asked(entries), "first page"), "s",
                  entries=entries, short=SHORT)
    for name in FILTERS:
        say(f"  {name}: " + ", ".join(
            f"{median([x['filters'][name] for x in row[runs]]) * 1e3:.2f} ms"
            for runs in ("baseline_runs", "product_runs")))
    return row
