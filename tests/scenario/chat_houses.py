"""The institutions whose chats are in transcripts/: each folder of it is one of
them, a copy of a policy with a few lines changed and a number of its own, all
under one daemon."""
import datetime
import os
import re
import shutil
import sys
import threading

from harness import ROOT, expect, until

sys.path.insert(0, os.path.join(ROOT, "tests"))
from with_notices import (  # noqa: E402: a neighbour's folder
    with_answers, with_notices)

DAY = datetime.timedelta(days=1)
WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
        "sunday"]
# Nothing is half written while the daemon reads all of them again.
RELOADING = threading.RLock()


def edit(path, *changes):
    """(pattern, text) each: every pattern has to be there."""
    with open(path, encoding="utf-8") as f:
        text = f.read()
    for pattern, new in changes:
        expect(re.search(pattern, text), f"{path} has {pattern!r}")
        text = re.sub(pattern, lambda m, new=new: m.expand(new), text)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


ALWAYS_OPEN = (r"(?ms)^hours:.*?^clocks:", "clocks:")
NO_CONTACT_RULES = (r"(?ms)^contact_rules:.*?^storage_locations:",
                    "storage_locations:")
ASKS_HOW_IT_WAS = (r"\Z", "satisfaction: {ask_after: 0s}\n")


class House:
    """One of them: its policy is BASE with changes to policy.yaml."""

    def __init__(self, folder, base, *changes, more=None, reminder=None,
                 serial=False):
        self.folder, self.id = folder, folder or base
        self.base, self.changes, self.more = base, changes, more
        self.reminder, self.serial = reminder, serial
        self.r = self.number = None
        self.country = "57" if base.startswith("co-") else "34"

    def path(self, *names):
        return self.r.path("policies", self.id, *names)

    def build(self, r, number):
        self.r, self.number = r, number
        if self.id != self.base:
            shutil.copytree(r.path("policies", self.base), self.path())
            edit(self.path("policy.yaml"), (rf"(?m)^id: {self.base}$",
                                            f"id: {self.id}"))
        edit(self.path("policy.yaml"), *self.changes)
        if self.more:
            self.more(self)

    def list_of(self, person):
        return self.reminder.replace("{to}", person)

    def template(self, name):
        """Its body and the titles of its buttons, where the policy has them."""
        with open(self.path("policy.yaml"), encoding="utf-8") as f:
            found = re.search(rf"(?ms)^    name: {name}\n(.*?)(?=^  - id:|^\S)",
                              f.read())
        block = found[1] if found else ""
        body = re.search(r'(?m)^    body: "(.*)"$', block)
        return (body[1] if body else None,
                re.findall(r"title: ([^,]+), leads_to", block))

    # ---- what it does meanwhile ------------------------------------------------

    def does(self, words):
        {"hoy no abre": self.closes, "abre": self.opens,
         "publica un aviso que cambia para qué se usan los documentos":
             self.changes_its_notice,
         "espera a que se acabe la autorización": self.waits_for_the_end,
         "espera a que se pase el plazo": self.waits_for_the_last_day}[words]()

    def reload(self):
        with RELOADING:
            self.r.reload()

    def closes(self):
        with RELOADING:
            close_today(self)
            self.reload()

    def opens(self):
        with RELOADING:
            edit(self.path("policy.yaml"), ALWAYS_OPEN)
            self.reload()

    def changes_its_notice(self):
        with RELOADING:
            self.writes_another_notice()
            self.reload()

    def writes_another_notice(self):
        edit(self.path("policy.yaml"),
             (r'(?m)^notice_version: .*$',
              'notice_version: "2027-01"\nsubstantial: [case_processing]'))
        os.rename(self.path("notices", "2026-11"),
                  self.path("notices", "2027-01"))
        for name, words in (
                ("es-CO", "Desde ahora los documentos también sirven para "
                          "actualizar sus datos de contacto."),
                ("en", "They are also used to update your contact details now."),
                ("pt-BR", "Agora também servem para atualizar seus contatos.")):
            edit(self.path(f"texts.{name}.yaml"),
                 (r"(?m)^(  case_processing:\n    title: .*\n)",
                  rf'\1    changes: "{words}"\n'))

    def entered(self, kind):
        return [e for e in self.r.consent_log()
                if e["event_type"] == kind and e["policy"] == self.id]

    def waits_for_the_end(self):
        until("the consent ran out", lambda: self.entered("consent_expired"))

    def waits_for_the_last_day(self):
        until("a last day is over", lambda: [
            q for q in look(self.r).json("request", "list")
            if q["policy"] == self.id
            and q["state"] in ("overdue", "deemed_accepted")])


def look(r):
    """What is due is looked at with the next batch, once a second."""
    r.json("document", "list")
    return r


