#!/usr/bin/env python3
"""The whole story on one machine, told as it happens. `make demo` runs it."""
import hashlib
import json
import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
import textwrap
import time

from harness import (PHONE, Instance, equal, expect, sample, tampering,
                     until)

BOLD, DIM, END = ("\033[1m", "\033[2m", "\033[0m") \
    if sys.stdout.isatty() else ("", "", "")
WIDTH = 116


def chapter(text):
    print(f"\n{BOLD}{text}{END}", flush=True)


def line(who, text):
    for part in text.split("\n"):
        for piece in textwrap.wrap(part, WIDTH - 15) or [""]:
            print(f"  {who:>10} │ {piece}", flush=True)
            who = ""


def aside(text):
    """What somebody who reads no Spanish should know of the lines above."""
    print(f"  {'':>10}   {DIM}({text}){END}", flush=True)


def shell(r, *args, fields=None):
    """Runs the staff's program as a reader would type it, and shows it; of a
    CSV the fields (from 1) that fit on a screen."""
    typed = shlex.join(args).replace(r.folder + "/", "")
    if fields:
        typed += " | cut -d, -f" + ",".join(map(str, fields))
    print(f"\n  {DIM}${END} resguardo {typed}")
    code, out, err = r.cli(*args)
    for text in (out + err).splitlines()[:16]:
        if fields:
            cells = text.split(",")
            text = ",".join(cells[i - 1] for i in fields)
        print("    " + (text if len(text) <= WIDTH else text[:WIDTH - 1] + "…"))
    if code != 0:
        print(f"    {DIM}exit code {code}{END}")
    return code, out


def show_message(message):
    line("Resguardo", message["text"])
    if message["buttons"]:
        line("", "   ".join(f"[ {b['title']} ]" for b in message["buttons"]))


def requests_for_files(r):
    """The simulator counts: where a file is, and its bytes."""
    n = len(r.downloads())
    line("Meta", f"was asked {n} times for the file so far")
    return n


def ask(r):
    chapter("1. Marta sends a photo of her ID card. She is asked first; "
            "nothing is fetched.")
    line("Marta", "(a photo) mi cédula")
    r.file(caption="mi cédula")
    first = r.prompt(1)
    show_message(first)
    aside("what for, her rights, how to withdraw, another channel; "
          "yes, no, other channel")
    shell(r, "attachment", "list")
    print()
    equal(requests_for_files(r), 0, "asked Meta for the file before consent")
    return first


def accept(r, first):
    chapter("2. She accepts. A photo of an ID card is sensitive data: it has "
            "a question of its own.")
    line("Marta", f"[ {first['buttons'][0]['title']} ]")
    r.press(first, "grant")
    second = r.prompt(2)
    show_message(second)
    aside("it is optional, and there is another channel")
    equal(requests_for_files(r), 0, "asked Meta before the second consent")
    line("Marta", "sí, autorizo")
    r.say("sí, autorizo")
    r.wait_attachments("stored", 1)
    equal(requests_for_files(r), 2, "requests after consent")


def send_more(r):
    chapter("3. She sends the rest in one go, and gets one receipt.")
    docx = ("application/vnd.openxmlformats-officedocument"
            ".wordprocessingml.document")
    for data, mime, name, what in (
            ("letter.pdf", "application/pdf", "carta.pdf", "a PDF"),
            ("letter.docx", docx, "solicitud.docx", "a Word file"),
            ("program.jpg", "image/jpeg", "vacaciones.jpg",
             "a Windows program, renamed from .exe to .jpg")):
        line("Marta", f"{name} {DIM}({what}){END}")
        r.file(sample(data), "document", mime, name, caption=None)
    r.wait_attachments("stored", 3)
    r.wait_attachments("refused", 1)
    receipt = until("the receipt", lambda: r.texts())[0]
    line("Resguardo", receipt)
    aside("three documents kept, the code of her case, one file refused for "
          "its type")
    equal(len(r.texts()), 1, "receipts")
    code, out = shell(r, "attachment", "list", "--state", "refused")
    expect("type" in out, "the refusal's reason")


def sealed_file(r, photo):
    """The photo's payload: the one file whose hash is the row's."""
    for folder, _, files in os.walk(os.path.join(r.storage, "payloads")):
        for name in files:
            with open(os.path.join(folder, name), "rb") as f:
                sealed = f.read()
            if hashlib.sha256(sealed).hexdigest() == photo["payload_sha256"]:
                return os.path.join(folder, name), sealed
    raise AssertionError("no payload of the photo")


def read(r):
    chapter("4. The back office reads.")
    shell(r, "case", "list")
    shell(r, "document", "list")
    photo = [d for d in r.json("document", "list")
             if d["media_type"] == "image/jpeg"][0]
    path, sealed = sealed_file(r, photo)
    print("\n  The photo on the server's disk. No key there opens it:\n"
          f"    {os.path.relpath(path, r.folder)}")
    for at in range(0, 48, 16):
        row = sealed[at:at + 16]
        print("    " + " ".join(f"{b:02x}" for b in row) + "  "
              + "".join(chr(b) if 32 <= b < 127 else "." for b in row))
    expect(sample("photo.jpg")[:16] not in sealed, "plaintext on disk")
    copy = r.path("cedula.jpg")
    code, _ = shell(r, "document", "get", photo["id"], "--reason",
                    "revisión del caso", "-o", copy)
    equal(code, 0, "document get")
    with open(copy, "rb") as f:
        data = f.read()
    expect(data == sample("photo.jpg"), "the copy differs")
    line("sent", "SHA-256 " + hashlib.sha256(sample("photo.jpg")).hexdigest())
    line("read back", "SHA-256 " + hashlib.sha256(data).hexdigest())
    show_record(r)


