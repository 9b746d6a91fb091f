#!/usr/bin/env python3
"""Purposes that rest on something else than consent, consents that run out and
notices that change: no byte is asked for before its basis is on record, and two
verifiers say so, or name the entry that was too early."""
import json
import os
import signal

from bundle_help import Bundle, Key, by_c, by_python
from chat_help import VOICE
from harness import Failure, equal, expect, run, sample, until
from test_reader import key_of_a_person, opened

# Enough for what is to come between a yes and its end on a busy machine: a file,
# and a BAJA.
VALID_S = 12
ANA, BEA, CARLA = "34600000001", "34600000002", "34600000003"


def edit(r, name, *changes):
    path = r.path("policies", "banca-ejemplo", name)
    with open(path, encoding="utf-8") as f:
        text = f.read()
    for old, new in changes:
        expect(old in text, f"{name} has {old!r}")
        text = text.replace(old, new)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def voice(r, person):
    r.file(VOICE, "audio", "audio/ogg", caption=None,
           person=person)


def entries(r, kind, **members):
    return [e for e in r.consent_log() if e["event_type"] == kind and
            all(e[k] == v for k, v in members.items())]


def states(r):
    return sorted(a["state"] for a in r.attachments())


# ---- a day ------------------------------------------------------------------

def contract(r):
    """Held until Meta says that the notice was delivered."""
    r.sim.post("/sim/config", {"statuses": ["sent"]})
    r.file(sample("letter.pdf"), "document", "application/pdf", person=ANA)
    told = until("the notice", lambda: r.sim.sent(ANA))[0]
    expect("no hace falta su consentimiento" in told["text"], told["text"])
    equal(told["buttons"], [], "nothing is asked")
    until("it was presented", lambda: entries(r, "notice_presented"))
    equal((states(r), r.downloads()), (["held"], []), "nothing is asked for")
    r.sim.post("/sim/status", {"id": told["id"], "status": "delivered"})
    r.wait_attachments("stored", 1)
    r.sim.post("/sim/config", {"statuses": ["sent", "delivered"]})


def identity(r):
    """Delivered is not enough where the policy wants it read."""
    r.file(person=BEA)
    asked = r.prompt(1, BEA)
    equal([b["title"] for b in asked["buttons"]], ["Leído y entendido"],
          "buttons")
    until("it was delivered", lambda: entries(
        r, "notice_delivered", purpose="identity_check",
        subject=r.attachments("held")[0]["subject"]))
    equal(states(r), ["held", "stored"], "it waits")
    r.press(asked, "ack", BEA)
    r.wait_attachments("stored", 2)
    row = entries(r, "notice_acknowledged")[0]
    equal(row["legal_basis"], "legal_obligation", "basis")


def consent(r):
    """What they allowed ends with BAJA, and what they did not need to stays."""
    voice(r, ANA)
    r.press(r.prompt(1, ANA), "grant", ANA)
    r.wait_attachments("stored", 3)
    r.say("BAJA", ANA)
    last = until("the answer", lambda: [
        t for t in r.texts(ANA) if "Esto sigue" in t])[0]
    expect("• Documentos de su contrato (lo necesita su contrato)" in last,
           last)
    expect("Mensajes de voz" not in last, last)
    found = {d["purposes"][0] if isinstance(d["purposes"], list)
             else d["purposes"]: d for d in r.json("document", "list")}
    equal({k: d["state"] for k, d in found.items()},
          {"contract_file": "stored", "identity_check": "stored",
           "voice_notes": "blocked"}, "documents")
    code, _, err = r.cli("document", "get", found["contract_file"]["id"],
                         "--reason", "expediente", text=False)
    equal(code, 0, f"what rests on the contract is read ({err})")


