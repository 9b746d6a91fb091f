"""Rows about `resguardo age`: against the age program and the raw cipher."""
import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import time

from tools import BUILD, OUT, Skip, median, number, pairs, program, say, summary
import harness

ROUNDS = number("ROUNDS", 5)
SEAL_MIB = number("SEAL_MIB", 1024)
PROGRAM = os.path.join(BUILD, "resguardo")
MB = 1000 * 1000


class Desk:
    """A file, its sealed twin and the key, in a folder of their own."""

    def __init__(self, folder):
        self.folder = folder
        self.key, self.plain, self.sealed, self.out = (
            os.path.join(folder, name)
            for name in ("key", "plain", "sealed", "out"))
        subprocess.run(["age-keygen", "-o", self.key], check=True,
                       stderr=subprocess.DEVNULL)
        with open(self.key, encoding="ascii") as f:
            self.to = re.search(r"age1\w+", f.read()).group()
        block = os.urandom(1024 * 1024)
        with open(self.plain, "wb") as f:
            for _ in range(SEAL_MIB):
                f.write(block)
        self.size = os.path.getsize(self.plain)
        subprocess.run(["age", "-r", self.to, "-o", self.sealed, self.plain],
                       check=True)

    def timed(self, argv, cores, out=None):
        """MB a second of wall and of CPU time; the result goes to a file, or
        nowhere. The file is new each time, and not waited for: no fsync."""
        with open(out or os.devnull, "wb") as result:
            start = time.monotonic()
            child = subprocess.Popen(
                argv, stdout=result,
                preexec_fn=lambda: os.sched_setaffinity(0, cores))
            _, status, usage = os.wait4(child.pid, 0)
            seconds = time.monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        harness.equal(child.returncode, 0, argv[0])
        if out is not None:
            os.unlink(out)
        cpu = usage.ru_utime + usage.ru_stime
        return {"value": self.size / MB / seconds,
                "cpu_us_per_mb": cpu * 1e6 / (self.size / MB),
                "mb_a_cpu_second": self.size / MB / cpu}


@contextlib.contextmanager
def desk():
    if shutil.which("age") is None:
        raise Skip("age is not there")
    folder = tempfile.mkdtemp(prefix="seal-", dir=OUT)
    try:
        yield Desk(folder)
    finally:
        shutil.rmtree(folder)


def cpu_of(results):
    return {"baseline": median([b["cpu_us_per_mb"] for b, _ in results]),
            "product": median([p["cpu_us_per_mb"] for _, p in results])}


def against_age(theirs, ours, what):
    """Both on all of the cores, from a cached file to a file."""
    with desk() as d:
        cores = os.sched_getaffinity(0)
        results = pairs(
            ROUNDS,
            lambda _: d.timed(["age", *theirs(d)], cores, d.out),
            lambda _: d.timed([PROGRAM, "age", *ours(d)], cores, d.out), what)
        cpu = cpu_of(results)
        say(f"  CPU: age {cpu['baseline']:.0f}, we {cpu['product']:.0f} "
            "us a MB")
        return summary(results, "MB/s", age_cpu_us_per_mb=cpu)


def seal():
    return against_age(lambda d: ["-r", d.to, d.plain],
                       lambda d: ["encrypt", "-r", d.to, d.plain], "age -e")


def open_():
    return against_age(lambda d: ["-d", "-i", d.key, d.sealed],
                       lambda d: ["decrypt", "-i", d.key, d.sealed], "age -d")


def against_cipher(verb, ours, what):
    """One core, CPU time, so that neighbours count less; the program reads a
    cached file besides, and writes to /dev/null."""
    with desk() as d:
        core = {min(os.sched_getaffinity(0))}

        def by_cpu(argv):
            run = d.timed(argv, core)
            return dict(run, value=run["mb_a_cpu_second"])

        results = pairs(
            ROUNDS,
            lambda _: by_cpu([program("aead"), verb, str(SEAL_MIB)]),
            lambda _: by_cpu([PROGRAM, "age", *ours(d)]), what)
        return summary(results, "MB/CPU s", age_cpu_us_per_mb=cpu_of(results))


def seal_core():
    return against_cipher("seal", lambda d: ["encrypt", "-r", d.to, d.plain],
                          "one core, sealing")


def open_core():
    return against_cipher("open", lambda d: ["decrypt", "-i", d.key, d.sealed],
                          "one core, opening")
