#!/usr/bin/env python3
"""Overload and clients that waste our time: Meta's webhooks get in.

All peers come from the loopback address, as behind a proxy: whoever wastes
time and whoever is honest cannot be told apart by where they come from.
"""
import contextlib
import hashlib
import hmac
import os
import resource
import select
import signal
import socket
import sqlite3
import time

from harness import (BUILD, DEADLINE_S, Failure, Instance, equal, expect, http,
                     run, until)

GOOD = b'{"object":"whatsapp_business_account","entry":[]}'
IN_FLIGHT = 256      # LIMIT_GATEWAY_IN_FLIGHT
CONNECTIONS = 1024   # LIMIT_GATEWAY_CONNECTIONS
REQUEST_S = 15       # LIMIT_REQUEST_S
IDLE_S = 60          # LIMIT_IDLE_S
# A commit takes milliseconds, and this machine may be busy: who waited for
# somebody's deadline waited longer than this.
HONEST_S = 10
IDLE = 10000


def files(n):
    """Lets this process have n descriptors; how many it gets."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    n = n if hard == resource.RLIM_INFINITY else min(n, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (n, hard))
    return n


def connect(r):
    host, port = r.gateway[7:].split(":")
    return socket.create_connection((host, int(port)), DEADLINE_S)


def signed(body=GOOD, length=None):
    digest = hmac.new(b"sim-app-secret", body, hashlib.sha256).hexdigest()
    return (f"POST /webhook HTTP/1.1\r\nHost: x\r\nX-Hub-Signature-256: sha256="
            f"{digest}\r\nContent-Length: {length or len(body)}\r\n\r\n"
            ).encode() + body


def status(s, seconds=DEADLINE_S):
    """The status of an answer, 0 for a closed connection, -1 for none."""
    s.settimeout(seconds)
    try:
        data = s.recv(4096)
    except (socket.timeout, BlockingIOError):
        return -1
    except OSError:
        return 0
    return int(data[9:12]) if data else 0


def honest(r):
    """One webhook on a connection of its own; the seconds it took."""
    start = time.monotonic()
    with contextlib.closing(connect(r)) as s:
        s.sendall(signed())
        equal(status(s), 200, "an honest webhook")
    return time.monotonic() - start


def closed(sockets):
    """How many of these the other end has closed."""
    poll = select.poll()
    for s in sockets:
        poll.register(s, select.POLLIN)
    return len(poll.poll(0))


def gateway_pid(r):
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            with open(f"/proc/{name}/stat", encoding="latin-1") as f:
                text = f.read()
            if ("(resguardo-gatew)" in text and
                    int(text.rpartition(")")[2].split()[1]) == r.daemon.pid):
                return int(name)
    raise Failure("no gateway")


def resident_mib(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as f:
        for line in f:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    raise Failure("no VmRSS")


def memory_limit_mib():
    """A sanitizer keeps what was freed for a while, up to 256 MiB."""
    with open(os.path.join(BUILD, "resguardo-gateway"), "rb") as f:
        return 500 if b"__asan_init" in f.read() else 112


def overload_is_503_at_once_and_heals(r):
    files(4096)
    lock = sqlite3.connect(os.path.join(r.storage, "resguardo.db"),
                           isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    waiting = []
    for _ in range(IN_FLIGHT):
        waiting.append(connect(r))
        waiting[-1].sendall(signed())

    # The core is stuck and has as many as it may: all others hear it at once.
    took = []
    for _ in range(200):
        start = time.monotonic()
        with contextlib.closing(connect(r)) as s:
            s.sendall(signed())
            equal(status(s), 503, "a webhook too many")
        took.append(time.monotonic() - start)
    took = sorted(took)[len(took) // 2]
    expect(took < 1, f"half of the refusals took {took:.2f} s and more")

    # Bodies for twice the room there is.
    large = b" " * (3 * 1024 * 1024 - 100)
    hogs = [connect(r) for _ in range(44)]
    for s in hogs:
        s.settimeout(2)
        with contextlib.suppress(OSError):
            s.sendall(signed(large, len(large) + 1))
    used = resident_mib(gateway_pid(r))
    expect(used < memory_limit_mib(), f"the gateway takes {used:.0f} MiB")

    lock.execute("ROLLBACK")
    lock.close()
    start = time.monotonic()
    until("a webhook is taken again",
          lambda: http("POST", r.gateway + "/webhook", GOOD, {
              "X-Hub-Signature-256": "sha256=" + hmac.new(
                  b"sim-app-secret", GOOD, hashlib.sha256).hexdigest()}
          )[0] == 200)
    took = time.monotonic() - start
    expect(took < HONEST_S, f"healing took {took:.1f} s")
    for s in waiting:
        expect(status(s) in (200, 503), "a webhook that waited")
    for s in waiting + hogs:
        s.close()


class Stalled:
    """Another gateway, which gets no processor for longer than a request has:
    whoever waited hears 503, and who came meanwhile is answered."""

    def __init__(self):
        self.r = Instance()
        self.pid = gateway_pid(self.r)
        self.r.daemon.send_signal(signal.SIGSTOP)
        self.waits = connect(self.r)
        self.waits.sendall(signed())
        until("the gateway has it", self.is_read)
        os.kill(self.pid, signal.SIGSTOP)
        self.begun = time.monotonic()
        self.comes = connect(self.r)
        self.comes.sendall(signed())

    def is_read(self):
        """Whether the kernel holds none of the first one's bytes."""
        ports = [f":{s[1]:04X}" for s in (self.waits.getpeername(),
                                          self.waits.getsockname())]
        with open("/proc/net/tcp", encoding="ascii") as f:
            rows = [line.split() for line in f]
        return ["00000000"] == [row[4].split(":")[1] for row in rows
                                if [row[1][-5:], row[2][-5:]] == ports]

    def goes_on(self):
        until("longer than a request has",
              lambda: time.monotonic() > self.begun + REQUEST_S + 3)
        os.kill(self.pid, signal.SIGCONT)
        equal(status(self.waits), 503, "who waited for the core")
        self.r.daemon.send_signal(signal.SIGCONT)
        equal(status(self.comes), 200, "who came meanwhile")
        self.r.stop()

    def close(self):
        self.waits.close()
        self.comes.close()
        self.r.close()


