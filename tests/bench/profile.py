#!/usr/bin/env python3
"""Where the time goes: perf and strace of the daemon's processes under load.

usage: profile.py status|alien|photo [WEBHOOKS]
       profile.py intake [FILES]
       profile.py writer [WEBHOOKS]

Prints, per process, the symbols by their own and by inclusive time, and
system calls per webhook. `writer` is the registrar alone, and which statements
a photo and a status run. Needs perf and strace (packaging/need bench).
"""
import contextlib
import os
import subprocess
import sys
import tempfile

import files
import webhook
from tools import (OUT, cpu_seconds, family, instance, load, port_of,
                   program)
import harness


def name_of(pid):
    with open(f"/proc/{pid}/comm", encoding="latin-1") as f:
        return f.read().strip()


def perf(pids, run, count):
    data = os.path.join(OUT, "perf.data")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(data)
    recorder = subprocess.Popen(
        ["perf", "record", "-q", "-e", "cpu-clock", "-F", "997",
         "--call-graph", "dwarf,8192", "-o", data, "-p",
         ",".join(map(str, pids))], stderr=subprocess.DEVNULL)
    harness.until("perf records", lambda: os.path.exists(data)
                  and os.path.getsize(data) > 0)
    result = run(count)
    recorder.send_signal(2)
    recorder.wait()
    return data, result


def report(data, *options, lines=45):
    done = subprocess.run(["perf", "report", "-i", data, "--stdio", "-q",
                           "--percent-limit", "0.4", *options],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True)
    kept = [l.rstrip() for l in done.stdout.splitlines() if l.strip()]
    print("\n".join(kept[:lines]))


def strace(pids, run, what="webhooks"):
    path = os.path.join(OUT, "strace.txt")
    tracer = subprocess.Popen(
        ["strace", "-c", "-f", "-o", path]
        + [x for pid in pids for x in ("-p", str(pid))],
        stderr=subprocess.DEVNULL)
    result = run()
    tracer.send_signal(2)
    tracer.wait()
    print(f"\n== system calls of {', '.join(map(name_of, pids))} "
          f"for {result['acks']} {what}")
    with open(path, encoding="utf-8") as f:
        for line in f.read().splitlines()[:34]:
            fields = line.split()
            per = ""
            if len(fields) >= 5 and fields[3].isdigit():
                per = f"{int(fields[3]) / result['acks']:8.3f} each"
            print(f"{line:<72}{per}")


def shares(data, pids):
    for pid in pids:
        print(f"\n== {name_of(pid)}: own time by symbol")
        report(data, "--no-children", "-g", "none", f"--pid={pid}",
               "--sort", "dso,symbol")
        print(f"\n== {name_of(pid)}: inclusive time by symbol")
        report(data, "--children", "-g", "none", f"--pid={pid}",
               "--sort", "symbol", lines=90)
    print("\n== share of threads and libraries")
    report(data, "--no-children", "-g", "none", "--sort", "comm,dso",
           lines=20)


def intake(count):
    size, people = 3 * files.MB, 8
    with instance(policy="es-gdpr", quiet="5s") as i:
        files.consenting(i, people)
        media, digest = files.uploaded(i, files.jpeg(size))
        sender, ends = files.Sender(i), files.Ends(i)

        def run(n=count):
            return files.intake(i, sender, ends, media, digest, n, 8, people)

        run(8)
        # A judge lives for one file; perf takes in those still to be born.
        pids = sorted(p for p in family(i.daemon.pid)
                      if name_of(p) != "resguardo-inspe")
        before = cpu_seconds(i.daemon.pid)
        seconds = run()
        mb = count * size / files.MB
        print(f"== intake: {mb / seconds:.1f} MB/s, "
              f"{(cpu_seconds(i.daemon.pid) - before) * 1e6 / mb:.0f} us of "
              f"CPU a MB; floor {files.floor_bytes(i)}")
        data, _ = perf(pids, run, count)
        shares(data, pids)
        strace(pids, lambda: run(8) and {"acks": 8}, "files")


def writer(count):
    """The registrar on one thread: CPU, and how often each statement runs."""
    for kind in ("photo", "status"):
        with tempfile.TemporaryDirectory(dir=OUT) as folder:
            storage = os.path.join(folder, "s")
            subprocess.run([program("writer"), "make", storage], check=True)
            subprocess.run([program("fill"), storage, "messages", "0",
                            str(count // 3 + 1)], check=True)
            subprocess.run([program("writer"), storage, kind, str(count)],
                           check=True)


def main(kind, count):
    third = count
    with instance(start=False) as i:
        if kind == "status":
            webhook.fill_messages(i, third * 4)
        i.start()
        if kind == "photo":
            webhook.slow_graph(i)
        state = {"round": 0}

        def run(n=count):
            state["round"] += 1
            return load(port_of(i), kind, n, seed=state["round"] + 77,
                        first=third * state["round"],
                        people=max(1, count // 4))

        run(count // 4)
        pids = sorted(family(i.daemon.pid))
        data, result = perf(pids, run, count)
        print(f"== {kind}: {result['rate']:.0f}/s under perf, p50 "
              f"{result['p50_us']:.0f} us")
        shares(data, pids)
        for pid in pids:
            strace([pid], lambda: run(count // 8))


if __name__ == "__main__":
    kind, count = sys.argv[1], sys.argv[2:] and int(sys.argv[2])
    if kind == "intake":
        intake(count or 40)
    elif kind == "writer":
        writer(count or 8000)
    else:
        main(kind, count or 12000)