def expiry(r):
    """It ends by itself; what came stays, and the next one is asked about."""
    voice(r, CARLA)
    r.press(r.prompt(1, CARLA), "grant", CARLA)
    r.wait_attachments("stored", 3)
    who = entries(r, "consent_given")[-1]
    expect("valid_until" in json.loads(who["evidence"]), "until when")
    until("it ran out", lambda: entries(r, "consent_expired"))
    equal(len(r.attachments("stored")), 4, "it stays")
    voice(r, CARLA)
    r.press(r.prompt(2, CARLA), "grant", CARLA)
    r.wait_attachments("stored", 5)
    again = entries(r, "consent_given")[-1]
    equal((again["subject"], json.loads(again["evidence"])["renews"]),
          (who["subject"], "expired"), "a yes again")
    return who["subject"]


def purposes_in(value):
    """Of a receipt, wherever they stand in it: those with a state."""
    if isinstance(value, dict):
        if "purpose" in value and "state" in value:
            yield value
        value = list(value.values())
    for one in value if isinstance(value, list) else []:
        yield from purposes_in(one)


def is_to_be_renewed(r, subject):
    """Her receipt and her own data say so."""
    code, out, err = r.cli("--json", "consent", "receipt", subject)
    equal(code, 0, f"receipt ({err})")
    found = [p["state"] for p in purposes_in(json.loads(out))
             if p["purpose"] == "identity_check"]
    equal(found, ["renewal_required"], "the receipt")
    identity, recipient = key_of_a_person(r)
    path = r.path("export.age")
    code, _, err = r.cli("subject", "export", subject, "--reason", "derechos",
                         "--recipient", recipient, "-o", path)
    equal(code, 0, f"subject export ({err})")
    data = json.loads(opened(path, identity).read("data.json"))
    equal({c["purpose"]: c["state"] for c in data["consents"]},
          {"contract_file": "informed", "identity_check": "renewal_required",
           "service_quality": "informed"}, "her data")


def change(r):
    """A new version that changes a purpose, on a running daemon."""
    folder = r.path("policies", "banca-ejemplo", "notices")
    os.rename(os.path.join(folder, "2026-11"), os.path.join(folder, "2027-01"))
    edit(r, "policy.yaml", ('"2026-11"', '"2027-01"\nsubstantial: '
                            '[voice_notes, identity_check]'),
         (f"valid_for: {VALID_S}s", "valid_for: 365d"))
    edit(r, "texts.es-ES.yaml", (
        "    title: Mensajes de voz\n", "    title: Mensajes de voz\n"
        "    changes: Ahora también los transcribimos.\n"), (
        "    title: Identificación que pide la ley\n",
        "    title: Identificación que pide la ley\n"
        "    changes: Ahora miramos también el domicilio.\n"))
    r.daemon.send_signal(signal.SIGHUP)
    until("it is published", lambda: entries(r, "notice_published",
                                             notice_version="2027-01"))
    bea = entries(r, "notice_acknowledged")[0]["subject"]
    is_to_be_renewed(r, bea)
    r.file(person=BEA)
    asked = r.prompt(2, BEA)
    expect("miramos también el domicilio" in asked["text"], asked["text"])
    equal(len(r.attachments("held")), 1, "it waits")
    r.press(asked, "ack", BEA)
    r.wait_attachments("stored", 6)


# ---- those who do not trust us ------------------------------------------------

def after(entries_, kind, **members):
    return next(i for i, e in enumerate(entries_) if e["event_type"] == kind and
                all(e.get(k) == v for k, v in members.items()))


def drop(kind, **members):
    """Of a person and purpose all such entries are gone: which fetch is it
    that nothing carries?"""
    def forge(history):
        i = after(history, kind, **members)
        who = history[i]["subject"]
        purpose = history[i]["purpose"]
        kept = [e for e in history if not (
            e["event_type"] == kind and e["subject"] == who and
            e["purpose"] == purpose)]
        return kept, after(kept, "media_fetching", subject=who)
    return forge


def late_reading(history):
    """It was fetched before they said that they had read it."""
    ack = after(history, "notice_acknowledged")
    fetch = after(history, "media_fetching",
                  subject=history[ack]["subject"])
    moved = history.pop(ack)
    history.insert(fetch, moved)  # behind it, for one went out before
    return history, fetch - 1


def other_basis(history):
    i = after(history, "notice_delivered", purpose="contract_file")
    history[i]["legal_basis"] = "legal_obligation"
    return history, i


