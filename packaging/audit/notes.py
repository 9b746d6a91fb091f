"""Who signed: signed notes (c2sp.org/signed-note) with Ed25519, of the log and
of its witnesses. Nothing but openssl looks at a signature."""
import base64, hashlib, json, os, re, subprocess, tempfile

from gate import Bad

NAME = r"[^\s+\x00-\x20\x7f]+"  # of a key


def sha(data):
    return hashlib.sha256(data).digest()


def unbase(text, size=None):
    """Base64 as it is written, and not as it could be read, too."""
    text = text if isinstance(text, bytes) else text.encode()
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data) != text or size not in (None, len(data)):
        raise ValueError("no base64 of this length")
    return data


def unhex(text, size):
    if not re.fullmatch("[0-9a-f]{%d}" % (2 * size), text):
        raise ValueError("no hash, key or signature")
    return bytes.fromhex(text)


def number(text):
    """In decimal, in its one form."""
    if not re.fullmatch("0|[1-9][0-9]{0,18}", text) or int(text) >> 63:
        raise ValueError("no number")
    return int(text)


def once(pairs):
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a member twice")
    return dict(pairs)


def unjson(text):
    return json.loads(text if isinstance(text, str) else text.decode(),
                      object_pairs_hook=once)


def read(*path):
    with open(os.path.join(*path), "rb") as f:
        return f.read()


def lines(folder, name):
    with open(os.path.join(folder, name), "rb") as f:
        for number, line in enumerate(f):
            if not line.endswith(b"\n"):
                raise Bad(f"entry {number}: {name} is cut")
            yield line[:-1]


def parse(line, index):
    """The entry of a line, which must be the canonical JSON of its place."""
    try:
        entry = unjson(line)
        again = canonical(entry)
    except (ValueError, RecursionError):
        raise Bad(f"entry {index}: it is not JSON") from None
    if not isinstance(entry, dict) or again != line or len(line) > 65535:
        raise Bad(f"entry {index}: it is not in canonical form")
    place = entry.get("index"), entry.get("v")
    if place != (index, 1) or {*map(type, place)} != {int}:
        raise Bad(f"entry {index}: it is missing, or not in its place")
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
                        str(entry.get("time")), re.ASCII):
        raise Bad(f"entry {index}: it has no time")
    return entry


def canonical(entry):
    """RFC 8785, as far as entries need it."""
    return json.dumps(entry, sort_keys=True, ensure_ascii=False,
                      separators=(",", ":")).encode()


def openssl(*words):
    return subprocess.run(["openssl", *words], capture_output=True,
                          check=False)


def signed(key, signature, text):
    der = bytes.fromhex("302a300506032b6570032100") + key
    with tempfile.TemporaryDirectory() as d:
        for name, data in ("key", der), ("sig", signature), ("text", text):
            with open(f"{d}/{name}", "wb") as f:
                f.write(data)
        return openssl("pkeyutl", "-verify", "-rawin", "-pubin", "-keyform",
                       "DER", "-inkey", f"{d}/key", "-sigfile", f"{d}/sig",
                       "-in", f"{d}/text").returncode == 0


def head(note):
    """(origin, size, root) of a note, whoever signed it."""
    origin, size, root = note.decode().split("\n")[:3]
    return origin, number(size), unbase(root, 32)


def signatures(note, vkey, kind):
    """The name and key of a verifier key, the text, and its signatures."""
    name, key_id, key = vkey.split("+", 2)
    key = unbase(key, 33)
    if (not re.fullmatch(NAME, name) or key[:1] != kind or
            sha(name.encode() + b"\n" + key)[:4].hex() != key_id):
        raise ValueError("no verifier key of this kind")
    if re.search("[\0-\x09\x0b-\x1f\x7f]", note.decode()):
        raise ValueError("no plain text")
    text, rest = note.rsplit(b"\n\n", 1)
    if b"\n\n" in text + b"\n" or not re.fullmatch(f"(\u2014 {NAME} [^ \n]+\n)+",
                                           rest.decode()):
        raise ValueError("a line is empty, or no signature")
    lines = [line.split(" ") for line in rest.decode()[:-1].split("\n")]
    blobs = [(of, unbase(blob)) for _, of, blob in lines]
    if any(len(blob) < 5 for _, blob in blobs):
        raise ValueError("a signature is cut")
    return (name, key[1:], text + b"\n", [
        blob[4:] for of, blob in blobs if (of, blob[:4].hex()) == (
            name, key_id)])


def checkpoint(note, vkey, what):
    """(size, root) that the note promises, if the key signed it."""
    try:
        name, key, text, found = signatures(note, vkey, b"\1")
        origin, size, root = head(text)
        if origin == name and found and all(signed(key, s, text)
                                            for s in found):
            return size, root
    except (ValueError, IndexError):
        pass
    raise Bad(f"{what} is not signed with the key in vkey: no entry can be "
              "trusted, from 0 on")


def witnessed(folder, vkey):
    """(size, time) that a witness signed (c2sp.org/tlog-cosignature)."""
    for file in "cosigned", "checkpoint":
        if os.path.exists(os.path.join(folder, file)):
            _, key, text, found = signatures(read(folder, file), vkey, b"\4")
            for blob in found:
                at = int.from_bytes(blob[:8], "big")
                if signed(key, blob[8:],
                          f"cosignature/v1\ntime {at}\n".encode() + text):
                    return head(text)[1], at
    raise Bad("this witness did not sign")