def show_record(r):
    """The entry that was committed before the first byte left."""
    with sqlite3.connect(os.path.join(r.storage, "resguardo.db")) as database:
        entry = json.loads(database.execute(
            "SELECT entry FROM ledger ORDER BY idx DESC LIMIT 1").fetchone()[0])
    database.close()
    equal(entry["event_type"], "document_read", "the last entry")
    line("on record", ", ".join(f"{k} {entry[k]}" for k in (
        "index", "event_type", "actor", "role", "time")))
    aside("committed before the first byte left; the reason is sealed, the "
          "entry commits to it")


def withdraw(r):
    chapter("5. Marta changes her mind.")
    line("Marta", "BAJA")
    r.say("BAJA")
    line("Resguardo", until("confirmation", lambda: r.texts()[1:])[0])
    aside("done at once: no more files, those kept are blocked, the proof of "
          "her decisions stays")
    blocked = until("blocked", lambda: [d for d in r.json("document", "list")
                                        if d["state"] == "blocked"])
    shell(r, "document", "list")
    code, _ = shell(r, "document", "get", blocked[0]["id"], "--reason",
                    "curiosidad", "-o", r.path("no.jpg"))
    equal(code, 4, "exit of reading a blocked document")


def erase(r):
    chapter("6. She asks to be forgotten, and gets a paper that says so.")
    shell(r, "subject", "find", f"+{PHONE}")
    subject = r.json("subject", "find", f"+{PHONE}")[0]["subject"]
    paper = r.path("certificado.json")
    code, _ = shell(r, "subject", "erase", subject, "--ground", "request",
                    "--reason", "carta de Marta", "-o", paper)
    equal(code, 0, "subject erase")
    with open(paper, encoding="utf-8") as f:
        certificate = json.load(f)
    line("certificate", ", ".join(
        f"{len(certificate[k])} {k}" if k == "documents" else
        f"{k} {certificate[k]}" for k in ("documents", "method", "finished_at",
                                          "erasure_effective_at")))
    aside("32 bytes overwritten a document, and every copy of it is noise; "
          "the ledger proves it")
    equal(len(certificate["documents"]), 3, "documents on the certificate")
    equal(r.json("document", "list"), [], "documents that are left")
    code, _ = shell(r, "subject", "find", f"+{PHONE}")
    equal(code, 3, "exit of looking for somebody who was erased")


def audit(r):
    chapter("7. The auditor exports the consent log and verifies the ledger.")
    print("  A row an event: what was shown, asked and decided; ids and "
          "hashes, no names.")
    code, out = shell(r, "consent", "export", "--format", "csv",
                      fields=(1, 2, 3, 6, 8, 9, 10, 11))
    expect("consent_given" in out and "consent_withdrawn" in out, "log")
    code, _ = shell(r, "ledger", "checkpoint")
    equal(code, 0, "checkpoint")
    code, _ = shell(r, "ledger", "verify")
    equal(code, 0, "verify")
    code, _ = shell(r, "check")
    equal(code, 0, "check")
    code, _ = shell(r, "ledger", "export", "-o", r.path("bundle"))
    equal(code, 0, "ledger export")
    print(f"\n  {DIM}${END} python3 bundle/verify.py bundle     "
          f"{DIM}# on the auditor's own machine{END}")
    done = subprocess.run([sys.executable, r.path("bundle/verify.py"),
                           r.path("bundle")], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    for text in done.stdout.decode().splitlines():
        print("    " + text)
    equal(done.returncode, 0, "the auditor's own check")


def tamper(r):
    chapter("8. Somebody with root changes one byte of one entry, by hand.")
    r.stop()
    path = os.path.join(r.storage, "resguardo.db")
    shutil.copy(path, r.path("saved.db"))
    database = tampering(path)
    entry = bytes(database.execute(
        "SELECT entry FROM ledger WHERE idx = 4").fetchone()[0])
    changed = entry.replace(b'"time":"20', b'"time":"21')
    expect(changed != entry, "nothing to change")
    database.execute("UPDATE ledger SET entry = ? WHERE idx = 4", (changed,))
    database.commit()
    database.close()
    line("before", entry.decode()[-60:])
    line("after", changed.decode()[-60:])
    r.start()
    code, _ = shell(r, "ledger", "verify")
    equal(code, 5, "exit of verify on a tampered ledger")
    r.stop()
    for name in ("resguardo.db", "resguardo.db-wal", "resguardo.db-shm"):
        if os.path.exists(os.path.join(r.storage, name)):
            os.unlink(os.path.join(r.storage, name))
    # A start that found damage entered nothing: the copy lacks nothing.
    shutil.copy(r.path("saved.db"), path)


def main():
    start = time.monotonic()
    r = Instance(quiet="1s")
    try:
        accept(r, ask(r))
        send_more(r)
        read(r)
        withdraw(r)
        erase(r)
        audit(r)
        tamper(r)
        r.check_everything()
        print(f"\n{BOLD}Every step held.{END} "
              f"{time.monotonic() - start:.1f} s. All of it ran on this "
              "machine and is gone now.\nTo set it up for real: "
              "docs/operations.md")
    finally:
        r.close()


if __name__ == "__main__":
    main()
