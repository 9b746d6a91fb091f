"""Who was staff: the keyring log ("Keyring log" in docs/formats.md), and
whether whoever an entry names was on it then, in that role, with that key."""
import re

from gate import Bad
from notes import unbase, unhex
from verify import canonical, need, read, sha, signed, unjson

ROLES = ["agent", "auditor", "officer"]
COMMON = {"v", "seq", "prev", "time", "signer", "type"}
MEMBER = {"uid", "name", "recipient", "sign_key"}
FORMS = {"root": {"officer", "custody"}, "staff": MEMBER | {"roles"},
         "revoke": {"uid"}, "epoch": {"epoch", "recipient"},
         "key": {"uid", "sign_key", "proof"}}
INIT = 3  # what was there before the log: root, officer, epoch

# What people send and are told: nobody of staff enters it.
OTHERS = {"notice_presented", *("consent_" + w for w in (
    "requested given refused withdrawn expired ignored").split()), *(
        "media_" + w for w in ("held fetching stored quarantined discarded "
                               "refused dropped expired").split())}

# A signature that stands in the entry is of a POST to this path, without words.
PATHS = {"staff_added": "/keyring", "staff_revoked": "/keyring",
         "epoch_rotated": "/keyring", "epochs_granted": "/keyring",
         "epoch_escrowed": "/vault/escrow", "header_rewrapped":
         "/vault/headers", "header_confirmed": "/vault/headers/confirmed",
         "ledger_key_rotated": "/ledger/key"}


LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def recipient(text):
    """Bech32 of 32 bytes (BIP 173), as age writes whom a file is for."""
    need(re.fullmatch("age1[%s]{58}" % LETTERS, text), "no recipient")
    data, sums = [LETTERS.index(c) for c in text[4:]], 1
    for value in [3, 3, 3, 0, 1, 7, 5, *data]:
        top, sums = sums >> 25, (sums & 0x1ffffff) << 5 ^ value
        for bit, generator in enumerate((0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
                                         0x3d4233dd, 0x2a1462b3)):
            sums ^= generator * (top >> bit & 1)
    need(sums == 1 and not data[51] & 15, "no recipient")
    return text


class Keyring:
    """Members by uid, as signed by who was an officer then."""

    def __init__(self):
        self.size, self.head, self.members, self.vault = 0, bytes(32), {}, []

    def officers(self):
        return [m for m in self.members.values() if "officer" in m["roles"]]

    def add(self, entry, signature):
        e = unjson(entry)
        kind, signer = e["type"], unhex(e["signer"], 32)
        more = {"enrolment"} if kind == "staff" else set()
        need({*e} - more == COMMON | FORMS[kind] and
             (e["v"], e["seq"]) == (1, self.size),
             "it is not what belongs there")
        need(unhex(e["prev"], 32) == self.head, "the former one is another")
        need(self.may_sign(e), "who signed it was no officer")
        need(signed(signer, signature, b"resguardo keyring v1\n" + entry),
             "the signature does not hold")
        getattr(self, kind)(e)
        need(self.officers(), "it would leave no officer")
        self.size, self.head = self.size + 1, sha(entry + signature)

    def may_sign(self, e):
        if self.size == 0 or e["type"] == "root":
            return (self.size, e["type"], e["officer"]["sign_key"]) == (
                0, "root", e["signer"])
        who = self.officers()
        if e["type"] == "key":  # with the enrolment, and nothing else is
            who = [m for u, m in self.members.items() if u == e["uid"]]
        return any(m["sign_key"] == e["signer"] and
                   m["enrols"] == (e["type"] == "key") for m in who)

    def root(self, e):
        need({*e["officer"]} == MEMBER and
             e["custody"] != e["officer"]["recipient"], "no officer")
        self.vault.append(recipient(e["custody"]))
        self.staff(dict(e["officer"], roles=ROLES[:3]))  # of the first time

    def staff(self, e):
        need(type(e["uid"]) is int and 0 <= e["uid"] < 2 ** 32 - 1 and
             e["uid"] != 65534 and e["name"] and
             not re.search(r"[\s\0-\x1f\x7f]", e["name"]), "it is nobody's")
        need(e["roles"] and e["roles"] == [r for r in ROLES if r in
                                           e["roles"]], "no role")
        need(recipient(e["recipient"]) not in self.vault and not any(
            m[k] == e[k] for uid, m in self.members.items() if uid != e["uid"]
            for k in ("name", "recipient", "sign_key")), "of another member")
        self.members = {**self.members, e["uid"]: {
            "enrols": "enrolment" in e, **{k: e[k] for k in (
                "uid", "name", "roles", "recipient", "sign_key")}}}

    def revoke(self, e):
        need(e["uid"] in self.members, "the uid of no member")
        self.members = {uid: m for uid, m in self.members.items()
                        if uid != e["uid"]}

    def epoch(self, e):
        others = [m["recipient"] for m in self.members.values()]
        need(e["epoch"] == len(self.vault) and recipient(e["recipient"]) not in
             [*self.vault, *others], "no new epoch")
        self.vault.append(e["recipient"])

    def key(self, e):
        need(e["sign_key"] not in [m["sign_key"] for m in
                                   self.members.values()], "a member's key")
        rest = {k: v for k, v in e.items() if k != "proof"}
        need(signed(unhex(e["sign_key"], 32), unbase(e["proof"], 64),
                    b"resguardo keyring-key v1\n" + canonical(rest)),
             "the proof of the key does not hold")
        self.members = {**self.members, e["uid"]: dict(
            self.members[e["uid"]], sign_key=e["sign_key"], enrols=False)}


