#!/usr/bin/env python3
"""Bad input, crashes, tampering: what must hold whatever happens."""
import os
import shutil
import socket
import sqlite3
import subprocess
import time
from contextlib import closing

from harness import (BUILD, NUMBER, PHONE, equal, expect, http, run, sample,
                     tampering, until)


def raw(r, body, **query):
    words = "&".join(f"{k}={v}" for k, v in query.items())
    answer = r.sim.post("/sim/raw?" + words, body)
    return answer["deliveries"][0]["status"]


def signatures_and_bodies(r):
    good = b'{"object":"whatsapp_business_account","entry":[]}'
    equal(raw(r, good), 200, "good")
    for kind in ("none", "wrong", "other", "truncated", "upper", "sha1"):
        equal(raw(r, good, signature=kind), 401, kind)
    for body in (b"", b"[]", b"{", b'{"a":1}', b'{"object":1}',
                 b'{"object":"x"} x', b'{"object":"x","object":"y"}',
                 b'{"object":"' + b"\xff" + b'"}',
                 b'{"object":"x","a":' + b"[" * 40 + b"]" * 40 + b"}"):
        equal(raw(r, body), 400, repr(body[:30]))
    equal(raw(r, b'{"object":"page","entry":[{"x":1}]}'), 200, "page")
    equal(raw(r, b'{"object":"x","entry":7,"n":1e999}'), 200, "odd entry")
    equal(raw(r, b" " * (3 * 1024 * 1024 + 1)), 413, "too large")


def odd_messages_have_no_effect(r):
    image = {"id": "1", "mime_type": "image/jpeg"}
    r.sim.message(type="text", text="x", object={"id": None})
    r.sim.message(type="text", text="x", object={"from": None})
    r.sim.message(type="image", media_id="1", object={"image": {}})
    r.sim.message(type="image", media_id="1", object={"image": image},
                  phone_number_id="999")
    r.sim.message(type="holograma", object={"holograma": {"x": 1}})
    for kind in ("edit", "revoke", "system", "unsupported", "location"):
        answer = r.sim.message(type=kind, object={kind: {"type": "x"}})
        expect(answer["ok"], f"{kind} refused")
    r.sim.message(type="interactive", object={"interactive": None})
    for status in ("read", "sent", "delivered", "failed"):
        r.sim.post("/sim/status", {"id": "wamid.UNKNOWN", "status": status,
                                   "recipient": PHONE})
    equal(raw(r, b'{"object":"page","entry":[]}'), 200, "other object")
    equal(raw(r, b'{"object":"whatsapp_business_account","entry":[{"changes":'
                 b'[{"field":"account_alerts","value":{}}]}]}'), 200, "field")
    equal(r.attachments(), [], "attachments")
    equal(r.prompts(), [], "prompts")
    equal(r.json("status")["webhooks"]["ignored"], 13, "counted")


def handshake(r):
    equal(r.sim.post("/sim/verify", {})["verified"], True, "handshake")
    answer = r.sim.post("/sim/verify", {"verify_token": "wrong"})
    equal(answer["status"], 403, "wrong token")


def framing(r):
    host, port = r.gateway[7:].split(":")
    for head in ("Content-Length: 5\r\nContent-Length: 9",
                 "Content-Length: 5\r\nTransfer-Encoding: chunked",
                 "Content-Length : 5",
                 "Content-Length: 2\r\nX-Hub-Signature-256: a\r\n"
                 "X-Hub-Signature-256: b"):
        with socket.create_connection((host, int(port)), 10) as s:
            s.sendall(f"POST /webhook HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n{{}}"
                      .encode())
            data = s.recv(4096)
            expect(data.startswith(b"HTTP/1.1 400"), f"{head!r}: {data[:40]}")


def killed_daemon_loses_nothing(r):
    for n in range(4):
        r.file(caption=f"foto numero {n} 4714")
        r.kill()
        r.start()
    equal(len(r.attachments("held")), 4, "held")
    first = r.prompt(1)
    r.press(first, "grant")
    # What a kill left in doubt is asked again: a copy is no second question.
    second = until("the second question", lambda: next((
        p for p in r.prompts() if p["text"] != first["text"]), None))
    r.kill()
    r.start()
    r.sim.fault(at="download", kind="slow", delay_ms=3000)
    r.press(second, "grant")
    until("a transfer", lambda: r.sim.log("download"))
    r.kill()
    r.start()
    r.wait_attachments("stored", 4)
    equal(len(r.json("case", "list")), 1, "cases")


