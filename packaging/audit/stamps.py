"""When it was there: RFC 3161, an authority's word about a checkpoint."""
import datetime, os, re, subprocess

from gate import Bad
from notes import head
from verify import read, sha


def openssl(*words):
    return subprocess.run(["openssl", *words], capture_output=True,
                          check=False)


def stamped(folder):
    """{size: root} of the checkpoints that were stamped. Their signatures are
    not looked at: what vouches for them is the stamp."""
    return dict(head(read(folder, name))[1:] for name in os.listdir(folder)
                if re.fullmatch(r"stamp-\d+\.checkpoint", name))


def stamp(folder, trees, e):
    """The stamp of an entry; without certificates, only what it is of."""
    at, ca = f"{folder}/stamp-{e['entries']}", f"{folder}/stamp-ca.pem"
    if not all(os.path.exists(f"{at}.{end}")
               for end in ("checkpoint", "tsq", "tsr")):
        raise Bad("its time stamp is missing")
    if (sha(read(f"{at}.checkpoint")).hex() != e["checkpoint_sha256"] or
            sha(read(f"{at}.tsr")).hex() != e["response_sha256"] or
            trees.get(e["entries"], b"").hex() != e["root"]):
        raise Bad("its time stamp is another than the one it speaks of")
    if not os.path.exists(ca):
        return
    time = datetime.datetime.fromisoformat(
        e["stamped_at"].replace("Z", "+00:00"))
    text = openssl("ts", "-reply", "-text", "-in", f"{at}.tsr").stdout.decode()
    if time.strftime("Time stamp: %b %e %H:%M:%S %Y GMT") not in text:
        raise Bad("its time stamp is of another time")
    for what, of in ("-data", "checkpoint"), ("-queryfile", "tsq"):
        if openssl("ts", "-verify", what, f"{at}.{of}", "-in", f"{at}.tsr",
                   "-CAfile", ca, "-attime",
                   str(int(time.timestamp()))).returncode:
            raise Bad("its time stamp does not hold")
