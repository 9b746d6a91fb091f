"""Rows about the ledger: what an entry costs, what it costs to verify it, and
whether either knows how long the log is."""
import os
import shutil
import tempfile

from tools import (OUT, Skip, instance, number, pairs, program, run_json, say,
                   summary)
import harness

ROUNDS = number("ROUNDS", 5)
VERIFIED = number("VERIFIED", 300000)
BATCHES = number("BATCHES", 200)
GROWN = number("GROWN", 10000000)
SMALL = 10000


def tool(*words):
    return run_json(program("ledger"), *map(str, words))


def append():
    """A committed batch of 64 photos' rows, with their entries and without,
    by turns in one storage; signed once a second."""
    tempfile.tempdir = OUT
    with instance(start=False) as i:
        runs = [tool("batch", i.storage, 64, BATCHES)
                for _ in range(ROUNDS + 1)][1:]
    return summary([({"value": r["without"]},
                     {"value": r["with"], "others": 0.0}) for r in runs], "s",
                   batches=BATCHES)


def bundle():
    folder = tempfile.mkdtemp(dir=OUT)
    run = [program("ledger"), "bundle", folder, str(VERIFIED)]
    harness.equal(os.spawnv(os.P_WAIT, run[0], run), 0, "a bundle")
    return folder


def speed(result):
    return {"value": result["bytes"] / result["seconds"] / 1e6}


def verify():
    """By the clock, so it wants a quiet machine: the verifier has two threads,
    the hash one. That every entry is canonical, in its place, its leaf and in
    the tree: all but the gate rule."""
    folder = bundle()
    try:
        return summary(pairs(
            ROUNDS, lambda _: speed(tool("hash", f"{folder}/entries.jsonl")),
            lambda _: speed(tool("verify", folder)), "verify"), "MB/s",
            entries=VERIFIED)
    finally:
        shutil.rmtree(folder)


def grow():
    """Two storages, by turns: a batch of 64 entries, built, appended and
    committed, in a short log and in a long one. The first turn fills them; each
    further one goes on from there. The sizes between are looked at on the way,
    for the plot."""
    if shutil.disk_usage(OUT).free < GROWN * 700:
        raise Skip(f"no room for {GROWN} entries: see GROWN")
    tempfile.tempdir = OUT
    points = []
    with instance(start=False) as short, instance(start=False) as long:
        size = SMALL
        while size < GROWN:
            points.append(middle(long, size))
            say(f"  at {size}: {points[-1]}")
            size *= 10
        results = pairs(
            ROUNDS, lambda _: look(short, SMALL), lambda _: look(long, GROWN),
            "a batch of 64")
    points.append(results[-1][1]["run"])
    return summary(results, "s", entries=GROWN, points=points)


def middle(i, size):
    """Of three looks: one alone may have met a neighbour."""
    return sorted((tool("grow", i.storage, size) for _ in range(3)),
                  key=lambda run: run["committed"])[1]


def look(i, size):
    run = tool("grow", i.storage, size)
    return {"value": run["committed"], "run": run}