class Staff:
    """Who was on it at an entry the log says itself, from INIT on."""

    def __init__(self, folder, root=None):
        self.heads, self.members, ring = [], [], Keyring()
        for row in read(folder, "keyring.jsonl").split(b"\n")[:-1]:
            try:
                o = unjson(row)
                need({*o} == {"entry", "signature"}, "it is not signed")
                ring.add(o["entry"].encode(), unhex(o["signature"], 64))
            except (ValueError, LookupError, TypeError, AttributeError,
                    RecursionError) as why:
                raise Bad(f"keyring.jsonl, line {ring.size + 1}: {why}"
                          ) from None
            self.heads.append(ring.head.hex())
            self.members.append(ring.members)
        need(read(folder, "keyring.jsonl").endswith(b"\n") and
             ring.size >= INIT, "keyring.jsonl is cut")
        self.root, self.size = self.heads[0], INIT
        need(root in (None, self.root), "the keyring has another root: "
             f"{self.root}")
        self.asked, self.granted = {}, {}  # approval: uid

    def named(self, name):
        return next((m for m in self.members[self.size - 1].values()
                     if m["name"] == name), None)

    def add(self, e):
        kind, why = e.get("event_type"), e.get("evidence", {})
        if kind in OTHERS:
            return
        me = self.named(e.get("actor"))
        if kind == "ledger_reopened":
            self.reopened(why, me, self.named(why.get("approved_by")))
        elif kind == "daemon_started":
            need((why["keyring_size"], why["keyring_head"]) == (
                self.size, self.heads[self.size - 1]),
                "the keyring in keyring.jsonl is another")
        else:
            try:
                self.actor(kind, e, why, me)
                self.approval(kind, e, why, me)
            finally:  # it counts, whoever made it
                if "keyring_seq" in why:
                    self.changed(why)

    def actor(self, kind, e, why, me):
        if "role" not in e and "sign_key" not in why:
            return
        need(me and e.get("role") in [*me["roles"], "any"],
             "whoever it names had not that role on the keyring")
        need(why.get("sign_key", me["sign_key"]) == me["sign_key"],
             "it is signed with another key than the keyring has for them")
        path = PATHS.get(kind)
        if kind == "headers_read":
            path = "/vault/headers/" + (
                "unproven" if why["unproven"] is True else "read")
        if path:
            said = {k: why[k] for k in ("nonce", "body_sha256") if k in why}
            need(signed(unhex(me["sign_key"], 32), unhex(why["signature"], 64),
                        b"resguardo staff-sign v1\n" + canonical(
                            {"method": "POST", "path": path, "reason": "",
                             **said})), "their signature does not hold")

    def reopened(self, why, one, two):
        """That both signed is in history.py."""
        need(one and two and one != two and all(
            "officer" in m["roles"] and m["sign_key"] == why[k]
            for m, k in ((one, "sign_key"), (two, "approver_key"))),
            "who reopened the ledger were not two officers")
        need(why["keyring_size"] == self.size, "its keyring is another")

    def approval(self, kind, e, why, me):
        """Who asks, who agrees, and that what was done with it was theirs."""
        if kind == "approval_requested":
            need(me, "whoever it names is not on the keyring")
            self.asked[e["approval_id"]] = me["uid"]
        elif kind == "approval_granted":
            first = self.asked.get(e["approval_id"])
            need(first is not None, "an approval of what nobody asked for")
            need(me and "officer" in me["roles"] and first != me["uid"],
                 "an approval that is not another officer's")
            self.granted[e["approval_id"]] = me["uid"]
        elif "approval_id" in why:
            second = self.named(why.get("approved_by"))
            need(me and second and (self.asked.get(why["approval_id"]),
                                    self.granted.get(why["approval_id"])) == (
                me["uid"], second["uid"]),
                 "it was not approved by another officer")

    def changed(self, why):
        need(why["keyring_seq"] == self.size < len(self.heads) and
             why["keyring_head"] == self.heads[self.size],
             "the change of staff is not the one in keyring.jsonl")
        self.size += 1

    def end(self):
        need(self.size == len(self.heads), "keyring.jsonl tells of changes of "
             "staff that are not in the log")
