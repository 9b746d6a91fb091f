#!/usr/bin/env python3
"""resguardo age: with the age program in both directions, with passphrases on
a terminal, and what is left when something does not hold."""
import base64
import hashlib
import os
import re
import select
import signal
import struct
import subprocess
import termios

from age_help import (Desk, PROGRAM, Terminal, at_terminal, ours, theirs)
from harness import ROOT, equal, expect, run

CHUNK = 65536
SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK)
LARGE = 100 * 1000 * 1000
PASSPHRASE = b"correct horse battery staple"
RSS_MIB = 16
RELEASE = os.path.join(ROOT, "build", "resguardo")  # what people get


def bytes_of(size):
    """The same for the same size, and no two chunks alike."""
    out = bytearray()
    block = hashlib.sha256(b"age %d" % size).digest() * 2048
    for n in range(size // len(block) + 1):
        out += struct.pack("<Q", n) + block[8:]
    return bytes(out[:size])


# ---- with the age program ---------------------------------------------------

def age_opens_what_we_seal():
    with Desk() as desk:
        for size in SIZES:
            for armor in ((), ("-a",)):
                data = bytes_of(size)
                sealed = ours("encrypt", "-r", desk.recipient, *armor,
                              data=data).succeeded("sealing")
                equal(sealed.startswith(b"-----BEGIN AGE"), armor != (),
                      "armored")
                back = theirs("-d", "-i", desk.identity, data=sealed)
                equal(back.succeeded(f"{size} {armor}"), data, f"{size} bytes")


def we_open_what_age_seals():
    with Desk() as desk:
        for size in SIZES:
            for armor in ((), ("-a",)):
                data = bytes_of(size)
                sealed = theirs("-e", "-r", desk.recipient, *armor, data=data)
                back = ours("decrypt", "-i", desk.identity,
                            data=sealed.succeeded("age"))
                equal(back.succeeded(f"{size} {armor}"), data, f"{size} bytes")


def a_hundred_megabytes_go_both_ways():
    data = bytes_of(LARGE)
    with Desk() as desk:
        plain, sealed = desk.write("plain", data), desk.path("sealed")
        ours("encrypt", "-r", desk.recipient, "-o", sealed,
             plain).succeeded("sealing")
        theirs("-d", "-i", desk.identity, "-o", desk.path("back"),
               sealed).succeeded("age -d")
        equal(desk.read("back"), data, "what age opens")
        theirs("-r", desk.recipient, "-o", sealed, plain).succeeded("age -e")
        ours("decrypt", "-i", desk.identity, "-o", desk.path("ours"),
             sealed).succeeded("opening")
        equal(desk.read("ours"), data, "what we open")


def passphrases_go_both_ways():
    with Desk() as desk:
        plain = desk.write("plain", bytes_of(CHUNK + 1))
        phrase = desk.write("phrase", PASSPHRASE + b"\n")
        sealed, back = desk.path("sealed"), desk.path("back")
        ours("encrypt", "--passphrase-file", phrase, "-o", sealed,
             plain).succeeded("sealing")
        code, seen = at_terminal(["age", "-d", "-o", back, sealed], PASSPHRASE)
        equal(code, 0, f"age -d: {seen}")
        equal(desk.read("back"), desk.read("plain"), "what age opens")

        code, seen = at_terminal(["age", "-p", "-a", "-o", sealed, plain],
                                 PASSPHRASE, PASSPHRASE)
        equal(code, 0, f"age -p: {seen}")
        opened = ours("decrypt", "--passphrase-file", phrase, sealed)
        equal(opened.succeeded("opening"), desk.read("plain"), "what we open")


def every_recipient_opens_it():
    with Desk() as desk:
        people = [desk.person(f"person-{n}") for n in range(5)]
        argv = [word for _, to in people for word in ("-r", to)]
        sealed = ours("encrypt", *argv, data=b"abc").succeeded("sealing")
        for identity, _ in people:
            equal(ours("decrypt", "-i", identity, data=sealed).out, b"abc",
                  identity)
        ours("decrypt", "-i", desk.other, data=sealed).failed(
            1, "no identity matched", "a stranger")
        several = ours("decrypt", "-i", desk.other, "-i", people[3][0],
                       data=sealed)
        equal(several.succeeded("several identities"), b"abc", "one of them")
        both = desk.write("both", desk.read("other") + desk.read("person-4"))
        equal(ours("decrypt", "-i", both, data=sealed).out, b"abc",
              "several in a file")


def kinds_that_we_do_not_speak_match_nothing():
    key = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a"
                        "0ee172f3daa62325af021a68f707511a")
    wire = struct.pack(">I", 11) + b"ssh-ed25519" + struct.pack(">I", 32) + key
    ssh = "ssh-ed25519 " + base64.b64encode(wire).decode()
    with Desk() as desk:
        sealed = theirs("-r", ssh, data=b"abc").succeeded("age for ssh")
        ours("decrypt", "-i", desk.identity, data=sealed).failed(
            1, "no identity matched", "a file for an ssh key")
        ours("encrypt", "-r", ssh, data=b"abc").failed(
            1, "not an age recipient", "sealing for an ssh key")
        foreign = desk.write("foreign", b"AGE-SECRET-KEY-PQ-1QQQQ\n"
                             b"AGE-PLUGIN-YUBIKEY-1QQQQ\n")
        sealed = ours("encrypt", "-r", desk.recipient,
                      data=b"abc").succeeded("sealing")
        ours("decrypt", "-i", foreign, data=sealed).failed(
            1, "no identity matched", "identities of other kinds")


