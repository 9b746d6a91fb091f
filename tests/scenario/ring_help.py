"""A keyring log in the hands of a test: signed anew by whoever has the key."""
import hashlib
import hmac
import json
import subprocess

from bundle_help import canonical, sha, sign

CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def public(seed):
    der = bytes.fromhex("302e020100300506032b657004220420") + seed
    return subprocess.run(
        ["openssl", "pkey", "-inform", "DER", "-pubout", "-outform", "DER"],
        input=der, stdout=subprocess.PIPE, check=True).stdout[-32:]


def seed_of(identity):
    """The Ed25519 seed of an age identity file, as docs/formats.md says."""
    with open(identity, encoding="ascii") as f:
        text = [line for line in f if line.startswith("AGE-")][0].strip()
    bits = 0
    for c in text.lower().split("1", 1)[1][:-6]:
        bits = bits << 5 | CHARSET.index(c)
    secret = (bits >> 4).to_bytes(32, "big")  # 52 letters are 260 bits
    key = hmac.new(bytes(32), secret, hashlib.sha256).digest()
    return hmac.new(key, b"resguardo staff-sign v1\1", hashlib.sha256).digest()


def opened(lines):
    """[(entry, seed)] of keyring.jsonl; nobody has a seed yet."""
    return [json.loads(json.loads(line)["entry"]) for line in lines]


def closed(entries, seeds):
    """The lines of such a log: chained, and each signed by the seed of its
    signer; a signature of who is not in seeds is left out (zeros)."""
    lines, head = [], bytes(32)
    for seq, entry in enumerate(entries):
        entry = dict(entry, seq=seq, prev=head.hex())
        text = canonical(entry)
        seed = seeds.get(entry["signer"])
        signature = sign(seed, b"resguardo keyring v1\n" + text) if seed else (
            bytes(64))
        head = sha(text + signature)
        lines.append(canonical({"entry": text.decode(),
                                "signature": signature.hex()}))
    return lines, head
