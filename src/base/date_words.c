/* A day, and an hour of it, as people write them. One form everywhere: with its
 * name, which nobody takes for another day, as 11/12 is taken. */
#include "resguardo/base.h"

#include <stdio.h>
#include <string.h>

static const struct tongue {
    const char *tag;
    const char *comma, *of; /* what is between a name and a number */
    const char *days[7];    /* from Monday */
    const char *months[12];
} tongues[] = {
    { "es",
      " ",
      " de ",
      { "lunes", "martes", "miércoles", "jueves", "viernes", "sábado",
        "domingo" },
      { "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio",
        "agosto", "septiembre", "octubre", "noviembre", "diciembre" } },
    { "en",
      " ",
      " ",
      { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
        "Sunday" },
      { "January", "February", "March", "April", "May", "June", "July",
        "August", "September", "October", "November", "December" } },
    { "pt",
      ", ",
      " de ",
      { "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira",
        "sexta-feira", "sábado", "domingo" },
      { "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho",
        "agosto", "setembro", "outubro", "novembro", "dezembro" } },
};
enum { ES, EN, PT, TONGUES };

/* TONGUES: one that we have no words of. */
static int tongue_of(const char *language)
{
    int t = 0;

    while (t < TONGUES && strncmp(language, tongues[t].tag, 2) != 0)
        t++;
    return t;
}

/* "lunes 28 de diciembre", without a year. */
static void short_day(char *out, size_t cap, int t, civil_day day)
{
    const struct tongue *in = &tongues[t];
    const struct date d = date_of(day);

    (void)snprintf(out, cap, "%s%s%d%s%s", in->days[date_weekday(day)],
                   in->comma, d.day, in->of, in->months[d.month - 1]);
}

void date_words(char out[static DATE_WORDS_SIZE], const char *language,
                civil_day day)
{
    const int t = tongue_of(language);
    char named[DATE_WORDS_SIZE - 16];

    if (t == TONGUES) { /* ISO 8601 is nobody's, and unmistakable */
        date_format(out, day);
        return;
    }
    short_day(named, sizeof(named), t, day);
    (void)snprintf(out, DATE_WORDS_SIZE, "%s%s%d", named, tongues[t].of,
                   date_of(day).year);
}

/* "9:00 a. m." where twelve hours are counted, as in all of America. */
static void clock_time(char *out, size_t cap, bool twelve, int minutes)
{
    int hour = minutes / 60;

    if (!twelve)
        (void)snprintf(out, cap, "%d:%02d", hour, minutes % 60);
    else
        (void)snprintf(out, cap, "%d:%02d %s", (hour + 11) % 12 + 1,
                       minutes % 60, hour < 12 ? "a. m." : "p. m.");
}

void date_words_at(char out[static DATE_WORDS_AT_SIZE], const char *language,
                   civil_day day, int minutes)
{
    const int t = tongue_of(language);
    const bool twelve = t == ES && strcmp(language, "es-ES") != 0;
    char named[DATE_WORDS_SIZE], at[24];

    clock_time(at, sizeof(at), twelve, minutes);
    if (t == TONGUES) {
        date_format(named, day);
        (void)snprintf(out, DATE_WORDS_AT_SIZE, "%s %s", named, at);
        return;
    }
    short_day(named, sizeof(named), t, day);
    if (t == EN)
        (void)snprintf(out, DATE_WORDS_AT_SIZE, "%s at %s", named, at);
    else if (t == PT)
        (void)snprintf(out, DATE_WORDS_AT_SIZE, "%s, às %s", named, at);
    else /* "a la 1:00" of both halves of the day */
        (void)snprintf(out, DATE_WORDS_AT_SIZE, "%s a la%s %s", named,
                       strncmp(at, "1:", 2) == 0 ? "" : "s", at);
}
