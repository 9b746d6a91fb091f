"""The gate rule: was all that was fetched, kept and read allowed, at its place
in the log? In the words of docs/ledger.md; verify.py feeds it the entries."""


class Bad(ValueError):
    """What does not hold, in words."""


class Gate:
    def __init__(self):
        self.notices = {}    # (policy, version, language): the notice's hash
        self.told = set()    # (person, policy): a notice was presented
        self.asked = set()   # (person, purpose, basis, notice): the question
        self.open = set()    # (person, policy, purpose): they said yes
        self.files = {}      # attachment: (person, policy, purposes)
        self.fetched = set() # attachments
        self.documents = {}  # document: (person, policy, purposes)
        self.closed = {}     # document or person: blocked or erased
        self.released = {}   # document or person: until when all the same
        self.counts = {"fetched": 0, "kept": 0, "read": 0}

    def add(self, e):
        kind, who, policy = (e.get(k) for k in (
            "event_type", "subject", "policy"))
        notice = (policy, e.get("notice_version"), e.get("language"))
        words = e.get("notice_sha256")
        question = (who, e.get("purpose"), e.get("legal_basis"), notice, words)
        if kind == "notice_published":
            if self.notices.setdefault(notice, words) != words:
                raise Bad("a published notice has other words now")
        elif kind in ("notice_presented", "consent_requested",
                      "consent_given") and (
                          not words or self.notices.get(notice) != words):
            raise Bad("it cites a notice that was not published")
        if kind == "notice_presented":
            self.told.add((who, policy))
        elif kind == "consent_requested":
            self.asked.add(question)
        elif kind == "consent_given":
            if (who, policy) not in self.told or question not in self.asked:
                raise Bad("a yes of somebody who was not told or not asked")
            if e["legal_basis"] not in ("consent", "explicit_consent"):
                raise Bad("a yes that is no legal basis")
            self.open.add((who, policy, e["purpose"]))
        elif kind in ("consent_refused", "consent_withdrawn",
                      "consent_expired"):
            self.open.discard((who, policy, e.get("purpose")))
        elif kind in ("document_blocked", "document_erased"):
            self.closed[e.get("document_id")] = kind
        elif kind in ("subject_blocked", "subject_erased"):
            self.closed[who] = kind
        elif kind == "document_released":
            self.released[e.get("document_id", who)] = e["evidence"]["until"]
        elif kind == "document_read":
            self.read(e)
        elif kind in ("media_held", "media_fetching", "media_stored",
                      "media_quarantined"):
            self.file(kind, e.get("attachment_id"),
                      (who, policy, e.get("purpose")), e)

    def carried(self, who, policy, purposes):
        """Of each purpose: is it open?"""
        return [(who, policy, purpose) in self.open
                for purpose in str(purposes).split(",")]

    def file(self, kind, attachment, what, e):
        if kind == "media_held":
            if self.files.setdefault(attachment, what) != what:
                raise Bad("a file that was announced otherwise")
            return
        if self.files.get(attachment) != what:
            raise Bad("a file that was not announced so")
        if what[0] in self.closed or not all(self.carried(*what)):
            raise Bad(f"a file was taken without a legal basis for {what[2]}")
        if kind == "media_fetching":
            self.fetched.add(attachment)
            self.counts["fetched"] += 1
            return
        if attachment not in self.fetched:
            raise Bad("a file was kept that was not fetched")
        self.fetched.discard(attachment)
        if self.documents.setdefault(e.get("document_id"), what) is not what:
            raise Bad("a document that is there already")
        self.counts["kept"] += 1

    def read(self, e):
        document, who = e.get("document_id"), e.get("subject")
        what = self.documents.get(document)
        if what is None or what[0] != who:
            raise Bad("a document was read that is nobody's")
        states = {self.closed.get(document), self.closed.get(who)}
        if states & {"document_erased", "subject_erased"}:
            raise Bad("a document was read that had been erased")
        until = max(self.released.get(k, "") for k in (document, who))
        if until < e["time"] and states != {None}:
            raise Bad("a document was read while it was blocked")
        if until < e["time"] and not any(self.carried(*what)):
            raise Bad("a document was read that no purpose carried")
        self.counts["read"] += 1
