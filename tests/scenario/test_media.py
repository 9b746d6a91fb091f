#!/usr/bin/env python3
"""Files as they come: disguised, broken, late, from somewhere else."""
from harness import equal, expect, run, sample, until


def consent_first(r):
    r.file(sample("letter.pdf"), "document", "application/pdf")
    r.press(r.prompt(1), "grant")
    r.wait_attachments("stored", 1)
    until("receipt", lambda: len(r.texts()) == 1)


def pdf(r, **more):
    return r.file(sample("letter.pdf") + b"\n", "document",
                  "application/pdf", **more)


def a_program_named_jpg_is_refused_in_plain_words(r):
    r.file(sample("program.jpg"), filename="foto.jpg")
    r.consent_all()
    refused = r.wait_attachments("refused", 1)
    equal(refused[0]["reason"], "type", "reason")
    until("told", lambda: r.texts())
    equal(r.json("document", "list"), [], "documents")


def all_accepted_types(r):
    kinds = {"photo.jpg": "image/jpeg", "photo.png": "image/png",
             "photo.webp": "image/webp", "photo.heic": "image/heic",
             "letter.pdf": "application/pdf",
             "letter.docx": "application/vnd.openxmlformats-officedocument"
                            ".wordprocessingml.document"}
    for name, mime in kinds.items():
        r.file(sample(name), "document", mime, name)
    r.consent_all()
    r.wait_attachments("stored", len(kinds))
    got = {d["file_name"]: d["media_type"] for d in r.json("document", "list")}
    equal(got, kinds, "media types")


def wrong_hash_twice_is_quarantined(r):
    consent_first(r)
    pdf(r, sha256="wrong")
    quarantined = r.wait_attachments("quarantined", 1)
    equal(quarantined[0]["reason"], "hash", "reason")
    until("told", lambda: len(r.texts()) == 2)
    documents = {d["state"] for d in r.json("document", "list")}
    equal(documents, {"stored", "quarantined"}, "document states")


def wrong_bytes_once_is_fetched_again(r):
    consent_first(r)
    r.sim.fault(at="download", kind="wrong_bytes")
    pdf(r)
    r.wait_attachments("stored", 2)


def faults_that_time_heals(r):
    consent_first(r)
    faults = [dict(at="resolve", kind="status", status=503),
              dict(at="download", kind="status", status=404),
              dict(at="download", kind="cut", bytes=50),
              dict(at="download", kind="cut_plain", bytes=50)]
    for fault in faults:
        r.sim.fault(**fault, media_id=pdf_later(r))
    r.wait_attachments("stored", 1 + len(faults))


def pdf_later(r):
    """Announces a file only after its fault is ordered."""
    media = r.sim.media(sample("letter.pdf"), "application/pdf")
    r.later = getattr(r, "later", []) + [media]
    r.sim.message(type="document", media_id=media)
    return media


def the_token_never_goes_elsewhere(r):
    consent_first(r)
    r.sim.fault(at="resolve", kind="other_host")
    pdf(r)
    r.wait_attachments("stored", 2)
    r.sim.fault(at="download", kind="redirect")
    pdf(r)
    r.wait_attachments("stored", 3)
    seen = r.sim.get("/sim/elsewhere")["requests"]
    expect(not any(x["authorization"] for x in seen), "token sent elsewhere")
    expect('"media_url_refused"' in r.log(), "no alarm")


def bad_media_ids_never_reach_a_url(r):
    consent_first(r)
    answer = r.sim.message(type="image", media_id="../me?x=1")
    expect(answer["ok"], "webhook refused")
    refused = r.wait_attachments("refused", 1)
    equal(refused[0]["reason"], "unavailable", "reason")
    expect(all(".." not in x["path"] for x in r.sim.log("resolve")), "in a URL")


def an_id_that_meta_lost_is_refused(r):
    consent_first(r)
    r.sim.fault(at="resolve", kind="expired", times=0)
    pdf(r)
    r.wait_attachments("refused", 1)


def a_refused_token_stops_and_resumes(r):
    import signal
    consent_first(r)
    r.sim.fault(at="resolve", kind="token")
    pdf(r)
    until("alarm", lambda: '"access_token_refused"' in r.log())
    r.daemon.send_signal(signal.SIGHUP)
    r.wait_attachments("stored", 2)


run([a_program_named_jpg_is_refused_in_plain_words, all_accepted_types,
     wrong_hash_twice_is_quarantined, wrong_bytes_once_is_fetched_again,
     faults_that_time_heals, the_token_never_goes_elsewhere,
     bad_media_ids_never_reach_a_url, an_id_that_meta_lost_is_refused,
     a_refused_token_stops_and_resumes])
