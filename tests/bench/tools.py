"""What every row needs: programs, processes, CPU time, medians."""
import contextlib
import json
import os
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build")))
os.environ["RESGUARDO_BUILD"] = BUILD
sys.path.insert(0, os.path.join(ROOT, "tests", "scenario"))

import harness  # noqa: E402

OUT = os.path.join(BUILD, "bench")
TICK = os.sysconf("SC_CLK_TCK")
SECRET = "sim-app-secret"


class Skip(Exception):
    """A row that cannot run here, and why."""


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def number(name, default):
    """A knob from the environment, as make passes it."""
    return type(default)(os.environ.get(name) or default)


def program(name):
    return os.path.join(OUT, name)


def run_json(*argv, **kw):
    done = subprocess.run(argv, stdout=subprocess.PIPE, check=True, **kw)
    return json.loads(done.stdout)


def median(values):
    return statistics.median(values)


# ---- processes --------------------------------------------------------------

def family(pid):
    """A process and all that it started."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                with open(f"/proc/{name}/stat", encoding="latin-1") as f:
                    parents[int(name)] = int(
                        f.read().rpartition(")")[2].split()[1])
    found, grew = {pid}, True
    while grew:
        more = {p for p, parent in parents.items() if parent in found}
        grew = not more <= found
        found |= more
    return found


def cpu_seconds(pid):
    """User and system time of a family, children already gone included."""
    total = 0
    for member in family(pid):
        with contextlib.suppress(OSError):
            with open(f"/proc/{member}/stat", encoding="latin-1") as f:
                fields = f.read().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
            total += int(fields[13]) + int(fields[14])
    return total / TICK


def machine_busy():
    """Seconds that all cores together were busy since they were started."""
    with open("/proc/stat", encoding="ascii") as f:
        fields = [int(x) for x in f.readline().split()[1:]]
    return (sum(fields[:8]) - fields[3] - fields[4]) / TICK


class Meter:
    """CPU that a family of processes, and everybody else, used meanwhile."""

    def __init__(self, pid):
        self.pid = pid

    def __enter__(self):
        self.cpu = cpu_seconds(self.pid)
        self.mine = cpu_seconds(os.getpid())
        self.busy = machine_busy()
        self.start = time.monotonic()
        return self

    def __exit__(self, *_):
        self.seconds = time.monotonic() - self.start
        self.cpu = cpu_seconds(self.pid) - self.cpu
        mine = cpu_seconds(os.getpid()) - self.mine
        others = machine_busy() - self.busy - mine
        self.others = max(0.0, others / self.seconds)


@contextlib.contextmanager
def floor():
    """The libmicrohttpd floor; yields (port, pid)."""
    process = subprocess.Popen([program("floor")], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    try:
        port = int(process.stdout.readline().split()[1])
        yield port, process.pid
    finally:
        process.stdin.close()
        process.wait(10)


def load(port, kind, count, **options):
    argv = [program("load"), "--port", str(port), "--kind", kind, "--count",
            str(count)]
    for name, value in options.items():
        argv += ["--" + name, str(value)]
    return run_json(*argv)


@contextlib.contextmanager
def instance(**options):
    """A storage, a daemon, a simulator; the storage beside the baselines'."""
    i = harness.Instance(**options)
    try:
        yield i
    finally:
        i.close()


def port_of(i):
    return int(i.gateway.rpartition(":")[2])


# ---- pairs ------------------------------------------------------------------

def pairs(rounds, baseline, product, what):
    """Runs both by turns, after one of each that does not count."""
    results = []
    for r in range(-1, rounds):
        with Meter(os.getpid()) as meter:
            b = baseline(r)
            p = product(r)
        p.setdefault("others", meter.others)
        say(f"  {what} {'warm-up' if r < 0 else r + 1}: "
            f"baseline {b['value']:.4g}, product {p['value']:.4g}, "
            f"ratio {p['value'] / b['value']:.3f}, "
            f"others use {p['others']:.2f} cores")
        if r >= 0:
            results.append((b, p))
    return results


def summary(results, unit, **more):
    ratios = [p["value"] / b["value"] for b, p in results]
    out = {
        "unit": unit,
        "baseline": median([b["value"] for b, _ in results]),
        "product": median([p["value"] for _, p in results]),
        "ratio": median(ratios),
        "ratios": ratios,
        "baseline_runs": [b for b, _ in results],
        "product_runs": [p for _, p in results],
        "others_cores": median([p["others"] for _, p in results]),
    }
    out.update(more)
    return out
