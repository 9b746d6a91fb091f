/*
 * The policies of this world: those that come with the product, and beside them
 * what is off until an institution wants it (how it was, reminders of their
 * own, documents in the chat), so that it is met by faults and deaths, too.
 */
#include "sim.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Behind a line of a file, or (NULL) at its end; texts are the same in all
 * languages. */
static const struct addition {
    const char *file, *line, *text;
} additions[] = {
    { "co-habeas-data/policy.yaml", "    gates: [image]",
      "  - id: contact_whatsapp\n"
      "    class: accessory\n"
      "    legal_basis: consent\n"
      "    gates: []\n"
      "    ask: after_complete\n" },
    { "co-habeas-data/policy.yaml", "templates:",
      "  - id: cobro\n"
      "    name: cobro\n"
      "    language: es_CO\n"
      "    category: utility\n"
      "    class: collection\n"
      "    purpose: contact_whatsapp\n"
      "    parameters: [{name: monto, type: amount}]\n"
      "  - id: oferta\n"
      "    name: oferta\n"
      "    language: es_CO\n"
      "    category: marketing\n"
      "    class: advertising\n"
      "    purpose: contact_whatsapp\n"
      "    parameters: [{name: que, type: text, max: 40}]\n" },
    { "co-habeas-data/policy.yaml", NULL,
      "satisfaction: {ask_after: 10m, quiet_days: 30}\n"
      "stop_word: NO MÁS AVISOS\n"
      "send_documents: true\n" },
    { "co-habeas-data/texts.", "purposes:",
      "  contact_whatsapp:\n"
      "    title: Avisos por WhatsApp\n"
      "    prompt: ¿Quiere que le escribamos por este chat para avisarle de "
      "fechas y pagos? Para dejar de recibirlos escriba {stop_word}.\n" },
    { "co-habeas-data/texts.", "words:", "  stop: [no más avisos]\n" },
    { "co-habeas-data/texts.", NULL,
      "contact:\n"
      "  row: Avisos por WhatsApp\n"
      "  \"on\": Ya los autorizó. Para dejarlos escriba {stop_word}.\n"
      "  granted: Gracias. Para dejarlos escriba {stop_word}.\n"
      "  refused: De acuerdo, no le escribimos.\n"
      "  withdrawn: Hecho, no le escribimos más.\n"
      "delivery:\n"
      "  code: \"Escriba el código de su caso {case}.\"\n"
      "  right: \"Es correcto, caso {case}.\"\n"
      "  wrong: Ese código no es.\n" },
    { "es-gdpr/policy.yaml", NULL,
      "satisfaction: {ask_after: 10m, quiet_days: 30}\n"
      "send_documents: true\n" },
    { "es-gdpr/texts.", NULL,
      "delivery:\n"
      "  code: \"Escriba el código de su caso {case}.\"\n"
      "  right: \"Es correcto, caso {case}.\"\n"
      "  wrong: Ese código no es.\n" },
};

static void add_to(FILE *out, const char *file, const char *line)
{
    for (size_t i = 0; i < sizeof(additions) / sizeof(additions[0]); i++) {
        const struct addition *a = &additions[i];

        if (strncmp(a->file, file, strlen(a->file)) == 0 &&
            (line == NULL ? a->line == NULL
                          : a->line != NULL && strcmp(a->line, line) == 0))
            (void)fputs(a->text, out);
    }
}

static int copy_file(const char *name, const char *to, struct error *err)
{
    char path[256], line[4096];
    FILE *in, *out;
    int ok = -1;

    (void)snprintf(path, sizeof(path), "policies/%s", name);
    in = fopen(path, "r");
    (void)snprintf(path, sizeof(path), "%s/%s", to, name);
    out = fopen(path, "w");
    if (in != NULL && out != NULL) {
        while (fgets(line, sizeof(line), in) != NULL) {
            (void)fputs(line, out);
            line[strcspn(line, "\n")] = '\0';
            add_to(out, name, line);
        }
        add_to(out, name, NULL);
        ok = 0;
    }
    if (in != NULL)
        (void)fclose(in);
    if (out != NULL && fclose(out) != 0)
        ok = -1;
    return ok == 0 ? 0 : error_errno(err, ERR_IO, "cannot copy %s", path);
}

static int copy_folder(const char *name, const char *to, struct error *err)
{
    char path[256];
    struct dirent *entry;
    DIR *dir;
    int ok = 0;

    (void)snprintf(path, sizeof(path), "%s/%s", to, name);
    (void)mkdir(path, 0700);
    (void)snprintf(path, sizeof(path), "policies/%s", name);
    if ((dir = opendir(path)) == NULL)
        return error_errno(err, ERR_IO, "cannot read %s", path);
    while (ok == 0 && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof(path), "%s/%.120s", name, entry->d_name);
        ok = entry->d_type == DT_DIR ? copy_folder(path, to, err)
                                     : copy_file(path, to, err);
    }
    (void)closedir(dir);
    return ok;
}

struct policy_set *policies_of_world(const char *folder, struct error *err)
{
    char to[128];

    (void)snprintf(to, sizeof(to), "%s/policies", folder);
    (void)mkdir(to, 0700);
    for (int i = 0; i < POLICIES; i++)
        if (copy_folder(sim_policies[i], to, err) != 0)
            return NULL;
    return policy_set_load(to, sim_policies, POLICIES, "Simulacro S. A.",
                           "https://s.example", err);
}
