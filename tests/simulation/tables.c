/*
 * The policies, told once more: which document takes which file, when an answer
 * is due, when somebody may be written to. Written by hand from policies/, and
 * not read from there: what the product makes of those is what is tested.
 */
#include "sim.h"

#include <string.h>

/* ---- procedures --------------------------------------------------------- */

#define PDF   (1u << 1)
#define PAPER (1u << 0 | PDF | 1u << 2 | 1u << 5) /* photos and PDF */
#define CASE  (1u << CASE_PROCESSING)
#define FACE  (CASE | 1u << SENSITIVE)

const struct sim_procedure sim_procedures[PROCEDURES] = {
    { CO,
      "cesantias",
      "tramite",
      { { "cedula", "cédula", PAPER, FACE, 2, true, false },
        { "soporte", "soporte", PDF, CASE, 5, true, false },
        { "certificado_bancario", "bancario", 0, CASE, 1, true, false } } },
    { CO,
      "beneficiario",
      "tramite",
      { { "cedula", "cédula", PAPER, FACE, 2, true, false },
        { "registro_civil", "registro", PAPER, FACE, 2, true, true },
        { "certificado_estudio", "estudio", PDF, CASE, 1, false, false } } },
    { CO,
      "actualizacion",
      "tramite_corto",
      { { "recibo_servicio", "recibo", PDF, CASE, 1, true, false },
        { "formato", "formato", PDF, CASE, 1, false, false } } },
    { ES,
      "alta_cuenta",
      "tramite",
      { { "dni", NULL, 0, CASE, 1, true, false },
        { "justificante_ingresos", "ingresos", PAPER, CASE, 3, true, false },
        { "justificante_domicilio", "domicilio", PAPER, CASE, 1, false,
          false } } },
    { ES,
      "reclamacion_recibo",
      "reclamacion",
      { { "recibo", "recibo", PAPER, CASE, 5, true, false },
        { "otros", "otros", PAPER, CASE, 10, false, false } } },
    { ES,
      "cambio_datos",
      "tramite",
      { { "justificante_domicilio", "domicilio", PAPER, CASE, 1, true,
          false } } },
};

int sim_procedure(int policy, const char *id)
{
    for (int i = 0; i < PROCEDURES; i++)
        if (sim_procedures[i].policy == policy &&
            strcmp(sim_procedures[i].id, id) == 0)
            return i;
    return -1;
}

int sim_item(int procedure, const char *id)
{
    for (int i = 0; procedure >= 0 && i < ITEMS; i++)
        if (sim_procedures[procedure].items[i].id != NULL &&
            strcmp(sim_procedures[procedure].items[i].id, id) == 0)
            return i;
    return -1;
}

/* What a file needs that belongs to no document of a procedure. */
unsigned purposes_of(int policy, int file_kind)
{
    bool image = file_kind == 0 || file_kind == 2 || file_kind == 5;

    return policy == CO && image ? FACE : CASE;
}

/* ---- days --------------------------------------------------------------- */

#define DAY(y, m, d)                                                           \
    {                                                                          \
        y, m, d                                                                \
    }
static const struct {
    int16_t year;
    int8_t month, day;
} holidays[POLICIES][32] = {
    [CO] = { DAY(2026, 12, 8),  DAY(2026, 12, 25), DAY(2027, 1, 1),
             DAY(2027, 1, 11),  DAY(2027, 3, 22),  DAY(2027, 3, 25),
             DAY(2027, 3, 26),  DAY(2027, 5, 1),   DAY(2027, 5, 10),
             DAY(2027, 5, 31),  DAY(2027, 6, 7),   DAY(2027, 7, 5),
             DAY(2027, 7, 20),  DAY(2027, 8, 7),   DAY(2027, 8, 16),
             DAY(2027, 10, 18), DAY(2027, 11, 1),  DAY(2027, 11, 15),
             DAY(2027, 12, 8),  DAY(2027, 12, 25) },
    [ES] = { DAY(2026, 12, 6), DAY(2026, 12, 7), DAY(2026, 12, 8),
             DAY(2026, 12, 25), DAY(2027, 1, 1), DAY(2027, 3, 26),
             DAY(2027, 5, 1), DAY(2027, 8, 15), DAY(2027, 10, 12),
             DAY(2027, 11, 1), DAY(2027, 12, 6), DAY(2027, 12, 8),
             DAY(2027, 12, 25) },
};
#define KNOWN_UNTIL 21183 /* 2027-12-31 */