# ---- identity files ---------------------------------------------------------

def sealed_identities_open():
    with Desk() as desk:
        phrase = desk.write("phrase", PASSPHRASE)
        sealed = ours("encrypt", "-r", desk.recipient,
                      data=b"abc").succeeded("sealing")
        for name, argv in (("bare", []), ("armored", ["-a"])):
            ours("encrypt", "--passphrase-file", phrase, *argv, "-o",
                 desk.path(name), desk.identity).succeeded(name)
            opened = ours("decrypt", "-i", desk.path(name),
                          "--passphrase-file", phrase, data=sealed)
            equal(opened.succeeded(name), b"abc", name)

        # age reads ours; we read its, asked at the terminal.
        file, out = desk.write("file", sealed), desk.path("out")
        code, seen = at_terminal(["age", "-d", "-i", desk.path("armored"),
                                  "-o", out, file], PASSPHRASE)
        equal((code, desk.read("out")), (0, b"abc"), f"age: {seen}")
        theirs_too = desk.path("theirs")
        at_terminal(["age", "-p", "-o", theirs_too, desk.identity],
                    PASSPHRASE, PASSPHRASE)
        os.chmod(theirs_too, 0o600)
        os.unlink(out)
        code, seen = at_terminal([PROGRAM, "age", "decrypt", "-i", theirs_too,
                                  "-o", out, file], PASSPHRASE)
        equal((code, desk.read("out")), (0, b"abc"), f"ours: {seen}")

        wrong = desk.write("wrong", b"another")
        ours("decrypt", "-i", theirs_too, "--passphrase-file", wrong,
             data=sealed).failed(1, f"is not the one in {wrong}",
                                 "a wrong one")


def passphrase_files_answer_for_identities_alone():
    """What a stranger sealed with the same passphrase is not opened by it."""
    with Desk() as desk:
        phrase = desk.write("phrase", PASSPHRASE + b"\n")
        locked, stranger = desk.path("locked"), desk.path("stranger")
        ours("encrypt", "--passphrase-file", phrase, "-o", locked,
             desk.identity).succeeded("an identity")
        plain = desk.write("plain", b"abc")
        ours("encrypt", "--passphrase-file", phrase, "-o", stranger,
             plain).succeeded("a stranger's")
        refused = ours("decrypt", "-i", locked, "--passphrase-file", phrase,
                       stranger)
        refused.failed(1, "no identity matched", "a stranger's file")
        expect("sealed with a passphrase" in refused.err, refused.err)
        # -p asks for it, and still reads the identity's where it is.
        code, seen = at_terminal([PROGRAM, "age", "decrypt", "-i",
                                  desk.identity, "-p", "-o", desk.path("out"),
                                  stranger], PASSPHRASE)
        equal((code, desk.read("out")), (0, b"abc"), f"asked: {seen}")
        # Memory: 2^21 KiB for an identity of one's own, not for a stranger.
        with open(stranger, "rb") as f:
            costly = re.sub(rb"(-> scrypt \S+) \d+\n", rb"\1 21\n", f.read())
        ours("decrypt", "--passphrase-file", phrase, data=costly).failed(
            1, "header: work factor 21 of a passphrase, at most 20", "cost")


