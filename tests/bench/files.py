"""Rows about files: intake, reading, memory."""
import contextlib
import hashlib
import hmac
import http.client
import json
import os
import re
import shutil
import sqlite3
import subprocess
import threading
import time

from tools import (Meter, SECRET, Skip, family, instance,
                   median, number, pairs, port_of, program, run_json, say,
                   summary)
import harness

ROUNDS = number("ROUNDS", 5)
TOKEN = "sim-access-token"
MB = 1000 * 1000
ENDED = "('stored','refused','quarantined','expired','dropped')"


def jpeg(size):
    """The sample photo, made this long by comment segments of noise."""
    photo = harness.sample("photo.jpg")
    out, left = [photo[:2]], size - len(photo)
    while left > 0:
        n = min(left, 65535 + 2) if left != 65535 + 3 else 60000
        n = max(n, 4)
        out.append(b"\xff\xfe" + (n - 2).to_bytes(2, "big")
                   + os.urandom(n - 4).replace(b"\xff", b"\x00"))
        left -= n
    out.append(photo[2:])
    return b"".join(out)


class Sender:
    """Posts signed photo webhooks over one connection."""

    def __init__(self, i):
        self.wire = http.client.HTTPConnection("127.0.0.1", port_of(i))
        self.sent = 0

    def photo(self, person, media, digest):
        self.sent += 1
        message = {"from": person, "id": f"wamid.FILE{time.monotonic_ns()}",
                   "timestamp": str(int(time.time())), "type": "image",
                   "image": {"mime_type": "image/jpeg", "id": media,
                             "sha256": digest}}
        body = json.dumps({
            "object": "whatsapp_business_account",
            "entry": [{"id": "7001", "changes": [{
                "field": "messages", "value": {
                    "messaging_product": "whatsapp",
                    "metadata": {"display_phone_number": "576015550100",
                                 "phone_number_id": harness.NUMBER},
                    "contacts": [{"wa_id": person,
                                  "profile": {"name": "Ana"}}],
                    "messages": [message]}}]}]}).encode()
        mac = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        self.wire.request("POST", "/webhook", body, {
            "Content-Type": "application/json",
            "X-Hub-Signature-256": "sha256=" + mac})
        answer = self.wire.getresponse()
        answer.read()
        harness.equal(answer.status, 200, "the webhook's answer")


class Ends:
    """How many attachments have come to an end, asked of the database."""

    def __init__(self, i):
        self.db = sqlite3.connect(
            f"file:{i.storage}/resguardo.db?mode=ro", uri=True)

    def count(self, states=ENDED):
        return self.db.execute(
            f"SELECT count(*) FROM attachment WHERE state IN {states}"
        ).fetchone()[0]

    def stored(self):
        return self.count("('stored')")


def consenting(i, people):
    """People who said yes already; their first file is a small one."""
    for n in range(people):
        person = f"57330000{n:04}"
        i.file(person=person, caption=None)
        i.consent_all(prompts=1, person=person)
    harness.until("the first files", lambda: Ends(i).stored() >= people)


def media_urls(i, media, n):
    proof = hmac.new(SECRET.encode(), TOKEN.encode(),
                     hashlib.sha256).hexdigest()
    status, answer = harness.http(
        "GET", f"{i.sim.url}/v26.0/{media}?appsecret_proof={proof}",
        headers={"Authorization": "Bearer " + TOKEN})
    harness.equal(status, 200, "resolve")
    return (json.loads(answer)["url"] + "\n") * n


def fetch(i, media, n, workers):
    """The baseline: the same files from the same server, to disk, fsynced."""
    folder = i.path("fetched")
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    return run_json(program("fetch"), folder, str(workers), TOKEN,
                    input=media_urls(i, media, n), text=True)


def intake(i, sender, ends, media, digest, n, in_flight, people):
    """Seconds from the first webhook until the last file is committed, with
    so many under way at any time."""
    before, stored = ends.count(), ends.stored()
    posted, start = 0, time.monotonic()
    while True:
        ended = ends.count() - before
        if ended >= n:
            break
        while posted < n and posted - ended < in_flight:
            sender.photo(f"57330000{posted % people:04}", media, digest)
            posted += 1
        time.sleep(0.002)
        if time.monotonic() - start > 600:
            raise harness.Failure(f"{ended} of {n} files in ten minutes")
    seconds = time.monotonic() - start
    harness.equal(ends.stored() - stored, n, "files stored")
    return seconds


def uploaded(i, data):
    answer = i.sim.post("/sim/media?mime_type=image/jpeg", data)
    return answer["id"], answer["sha256_base64"]