/* Colombia does not change its clocks; Spain did on the last Sundays of March
 * and October 2027. */
static msec ahead(int policy, msec at)
{
    const msec spring = 1806195600000, autumn = 1824944400000;

    if (policy == CO)
        return -5 * MSEC_H;
    return at >= spring && at < autumn ? 2 * MSEC_H : MSEC_H;
}

int64_t local_day(int policy, msec at)
{
    return (at + ahead(policy, at)) / MSEC_D;
}

msec local_begin(int policy, int64_t day)
{
    msec at = day * MSEC_D;

    return at - ahead(policy, at - 3 * MSEC_H);
}

static int weekday(int64_t day) /* 0 Monday */
{
    return (int)((day + 3) % 7);
}

static bool holiday(int policy, int64_t day)
{
    for (size_t i = 0; i < 32 && holidays[policy][i].year != 0; i++)
        if (date_day(holidays[policy][i].year, holidays[policy][i].month,
                     holidays[policy][i].day) == day)
            return true;
    return false;
}

bool business_day(int policy, int64_t day)
{
    return weekday(day) < 5 && !holiday(policy, day);
}

/* ---- terms -------------------------------------------------------------- */

static const struct {
    int8_t policy;
    const char *clock;
    int8_t days, months, more; /* more: of the same, for each extension */
} terms[] = {
    { CO, "consulta", 10, 0, 5 },     { CO, "reclamo", 15, 0, 8 },
    { CO, "peticion", 15, 0, 15 },    { CO, "tramite", 10, 0, 0 },
    { CO, "tramite_corto", 3, 0, 0 }, { ES, "derechos", 0, 1, 2 },
    { ES, "reclamacion", 0, 1, 0 },   { ES, "tramite", 5, 0, 0 },
};

static int64_t after_business_days(int policy, int64_t day, int n)
{
    while (n > 0)
        n -= business_day(policy, ++day);
    return day;
}

static int64_t after_months(int64_t day, int n)
{
    static const int8_t lengths[] = { 31, 28, 31, 30, 31, 30,
                                      31, 31, 30, 31, 30, 31 };
    int year = 2026, month = 1, length;

    while (date_day(year + (month == 12), month % 12 + 1, 1) <= day) {
        year += month == 12;
        month = month % 12 + 1;
    }
    length = (int)(day - date_day(year, month, 1)) + 1;
    month += n;
    year += (month - 1) / 12;
    month = (month - 1) % 12 + 1;
    if (length > lengths[month - 1])
        length = lengths[month - 1] + (month == 2 && year % 4 == 0);
    return date_day(year, month, length);
}

int64_t due_day(int policy, const char *clock, msec began, int extensions,
                bool *known)
{
    int64_t day = local_day(policy, began), due = 0;

    for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
        if (terms[i].policy != policy || strcmp(terms[i].clock, clock) != 0)
            continue;
        if (terms[i].days > 0) {
            due = after_business_days(
                policy, day, terms[i].days + extensions * terms[i].more);
            continue;
        }
        due = after_months(day, terms[i].months + extensions * terms[i].more);
        while (!business_day(policy, due))
            due++;
    }
    *known = due != 0 && due < KNOWN_UNTIL;
    return due;
}

/* ---- Ley 2300 ----------------------------------------------------------- */

enum sim_hours contact_hours_at(int policy, msec at)
{
    int64_t day = local_day(policy, at);
    msec of_day = at - local_begin(policy, day);
    bool saturday = weekday(day) == 5;

    if (policy != CO)
        return HOURS_OPEN;
    if (weekday(day) == 6 || holiday(policy, day))
        return HOURS_NO_DAY;
    return of_day >= (saturday ? 8 : 7) * MSEC_H &&
                   of_day < (saturday ? 15 : 19) * MSEC_H
               ? HOURS_OPEN
               : HOURS_SHUT;
}
