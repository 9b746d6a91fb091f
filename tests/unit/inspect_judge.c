/* The judge's own logic on the sample files, and on files made to mislead. */
#include "unit.h"

#include "inspect/brands.h"
#include "inspect/magic.h"
#include "inspect/text.h"
#include "inspect/zip.h"
#include "resguardo/inspect.h"

#define DOCX                                                                   \
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#define DOCM "application/vnd.ms-word.document.macroenabled.12"

static int buffer_read(void *arg, int64_t offset, uint8_t *out, size_t len,
                       size_t *got, struct error *err)
{
    const struct buf *file = arg;

    (void)err;
    assert_true(len > 0 && len <= LIMIT_JUDGE_READ);
    assert_true(offset >= 0 && (size_t)offset < file->len);
    *got = len < file->len - (size_t)offset ? len : file->len - (size_t)offset;
    memcpy(out, file->p + offset, *got);
    return 0;
}

static int failing_read(void *arg, int64_t offset, uint8_t *out, size_t len,
                        size_t *got, struct error *err)
{
    (void)arg, (void)offset, (void)out, (void)len, (void)got;
    return error_set(err, ERR_IO, "the disk is gone");
}

static struct buf sample(const char *name)
{
    struct buf file = { 0 };
    struct error err = { 0 };
    char path[256];

    (void)snprintf(path, sizeof(path), "tests/vectors/media/%s", name);
    assert_int_equal(file_read(path, (size_t)1 << 20, &file, &err), 0);
    return file;
}

static struct inspect_verdict judge_bytes(struct buf *file)
{
    struct inspect_verdict v;
    struct error err = { 0 };
    void *magic = inspect_magic_open(&err);

    assert_non_null(magic);
    assert_int_equal(
        inspect_judge(magic, (int64_t)file->len, buffer_read, file, &v, &err),
        0);
    inspect_magic_close(magic);
    return v;
}

static void expect(const char *name, const char *type, const char *finding)
{
    struct buf file = sample(name);
    struct inspect_verdict v = judge_bytes(&file);

    assert_string_equal(v.media_type, type);
    assert_string_equal(v.finding, finding);
    buf_free(&file);
}

static void pictures_by_content(void **state)
{
    (void)state;
    expect("photo.jpg", "image/jpeg", "");
    expect("photo.png", "image/png", "");
    expect("photo.webp", "image/webp", "");
}

static void heic_by_any_of_its_brands(void **state)
{
    (void)state;
    expect("photo.heic", "image/heic", "");
    expect("photo-heix.heic", "image/heic", "");
    expect("photo-mif1.heic", "image/heic", "");
    expect("photo-msf1.heic", "image/heic", "");
    expect("photo-hevc.heic", "image/heic", "");
    expect("photo-mihe.heic", "image/heic", "");
    expect("photo-miaf.heic", "image/heic", "");
}

static void avif_is_not_heic(void **state)
{
    (void)state;
    expect("photo.avif", "image/avif", "");
}

static void pdf_by_content(void **state)
{
    (void)state;
    expect("letter.pdf", "application/pdf", "");
}

static void docx_in_any_member_order(void **state)
{
    (void)state;
    expect("letter.docx", DOCX, "");
    expect("letter-types-last.docx", DOCX, "");
    expect("letter-props-first.docx", DOCX, "");
    expect("letter-custom-first.docx", DOCX, "");
}

static void docx_with_a_comment_after_the_directory(void **state)
{
    (void)state;
    expect("letter-comment.docx", DOCX, "");
}

static void docx_with_a_64_bit_end_record(void **state)
{
    (void)state;
    expect("letter-zip64.docx", DOCX, "");
}

static void docx_with_macros_is_another_type(void **state)
{
    (void)state;
    expect("macro.docx", DOCM, "macro");
}

static void docx_without_its_directory_is_damaged(void **state)
{
    (void)state;
    expect("letter-cut.docx", DOCX, "damaged");
}

static void docx_with_an_encrypted_member_is_named(void **state)
{
    struct buf file = sample("letter.docx");
    uint8_t *entry = memmem(file.p, file.len, "PK\1\2", 4);
    struct inspect_verdict v;

    (void)state;
    assert_non_null(entry);
    entry[8] |= 1;
    v = judge_bytes(&file);
    assert_string_equal(v.media_type, DOCX);
    assert_string_equal(v.finding, "encrypted");
    buf_free(&file);
}

static void other_archives_are_not_docx(void **state)
{
    (void)state;
    expect("plain.zip", "application/zip", "");
    expect("sheet.xlsx",
           "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
           "");
}

static void program_renamed_to_jpg(void **state)
{
    (void)state;
    expect("program.jpg", "application/vnd.microsoft.portable-executable", "");
}

static void html_renamed_to_jpg(void **state)
{
    (void)state;
    expect("page.jpg", "text/html", "");
}

static void text_is_text(void **state)
{
    (void)state;
    expect("note.txt", "text/plain", "");
}

