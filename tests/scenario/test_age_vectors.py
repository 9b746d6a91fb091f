#!/usr/bin/env python3
"""The C2SP CCTV age vectors, each with the result that it says.

A vector is fed through a pipe, where also what comes out before a failure is
compared, and into a file, of which a failure must leave nothing.
"""
import hashlib
import zlib

from age_help import Desk, ours, vectors
from harness import Failure, equal, expect, run

# How each result is told: exit code, how the error begins.
CLASSES = {
    "success": (0, ""),
    "no match": (1, "error: no identity matched"),
    "header failure": (1, "error: header: "),
    "HMAC failure": (5, "error: header mac "),
    "payload failure": (5, "error: payload: "),
    "armor failure": (1, "error: armor: "),
}

# We do not speak the hybrid kind, so its stanzas are strangers to us: a file
# that only they open, or that breaks only their own rules, matches nothing.
STRANGERS = "hybrid"
STILL = {
    "hybrid_not_canonical_body": "every stanza's body is canonical base64",
    "hybrid_x25519_arg": "an X25519 stanza is ours to judge",
}


class Vector:
    def __init__(self, name, data):
        head, _, self.file = data.partition(b"\n\n")
        pairs = [line.split(": ", 1) for line in head.decode().splitlines()]
        known = dict(pairs)
        self.name, self.expect = name, known["expect"]
        self.payload = known.get("payload")
        self.identities = [v for k, v in pairs if k == "identity"]
        self.passphrases = [v for k, v in pairs if k == "passphrase"]
        if known.get("compressed") == "zlib":
            self.file = zlib.decompress(self.file)
        if STRANGERS in name and name not in STILL:
            self.expect, self.payload = "no match", None

    def options(self, desk):
        """An identity file and a passphrase file, as it has them."""
        argv = []
        if self.identities:
            text = "\n".join(self.identities) + "\n"
            argv += ["-i", desk.write("key", text.encode())]
        if self.passphrases:
            argv += ["--passphrase-file",
                     desk.write("passphrase", self.passphrases[0].encode())]
        return argv or ["-i", desk.identity]

    def check(self, desk):
        code, words = CLASSES[self.expect]
        options = self.options(desk)
        piped = ours("decrypt", *options, data=self.file)
        expect(piped.code == code and piped.err.startswith(words),
               f"wanted {self.expect}, got {piped.code} {piped.err!r}")
        if self.payload is not None:
            equal(hashlib.sha256(piped.out).hexdigest(), self.payload,
                  "what was released")
        elif code != 0:
            equal(piped.out, b"", "what was released")

        sealed = desk.write("sealed", self.file)
        filed = ours("decrypt", *options, "-o", desk.path("out"), sealed)
        equal((filed.code, filed.err), (piped.code, piped.err), "into a file")
        if code == 0:
            equal(desk.read("out"), piped.out, "the file")
        else:
            expect("out" not in desk.names(), "a failure left a file")


def every_vector_ends_as_it_says():
    wrong = []
    with Desk() as desk:
        before = desk.names()
        for name, data in sorted(vectors().items()):
            vector = Vector(name, data)
            try:
                vector.check(desk)
            except Failure as why:
                wrong.append(f"{name}: {why}")
            for made in desk.names() - before:
                if made.startswith("out"):
                    desk.remove(made)
        left = desk.names() - before - {"key", "passphrase", "sealed"}
        equal(left, set(), "what lies in the folder")
    expect(not wrong, "\n    ".join([f"{len(wrong)} of them do not"] + wrong))


run([every_vector_ends_as_it_says])
