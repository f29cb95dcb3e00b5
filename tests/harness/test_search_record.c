/* Journal lines of a search: read back as written, and nothing else is taken for one. */
#include <math.h>

#include "base/suite.h"
#include "harness/search_record.h"

static struct sgeo_candidate candidate_of(size_t index, double score)
{
    struct sgeo_candidate candidate = {
        .index = index, .score = score, .seconds_cpu = 0.125, .scored = true};
    ck_assert_int_eq(sgeo_nasrec_parse(&candidate.arch, "kdd-full"), SGEO_OK);
    return candidate;
}

START_TEST(test_candidates_survive_their_line)
{
    const double scores[] = {0.1, -0.0, (double)NAN, -(double)INFINITY, 1e-300};
    for (size_t i = 0; i < sizeof scores / sizeof *scores; i++) {
        struct sgeo_candidate candidate = candidate_of(i, scores[i]), parsed;
        struct sgeo_text line = {0}, again = {0};
        sgeo_candidate_write(&line, &candidate);
        ck_assert_ptr_null(strchr(line.bytes, '\n'));
        ck_assert_msg(sgeo_candidate_parse(&parsed, line.bytes) == SGEO_OK, "%s",
                      sgeo_error_text());
        ck_assert_uint_eq(parsed.index, i);
        ck_assert(parsed.scored);
        ck_assert(sgeo_nasrec_equal(&parsed.arch, &candidate.arch));
        ck_assert_double_eq(parsed.seconds_cpu, 0.125);
        ck_assert(isnan(scores[i]) ? isnan(parsed.score)
                                   : memcmp(&parsed.score, &scores[i], sizeof(double)) == 0);
        sgeo_candidate_write(&again, &parsed);
        ck_assert_str_eq(again.bytes, line.bytes);
        sgeo_text_clear(&line);
        sgeo_text_clear(&again);
    }
}
END_TEST

START_TEST(test_candidate_line_is_as_documented)
{
    struct sgeo_candidate candidate = candidate_of(12, 0.5);
    struct sgeo_text line = {0};
    sgeo_candidate_write(&line, &candidate);
    ck_assert_str_eq(line.bytes, "{\"candidate\":12,\"arch\":\"nasrec-full D,A|128,48|i|0;0;0,0"
                                 " G,A|768,64|i|1;1;0,0 G,E|16,48|-|1;1,2;1,0"
                                 " S,A|64,16|i|0,2,3;1;2,2 S,E|64,48|-|0,1,2,4;0,2;0,2"
                                 " F,E|128,32|f|3,4;0,1,4,5;4,2 G,E|768,16|i|1,3,5,6;1,3,4,5;5,5\","
                                 "\"score\":0.5,\"seconds\":0.125}");
    sgeo_text_clear(&line);
}
END_TEST

#define ARCH                                                                                       \
    "nasrec-full D,A|128,48|i|0;0;0,0 G,A|768,64|i|1;1;0,0 G,E|16,48|-|1;1,2;1,0"                  \
    " S,A|64,16|i|0,2,3;1;2,2 S,E|64,48|-|0,1,2,4;0,2;0,2 F,E|128,32|f|3,4;0,1,4,5;4,2"            \
    " G,E|768,16|i|1,3,5,6;1,3,4,5;5,5"

static const char *const others[] = {
    "",
    "12",
    "{}",
    "{\"candidate\":-1,\"arch\":\"" ARCH "\",\"score\":1,\"seconds\":1}",
    "{\"candidate\":1.0,\"arch\":\"" ARCH "\",\"score\":1,\"seconds\":1}",
    "{\"candidate\":1,\"arch\":\"" ARCH " \",\"score\":1,\"seconds\":1}",
    "{\"candidate\":1,\"arch\":\"kdd-full\",\"score\":1,\"seconds\":1}",
    "{\"candidate\":1,\"arch\":\"" ARCH "\",\"score\":\"good\",\"seconds\":1}",
    "{\"candidate\":1,\"arch\":\"" ARCH "\",\"score\":1}",
    "{\"candidate\":1,\"arch\":\"" ARCH "\",\"score\":1,\"seconds\":1,\"more\":1}",
    "{\"candidate\":1,\"arch\":\"" ARCH "\",\"score\":1,\"seconds\":1",
};

START_TEST(test_other_lines_are_refused)
{
    struct sgeo_candidate candidate = candidate_of(7, 0.5);
    ck_assert_int_eq(sgeo_candidate_parse(&candidate, others[_i]), SGEO_IO);
    ck_assert_ptr_nonnull(strstr(sgeo_error_text(), "not a search's journal line"));
    ck_assert_uint_eq(candidate.index, 7);
    ck_assert_double_eq(candidate.score, 0.5);
}
END_TEST

START_TEST(test_preparation_line_is_as_documented)
{
    struct sgeo_text line = {0};
    struct sgeo_candidate candidate = candidate_of(1, 0.5);
    double seconds = 0.0;
    sgeo_preparation_write(&line, 412.5);
    ck_assert_str_eq(line.bytes, "{\"preparation_seconds\":412.5}");
    ck_assert(sgeo_preparation_parse(&seconds, line.bytes));
    ck_assert_double_eq(seconds, 412.5);
    ck_assert_int_eq(sgeo_candidate_parse(&candidate, line.bytes), SGEO_IO);
    sgeo_text_clear(&line);
    sgeo_candidate_write(&line, &candidate);
    ck_assert(!sgeo_preparation_parse(&seconds, line.bytes));
    ck_assert(!sgeo_preparation_parse(&seconds, "{\"preparation_seconds\":\"long\"}"));
    ck_assert(!sgeo_preparation_parse(&seconds, "{\"preparation_seconds\":1,\"more\":2}"));
    ck_assert(!sgeo_preparation_parse(&seconds, "{\"preparation_seconds\":1"));
    ck_assert(!sgeo_preparation_parse(&seconds, ""));
    ck_assert_double_eq(seconds, 412.5);
    sgeo_text_clear(&line);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("search_record");
    tcase_add_test(tcase, test_candidates_survive_their_line);
    tcase_add_test(tcase, test_candidate_line_is_as_documented);
    tcase_add_test(tcase, test_preparation_line_is_as_documented);
    tcase_add_loop_test(tcase, test_other_lines_are_refused, 0, sizeof others / sizeof *others);
    return run_case("search_record", tcase);
}
