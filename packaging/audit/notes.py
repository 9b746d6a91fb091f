"""Who signed: signed notes (c2sp.org/signed-note) with Ed25519, of the log and
of its witnesses. Nothing but openssl looks at a signature."""
import base64, hashlib, json, os, subprocess, tempfile

from gate import Bad


def sha(data):
    return hashlib.sha256(data).digest()


def unbase(text):
    return base64.b64decode(text, validate=True)


def read(*path):
    with open(os.path.join(*path), "rb") as f:
        return f.read()


def lines(folder, name):
    with open(os.path.join(folder, name), "rb") as f:
        for number, line in enumerate(f):
            if not line.endswith(b"\n"):
                raise Bad(f"entry {number}: {name} is cut")
            yield line[:-1]


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
    return origin, int(size), unbase(root)


def signatures(note, vkey, kind):
    """The name and key of a verifier key, the text, and its signatures."""
    name, key_id, key = vkey.split("+", 2)
    key = unbase(key)
    if key[:1] != kind or sha(name.encode() + b"\n" + key)[:4].hex() != key_id:
        raise ValueError("no verifier key of this kind")
    text, rest = note.rsplit(b"\n\n", 1)
    blobs = [unbase(line.split(" ")[2]) for line in rest.decode().splitlines()
             if line.startswith(f"\u2014 {name} ")]
    return (name, key[1:], text + b"\n",
            [blob[4:] for blob in blobs if blob[:4].hex() == key_id])


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