def close_today(house):
    """Today and the days beside it, wherever midnight is."""
    today = datetime.date.today()
    days = "".join(f"  - {{date: {today + n * DAY}, effect: holiday,"
                   " name: Martes de Carnaval}\n" for n in (-1, 0, 1))
    with open(house.path("days.yaml"), "w", encoding="utf-8") as f:
        f.write("days:\n" + days)


def in_la_laguna(house):
    close_today(house)
    edit(house.path("policy.yaml"),
         (r"timezone: Europe/Madrid", "timezone: Atlantic/Canary"),
         (r"regions: \[ES-MD\]", "regions: [ES-CN]"))


def changed(house, *changes):
    """Its folder under the name that the changes know it by."""
    folder = house.r.path("policies", "changed-" + house.id)
    os.mkdir(folder)
    shutil.copytree(house.path(), os.path.join(folder, house.base))
    for change in changes:
        change(folder)
    shutil.rmtree(house.path())
    os.rename(os.path.join(folder, house.base), house.path())
    os.rmdir(folder)


def asks_about_notices(house):
    """What docs/reminders.md says to copy."""
    changed(house, with_notices)


def is_answered(house):
    """Its example of a reminder that people answer, too."""
    if house.base == "co-habeas-data":
        asks_about_notices(house)
    changed(house, with_answers)


def not_today(house):
    """Hours of contact in which today and the days beside it are not."""
    asks_about_notices(house)
    day = WEEK[(datetime.date.today() + 3 * DAY).weekday()]
    if day == "sunday":
        day = WEEK[(datetime.date.today() + 2 * DAY).weekday()]
    edit(house.path("policy.yaml"),
         (r"(?ms)^  week:\n    monday: \[\"07:00.*?^(templates:|  out_of)",
          rf'  week:\n    {day}: ["08:00-12:00"]\n\1'))


def has_a_page(house):
    """Where what is not for the chat can be uploaded."""
    words = {"es-CO": "Para entregarlo ({items}), entre a nuestra página: {link}",
             "en": "To hand it in ({items}), open our page: {link}",
             "pt-BR": "Para entregar ({items}), entre na nossa página: {link}"}
    for name, text in words.items():
        edit(house.path(f"texts.{name}.yaml"),
             (r"(?m)^chat:\n", f'chat:\n  link: "{text}"\n'))


HOUSES = [
    House("", "co-habeas-data", ALWAYS_OPEN, NO_CONTACT_RULES, ASKS_HOW_IT_WAS),
    House("banca-es", "es-gdpr", ALWAYS_OPEN, ASKS_HOW_IT_WAS),
    House("banca-ejemplo", "banca-ejemplo", ALWAYS_OPEN),
    House("avisos", "co-habeas-data", ALWAYS_OPEN, more=asks_about_notices),
    House("avisos-otro-dia", "co-habeas-data", ALWAYS_OPEN, more=not_today,
          reminder="to,tramite,documento,fecha\n"
                   "{to},Retiro de cesantías,soporte,2026-12-15\n"),
    House("recordatorio", "co-habeas-data", ALWAYS_OPEN, more=is_answered,
          reminder="to,cuota,monto,fecha\n"
                   "{to},3 de 12,$ 250.000,2026-11-20\n"),
    House("recordatorio-es", "es-gdpr", ALWAYS_OPEN, more=is_answered,
          reminder="to,cuota,monto,fecha\n"
                   "{to},de noviembre,\"45,90 EUR\",2026-11-20\n"),
    House("cerrado-medellin", "co-habeas-data", more=close_today, serial=True),
    House("cerrado-la-laguna", "es-gdpr", more=in_la_laguna, serial=True),
    House("fila", "co-habeas-data", ALWAYS_OPEN, serial=True),
    House("vence", "banca-ejemplo", ALWAYS_OPEN,
          (r"valid_for: 365d", "valid_for: 6s")),
    House("aviso-que-cambia", "co-habeas-data", ALWAYS_OPEN),
    House("pagina-propia", "co-habeas-data", ALWAYS_OPEN,
          (r"(?m)^procedures:", 'secure_link: "https://cargas.example.co/'
                                '{procedure}?caso={case}"\nprocedures:'),
          more=has_a_page),
]


def build_houses(r):
    """Their policies and their numbers, before the daemon starts."""
    lines = []
    copies_first = sorted(HOUSES, key=lambda house: house.id == house.base)
    for i, house in enumerate(copies_first):
        house.build(r, f"1065403422529{i:02}")
        lines.append(f'    - phone_number_id: "{house.number}"\n'
                     f"      policy: {house.id}\n")
    with open(r.config, "a", encoding="utf-8") as f:
        f.write("".join(lines))
    r.sim.post("/sim/config",
               {"other_numbers": [house.number for house in HOUSES]})