def a_release_stretches_passphrases_as_age_does():
    """What the other tests run is built to be quick."""
    with Desk() as desk:
        phrase = desk.write("phrase", PASSPHRASE)
        sealed = subprocess.run(
            [RELEASE, "age", "encrypt", "--passphrase-file", phrase],
            input=b"abc", stdout=subprocess.PIPE, check=True).stdout
        expect(re.search(rb"^-> scrypt \S+ 18\n", sealed, re.M), sealed[:200])


def a_result_replaces_nothing_that_it_is_made_of():
    with Desk() as desk:
        sealed = desk.write("sealed", ours(
            "encrypt", "-r", desk.recipient, data=b"abc").succeeded("sealing"))
        phrase = desk.write("phrase", PASSPHRASE)
        os.symlink(desk.identity, desk.path("link"))
        os.link(desk.identity, desk.path("hard"))
        before = {n: desk.read(n) for n in desk.names()}
        argv = ["decrypt", "-i", desk.identity, "--passphrase-file", phrase]
        for out, words in ((desk.identity, "is an identity"),
                           (desk.path("hard"), "is an identity"),
                           (sealed, "is the file to be opened"),
                           (phrase, "is the passphrase's file")):
            ours(*argv, "-o", out, sealed).failed(2, words, out)
        with open(sealed, "rb") as f:
            done = subprocess.run([PROGRAM, "age", *argv, "-o", sealed],
                                  stdin=f, stderr=subprocess.PIPE)
        expect(done.returncode == 2 and b"to be opened" in done.stderr,
               f"stdin: {done.stderr}")
        ours(*argv, "-o", desk.path("link"), sealed).failed(
            1, "no regular file", "a link")
        equal({n: desk.read(n) for n in desk.names()}, before, "the files")


def a_place_that_takes_nothing_costs_no_time():
    """Said before a passphrase is asked for, let alone stretched."""
    with Desk() as desk:
        plain = desk.write("plain", b"abc")
        nowhere = desk.path("no", "such")
        for argv in (["encrypt", "-p"], ["decrypt", "-p"],
                     ["decrypt", "-i", desk.identity]):
            code, seen = at_terminal([PROGRAM, "age", *argv, "-o", nowhere,
                                      plain])
            expect(code == 1 and b"cannot write beside" in seen and
                   b"assphrase of" not in seen, f"{argv}: {code} {seen}")


def half_a_line_is_no_passphrase():
    """What a line that hangs up leaves half said opens nothing."""
    with Desk() as desk:
        plain, sealed = desk.write("plain", b"abc"), desk.path("sealed")
        terminal = Terminal([PROGRAM, "age", "encrypt", "-p", "-o", sealed,
                             plain])
        terminal.prompt()
        terminal.type(b"half\x04\x04")
        status, seen = terminal.wait()
        equal(os.waitstatus_to_exitcode(status), 1, f"exit: {seen}")
        expect(b"no passphrase could be read" in seen, f"{seen}")
        expect("sealed" not in desk.names(), "a file is left")


def identities_open_to_others_are_refused():
    with Desk() as desk:
        sealed = ours("encrypt", "-r", desk.recipient,
                      data=b"abc").succeeded("sealing")
        for mode in (0o640, 0o604, 0o620):
            os.chmod(desk.identity, mode)
            refused = ours("decrypt", "-i", desk.identity, data=sealed)
            refused.failed(1, "open to group or others", oct(mode))
            expect("hint: chmod 600" in refused.err, refused.err)
        broken = desk.write("broken", b"# comment\nAGE-SECRET-KEY-1QQ\n")
        refused = ours("decrypt", "-i", broken, data=sealed)
        refused.failed(1, "line 2", "a broken one")
        expect("SECRET" not in refused.err, "a key is quoted")
        ours("decrypt", "-i", desk.path("nobody"), data=sealed).failed(
            1, "cannot open", "a missing one")


# ---- terminals --------------------------------------------------------------