def prompt_lost_in_a_crash_is_sent_again(r):
    r.sim.fault(at="send", kind="hang")
    r.file()
    until("an attempt", lambda: r.sim.log("send"))
    r.kill()
    r.start()
    # Nobody has seen the question: words typed now are no answer to it.
    r.say("acepto")
    prompt = r.prompt(1)
    expect("consent_given" not in [x["event_type"] for x in r.consent_log()],
           "a yes before the question")
    r.press(prompt, "grant")
    r.press(r.prompt(2), "grant")
    r.wait_attachments("stored", 1)
    equal(len(r.prompts()), 2, "prompts")


def second_daemon_is_refused(r):
    code, err = r.start_fails()
    equal(code, 1, "exit")
    expect("in use" in err, f"said {err!r}")


def database_locked_is_503_and_heals(r):
    path = os.path.join(r.storage, "resguardo.db")
    lock = sqlite3.connect(path, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    for _ in range(3):
        answer = r.sim.message(type="text", text="hola", timeout_ms=15000)
        equal(answer["deliveries"][0]["status"], 503, "while locked")
    lock.execute("ROLLBACK")
    lock.close()
    until("healthy", lambda: http("GET", r.gateway + "/healthz")[0] == 200)
    r.say("hola")
    r.prompt(1)


def tampered_entry_is_caught(r):
    r.file()
    r.prompt(1)
    equal(r.cli("ledger", "verify")[0], 0, "before")
    r.stop()
    path = os.path.join(r.storage, "resguardo.db")
    saved = r.path("saved.db")
    shutil.copy(path, saved)
    database = tampering(path)
    entry = bytes(database.execute(
        "SELECT entry FROM ledger WHERE idx = 2").fetchone()[0])
    changed = entry.replace(b'"time":"20', b'"time":"21')
    expect(changed != entry, "nothing to change")
    database.execute("UPDATE ledger SET entry = ? WHERE idx = 2", (changed,))
    database.commit()
    database.close()
    r.start()
    until("the daemon sees it, too", lambda: r.json("status")["read_only"])
    code, out, err = r.cli("ledger", "verify")
    equal(code, 5, "exit of verify")
    expect("2" in out + err, "index not named")
    # Nobody waits for what does not heal, and the log says it once.
    for _ in range(5):
        equal(r.sim.message(type="text", text="hola")["deliveries"][0][
            "status"], 503, "a message")
    equal(http("GET", r.gateway + "/healthz")[0], 503, "health")
    equal([r.log().count(f'"{event}"') for event in (
        "storage_damaged", "batch_failed")], [1, 1], "the log")
    r.stop()
    for name in ("resguardo.db", "resguardo.db-wal", "resguardo.db-shm"):
        if os.path.exists(os.path.join(r.storage, name)):
            os.unlink(os.path.join(r.storage, name))
    # A start that found damage entered nothing: the copy lacks nothing.
    shutil.copy(saved, path)


def restore(copy, storage):
    """Puts the database files of a copy back, and only those."""
    for name in ("resguardo.db", "resguardo.db-wal", "resguardo.db-shm"):
        if os.path.exists(os.path.join(storage, name)):
            os.unlink(os.path.join(storage, name))
        if os.path.exists(os.path.join(copy, name)):
            shutil.copy(os.path.join(copy, name), storage)


def rolled_back_database_is_refused(r):
    r.stop()
    older, newer = r.path("older"), r.path("newer")
    shutil.copytree(r.storage, older)
    r.start()
    r.file()
    r.prompt(1)
    r.stop()
    shutil.copytree(r.storage, newer)
    restore(older, r.storage)
    code, err = r.start_fails()
    equal(code, 5, f"exit ({err})")
    restore(newer, r.storage)


def storage_rolled_back_whole_is_caught_by_who_saw_more(r):
    """Keys and all: only a CLI that saw a later checkpoint can tell."""
    r.stop()
    older, newer = r.path("older"), r.path("newer")
    shutil.copytree(r.storage, older)
    r.start()
    r.file()
    r.prompt(1)
    code, _, err = r.cli("ledger", "checkpoint")
    equal(code, 0, f"ledger checkpoint ({err})")
    r.stop()
    os.rename(r.storage, newer)
    os.rename(older, r.storage)
    r.start()
    for verb in ("verify", "checkpoint"):
        code, out, _ = r.cli("ledger", verb)
        equal(code, 5, f"exit of ledger {verb}")
        equal(out, "", f"ledger {verb}")
    r.stop()
    shutil.rmtree(r.storage)
    os.rename(newer, r.storage)


def damaged_database_is_read_only_after_the_start(r):
    r.file()
    r.consent_all()
    r.wait_attachments("stored", 1)
    document = r.json("document", "list")[0]["id"]
    r.stop()
    path = os.path.join(r.storage, "resguardo.db")
    saved = r.path("saved.db")
    shutil.copy(path, saved)
    with closing(sqlite3.connect(path)) as database:
        page = database.execute("SELECT rootpage FROM sqlite_schema"
                                " WHERE name = 'document_subject'")
        page = page.fetchone()[0]
    with open(path, "r+b") as f:
        f.seek((page - 1) * 4096)
        f.write(b"\x5a" * 4096)
    r.start()
    until("unhealthy", lambda: http("GET", r.gateway + "/healthz")[0] == 503)
    status = r.json("status")
    equal((status["storage"], status["read_only"]), ("damaged", True), "status")
    expect("storage_damaged" in r.log() and "document" in r.log(), "no alarm")
    answer = r.sim.message(type="text", text="hola")
    equal(answer["deliveries"][0]["status"], 503, "a message")
    code, _, _ = r.cli("document", "get", document, "--reason", "x")
    expect(code != 0, "a reading that is on no record")
    code, out, err = r.cli("check")
    equal(code, 5, f"exit of check ({out}{err})")
    expect("fault: database: " in out and "Page" in out,
           f"damage not named: {out}{err}")
    r.stop()
    shutil.copy(saved, path)
    r.start()
    until("sound", lambda: r.json("status")["storage"] == "sound")
    equal(http("GET", r.gateway + "/healthz")[0], 200, "health")
    damage_under_way(r, path)


def damage_under_way(r, path):
    """A batch comes upon it: told once, and never tried again."""
    database = sqlite3.connect(path, isolation_level=None)
    until("the second start that is an entry", lambda: database.execute(
        "SELECT count(*) FROM ledger WHERE instr(entry,"
        " CAST('daemon_started' AS BLOB))").fetchone()[0] == 2)
    until("an empty WAL", lambda: database.execute(
        "PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
    with open(path, "r+b") as f:
        whole = f.read()
        for (page,) in database.execute(
                "SELECT rootpage FROM sqlite_schema WHERE tbl_name = 'outbox'"
                " AND rootpage > 0").fetchall():
            f.seek((page - 1) * 4096)
            f.write(b"\x5a" * 4096)
    # The writer reads again what another one may have changed.
    database.execute("UPDATE meta SET value = value WHERE key = 'schema'")
    database.close()
    before = r.log()
    for _ in range(5):
        equal(r.sim.message(type="text", text="hola")["deliveries"][0][
            "status"], 503, "a message")
    equal(http("GET", r.gateway + "/healthz")[0], 503, "health")
    equal([r.log()[len(before):].count(f'"{event}"') for event in (
        "storage_damaged", "batch_failed")], [1, 1], "the log")
    r.stop()
    for end in ("-wal", "-shm"):
        if os.path.exists(path + end):
            os.unlink(path + end)
    with open(path, "wb") as f:
        f.write(whole)


def slipped_in_reader_is_refused(r):
    r.stop()
    path = os.path.join(r.storage, "resguardo.db")
    saved = r.path("saved.db")
    shutil.copy(path, saved)
    database = tampering(path)
    entry = bytes(database.execute(
        "SELECT entry FROM keyring WHERE seq = 1").fetchone()[0])
    database.execute("UPDATE keyring SET entry = ? WHERE seq = 1",
                     (entry.replace(b'"uid":', b'"uid":1'),))
    database.commit()
    database.close()
    code, err = r.start_fails()
    equal(code, 5, f"exit ({err})")
    shutil.copy(saved, path)


def damaged_payload_is_caught(r):
    r.file()
    r.consent_all()
    r.wait_attachments("stored", 1)
    document = r.json("document", "list")[0]["id"]
    for folder, _, files in os.walk(os.path.join(r.storage, "payloads")):
        for name in files:
            file = os.path.join(folder, name)
    os.chmod(file, 0o600)
    with open(file, "r+b") as f:
        f.seek(40)
        byte = f.read(1)
        f.seek(40)
        f.write(bytes([byte[0] ^ 1]))
    code, out, err = r.cli("check")
    equal(code, 5, "exit of check")
    expect(document in out + err, f"document not named: {out}{err}")
    copy = r.path("copy")
    code, _, _ = r.cli("document", "get", document, "--reason", "x", "-o",
                       copy)
    expect(code != 0, "a damaged file was given out")
    expect(not os.path.exists(copy), "a part of a damaged file is left")
    with open(file, "r+b") as f:
        f.seek(40)
        f.write(byte)


def config_errors_name_file_line_and_key(r):
    r.stop()
    with open(r.config, encoding="utf-8") as f:
        text = f.read()
    cases = {"storage: storage": ("storge: storage", "storge"),
             "listen: 127.0.0.1:0": ("listen: 0.0.0.0:80", "listen"),
             "api_version: v26.0": ("api_version: 26", "api_version")}
    for old, (new, key) in cases.items():
        line = text[:text.index(old)].count("\n") + 1
        with open(r.config, "w", encoding="utf-8") as f:
            f.write(text.replace(old, new))
        code, err = r.start_fails()
        equal(code, 2, f"exit for {new}")
        expect(f"{r.config}:{line}" in err and key in err, f"said {err!r}")
    with open(r.config, "w", encoding="utf-8") as f:
        f.write(text)


def missing_folder_of_the_socket_is_made(r):
    r.stop()
    with open(r.config, encoding="utf-8") as f:
        text = f.read()
    with open(r.config, "w", encoding="utf-8") as f:
        f.write(text.replace("socket: desk.sock", "socket: run/desk.sock"))
    r.socket = r.path("run", "desk.sock")
    r.start()
    equal(r.cli("status")[0], 0, "exit of status")


def strangers_get_nothing(r):
    if os.getuid() != 0:
        print("skip strangers_get_nothing (needs root)")
        return
    os.chmod(r.folder, 0o755)
    # Whether the desk says no or the socket's mode does, it is the same no.
    for mode in (0o666, 0o660):
        os.chmod(r.socket, mode)
        done = subprocess.run(
            [os.path.join(BUILD, "resguardo"), "--socket", r.socket, "case",
             "list"], user=12345, group=12345, extra_groups=[],
            cwd="/", env={"HOME": "/nonexistent", "ASAN_OPTIONS":
                          "detect_leaks=0"},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        equal(done.returncode, 4, f"exit ({done.stderr})")
        expect(b"hint: " in done.stderr, f"no hint: {done.stderr}")


def init_changes_nothing_twice(r):
    code, _, err = r.cli("init", "--config", r.config, "--no-passphrase")
    equal(code, 1, f"exit ({err})")
    # Before anything is asked of anybody.
    code, _, err = r.cli("init", "--config", r.config)
    equal(code, 1, f"exit without --no-passphrase ({err})")
    expect("nothing was changed" in err and "assphrase" not in err, err)


run([signatures_and_bodies, odd_messages_have_no_effect, handshake, framing,
     killed_daemon_loses_nothing, prompt_lost_in_a_crash_is_sent_again,
     second_daemon_is_refused,
     database_locked_is_503_and_heals, tampered_entry_is_caught,
     damaged_database_is_read_only_after_the_start,
     rolled_back_database_is_refused,
     storage_rolled_back_whole_is_caught_by_who_saw_more, slipped_in_reader_is_refused,
     damaged_payload_is_caught, config_errors_name_file_line_and_key,
     missing_folder_of_the_socket_is_made, strangers_get_nothing, init_changes_nothing_twice])
