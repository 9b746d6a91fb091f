/* Feeds a fuzz target with files, without a fuzzer: what was found once must
 * hold for ever. Without arguments: the target's seeds and the empty input. */
#include "fuzz.h"

#include <dirent.h>

/* Exactly as long as the file, so that ASan sees an overrun. (Not file_read,
 * which some targets replace.) */
static void feed(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = NULL;
    long len = -1;

    (void)fprintf(stderr, "# %s\n", path);
    FUZZ_CHECK(file != NULL && fseek(file, 0, SEEK_END) == 0);
    len = ftell(file);
    FUZZ_CHECK(len >= 0 && fseek(file, 0, SEEK_SET) == 0);
    bytes = malloc(len > 0 ? (size_t)len : 1);
    FUZZ_CHECK(bytes != NULL &&
               fread(bytes, 1, (size_t)len, file) == (size_t)len);
    (void)fclose(file);
    (void)LLVMFuzzerTestOneInput(bytes, (size_t)len);
    free(bytes);
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int feed_folder(const char *folder)
{
    struct dirent **names = NULL;
    int n = scandir(folder, &names, visible, alphasort);

    for (int i = 0; i < n; i++) {
        char path[512];

        (void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
        feed(path);
        free(names[i]);
    }
    free(names);
    return n;
}

int main(int argc, char *argv[])
{
    const char *slash = strrchr(argv[0], '/');
    const char *name = slash != NULL ? slash + 1 : argv[0];
    char folder[256];
    int n = argc - 1;

    if (strncmp(name, "fuzz_", 5) == 0)
        name += 5;
    for (int i = 1; i < argc; i++)
        feed(argv[i]);
    if (argc == 1) {
        (void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
        (void)snprintf(folder, sizeof(folder), "tests/fuzz/seeds/%s", name);
        n = feed_folder(folder);
    }
    if (n < 1) {
        (void)printf("not ok %s: no seeds\n", name);
        return 1;
    }
    (void)printf("ok %s, %d inputs\n", name, n);
    return 0;
}