static void picture_with_a_docx_behind_it_stays_a_picture(void **state)
{
    struct buf file = sample("photo.jpg"), tail = sample("letter.docx");
    struct inspect_verdict v;

    (void)state;
    assert_int_equal(buf_add(&file, tail.p, tail.len), 0);
    v = judge_bytes(&file);
    assert_string_equal(v.media_type, "image/jpeg");
    buf_free(&file);
    buf_free(&tail);
}

static void empty_file_is_read_not_at_all(void **state)
{
    struct buf file = { 0 };
    struct inspect_verdict v = judge_bytes(&file);

    (void)state;
    assert_string_equal(v.media_type, "application/x-empty");
}

static void noise_has_no_accepted_type(void **state)
{
    static const uint8_t noise[] = { 0x81, 0x02, 0x9f, 0x00, 0x11, 0xfe, 0x07 };
    struct buf file = { 0 };
    struct inspect_verdict v;

    (void)state;
    assert_int_equal(buf_add(&file, noise, sizeof(noise)), 0);
    v = judge_bytes(&file);
    assert_string_equal(v.media_type, "application/octet-stream");
    buf_free(&file);
}

static void read_failure_is_a_failure(void **state)
{
    struct inspect_verdict v;
    struct error err = { 0 };
    void *magic = inspect_magic_open(&err);

    (void)state;
    assert_int_equal(inspect_judge(magic, 10, failing_read, NULL, &v, &err),
                     -1);
    assert_int_equal(err.code, ERR_IO);
    assert_string_equal(v.media_type, "");
    inspect_magic_close(magic);
}