def slow_clients_are_cut_and_starve_nobody(r):
    files(4096)
    with contextlib.closing(Stalled()) as stalled:
        slow_clients(r)
        stalled.goes_on()


def slow_clients(r):
    slow = [connect(r) for _ in range(300)]
    begun = time.monotonic()
    silent = [connect(r) for _ in range(200)]
    start = time.monotonic()
    pieces = [b"P", b"POST /webhook HT", b"POST /webhook HTTP/1.1\r\nHost: x\r\n",
              signed(GOOD, 5000), b"POST /webhook HTTP/1.1\r\nHost: x\r\n"
              b"Transfer-Encoding: chunked\r\n\r\n2\r\n{ \r\n"]
    for n, s in enumerate(slow):
        s.sendall(pieces[n % len(pieces)])

    # A byte now and then from each keeps no connection beyond its deadline.
    slowest, early, cut = 0.0, 0, 0
    while cut < len(slow):
        cut = closed(slow)
        spent = time.monotonic() - start
        early = cut if spent < REQUEST_S - 2 else early
        expect(spent < REQUEST_S + 2 * HONEST_S,
               f"{len(slow) - cut} slow clients hold on")
        for n, s in enumerate(slow):
            with contextlib.suppress(OSError):
                s.send(b"1\r\nx\r\n" if n % len(pieces) == 4 else b"x")
        slowest = max(slowest, honest(r))
        time.sleep(0.3)
    equal(early, 0, "clients cut before their deadline")
    expect(slowest < HONEST_S, f"an honest webhook took {slowest:.2f} s")
    cut = closed(silent)
    expect(cut == 0 or time.monotonic() - begun > IDLE_S - 2,
           f"{cut} connections that may still be idle")
    for s in slow + silent:
        s.close()


def idle_connections_keep_nobody_out(r):
    most = min(IDLE, files(IDLE + 500) - 400)
    expect(most > CONNECTIONS, "this process may open too few files")
    kept = connect(r)
    kept.sendall(signed())
    equal(status(kept), 200, "before")
    idle = []
    slowest = newest = 0.0
    for n in range(most):
        idle.append(connect(r))
        newest = time.monotonic() if n == most - 100 else newest
        if n % 250 == 249:
            slowest = max(slowest, honest(r))
    expect(slowest < HONEST_S, f"an honest webhook took {slowest:.2f} s")
    until("the oldest are cut", lambda: closed(idle) >= most - CONNECTIONS)
    cut = closed(idle[-100:])
    expect(cut == 0 or time.monotonic() - newest > IDLE_S - 2,
           f"{cut} cut of the newest hundred")
    equal(closed([kept]), 1, "the one that waited longest")
    for s in idle + [kept]:
        s.close()
    expect(honest(r) < HONEST_S, "after")


run([overload_is_503_at_once_and_heals, slow_clients_are_cut_and_starve_nobody,
     idle_connections_keep_nobody_out])
