"""Rows about a big store: a million documents must not make it slow."""
import atexit
import contextlib
import functools
import os
import sqlite3
import subprocess
import tempfile
import time

from tools import (BUILD, OUT, cpu_seconds, load, median, number, pairs, port_of,
                   program, say, summary)
import harness

ROUNDS = number("ROUNDS", 5)
SHOWS = 30


@functools.lru_cache(None)
def stores():
    """An empty store and a big one, N documents and ten times as many ledger
    entries; made once for all rows, gone at the end."""
    n = number("N", 50000)
    pair = []
    tempfile.tempdir = OUT  # gigabytes: not where memory may stand for a disk
    for count in (0, n):
        i = harness.Instance(start=False)
        atexit.register(i.close)
        if count > 0:
            start = time.monotonic()
            subprocess.run([program("fill"), i.storage, "documents",
                            str(count), str(10 * count), "1"], check=True)
            size = os.path.getsize(os.path.join(i.storage, "resguardo.db"))
            say(f"  made {count} documents and {10 * count} entries in "
                f"{time.monotonic() - start:.0f} s, {size / 1e6:.0f} MB")
        pair.append(i)
    return pair[0], pair[1], n


def started(i):
    """Seconds from exec to the line `ready`."""
    start = time.monotonic()
    i.start()
    seconds = time.monotonic() - start
    cpu = cpu_seconds(i.daemon.pid)
    i.stop()
    return {"value": seconds, "cpu": cpu}


def start():
    empty, big, n = stores()
    return summary(pairs(ROUNDS, lambda _: started(empty),
                         lambda _: started(big), "start"), "s", documents=n)


def both_running(run, unit, what, better):
    """Both daemons run; each is asked by turns."""
    empty, big, n = stores()
    for i in (empty, big):
        i.start()
        harness.until("storage was looked through", lambda: (
            i.json("status")["storage"] == "sound"), seconds=3600)
    try:
        results = pairs(ROUNDS, lambda r: run(empty, r),
                        lambda r: run(big, r), what)
    finally:
        empty.stop()
        big.stop()
    row = summary(results, unit, documents=n)
    if better == "lower":
        row["ratios"] = [1 / x for x in row["ratios"]]
        row["ratio"] = median(row["ratios"])
    return row


def webhook():
    """Photos of people who have not consented: each writes."""
    people = number("PEOPLE", 5000) // 5

    def run(i, r):
        i.sim.post("/sim/config", {"statuses": [], "window_s": 0})
        count = people * 4
        result = load(port_of(i), "photo", count, people=people,
                      first=people * (r + 1), seed=r + 50)
        harness.equal(result["acks"], count, f"answers {result['other']}")
        return {"value": result["rate"], "run": result}

    return both_running(run, "acks/s", "photos", "higher")


def case_show():
    """The whole command: program, desk, database."""
    def run(i, r):
        names = cases(i, r)
        times = []
        for k in range(SHOWS):
            start = time.monotonic()
            done = subprocess.run(
                [os.path.join(BUILD, "resguardo"), "--socket", i.socket,
                 "--identity", i.identity, "case", "show",
                 names[k % len(names)]], stdout=subprocess.DEVNULL,
                check=False)
            times.append(time.monotonic() - start)
            harness.equal(done.returncode, 0, "case show")
        return {"value": median(times)}

    empty, _, _ = stores()
    subprocess.run([program("fill"), empty.storage, "documents", "1", "10",
                    "99999999"], check=True)
    return both_running(run, "s", "case show", "lower")


def cases(i, r):
    """Codes from all over the table, others each round."""
    path = f"file:{i.storage}/resguardo.db?mode=ro"
    with contextlib.closing(sqlite3.connect(path, uri=True)) as db:
        last = db.execute("SELECT max(rowid) FROM cases").fetchone()[0]
        return [db.execute("SELECT id FROM cases WHERE rowid >= ? LIMIT 1",
                           (1 + (last - 1) * (k * 8 + r % 8) // (SHOWS * 8),)
                           ).fetchone()[0] for k in range(SHOWS)]