def passphrases_are_asked_and_not_shown():
    with Desk() as desk:
        plain, sealed = desk.write("plain", b"abc"), desk.path("sealed")
        code, seen = at_terminal(
            [PROGRAM, "age", "encrypt", "-p", "-o", sealed, plain],
            PASSPHRASE, PASSPHRASE)
        equal(code, 0, f"sealing: {seen}")
        expect(PASSPHRASE not in seen, "it was shown")
        out = desk.path("out")
        code, seen = at_terminal(
            [PROGRAM, "age", "decrypt", "-p", "-o", out, sealed], PASSPHRASE)
        equal((code, desk.read("out")), (0, b"abc"), f"opening: {seen}")
        expect(PASSPHRASE not in seen, "it was shown")

        os.unlink(out)
        code, seen = at_terminal(
            [PROGRAM, "age", "decrypt", "-p", "-o", out, sealed], b"another")
        expect(code == 1 and b"another passphrase" in seen, f"{code} {seen}")
        code, seen = at_terminal(
            [PROGRAM, "age", "encrypt", "-p", "-o", out, plain], b"one",
            b"two")
        expect(code == 1 and b"differ" in seen, f"{code} {seen}")
        code, seen = at_terminal(
            [PROGRAM, "age", "encrypt", "-p", "-o", out, plain], b"")
        expect(code == 1 and b"empty passphrase" in seen, f"{code} {seen}")
        expect("out" not in desk.names(), "a failure left a file")


def programs_of_a_pipeline_ask_in_turn():
    """One question at a time, and nothing of it shows."""
    with Desk() as desk:
        plain, out = desk.write("plain", b"abc"), desk.path("twice")
        seal = f"{PROGRAM} age encrypt -p"
        terminal = Terminal(["sh", "-c",
                             f"{seal} {plain} | {seal} -o {out}"])
        phrases = []
        for _ in range(4):
            terminal.prompt()
            asked = terminal.seen[terminal.answered:]
            equal(asked.count(b"assphrase"), 1, f"questions in {asked!r}")
            # What a second question would say is there soon, if at all.
            expect(not select.select([terminal.fd], [], [], 0.3)[0],
                   "another one asks meanwhile")
            phrase = b"inner" if b"plain" in asked else b"outer"
            phrases.append(phrase)
            terminal.type(phrase + b"\n")
        status, seen = terminal.wait()
        equal(status, 0, f"sealing: {seen}")
        equal(phrases[0::2], phrases[1::2], "a question and its second")
        expect(b"inner" not in seen and b"outer" not in seen, "it was shown")
        once = ours("decrypt", "--passphrase-file",
                    desk.write("outer", b"outer"), out).succeeded("outer")
        equal(ours("decrypt", "--passphrase-file",
                   desk.write("inner", b"inner"),
                   data=once).succeeded("inner"), b"abc", "what comes out")


def an_interrupted_question_leaves_the_terminal_as_it_was():
    with Desk() as desk:
        plain = desk.write("plain", b"abc")
        terminal = Terminal([PROGRAM, "age", "encrypt", "-p", "-o",
                             desk.path("out"), plain])
        terminal.prompt()
        expect(not termios.tcgetattr(terminal.fd)[3] & termios.ECHO, "it shows")
        keep = os.dup(terminal.fd)
        terminal.type(b"half\x03")
        while b"\n" not in terminal.seen[terminal.answered:]:
            if not terminal.read():
                break
        status, _ = terminal.wait()
        equal(os.WIFSIGNALED(status) and os.WTERMSIG(status), signal.SIGINT,
              "how it ended")
        expect(termios.tcgetattr(keep)[3] & termios.ECHO, "it shows nothing")
        os.close(keep)
        expect("out" not in desk.names(), "a file is left")


def without_a_terminal_it_says_what_to_do():
    with Desk() as desk:
        refused = ours("encrypt", "-p", data=b"abc", start_new_session=True)
        refused.failed(1, "no terminal", "no terminal")
        expect("--passphrase-file" in refused.err, refused.err)
        plain = desk.write("plain", b"abc")
        for argv in (["encrypt", "-r", desk.recipient, plain],
                     ["decrypt", "-i", desk.identity, plain]):
            code, seen = at_terminal([PROGRAM, "age", *argv])
            expect(code == 2 and b"not for a terminal" in seen,
                   f"{argv[0]}: {code} {seen}")
        code, seen = at_terminal([PROGRAM, "age", "encrypt", "-a", "-r",
                                  desk.recipient, plain])
        expect(code == 0 and b"-----END AGE" in seen, f"armor: {code} {seen}")


