"""The gate rule: was all that was fetched, kept and read allowed, at its place
in the log? In the words of docs/ledger.md; verify.py feeds it the entries."""


class Bad(ValueError):
    """What does not hold, in words."""


class Gate:
    def __init__(self):
        self.notices = {}    # (policy, version, language): the notice's hash
        self.versions = {}   # policy: its notices' versions
        self.bases = {}      # (policy, version, purpose): what it rests on
        self.read_it = set() # (policy, version, purpose): for who read it
        self.changed = set() # (policy, version, purpose): by a later notice
        self.told = set()    # (person, policy): a notice was presented
        self.shown = set()   # (person, notice, words): that one was
        self.asked = set()   # (person, purpose, basis, notice): the question
        self.open = {}       # (person, policy, purpose): (version, until)
        self.borne = set()   # the same: open once, and not withdrawn
        self.files = {}      # attachment: (person, policy, purposes)
        self.fetched = set() # attachments
        self.documents = {}  # document: (person, policy, purposes)
        self.closed = {}     # document or person: blocked or erased
        self.released = {}   # document or person: until when all the same
        self.linked = set()  # (newer and former reference, link)
        self.children = set() # persons under age; nobody answers for them
        self.others = {}     # attachment of somebody else's papers: its case
        self.mandates = set() # (person, case): who writes may
        self.openable = set() # documents blocked but for the person's access
        self.access = set()  # (person, request): to see, and not answered yet
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
            self.version(policy, e["notice_version"], e.get("evidence", {}))
        elif kind in ("notice_presented", "notice_delivered",
                      "notice_acknowledged", "consent_requested",
                      "consent_given") and (
                          not words or self.notices.get(notice) != words):
            raise Bad("it cites a notice that was not published")
        if kind == "notice_presented":
            self.told.add((who, policy))
            self.shown.add((who, notice, words))
        elif kind in ("notice_delivered", "notice_acknowledged"):
            self.rests(e, (who, notice, words))
        elif kind == "consent_requested":
            self.asked.add(question)
        elif kind == "consent_given":
            if (who, policy) not in self.told or question not in self.asked:
                raise Bad("a yes of somebody who was not told or not asked")
            if e["legal_basis"] not in ("consent", "explicit_consent"):
                raise Bad("a yes that is no legal basis")
            if who in self.children:
                raise Bad("a yes of a child for whom nobody answered")
            self.opens(e)
        elif kind in ("subject_relinked", "subject_unlinked",
                      "consent_carried"):
            self.link(kind, who, policy, e)
        elif kind == "minor_declared" or (
                kind == "representation_ended" and "case_id" not in e):
            self.children.add(who)
        elif kind == "representation_ended":
            self.mandates.discard((who, e["case_id"]))
        elif kind == "minor_cleared" or (
                kind == "representation_declared" and "case_id" not in e):
            self.children.discard(who)
        elif kind == "representation_declared":
            self.mandates.add((who, e["case_id"]))
        elif kind in ("consent_refused", "consent_withdrawn",
                      "consent_expired", "consent_uncarried"):
            self.open.pop((who, policy, e.get("purpose")), None)
            if kind != "consent_expired":
                self.borne.discard((who, policy, e.get("purpose")))
        elif kind in ("document_blocked", "document_erased"):
            self.closed[e.get("document_id")] = kind
            self.openable.discard(e.get("document_id"))
            if e.get("evidence", {}).get("open_to") == "subject":
                self.openable.add(e.get("document_id"))
        elif kind in ("request_opened", "request_completed",
                      "request_closed"):
            self.request(kind, who, e.get("evidence", {}))
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

    def version(self, policy, version, terms):
        """What a version fixes beside its words; its other languages say the
        same, and change nothing again."""
        known = self.versions.setdefault(policy, [])
        if version in known:
            return
        for p in terms.get("purposes", []):
            what = (policy, version, p["purpose"])
            self.bases[what] = p["legal_basis"]
            if p.get("acknowledge"):
                self.read_it.add(what)
            if p.get("substantial"):
                self.changed |= {(policy, old, p["purpose"]) for old in known}
        known.append(version)

    def opens(self, e):
        key = (e["subject"], e["policy"], e["purpose"])
        self.open[key] = (e["notice_version"],
                          e.get("evidence", {}).get("valid_until", "~"))
        self.borne.add(key)

    def rests(self, e, shown):
        """What rests on no consent: that is what the notice says, and it was
        shown to them."""
        what = (e["policy"], e["notice_version"], e.get("purpose"))
        if shown not in self.shown:
            raise Bad("a notice reached somebody to whom it was not shown")
        if self.bases.get(what) != e.get("legal_basis") or e.get(
                "legal_basis") in (None, "consent", "explicit_consent"):
            raise Bad("a purpose rests on what its notice does not say")
        if e["event_type"] == "notice_acknowledged" or what not in self.read_it:
            self.opens(e)

    def carried(self, who, policy, purposes, now):
        """Of each purpose: is it open at that time, to a notice that
        stands?"""
        for purpose in str(purposes).split(","):
            version, until = self.open.get((who, policy, purpose), ("", ""))
            yield now < until and (policy, version, purpose) not in self.changed

    def link(self, kind, who, policy, e):
        proof = e.get("evidence", {})
        link = (who, proof.get("former"), proof.get("link_id"))
        if kind == "subject_relinked":
            self.linked.add(link)
        elif kind == "subject_unlinked":
            self.linked.discard(link)
        elif link not in self.linked:
            raise Bad("a consent came over without a link")
        elif (link[1], policy, e.get("purpose")) not in self.open:
            raise Bad("a consent came over that there was not")
        else:
            key = (who, policy, e.get("purpose"))
            self.open[key] = self.open[(link[1],) + key[1:]]
            self.borne.add(key)

    def file(self, kind, attachment, what, e):
        if kind == "media_held":
            if self.files.setdefault(attachment, what) != what:
                raise Bad("a file that was announced otherwise")
            if "represented" in e.get("evidence", {}):
                self.others[attachment] = e.get("case_id")
            return
        if self.files.get(attachment) != what:
            raise Bad("a file that was not announced so")
        if attachment in self.others and (
                what[0], self.others[attachment]) not in self.mandates:
            raise Bad("papers of somebody else were taken without a mandate")
        if what[0] in self.children:
            raise Bad("a file of a child was taken for whom nobody answered")
        if what[0] in self.closed or not all(
                self.carried(*what, e["time"])):
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

    def request(self, kind, who, proof):
        """What somebody asks to see of themselves, or of who they showed that
        they may ask for, until it is answered."""
        what = (who, proof.get("request_id"))
        if kind == "request_closed":
            self.access.discard(what)
        elif proof.get("type") in ("access", "portability") and (
                proof.get("requester_role", "subject") == "subject" or
                proof.get("identity_assurance") not in (
                    "unverified", "wa_account")):
            self.access.add(what)

    def read(self, e):
        document, who = e.get("document_id"), e.get("subject")
        what = self.documents.get(document)
        if what is None or what[0] != who:
            raise Bad("a document was read that is nobody's")
        states = {self.closed.get(document), self.closed.get(who)}
        if states & {"document_erased", "subject_erased"}:
            raise Bad("a document was read that had been erased")
        if (e.get("evidence", {}).get("ground") == "subject_access" and
                who not in self.closed and document in self.openable and
                any(asked == who for asked, _ in self.access)):
            self.counts["read"] += 1
            return
        until = max(self.released.get(k, "") for k in (document, who))
        if until < e["time"] and states != {None}:
            raise Bad("a document was read while it was blocked")
        if until < e["time"] and not any(
                (what[0], what[1], purpose) in self.borne
                for purpose in str(what[2]).split(",")):
            raise Bad("a document was read that no purpose carried")
        self.counts["read"] += 1
