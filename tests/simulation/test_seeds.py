#!/usr/bin/env python3
"""The simulation's fixed seeds: each a world of its own, checked all along.

Prints "ok seed_N …" a seed, and that a run can be repeated to the letter, and
that a disk which lies is found out. RESGUARDO_SEEDS and RESGUARDO_EVENTS
change how many and how long: what runs with the tests is short, for an hour
alone there is RESGUARDO_SEEDS=200 RESGUARDO_EVENTS=5000, a million events.
"""
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
SIMULATE = os.path.join(ROOT, os.environ.get("RESGUARDO_SIMULATE",
                                             "build/simulate"))
SEEDS = int(os.environ.get("RESGUARDO_SEEDS", "100"))
EVENTS = int(os.environ.get("RESGUARDO_EVENTS", "2000"))
# Few worlds that grow old: many rows a person, a long log.
LONG = [(1001, 12000), (1002, 12000)]
# Worlds that once broke something: seed, events, weather.
KNOWN = [(5, 1500, "fault=4", "crash=0", "spite=70", "full=0", "window=3000",
          "gap=60", "delay=0", "trouble=0"),
         (14, 5000)]


def simulate(seed, events, *weather):
    done = subprocess.run([SIMULATE, str(seed), str(events), *weather],
                          cwd=ROOT, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    output = done.stdout.decode(errors="replace")
    if not re.match(r"(not )?ok seed_", output):
        output = f"not ok seed_{seed} ended with {done.returncode}\n" + output
    return output


def field(output, name):
    found = re.search(rf"\b{name}=(\w+)", output)
    return found.group(1) if found else None


def verdict(name, good, output):
    print(f"{'ok' if good else 'not ok'} {name}", flush=True)
    if not good:
        print(output)
    return good


def repeats():
    """One seed, one trace: also of a world that breaks."""
    one, two = (simulate(12, 1500) for _ in range(2))
    good = field(one, "trace") is not None and \
        field(one, "trace") == field(two, "trace")
    return verdict("one_seed_gives_one_trace", good, one + two)


def liar():
    """A disk that reports syncs it did not do loses what was promised."""
    name = "a_lying_disk_is_found_out_twice_alike"
    where = r"broken at step \d+, event \d+"
    for seed in range(1, 40):
        weather = (seed, 3000, "liar=1", "crash=60", "cuts=1")
        one = simulate(*weather)
        if one.startswith("not ok"):
            two = simulate(*weather)
            found = re.search(where, one)
            return verdict(name, found is not None and
                           found.group() in two, one + two)
    return verdict(name, False, "never")


def main():
    events = 0
    good = repeats() & liar()
    worlds = LONG + KNOWN + [(seed, EVENTS) for seed in range(1, SEEDS + 1)]
    with ThreadPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as pool:
        for output in pool.map(lambda world: simulate(*world), worlds):
            print(output, end="", flush=True)
            good &= output.startswith("ok ")
            events += int(field(output, "events") or 0)
    print(f"events {events}")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