static void negative_size_is_refused(void **state)
{
    struct inspect_verdict v;
    struct error err = { 0 };

    (void)state;
    assert_int_equal(inspect_judge(NULL, -1, failing_read, NULL, &v, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
}

/* ---- brands ------------------------------------------------------------- */

static void brands_need_a_whole_box(void **state)
{
    static const uint8_t box[] = "\0\0\0\x18"
                                 "ftypmiaf\0\0\0\0mif1heic";

    (void)state;
    assert_true(inspect_brands_heic(box, 24));
    assert_false(inspect_brands_heic(box, 23));
    assert_false(inspect_brands_heic(box, 0));
}

static void brands_after_the_box_do_not_count(void **state)
{
    static const uint8_t box[] = "\0\0\0\x14"
                                 "ftypmiaf\0\0\0\0mif1heic";

    (void)state;
    assert_false(inspect_brands_heic(box, 24));
}

static void sequence_of_another_codec_is_not_heic(void **state)
{
    static const uint8_t box[] = "\0\0\0\x18"
                                 "ftypmsf1\0\0\0\0msf1avis";

    (void)state;
    assert_false(inspect_brands_heic(box, 24));
}

/* ---- text --------------------------------------------------------------- */

static void html_after_blanks_in_any_case(void **state)
{
    static const uint8_t page[] = "\xef\xbb\xbf \r\n<HtMl>";

    (void)state;
    assert_string_equal(inspect_text_type(page, sizeof(page) - 1), "text/html");
}

static void control_characters_are_not_text(void **state)
{
    (void)state;
    assert_null(inspect_text_type((const uint8_t *)"a\0b", 3));
    assert_null(inspect_text_type((const uint8_t *)"", 0));
}

/* ---- zip ---------------------------------------------------------------- */

static struct inspect_zip survey(struct buf *file)
{
    struct inspect_source s = { (int64_t)file->len, buffer_read, file };
    struct inspect_zip zip;
    struct error err = { 0 };

    assert_int_equal(inspect_zip_survey(&s, &zip, &err), 0);
    return zip;
}

/* The sample with `n` bytes at `at` from its end replaced. */
static struct inspect_zip survey_with(const char *name, size_t from_end,
                                      const char *bytes, size_t n)
{
    struct buf file = sample(name);
    struct inspect_zip zip;

    assert_true(from_end <= file.len);
    memcpy(file.p + file.len - from_end, bytes, n);
    zip = survey(&file);
    buf_free(&file);
    return zip;
}

static void zip_unchanged_is_readable(void **state)
{
    (void)state;
    assert_true(survey_with("letter.docx", 22, "PK\5\6", 4).readable);
}

static void zip_with_a_wrong_count_is_not_readable(void **state)
{
    (void)state;
    assert_false(survey_with("letter.docx", 12, "\3\0", 2).readable);
    assert_false(survey_with("letter.docx", 12, "\5\0", 2).readable);
}

static void zip_with_a_directory_past_the_end_is_not_readable(void **state)
{
    (void)state;
    assert_false(
        survey_with("letter.docx", 10, "\xff\xff\xff\x7f", 4).readable);
    assert_false(survey_with("letter.docx", 6, "\xff\xff\xff\x7f", 4).readable);
}

static void zip_that_claims_a_64_bit_record_it_lacks(void **state)
{
    (void)state;
    assert_false(survey_with("letter.docx", 6, "\xff\xff\xff\xff", 4).readable);
}

static void zip64_with_a_wild_locator_is_not_readable(void **state)
{
    static const char wild[] = "\xff\xff\xff\xff\xff\xff\xff\xff";
    static const char past[] = "\0\0\1\0\0\0\0";

    (void)state;
    assert_false(survey_with("letter-zip64.docx", 34, wild, 8).readable);
    assert_false(survey_with("letter-zip64.docx", 34, past, 8).readable);
}

static void zip64_with_wild_sizes_is_not_readable(void **state)
{
    static const char wild[] = "\xff\xff\xff\xff\xff\xff\xff\xff";

    (void)state;
    for (size_t field = 0; field < 3; field++)
        assert_false(
            survey_with("letter-zip64.docx", 66 - 8 * field, wild, 8).readable);
}

static void zip_cut_anywhere_is_not_readable(void **state)
{
    struct buf file = sample("letter.docx");

    (void)state;
    for (size_t len = file.len; len-- > 0;) {
        struct buf cut = { 0 };

        assert_int_equal(buf_add(&cut, file.p, len), 0);
        assert_false(survey(&cut).readable);
        buf_free(&cut);
    }
    buf_free(&file);
}

static void zip_with_any_byte_changed_stays_in_bounds(void **state)
{
    struct buf file = sample("letter-zip64.docx");

    (void)state;
    for (size_t at = 0; at < file.len; at++) {
        uint8_t before = file.p[at];

        file.p[at] ^= 0xff;
        (void)survey(&file);
        file.p[at] = before;
    }
    assert_true(survey(&file).readable);
    buf_free(&file);
}

/* A directory of many windows: n members with names of 200 bytes, and last
 * the two that make a Word file. */
static void add_entry(struct buf *out, const char *name, size_t len)
{
    uint8_t entry[46] = "PK\1\2";

    entry[28] = (uint8_t)len;
    assert_int_equal(buf_add(out, entry, sizeof(entry)), 0);
    assert_int_equal(buf_add(out, name, len), 0);
}

static void zip_with_a_long_directory(void **state)
{
    struct buf file = { 0 };
    uint8_t end[22] = "PK\5\6";
    char name[200];

    (void)state;
    memset(name, 'n', sizeof(name));
    for (unsigned i = 0; i < 2000; i++)
        add_entry(&file, name, sizeof(name));
    add_entry(&file, "[content_types].xml", 19);
    add_entry(&file, "word/document.xml", 17);
    end[10] = 2002 & 0xff;
    end[11] = 2002 >> 8;
    le32_put(end + 12, (uint32_t)file.len);
    assert_int_equal(buf_add(&file, end, sizeof(end)), 0);

    assert_true(survey(&file).content_types);
    assert_true(survey(&file).word_document);
    assert_false(survey(&file).macro);
    buf_free(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_by_content),
        cmocka_unit_test(heic_by_any_of_its_brands),
        cmocka_unit_test(avif_is_not_heic),
        cmocka_unit_test(pdf_by_content),
        cmocka_unit_test(docx_in_any_member_order),
        cmocka_unit_test(docx_with_a_comment_after_the_directory),
        cmocka_unit_test(docx_with_a_64_bit_end_record),
        cmocka_unit_test(docx_with_macros_is_another_type),
        cmocka_unit_test(docx_without_its_directory_is_damaged),
        cmocka_unit_test(docx_with_an_encrypted_member_is_named),
        cmocka_unit_test(other_archives_are_not_docx),
        cmocka_unit_test(program_renamed_to_jpg),
        cmocka_unit_test(html_renamed_to_jpg),
        cmocka_unit_test(text_is_text),
        cmocka_unit_test(picture_with_a_docx_behind_it_stays_a_picture),
        cmocka_unit_test(empty_file_is_read_not_at_all),
        cmocka_unit_test(noise_has_no_accepted_type),
        cmocka_unit_test(read_failure_is_a_failure),
        cmocka_unit_test(negative_size_is_refused),
        cmocka_unit_test(brands_need_a_whole_box),
        cmocka_unit_test(brands_after_the_box_do_not_count),
        cmocka_unit_test(sequence_of_another_codec_is_not_heic),
        cmocka_unit_test(html_after_blanks_in_any_case),
        cmocka_unit_test(control_characters_are_not_text),
        cmocka_unit_test(zip_unchanged_is_readable),
        cmocka_unit_test(zip_with_a_wrong_count_is_not_readable),
        cmocka_unit_test(zip_with_a_directory_past_the_end_is_not_readable),
        cmocka_unit_test(zip_that_claims_a_64_bit_record_it_lacks),
        cmocka_unit_test(zip64_with_a_wild_locator_is_not_readable),
        cmocka_unit_test(zip64_with_wild_sizes_is_not_readable),
        cmocka_unit_test(zip_cut_anywhere_is_not_readable),
        cmocka_unit_test(zip_with_any_byte_changed_stays_in_bounds),
        cmocka_unit_test(zip_with_a_long_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