def passphrase_files_lose_one_newline():
    with Desk() as desk:
        plain = desk.write("plain", b"abc")
        with_two = desk.write("two", b"phrase\n\n")
        with_one = desk.write("one", b"phrase\n")
        without = desk.write("none", b"phrase")
        sealed = ours("encrypt", "--passphrase-file", with_one,
                      plain).succeeded("sealing")
        equal(ours("decrypt", "--passphrase-file", without, data=sealed).out,
              b"abc", "without")
        ours("decrypt", "--passphrase-file", with_two, data=sealed).failed(
            1, "no identity matched", "with two")
        ours("encrypt", "--passphrase-file", desk.write("empty", b"\n"),
             plain).failed(1, "empty passphrase", "an empty one")
        shown = ours("decrypt", "--passphrase-file",
                     desk.write("shared", b"phrase", 0o644), data=sealed)
        equal(shown.out, b"abc", "one that others may read")
        expect("warning: " in shown.err, "nothing is said")


# ---- what does not hold -----------------------------------------------------

def sealed_chunks(desk, size):
    sealed = ours("encrypt", "-r", desk.recipient,
                  data=bytes_of(size)).succeeded("sealing")
    return sealed, sealed.index(b"\n", sealed.index(b"\n--- ") + 1) + 17


def a_failed_stream_leaves_no_file():
    with Desk() as desk:
        sealed, start = sealed_chunks(desk, 40 * CHUNK + 9)
        bad = bytearray(sealed)
        bad[start + 37 * (CHUNK + 16)] ^= 1
        wrong = {"cut": sealed[:-1], "cut at a chunk":
                 sealed[:start + 20 * (CHUNK + 16)],
                 "longer": sealed + b"x", "twice": sealed + sealed,
                 "changed": bytes(bad), "without payload": sealed[:start - 16]}
        kept = desk.write("kept", b"what was there before")
        before = desk.names()
        for what, data in wrong.items():
            for name in ("out", "kept"):
                failed = ours("decrypt", "-i", desk.identity, "-o",
                              desk.path(name), data=data)
                expect(failed.code in (1, 5), f"{what}: exit {failed.code}")
                equal(desk.names(), before, what)
        with open(kept, "rb") as f:
            equal(f.read(), b"what was there before", "the former file")
        ours("decrypt", "-i", desk.identity, "-o", kept,
             data=sealed).succeeded("the sound one")
        equal(desk.read("kept"), bytes_of(40 * CHUNK + 9), "it is replaced")
        equal(os.stat(kept).st_mode & 0o777, 0o600, "its mode")


def a_pipe_gets_authentic_chunks_only():
    with Desk() as desk:
        size = 80 * CHUNK + 9
        plain = bytes_of(size)
        sealed, start = sealed_chunks(desk, size)
        for chunk in (0, 1, 3, 4, 31, 32, 33, 79, 80):
            bad = bytearray(sealed)
            bad[start + chunk * (CHUNK + 16) + 8] ^= 1
            failed = ours("decrypt", "-i", desk.identity, data=bytes(bad))
            failed.failed(5, f"payload: chunk {chunk} ", "a changed chunk")
            equal(failed.out, plain[:chunk * CHUNK], f"before chunk {chunk}")


def each_trouble_has_its_own_sentence():
    with Desk() as desk:
        sealed, start = sealed_chunks(desk, 100)
        head = sealed[:start - 16]
        flipped = bytearray(sealed)
        at = head.rindex(b"--- ") + 6
        flipped[at] = ord("A") if flipped[at] != ord("A") else ord("B")
        text = ours("encrypt", "-a", "-r", desk.recipient,
                    data=b"abc").succeeded("armor")
        for data, code, words in (
                (b"", 1, "header: not an age v1 file"),
                (b"some other file\n", 1, "header: not an age v1 file"),
                (sealed.replace(b"/v1", b"/v2", 1), 1, "header: "),
                (head[:60], 1, "header: "),
                (head, 1, "header: no payload"),
                (bytes(flipped), 5, "header mac "),
                (sealed[:-1], 5, "payload: "),
                (text[:-10], 1, "armor: "),
                (text.replace(b"\n", b"\n\n", 1), 1, "armor: "),
                (text + b"x", 1, "armor: ")):
            failed = ours("decrypt", "-i", desk.identity, data=data)
            failed.failed(code, "error: " + words, words)
            equal(failed.out, b"", words)
        ours("decrypt", "-i", desk.other, data=sealed).failed(
            1, "error: no identity matched", "another identity")


