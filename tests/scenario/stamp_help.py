"""An authority of time on loopback: `openssl ts` behind a small server, which
can be told to be slow, wrong or somebody else."""
import http.server
import os
import subprocess
import threading

CONF = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.3.6.1.4.1.55555.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
[ext]
extendedKeyUsage = critical,timeStamping
[ca]
basicConstraints = critical,CA:TRUE
[req]
distinguished_name = dn
[dn]
"""


def openssl(*words):
    return subprocess.run(["openssl", *words], check=True,
                          capture_output=True).stdout


class Authority:
    """mode: good, garbage, huge, slow, status, html, refused, replay (the
    answer to another query), stranger (signed by an authority of its own),
    extra (a byte behind the answer)."""

    def __init__(self, folder):
        self.folder = folder
        self.mode = "good"
        self.asked = []
        self.release = threading.Event()
        os.mkdir(folder)
        with open(f"{folder}/serial", "w", encoding="utf-8") as f:
            f.write("01\n")
        with open(f"{folder}/conf", "w", encoding="utf-8") as f:
            f.write(CONF.format(folder=folder))
        for who in ("good", "stranger"):
            self.make(who)
        self.ca = f"{folder}/good-ca.pem"
        authority = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                query = self.rfile.read(int(self.headers["Content-Length"]))
                authority.asked.append(query)
                try:
                    authority.answer(self, query)
                except OSError:
                    pass  # it was cut short

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/tsr"
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def make(self, who):
        at = f"{self.folder}/{who}"
        for name in ("ca", "tsa"):
            openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout",
                    f"{at}-{name}.key", "-subj", f"/CN={who} {name}", "-out",
                    f"{at}-{name}.csr", "-config", f"{self.folder}/conf")
        openssl("x509", "-req", "-in", f"{at}-ca.csr", "-signkey",
                f"{at}-ca.key", "-out", f"{at}-ca.pem", "-days", "2",
                "-extfile", f"{self.folder}/conf", "-extensions", "ca")
        openssl("x509", "-req", "-in", f"{at}-tsa.csr", "-CA", f"{at}-ca.pem",
                "-CAkey", f"{at}-ca.key", "-CAcreateserial", "-out",
                f"{at}-tsa.pem", "-days", "2", "-extfile",
                f"{self.folder}/conf", "-extensions", "ext")

    def stamp(self, query, who="good"):
        with open(f"{self.folder}/query", "wb") as f:
            f.write(query)
        at = f"{self.folder}/{who}-tsa"
        return openssl("ts", "-reply", "-queryfile", f"{self.folder}/query",
                       "-config", f"{self.folder}/conf", "-inkey",
                       f"{at}.key", "-signer", f"{at}.pem")

    def other_query(self):
        return openssl("ts", "-query", "-data", f"{self.folder}/conf",
                       "-sha256", "-cert")

    def answer(self, handler, query):
        mode = self.mode
        kind, status = "application/timestamp-reply", 200
        if mode == "slow":
            self.release.wait(60)
        if mode == "garbage":
            body = b"\x30\x03\x02\x01\x00" * 40
        elif mode == "huge":
            body = b"\x30" * (1 << 20)
        elif mode == "refused":
            body = self.stamp(b"no query at all")
        elif mode == "replay":
            body = self.stamp(self.other_query())
        else:
            body = self.stamp(query,
                              "stranger" if mode == "stranger" else "good")
        if mode == "extra":
            body += b"\0"
        if mode == "status":
            status = 503
        if mode == "html":
            kind = "text/html"
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def close(self):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()