def not_shown(history):
    i = after(history, "notice_delivered")
    who = history[i]["subject"]
    kept = [e for e in history if not (e["event_type"] == "notice_presented" and
                                       e["subject"] == who)]
    return kept, after(kept, "notice_delivered", subject=who)


def over_by_then(history):
    """Whoever says that it lasted longer leaves the end out."""
    i = after(history, "consent_given")
    history[i]["evidence"]["valid_until"] = history[i]["time"]
    return history, after(history, "media_fetching",
                          subject=history[i]["subject"], purpose="voice_notes")


def changed_before(history):
    """Had the new notice come before that fetch, the old reading was none."""
    new = after(history, "notice_published", notice_version="2027-01")
    ack = after(history, "notice_acknowledged")
    fetch = after(history, "media_fetching", subject=history[ack]["subject"])
    history.insert(fetch, history.pop(new))
    return history, fetch + 1


def judged(r):
    folder = r.path("bundle")
    equal(r.cli("ledger", "export", "-o", folder)[0], 0, "export")
    key, good = Key(r.storage), Bundle(folder)
    for forge in (None, drop("notice_delivered", purpose="contract_file"),
                  drop("notice_acknowledged"), late_reading, other_basis,
                  not_shown, over_by_then, changed_before):
        bundle, want = good.copy(), None
        name = "as it is" if forge is None else forge.__qualname__
        if forge is not None:
            history, want = forge(bundle.entries())
            bundle.forge(history, key)
        bundle.write(r.path("forged"))
        for who, verifier in (("verify.py", by_python), ("verify", by_c)):
            holds, index, words = verifier(r.path("forged"), None)
            if (holds, index) != (want is None, want):
                raise Failure(f"{name}: {who} says {index} and not {want}: "
                              f"{words}")


def told(r, subject):
    """What the person, and whoever asks for them, is shown of it."""
    _, out, _ = r.cli("--json", "consent", "receipt", subject)
    receipt = json.loads(out)
    text = json.dumps(receipt)
    expect("consent_expired" in text, "the receipt tells that it ran out")
    as_text = 0  # what was told without a button, as people read it
    for one in sorted({e["subject"] for e in entries(r, "notice_delivered")}):
        code, _, err = r.cli("consent", "receipt", one, "--format", "html",
                             "-o", r.path("receipt.html"))
        equal(code, 0, f"receipt ({err})")
        with open(r.path("receipt.html"), encoding="utf-8") as f:
            page = f.read()
        os.unlink(r.path("receipt.html"))
        expect("preview_url" not in page, "words, not JSON")
        as_text += "porque el contrato los necesita" in page
    expect(as_text > 0, "somebody was told by a text")
    r.say("mis datos", BEA)
    rows = until("her data", lambda: [
        m for m in r.sim.sent(BEA)
        if "sections" in m["request"].get("interactive", {}).get("action", {})])
    rows = rows[-1]["request"]["interactive"]["action"]["sections"][0]["rows"]
    expect("request/object" in [row["id"] for row in rows], rows)
    r.sim.message(**{"from": BEA, "type": "list_reply",
                     "button_id": "request/object", "title": "Oponerme"})
    until("an objection", lambda: [
        q for q in r.json("request", "list") if q["type"] == "object"])
    now = str(entries(r, "consent_expired")[0]["index"])
    code, out, err = r.cli("consent", "export", "--as-of", now, "--format",
                           "jsonl")
    equal(code, 0, f"as of when it ran out ({err})")
    expect({"informed", "acknowledged", "expired", "withdrawn"} <=
           {json.loads(line)["state"] for line in out.splitlines()}, out)


def each_basis_comes_first(r):
    edit(r, "policy.yaml", ("valid_for: 365d", f"valid_for: {VALID_S}s"))
    r.start()
    contract(r)
    identity(r)
    consent(r)
    subject = expiry(r)
    change(r)
    told(r, subject)
    judged(r)


each_basis_comes_first.needs = {"policy": "banca-ejemplo", "start": False}


if __name__ == "__main__":
    run([each_basis_comes_first])
