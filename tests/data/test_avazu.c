/* Avazu's rows, worked out by hand; and what is no row of Avazu's. */
#include "clicks.h"

#define HEADER                                                                                     \
    "id,click,hour,C1,banner_pos,site_id,site_domain,site_category,app_id,app_domain,"             \
    "app_category,device_id,device_ip,device_model,device_type,device_conn_type,C14,C15,C16,C17,"  \
    "C18,C19,C20,C21\n"
/* The hashes 12345678 and 00000010 have no letter: decimal. C18 and C20 are negative. */
#define GOOD                                                                                       \
    "18446744073709551615,1,14102100,1005,0,1fbe01fe,f3845767,28905ebd,ecad2386,7801e8d9,"         \
    "07d7df22,12345678,00000010,ffffffff,1,2,15706,320,50,1722,-1,35,-1,79\n"
/* At the modulus 2^31 - 1 and around it; 1e500000 and 9e999999 have a letter: hexadecimal. */
#define EDGES                                                                                      \
    "2147483647,0,14103023,1012,7,7fffffff,80000000,fffffffe,00000000,99999999,0000000a,"          \
    "a0000000,1e500000,9e999999,0,5,0,-2147483648,-2147483647,24051,3,1839,100248,221\n"

/* By Python, as NASRec's preparation and transform have it. */
static const int32_t good[23] = {4, 181, 5, 1,    3033, 6129, 26,  8304, 518, 27, 1600047, 11,
                                 2, 2,   3, 2577, 1,    6,    418, 3,    36,  7,  20};
static const int32_t edges[23] = {1,    144, 5, 1, 1, 1896, 1,   1, 490, 11,  2275722, 3847911,
                                  5591, 1,   2, 1, 7, 1,    127, 4, 4,   145, 42};

static struct sgeo_ctr_source source = {.schema = &sgeo_ctr_avazu};

static enum sgeo_status read_text(const char *text)
{
    fixture_write_text("train.csv", text);
    source.path = fixture_path("train.csv");
    return clicks_read(&source);
}

static void expect_refused(const char *text, const char *part)
{
    ck_assert_int_eq(read_text(text), SGEO_IO);
    ck_assert_msg(fixture_error_says(part), "no '%s' in: %s", part, sgeo_error_text());
    ck_assert_str_ne(sgeo_error_hint(), "");
}

START_TEST(test_avazu_row_is_transformed_as_nasrec_does)
{
    clicks.dense[0] = clicks.dense[1] = 5.0f;
    ck_assert_int_eq(read_text(HEADER GOOD EDGES), SGEO_OK);
    ck_assert_uint_eq(clicks.n, 2);
    ck_assert_uint_eq(clicks.label[0], 1);
    ck_assert_uint_eq(clicks.label[1], 0);
    ck_assert_double_eq((double)clicks.dense[0], 0.0); /* the dummy */
    ck_assert_double_eq((double)clicks.dense[1], 0.0);
    clicks_expect(0, good, 23);
    clicks_expect(1, edges, 23);
}
END_TEST

START_TEST(test_avazu_cells_may_be_quoted)
{
    ck_assert_int_eq(read_text(HEADER "\"18446744073709551615\",\"1\",14102100,1005,0,\"1fbe01fe\""
                                      ",f3845767,28905ebd,ecad2386,7801e8d9,07d7df22,12345678,"
                                      "00000010,ffffffff,1,2,15706,320,50,1722,-1,35,-1,\"79\"\n"),
                     SGEO_OK);
    clicks_expect(0, good, 23);
}
END_TEST

START_TEST(test_avazu_cap_bounds_every_field)
{
    size_t n, clicked;
    fixture_write_text("train.csv", HEADER GOOD EDGES);
    source.path = fixture_path("train.csv");
    for (source.cap = 2; source.cap < 300; source.cap += 33) {
        clicks_scan(&source, &n, &clicked);
        ck_assert_uint_eq(n, 2);
    }
    source.cap = 0;
}
END_TEST