def a_full_disk_is_said_and_leaves_nothing():
    with Desk() as desk:
        plain = desk.write("plain", bytes_of(4 * CHUNK))
        sealed = desk.path("sealed")
        ours("encrypt", "-r", desk.recipient, "-o", sealed,
             plain).succeeded("sealing")
        before = desk.names()
        with open("/dev/full", "wb") as full:
            for argv in (["encrypt", "-r", desk.recipient, plain],
                         ["decrypt", "-i", desk.identity, sealed]):
                done = subprocess.run([PROGRAM, "age", *argv], stdout=full,
                                      stderr=subprocess.PIPE)
                expect(done.returncode == 1 and b"No space" in done.stderr,
                       f"{argv[0]}: {done.returncode} {done.stderr}")
        for out in (desk.path("no", "such", "folder"), "/dev/full"):
            ours("decrypt", "-i", desk.identity, "-o", out, sealed).failed(
                1, "error: ", out)
        equal(desk.names(), before, "what lies there")


def wrong_words_are_told():
    with Desk() as desk:
        for argv in (["encrypt"], ["decrypt"], ["encrypt", "-i", "x"],
                     ["encrypt", "-p", "-r", desk.recipient],
                     ["encrypt", "-p", "--passphrase-file", "x"],
                     ["decrypt", "-r", desk.recipient],
                     ["decrypt", "-i", desk.identity, "one", "two"],
                     ["encrypt", "-r", ""], ["seal"]):
            ours(*argv).failed(2, "hint: " if argv[-1] != "x" or
                               argv[1] == "-i" else "error: ", str(argv))
        ours("encrypt", *["-r", desk.recipient] * 65).failed(
            2, "too often", "65 recipients")
        ours("encrypt", *["-r", desk.recipient] * 64,
             data=b"abc").succeeded("64 recipients")
        ours("encrypt", "-r", desk.recipient[:-1] + "q").failed(
            1, "not an age recipient", "a mistyped recipient")
        ours("encrypt", "-r", desk.recipient, desk.path("none")).failed(
            1, "cannot open", "a missing file")


# ---- constant memory --------------------------------------------------------

def high_water(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return int(re.search(r"VmHWM:\s+(\d+)", f.read())[1]) / 1024


def most_memory(argv, data, pieces):
    """MiB that it had at most, before it learns that this was all."""
    with subprocess.Popen([RELEASE, "age", *argv], stdin=subprocess.PIPE,
                          stdout=subprocess.DEVNULL) as program:
        for _ in range(pieces):
            program.stdin.write(data)
        program.stdin.flush()
        most = high_water(program.pid)
        program.stdin.close()
        program.wait()
        return program.returncode, most


def memory_stays_small_whatever_the_size():
    with Desk() as desk:
        data = bytes_of(8 * 1024 * 1024)
        for times in (1, 24):
            code, most = most_memory(["encrypt", "-r", desk.recipient], data,
                                     times)
            expect(code == 0 and most < RSS_MIB, f"sealing: {most:.1f} MiB")
        plain = desk.write("plain", data * 24)
        sealed = desk.path("sealed")
        ours("encrypt", "-r", desk.recipient, "-o", sealed,
             plain).succeeded("sealing")
        code, most = most_memory(["decrypt", "-i", desk.identity],
                                 desk.read("sealed"), 1)
        expect(code == 0 and most < RSS_MIB, f"opening: {most:.1f} MiB")


run([age_opens_what_we_seal, we_open_what_age_seals,
     a_hundred_megabytes_go_both_ways, passphrases_go_both_ways,
     every_recipient_opens_it, kinds_that_we_do_not_speak_match_nothing,
     sealed_identities_open, passphrase_files_answer_for_identities_alone,
     a_release_stretches_passphrases_as_age_does,
     a_result_replaces_nothing_that_it_is_made_of,
     a_place_that_takes_nothing_costs_no_time, half_a_line_is_no_passphrase,
     identities_open_to_others_are_refused,
     passphrases_are_asked_and_not_shown, programs_of_a_pipeline_ask_in_turn,
     an_interrupted_question_leaves_the_terminal_as_it_was,
     without_a_terminal_it_says_what_to_do, passphrase_files_lose_one_newline,
     a_failed_stream_leaves_no_file, a_pipe_gets_authentic_chunks_only,
     each_trouble_has_its_own_sentence, a_full_disk_is_said_and_leaves_nothing,
     wrong_words_are_told, memory_stays_small_whatever_the_size])
