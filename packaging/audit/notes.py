"""Signed notes to the letter (c2sp.org/signed-note), of the log and of its
witnesses: what could be read in two ways is no note."""
import base64, os, re

from gate import Bad
from verify import need, read, sha, signed

NAME = r"[^\s+\x00-\x20\x7f]+"  # of a key
NOTE = re.compile(
    "((?:[^\0-\x1f\x7f]+\n)+)\n((?:\u2014 %s [^ \n]+\n)+)" % NAME)


def unbase(text, size=None):
    """Base64 as it is written, and not as it could be read, too."""
    data = base64.b64decode(text, validate=True)
    need(base64.b64encode(data).decode() == text and size in (None, len(data)),
         "no base64 of this length")
    return data


def unhex(text, size):
    need(re.fullmatch("[0-9a-f]{%d}" % (2 * size), text), "no hash or key")
    return bytes.fromhex(text)


def number(text):
    """In decimal, in its one form."""
    need(re.fullmatch("0|[1-9][0-9]{0,18}", text) and int(text) < 1 << 63,
         "no number")
    return int(text)


def once(pairs):
    need(len(dict(pairs)) == len(pairs), "a member twice")
    return dict(pairs)


def head(note):
    """(origin, size, root) of a note, whoever signed it."""
    origin, size, root = note.decode().split("\n")[:3]
    return origin, number(size), unbase(root, 32)


def signatures(note, vkey, kind):
    """The text, the name and key of a verifier key, and its signatures."""
    name, key_id, key = vkey.split("+", 2)
    key, parts = unbase(key, 33), NOTE.fullmatch(note.decode())
    need(parts and re.fullmatch(NAME, name) and key[:1] == kind and key_id ==
         sha(name.encode() + b"\n" + key)[:4].hex(), "no note or no key")
    blobs = [line.split(" ")[1:] for line in parts[2][:-1].split("\n")]
    blobs = [(of, unbase(blob)) for of, blob in blobs]
    need(all(len(blob) > 4 for _, blob in blobs), "a signature is cut")
    return parts[1].encode(), name, key[1:], [
        blob[4:] for of, blob in blobs if (of, blob[:4].hex()) == (
            name, key_id)]


def checkpoint(note, vkey, what):
    """(size, root) that the note promises, if the key signed it."""
    try:
        text, name, key, found = signatures(note, vkey, b"\1")
        origin, size, root = head(text)
        if origin == name and found and all(signed(key, s, text)
                                            for s in found):
            return size, root
    except ValueError:
        pass
    raise Bad(f"{what} is not signed with the key in vkey: no entry can be "
              "trusted, from 0 on")


def witnessed(folder, vkey):
    """(size, time) that a witness signed (c2sp.org/tlog-cosignature)."""
    for file in "cosigned", "checkpoint":
        if os.path.exists(os.path.join(folder, file)):
            text, _, key, found = signatures(read(folder, file), vkey, b"\4")
            for blob in found:
                at = int.from_bytes(blob[:8], "big")
                if signed(key, blob[8:],
                          f"cosignature/v1\ntime {at}\n".encode() + text):
                    return head(text)[1], at
    raise Bad("this witness did not sign")
