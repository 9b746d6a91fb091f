#!/usr/bin/env python3
"""The whole story on one machine, told as it happens. `make demo` runs it."""
import hashlib
import os
import shutil
import sqlite3
import sys
import time

from harness import Instance, equal, expect, sample, until

BOLD, DIM, END = ("\033[1m", "\033[2m", "\033[0m") \
    if sys.stdout.isatty() else ("", "", "")


def chapter(text):
    print(f"\n{BOLD}{text}{END}", flush=True)


def line(who, text):
    for i, part in enumerate(text.split("\n")):
        print(f"  {who if i == 0 else '':>10} │ {part}",
              flush=True)


def shell(r, *args):
    """Runs the staff's program as a reader would type it, and shows it."""
    print(f"\n  {DIM}${END} resguardo {' '.join(args)}")
    code, out, err = r.cli(*args)
    for text in (out + err).splitlines()[:14]:
        print("    " + (text if len(text) <= 150 else text[:147] + "…"))
    return code, out


def show_message(message):
    line("Resguardo", message["text"])
    if message["buttons"]:
        line("", "   ".join(f"[ {b['title']} ]" for b in message["buttons"]))


def ask(r):
    chapter("1. Marta sends a photo of her ID card. Nothing is fetched yet.")
    line("Marta", "(photo) mi cédula")
    r.file(caption="mi cédula")
    first = r.prompt(1)
    show_message(first)
    shell(r, "attachment", "list")
    equal(r.downloads(), [], "asked Meta for the file before consent")
    line("Meta", "0 requests for the file so far")
    return first


def accept(r, first):
    chapter("2. She accepts; the photo is sensitive, so it has a question of "
            "its own.")
    line("Marta", f"[ {first['buttons'][0]['title']} ]")
    r.press(first, "grant")
    second = r.prompt(2)
    show_message(second)
    line("Marta", "sí, autorizo")
    r.say("sí, autorizo")
    r.wait_attachments("stored", 1)
    chapter("3. Only now it was fetched, sealed and judged. She sends the "
            "rest in one go.")
    docx = ("application/vnd.openxmlformats-officedocument"
            ".wordprocessingml.document")
    for data, kind, mime, name in (
            ("letter.pdf", "document", "application/pdf", "carta.pdf"),
            ("letter.docx", "document", docx, "solicitud.docx"),
            ("program.jpg", "document", "image/jpeg", "vacaciones.jpg")):
        line("Marta", f"({name})")
        r.file(sample(data), kind, mime, name, caption=None)
    r.wait_attachments("stored", 3)
    r.wait_attachments("refused", 1)
    receipt = until("the receipt", lambda: r.texts())[0]
    line("Resguardo", receipt)
    equal(len(r.texts()), 1, "receipts")


def read(r):
    chapter("4. The back office reads. The desk records it before the first "
            "byte leaves.")
    shell(r, "case", "list")
    shell(r, "document", "list")
    photo = [d for d in r.json("document", "list")
             if d["media_type"] == "image/jpeg"][0]
    for folder, _, files in os.walk(os.path.join(r.storage, "payloads")):
        for name in files:
            path = os.path.join(folder, name)
    with open(path, "rb") as f:
        sealed = f.read()
    print("\n  One of the sealed files on disk, as the server has it:")
    for at in range(0, 48, 16):
        row = sealed[at:at + 16]
        print("    " + " ".join(f"{b:02x}" for b in row) + "  "
              + "".join(chr(b) if 32 <= b < 127 else "." for b in row))
    copy = r.path("cedula.jpg")
    code, _ = shell(r, "document", "get", photo["id"], "--reason",
                    "revisión del caso", "-o", copy)
    equal(code, 0, "document get")
    with open(copy, "rb") as f:
        data = f.read()
    expect(data == sample("photo.jpg"), "the copy differs")
    line("sent", hashlib.sha256(sample("photo.jpg")).hexdigest())
    line("read back", hashlib.sha256(data).hexdigest())


def withdraw(r):
    chapter("5. Marta changes her mind.")
    line("Marta", "BAJA")
    r.say("BAJA")
    line("Resguardo", until("confirmation", lambda: r.texts()[1:])[0])
    until("blocked", lambda: all(d["state"] == "blocked" for d in
                                 r.json("document", "list")))
    shell(r, "document", "list")


def audit(r):
    chapter("6. The auditor exports the consent log and verifies the ledger.")
    code, out = shell(r, "consent", "export", "--format", "csv")
    expect("consent_given" in out and "consent_withdrawn" in out, "log")
    code, _ = shell(r, "ledger", "checkpoint")
    equal(code, 0, "checkpoint")
    code, _ = shell(r, "ledger", "verify")
    equal(code, 0, "verify")
    code, _ = shell(r, "check")
    equal(code, 0, "check")


def tamper(r):
    chapter("7. Somebody with root changes one byte of one entry.")
    r.stop()
    path = os.path.join(r.storage, "resguardo.db")
    shutil.copy(path, r.path("saved.db"))
    database = sqlite3.connect(path)
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
    shutil.copy(r.path("saved.db"), path)


def main():
    start = time.monotonic()
    r = Instance(quiet="1s")
    try:
        accept(r, ask(r))
        read(r)
        withdraw(r)
        audit(r)
        tamper(r)
        r.check_everything()
        print(f"\n{BOLD}Every step held.{END} "
              f"{time.monotonic() - start:.1f} s")
    finally:
        r.close()


if __name__ == "__main__":
    main()