def photos():
    """3 MB photos, eight in flight."""
    n, size, people = number("PHOTOS", 60), 3 * MB, 8
    with instance(policy="es-gdpr", quiet="5s") as i:
        consenting(i, people)
        media, digest = uploaded(i, jpeg(size))
        sender, ends = Sender(i), Ends(i)

        def baseline(_):
            run = fetch(i, media, n, 8)
            return {"value": n * size / MB / run["seconds"], "run": run}

        def product(_):
            with Meter(i.daemon.pid) as meter:
                seconds = intake(i, sender, ends, media, digest, n, 8, people)
            return {"value": n * size / MB / seconds, "others": meter.others,
                    "cpu_us_per_mb": meter.cpu * 1e6 / (n * size / MB)}

        results = pairs(ROUNDS, baseline, product, "photos of 3 MB")
        return summary(results, "MB/s", floor_us_per_mb=floor_bytes(i),
                       cpu_us_per_mb=median([p["cpu_us_per_mb"]
                                             for _, p in results]))


def floor_bytes(i):
    return run_json(program("bytes"), i.path("bytes"))


@contextlib.contextmanager
def age_key(i):
    if shutil.which("age") is None:
        raise Skip("age is not there")
    key = i.path("age-key")
    subprocess.run(["age-keygen", "-o", key], check=True,
                   stderr=subprocess.DEVNULL)
    with open(key, encoding="ascii") as f:
        yield key, re.search(r"age1\w+", f.read()).group()


def large():
    """One file of 100 MB, against curl, fsync and then age."""
    size = number("LARGE_MB", 100) * MB
    with instance(policy="es-gdpr", quiet="5s") as i, age_key(i) as (_, to):
        consenting(i, 1)
        media, digest = uploaded(i, jpeg(size))
        sender, ends = Sender(i), Ends(i)

        def baseline(_):
            start = time.monotonic()
            fetch(i, media, 1, 1)
            subprocess.run(["age", "-e", "-r", to, "-o", i.path("sealed"),
                            i.path("fetched", "0")], check=True)
            return {"value": size / MB / (time.monotonic() - start)}

        def product(_):
            with Meter(i.daemon.pid) as meter:
                seconds = intake(i, sender, ends, media, digest, 1, 1, 1)
            return {"value": size / MB / seconds, "others": meter.others,
                    "cpu_us_per_mb": meter.cpu * 1e6 / (size / MB)}

        results = pairs(ROUNDS, baseline, product, "100 MB")
        return summary(results, "MB/s", floor_us_per_mb=floor_bytes(i),
                       cpu_us_per_mb=median([p["cpu_us_per_mb"]
                                             for _, p in results]))


def get():
    """`document get` of 100 MB, against `age -d` of the same bytes."""
    size = number("LARGE_MB", 100) * MB
    with instance(policy="es-gdpr", quiet="5s") as i, age_key(i) as (key, to):
        consenting(i, 1)
        data = jpeg(size)
        media, digest = uploaded(i, data)
        intake(i, Sender(i), Ends(i), media, digest, 1, 1, 1)
        document = [d for d in i.json("document", "list")
                    if d["size"] == size][0]["id"]
        with open(i.path("plain"), "wb") as f:
            f.write(data)
        subprocess.run(["age", "-e", "-r", to, "-o", i.path("sealed"),
                        i.path("plain")], check=True)

        def timed(*argv):
            with open(i.path("opened"), "wb") as out:
                start = time.monotonic()
                subprocess.run(argv, check=True, stdout=out)
                seconds = time.monotonic() - start
            harness.equal(os.path.getsize(i.path("opened")), size, "bytes")
            os.unlink(i.path("opened"))
            return {"value": size / MB / seconds}

        def baseline(_):
            return timed("age", "-d", "-i", key, i.path("sealed"))

        def product(_):
            return timed(os.path.join(harness.BUILD, "resguardo"), "--socket",
                         i.socket, "--identity", i.identity, "document", "get",
                         document, "--reason", "bench")

        return summary(pairs(ROUNDS, baseline, product, "get of 100 MB"),
                       "MB/s")


def mib(pids, what="Pss"):
    """Pss shares a library among all who map it, strangers too; the sum of
    Rss counts it for each, so the truth without strangers is between."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
                total += int(re.search(rf"(?m)^{what}:\s+(\d+)", f.read())[1])
    return total / 1024


def memory():
    """64 files of 100 MB wanted at once: the most PSS of all our processes."""
    n, size = number("FILES", 64), number("LARGE_MB", 100) * MB
    with instance(policy="es-gdpr", quiet="5s") as i:
        consenting(i, n)
        media, digest = uploaded(i, jpeg(size))
        sender, ends, samples = Sender(i), Ends(i), []
        if mib({i.daemon.pid}) == 0:
            raise Skip("PSS of other processes needs root")
        idle, done, rss = mib(family(i.daemon.pid)), threading.Event(), [0]

        def watch():
            while not done.wait(0.1):
                pids = family(i.daemon.pid)
                samples.append(mib(pids))
                rss.append(mib(pids, "Rss"))

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            seconds = intake(i, sender, ends, media, digest, n, n, n)
        finally:
            done.set()
            watcher.join()
        say(f"  {n} files in {seconds:.1f} s, idle {idle:.1f} MiB, most "
            f"{max(samples):.1f} MiB, sum of RSS {max(rss):.1f} MiB")
        return {"unit": "MiB", "baseline": idle, "product": max(samples),
                "ratio": max(samples), "samples": samples[::10],
                "seconds": seconds, "rss": max(rss)}