START_TEST(test_avazu_header_must_be_there)
{
    expect_refused(GOOD EDGES, "train.csv:1: the header is not id,click,hour");
    expect_refused("id,hour,C1\n", "the header is not id,click,hour"); /* its test set's */
    expect_refused("id,click", "the header is not");
    expect_refused("", "is empty");
    expect_refused(HEADER, "train.csv has no rows");
}
END_TEST

START_TEST(test_avazu_crlf_is_told)
{
    static const char header[] = HEADER;
    char text[sizeof header + 8];
    snprintf(text, sizeof text, "%.*s\r\n", (int)(sizeof header - 2), header);
    expect_refused(text, "the header is not");
    ck_assert(fixture_error_says("sed -i"));
}
END_TEST

/* Replace the cell of a column of GOOD. */
static void put_cell(char text[1024], size_t column, const char *cell)
{
    static const char row[] = GOOD;
    const char *first = row;
    for (size_t c = 0; c < column; c++) {
        first = strchr(first, ',') + 1;
    }
    snprintf(text, 1024, HEADER "%.*s%s%s", (int)(first - row), row, cell,
             first + strcspn(first, ",\n"));
}

START_TEST(test_avazu_cell_that_is_wrong_names_its_column)
{
    static const struct {
        size_t column;
        const char *cell, *says;
    } bad[] = {{0, "18446744073709551616", "id '18446744073709551616' is not a whole number"},
               {0, "", "id '' is not a whole number"},
               {0, "1e5", "id '1e5' is not"},
               {1, "2", "click '2' is not 0 or 1"},
               {2, "2014-10-21", "hour '2014-10-21' is not a whole number"},
               {5, "", "site_id '' is not 8 hexadecimal digits"},
               {5, "1fbe01f", "site_id '1fbe01f' is not"},
               {13, "FFFFFFFF", "device_model 'FFFFFFFF' is not"},
               {22, "-", "C20 '-' is not a whole number"},
               {23, "79.0", "C21 '79.0' is not"},
               {23, "79,1", "25 fields instead of 24"},
               {23, "\"79", "misplaced quote"},
               {23, "\"7\"9", "misplaced quote"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[1024], part[128];
        put_cell(text, bad[i].column, bad[i].cell);
        snprintf(part, sizeof part, "train.csv:2: %s", bad[i].says);
        expect_refused(text, part);
    }
}
END_TEST

START_TEST(test_avazu_quote_that_never_ends_spoils_its_own_row_only)
{
    char text[1024];
    put_cell(text, 23, "\"79");
    strcat(text, GOOD);
    strcat(text, EDGES);
    source.skip_bad = 1;
    ck_assert_int_eq(read_text(text), SGEO_OK);
    ck_assert_uint_eq(clicks_skipped, 1);
    ck_assert_uint_eq(clicks.n, 2);
    clicks_expect(0, good, 23);
    clicks_expect(1, edges, 23);
    source.skip_bad = 0;
}
END_TEST

START_TEST(test_avazu_real_rows_are_read_without_error)
{
    size_t n, clicked;
    source.path = fixture_real_file("avazu/train.csv");
    if (source.path == NULL) {
        return;
    }
    clicks_scan(&source, &n, &clicked);
    ck_assert_uint_gt(n, 0);
    if (n == 47320) { /* the sample at hand; others may have the whole set */
        ck_assert_uint_eq(clicked, 8043);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        test_avazu_row_is_transformed_as_nasrec_does,
        test_avazu_cells_may_be_quoted,
        test_avazu_cap_bounds_every_field,
        test_avazu_header_must_be_there,
        test_avazu_crlf_is_told,
        test_avazu_cell_that_is_wrong_names_its_column,
        test_avazu_quote_that_never_ends_spoils_its_own_row_only,
        test_avazu_real_rows_are_read_without_error,
    };
    return clicks_run("data/avazu", tests, sizeof tests / sizeof *tests);
}
