"""Rows about webhooks: rate and latency of durable acknowledgements."""
import contextlib
import os
import shutil
import sqlite3
import subprocess

from tools import (HERE, OUT, Meter, Skip, SECRET, floor, instance, load,
                   median, number, pairs, port_of, program, run_json, say,
                   summary)
import harness

ROUNDS = number("ROUNDS", 5)
CONNECTIONS = 64
FLOOR_TIMES = 4


def fill_messages(i, count):
    """Messages that we sent, so that statuses of them have an effect."""
    subprocess.run([program("fill"), i.storage, "messages", "0", str(count)],
                   check=True)


def slow_graph(i):
    """Meta's answer to a message takes 200 ms, and no statuses follow of
    themselves: with 16 at once that is the 80 messages a second of a number,
    and the simulator takes none of the cores that are measured."""
    i.sim.post("/sim/config", {"statuses": [], "window_s": 0})
    i.sim.fault(at="send", kind="slow", delay_ms=200, times=0)


def rows(i, question):
    """What the database of a running daemon says, read only."""
    path = f"file:{i.storage}/resguardo.db?mode=ro"
    with contextlib.closing(sqlite3.connect(path, uri=True)) as db:
        return db.execute("SELECT count(*) FROM " + question).fetchone()[0]


def measured(pid, port, kind, count, **options):
    with Meter(pid) as meter:
        run = load(port, kind, count, connections=CONNECTIONS, **options)
    count *= options.get("times", 1)
    if run["acks"] != count:
        raise harness.Failure(f"only {run['acks']} of {count}: {run['other']}")
    return {"value": run["rate"], "run": run, "others": meter.others,
            "cpu_us": meter.cpu / count * 1e6}


def both(i, port, pid, kind, count, what, first=lambda r: 0, **options):
    # The floor is so much faster that it gets the same bodies several times:
    # a run of a blink would be luck.
    def baseline(r):
        return measured(pid, port, kind, count, seed=1000 + r, first=first(r),
                        times=FLOOR_TIMES, **options)

    def product(r):
        return measured(i.daemon.pid, port_of(i), kind, count, seed=1000 + r,
                        first=first(r), **options)

    results = pairs(ROUNDS, baseline, product, what)
    return summary(
        results, "acks/s",
        cpu_us={"baseline": median([b["cpu_us"] for b, _ in results]),
                "product": median([p["cpu_us"] for _, p in results])})


def status():
    """Each moves a message of ours on: sent, delivered, read."""
    count = number("STATUSES", 30000)
    third = (count + 2) // 3
    with instance(start=False) as i, floor() as (port, pid):
        fill_messages(i, third * (ROUNDS + 1))
        i.start()
        row = both(i, port, pid, "status", count, "status",
                   first=lambda r: third * (r + 1))

        # Fast because nothing was done would be no merit.
        harness.equal(rows(i, "outbox WHERE delivery = 'read'"),
                      (count - 2 * third) * (ROUNDS + 1), "messages read")
        return row


def alien():
    """Statuses of messages that nobody sent: looked up, no effect."""
    count = number("STATUSES", 30000)
    with instance() as i, floor() as (port, pid):
        return both(i, port, pid, "alien", count, "alien status")


def photo():
    """5,000 new customers a round, four photos each, nobody consents."""
    people = number("PEOPLE", 5000)
    with instance() as i, floor() as (port, pid):
        slow_graph(i)
        row = both(i, port, pid, "photo", people * 4, "photo",
                   first=lambda r: people * (r + 1), people=people)
        harness.equal(rows(i, "attachment WHERE state = 'held'"),
                      people * 4 * (ROUNDS + 1), "photos held")
        harness.equal(rows(i, "prompt"), people * (ROUNDS + 1), "prompts")
        return row


# ---- the usual way to do it -------------------------------------------------

def node_folder():
    """Express and better-sqlite3, installed once under build/."""
    folder = os.path.join(OUT, "node")
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise Skip("npm is not there")
    os.makedirs(folder, exist_ok=True)
    for name in ("package.json", "server.js"):
        shutil.copy(os.path.join(HERE, "node", name), folder)
    native = os.path.join(folder, "node_modules", "better-sqlite3", "build",
                          "Release", "better_sqlite3.node")
    if not os.path.exists(native):
        say("  installing express and better-sqlite3 (minutes, once)")
        done = subprocess.run([npm, "install", "--no-audit", "--no-fund"],
                              cwd=folder, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0 or not os.path.exists(native):
            raise Skip("npm install failed: " + done.stdout[-300:])
    return folder


def photo_node():
    """The same photos against Express and better-sqlite3."""
    people, few = number("PEOPLE", 5000), number("NODE_PHOTOS", 4000)
    folder = node_folder()
    with instance() as i:
        slow_graph(i)
        node = subprocess.Popen(
            ["node", "server.js", i.path("node.db"), SECRET], cwd=folder,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            port = int(node.stdout.readline().split()[1])

            def baseline(r):
                return measured(node.pid, port, "photo", few, seed=2000 + r,
                                people=people)

            def product(r):
                return measured(i.daemon.pid, port_of(i), "photo", people * 4,
                                seed=3000 + r, people=people,
                                first=people * (r + 1))

            return summary(pairs(ROUNDS, baseline, product, "photo, node"),
                           "acks/s")
        finally:
            node.stdin.close()
            node.wait(10)


# ---- latency ----------------------------------------------------------------

def latency():
    """p99 at a quarter of the rate that this very daemon reached, against
    appending as much to a file at the same pace."""
    count = number("STATUSES", 30000)
    rounds = ROUNDS + 2
    third = (count + 2) // 3
    with instance(start=False) as i:
        fill_messages(i, third * (rounds + 4))
        i.start()
        most = median([
            measured(i.daemon.pid, port_of(i), "status", count, seed=r,
                     first=third * r)["value"] for r in range(3)])
        pace = most / 4
        # As long as the slowest disk hiccup needs to show: 4 s a run.
        few = min(count, int(pace * number("LATENCY_S", 4)))

        def baseline(_):
            run = run_json(program("append"), i.path("append"), str(pace),
                           str(few), "4096")
            return {"value": run["p99_us"], "run": run}

        def product(r):
            run = load(port_of(i), "status", few, connections=CONNECTIONS,
                       rate=pace, first=third * (r + 4), seed=r + 10)
            if run["acks"] != few:
                raise harness.Failure(f"not all answered: {run['other']}")
            return {"value": run["p99_us"], "run": run}

        results = pairs(rounds, baseline, product, "p99")
        return summary(results, "us", pace=pace, maximum=most)
