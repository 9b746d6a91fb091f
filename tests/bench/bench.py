#!/usr/bin/env python3
"""Baseline and product side by side, in one run, by turns; medians of ratios.

usage: bench.py [ROW...]     (make bench ROW=name)
"""
import json
import os
import sys
import time

import big
import export
import files
import log
import page
import plot
import seal
import webhook
from tools import OUT, ROOT, Skip, say

# name: (function, what, baseline, at least, goal); "<" in front: the ratio
# has to stay below.
ROWS = {
    "status": (webhook.status, "status webhooks, durable acks/s",
               "libmicrohttpd reads and says ok", 0.25, 0.5),
    "alien": (webhook.alien, "statuses of others' messages, acks/s",
              "libmicrohttpd reads and says ok", None, None),
    "photo": (webhook.photo, "photos not yet consented, durable acks/s",
              "libmicrohttpd reads and says ok", 0.15, 0.3),
    "photo-node": (webhook.photo_node, "the same photos",
                   "Express + better-sqlite3", 5, 10),
    "latency": (webhook.latency, "p99 at a quarter of the rate",
                "append 4 KiB + fdatasync at that pace", "<5", "<2.5"),
    "intake": (files.photos, "intake of 3 MB photos, 8 in flight",
               "libcurl to disk + fsync, 8 in flight", 0.6, 0.85),
    "large": (files.large, "intake of one file of 100 MB",
              "libcurl to disk + fsync, then age -e", 1.0, 1.5),
    "get": (files.get, "document get of 100 MB", "age -d", 0.8, 1.0),
    "seal": (seal.seal, "age encrypt of 1 GiB, all cores", "age -e", 1.0, 1.0),
    "open": (seal.open_, "age decrypt of 1 GiB, all cores", "age -d", 1.0,
             1.0),
    "seal-core": (seal.seal_core, "age encrypt of 1 GiB, one core",
                  "ChaCha20-Poly1305 of libsodium", 0.9, 0.9),
    "open-core": (seal.open_core, "age decrypt of 1 GiB, one core",
                  "ChaCha20-Poly1305 of libsodium", 0.9, 0.9),
    "memory": (files.memory, "PSS, 64 files of 100 MB wanted at once",
               "idle", "<96", "<48"),
    "start": (big.start, "start to ready, big store", "empty store", "<2",
              "<1.1"),
    "big-webhook": (big.webhook, "photos, big store", "empty store", 0.8,
                    0.95),
    "big-case": (big.case_show, "case show, big store", "empty store", 0.8,
                 0.95),
    "append": (log.append, "a batch of 64 photos' rows with their entries",
               "the same rows, committed without", "<1.15", "<1.1"),
    "verify": (log.verify, "verifying a log, gate rule apart, two cores",
               "libcrypto's SHA-256 of the same bytes, one core", 0.6, 0.8),
    "grow": (log.grow, "64 entries committed, log of 10 million",
             "64 entries committed, log of ten thousand", "<1.1", "<1.05"),
    "export": (export.whole, "consent export of a million rows",
               "sqlite3 -csv of the same rows", 0.7, 1.0),
    "export-first": (export.first_page,
                     "first row of a filtered export, a million entries",
                     "of 10,000 entries", "<1.5", "<1.1"),
}
KNOBS = ("ROUNDS", "STATUSES", "PEOPLE", "NODE_PHOTOS", "LATENCY_S", "PHOTOS",
         "FILES", "LARGE_MB", "SEAL_MIB", "N", "ENTRIES",
         "VERIFIED", "BATCHES", "GROWN")


def pin():
    """Everything that is started here runs on the same two cores."""
    cores = sorted(os.sched_getaffinity(0))[:2]
    os.sched_setaffinity(0, cores)
    return cores


def meets(value, bound):
    if bound is None:
        return None
    text = str(bound)
    if text.startswith("<"):
        return value <= float(text[1:])
    return value >= float(text)


def bound(value):
    return "" if value is None else str(value).replace("<", "≤ ")


def show(results):
    print(f"{'row':<12} {'baseline':>12} {'product':>12} {'unit':<8} "
          f"{'ratio':>7} {'at least':>9} {'goal':>6}  ")
    for name, row in results.items():
        if "skipped" in row:
            print(f"{name:<12} skipped: {row['skipped']}")
            continue
        mark = {True: "goal", False: "BELOW", None: ""}[
            meets(row["ratio"], row["at_least"])]
        if mark == "goal" and not meets(row["ratio"], row["goal"]):
            mark = "ok"
        print(f"{name:<12} {page.figure(row['baseline']):>12} "
              f"{page.figure(row['product']):>12} "
              f"{row['unit']:<8} {row['ratio']:>7.3f} "
              f"{bound(row['at_least']):>9} {bound(row['goal']):>6}  {mark}")


def share(value, wanted):
    """1 where the goal is met, whichever way it points."""
    text = str(wanted)
    if text.startswith("<"):
        return float(text[1:]) / value if value > 0 else 1.5
    return value / float(text)


def plots(rows):
    """Drawn beside the results; with DOCS=1 into docs/ as well."""
    drawn, known = [], [(n, rows[n]) for n in ROWS if n in rows]
    for name, row in known:
        if "ratio" not in row or row["goal"] is None:
            continue
        least = str(row["at_least"]).lstrip("<")
        drawn.append((name, {
            "score": share(row["ratio"], row["goal"]),
            "least": share(float(least), row["goal"]),
            "dots": [share(r, row["goal"]) for r in row.get("ratios", [])],
            "label": f"{row['ratio']:.3g}" + (" MiB" if name == "memory"
                                              else " ×")}))
    pictures = {"bench.svg": plot.scores(drawn)}
    samples = rows.get("memory", {}).get("samples")
    if samples:
        pictures["bench-memory.svg"] = plot.over_time(
            samples, 48, "PSS of all our processes, 64 files wanted at once",
            "MiB")
    points = rows.get("grow", {}).get("points")
    if points:
        pictures["bench-ledger.svg"] = plot.by_size(
            [(p["size"], 1e6 * p["append"], 1e6 * p["committed"])
             for p in points], "µs for a batch of 64 entries, by how long the "
            "log is", ("built and appended", "and committed"))
    folders = [OUT] + ([os.path.join(ROOT, "docs")] if os.environ.get("DOCS")
                       else [])
    for folder in folders:
        for name, picture in pictures.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                f.write(picture)
    if os.environ.get("DOCS"):
        page.write(os.path.join(ROOT, "docs", "performance.md"), rows, ROWS)


def main(words):
    unknown = [w for w in words if w not in ROWS]
    if unknown:
        sys.exit(f"no such row: {unknown[0]}; there are {' '.join(ROWS)}")
    cores = pin()
    path = os.path.join(OUT, "results.json")
    kept = {}
    if words and os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            kept = json.load(f)["rows"]
    ran = {}
    for name, (run, what, baseline, at_least, goal) in ROWS.items():
        if words and name not in words:
            continue
        say(f"{name}: {what}")
        row = {"what": what, "against": baseline, "at_least": at_least,
               "goal": goal, "load": os.getloadavg()[0],
               "knobs": {k: os.environ[k] for k in KNOBS if k in os.environ},
               "when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        try:
            row.update(run())
        except Skip as why:
            row["skipped"] = str(why)
            say(f"  SKIPPED: {why}")
        ran[name] = row
        kept[name] = row
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"cores": cores, "rows": kept}, f, indent=1)
    plots(kept)
    show(ran)


if __name__ == "__main__":
    main(sys.argv[1:])
