#!/usr/bin/env python3
"""What is a yes, what is a no, and what is neither."""
import time

from harness import DEADLINE_S, PHONE, equal, expect, http, run, sample, until


def unclear_is_never_a_yes(r):
    r.file()
    prompt = r.prompt(1)
    for text in ("ok", "vale", "tal vez", "acepto pero luego", "👍",
                 "quiero saber si acepto"):
        r.say(text)
    r.sim.message(type="reaction", message_id=prompt["id"], emoji="👍")
    r.sim.message(type="sticker",
                  media_id=r.sim.media(b"RIFFxxxxWEBP", "image/webp"))
    r.file(caption=None)
    equal(len(r.attachments("held")), 2, "held")
    equal(len(r.prompts()), 1, "prompts")
    equal(r.downloads(), [], "asked of Meta")
    equal([x for x in r.consent_log() if x["event_type"] == "consent_given"],
          [], "grants")


def typed_words_count(r):
    r.file()
    r.prompt(1)
    r.say("¡ACEPTO!")
    r.prompt(2)
    r.say("Sí, autorizo")
    r.wait_attachments("stored", 1)


def refusing_drops_and_offers_another_channel(r):
    media = r.file()
    r.press(r.prompt(1), "refuse")
    r.wait_attachments("dropped", 1)
    until("an answer", lambda: r.texts())
    equal(r.downloads(), [], "asked of Meta")
    until("Meta's copy deleted",
          lambda: r.sim.get(f"/sim/media/{media}")["deleted"])
    # With the next file they are asked again.
    r.file(caption="otra vez 4712")
    r.prompt(2)


def other_channel_is_a_refusal_with_evidence(r):
    r.file()
    r.press(r.prompt(1), "other")
    r.wait_attachments("dropped", 1)
    row = [x for x in r.consent_log() if x["event_type"] == "consent_refused"]
    expect("other_channel" in row[0]["evidence"], "evidence")


def pdf_does_not_wait_for_the_sensitive_purpose(r):
    r.file(sample("letter.pdf"), "document", "application/pdf", "carta.pdf")
    r.press(r.prompt(1), "grant")
    r.wait_attachments("stored", 1)
    equal(len(r.prompts()), 1, "prompts")


def baja_closes_everything(r):
    r.file()
    r.consent_all()
    r.wait_attachments("stored", 1)
    document = r.json("document", "list")[0]["id"]
    until("receipt", lambda: len(r.texts()) == 1)
    grant = r.prompts()[0]
    r.say("baja", timestamp=int(time.time()) + 5)
    until("blocked", lambda: r.json("document", "list")[0]["state"]
          == "blocked")
    until("confirmation", lambda: len(r.texts()) == 2)
    code, _, _ = r.cli("document", "get", document, "--reason", "x",
                       text=False)
    equal(code, 4, "exit for a blocked document")

    # A late and a repeated yes reopen nothing.
    r.press(grant, "grant")
    r.press(grant, "grant", timestamp=int(time.time()) + 60)
    media = r.file(caption="despues 4713")
    equal(len(r.attachments("held")), 1, "held after withdrawal")
    expect(r.sim.get(f"/sim/media/{media}")["resolved"] == 0,
           "fetched after withdrawal")
    events = [x["event_type"] for x in r.consent_log()]
    expect("consent_withdrawn" in events and "consent_ignored" in events,
           f"events {events}")


def withdrawal_cancels_a_running_transfer(r):
    r.file(sample("letter.pdf"), "document", "application/pdf")
    r.press(r.prompt(1), "grant")
    r.wait_attachments("stored", 1)
    r.sim.fault(at="download", kind="slow", delay_ms=DEADLINE_S * 1000)
    r.file(sample("letter.pdf"), "document", "application/pdf")
    r.wait_attachments("fetching", 1)
    r.say("BAJA", timestamp=int(time.time()) + 5)
    r.wait_attachments("dropped", 1)
    equal(len(r.json("document", "list")), 1, "documents")


def a_message_many_times_has_one_effect(r):
    media = r.sim.media(sample("photo.jpg"))
    answer = r.sim.message(type="image", media_id=media, duplicate=20,
                           parallel=20)
    expect(answer["ok"], "refused")
    equal(len(r.attachments()), 1, "attachments")
    r.prompt(1)
    prompt = r.prompts()[0]
    button = prompt["buttons"][0]
    r.sim.message(type="button_reply", button_id=button["id"], title="x",
                  context=prompt["id"], duplicate=20, parallel=20)
    r.prompt(2)
    equal(len([x for x in r.consent_log()
               if x["event_type"] == "consent_given"]), 1, "grants")
    equal(len(r.prompts()), 2, "prompts")


def text_gets_the_notice_once(r):
    r.say("hola")
    r.prompt(1)
    r.say("¿están ahí?")
    until("all is said", lambda: r.json("status")["outbox_pending"] == 0)
    equal(len(r.prompts()), 1, "prompts")


def old_messages_have_no_effect(r):
    r.say("hola", timestamp=int(time.time()) - 9 * 86400)
    equal(http("GET", r.gateway + "/healthz")[0], 200, "health")
    equal(r.prompts(), [], "prompts")


run([unclear_is_never_a_yes, typed_words_count,
     refusing_drops_and_offers_another_channel,
     other_channel_is_a_refusal_with_evidence,
     pdf_does_not_wait_for_the_sensitive_purpose, baja_closes_everything,
     withdrawal_cancels_a_running_transfer,
     a_message_many_times_has_one_effect, text_gets_the_notice_once,
     old_messages_have_no_effect])
