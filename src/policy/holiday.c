/* The holidays of Colombia: Ley 51 de 1983, computed for any year. */
#include "resguardo/calendar.h"

#include <stdlib.h>

enum rule { FIXED, TO_MONDAY, FROM_EASTER };

static const struct {
    enum rule rule;
    int month, day; /* FROM_EASTER: days after it */
    const char *name;
} table[COLOMBIA_HOLIDAYS] = {
    { FIXED, 1, 1, "Año Nuevo" },
    { TO_MONDAY, 1, 6, "Reyes Magos" },
    { TO_MONDAY, 3, 19, "San José" },
    { FROM_EASTER, 0, -3, "Jueves Santo" },
    { FROM_EASTER, 0, -2, "Viernes Santo" },
    { FIXED, 5, 1, "Día del Trabajo" },
    { FROM_EASTER, 0, 43, "Ascensión del Señor" },
    { FROM_EASTER, 0, 64, "Corpus Christi" },
    { FROM_EASTER, 0, 71, "Sagrado Corazón de Jesús" },
    { TO_MONDAY, 6, 29, "San Pedro y San Pablo" },
    { FIXED, 7, 20, "Independencia de Colombia" },
    { FIXED, 8, 7, "Batalla de Boyacá" },
    { TO_MONDAY, 8, 15, "Asunción de la Virgen" },
    { TO_MONDAY, 10, 12, "Día de la Diversidad Étnica y Cultural" },
    { TO_MONDAY, 11, 1, "Todos los Santos" },
    { TO_MONDAY, 11, 11, "Independencia de Cartagena" },
    { FIXED, 12, 8, "Inmaculada Concepción" },
    { FIXED, 12, 25, "Navidad" },
};

/* Easter Sunday in the Gregorian calendar (Meeus's form of Butcher's rule). */
static civil_day easter(int year)
{
    int a = year % 19, b = year / 100, c = year % 100;
    int d = b / 4, e = b % 4, f = (b + 8) / 25, g = (b - f + 1) / 3;
    int h = (19 * a + b - d - g + 15) % 30, i = c / 4, k = c % 4;
    int l = (32 + 2 * e + 2 * i - h - k) % 7;
    int m = (a + 11 * h + 22 * l) / 451;
    int n = h + l - 7 * m + 114;

    return date_day(year, n / 31, n % 31 + 1);
}

static int compare(const void *one, const void *two)
{
    const struct holiday *a = one, *b = two;

    return a->day < b->day ? -1 : a->day > b->day;
}

void holiday_colombia(int year, struct holiday out[static COLOMBIA_HOLIDAYS])
{
    const civil_day sunday = easter(year);

    for (size_t i = 0; i < COLOMBIA_HOLIDAYS; i++) {
        civil_day day = table[i].rule == FROM_EASTER
                            ? sunday + table[i].day
                            : date_day(year, table[i].month, table[i].day);

        if (table[i].rule == TO_MONDAY)
            day += (7 - date_weekday(day)) % 7;
        out[i] = (struct holiday){ day, table[i].name };
    }
    qsort(out, COLOMBIA_HOLIDAYS, sizeof(*out), compare);
}
