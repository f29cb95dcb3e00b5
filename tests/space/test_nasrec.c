/* NASRec architectures: their text, their files, the published ones, the hash token. */
#include "space/nasrec.h"

#include <math.h>

#include "base/memory.h"
#include "base/suite.h"

enum { SAMPLES = 2000, JSON_BYTES = 4096 };

#define BLOCK1 " F,E|256,48|i|0;0;0,0"
#define REST                                                                                       \
    " D,E|1024,48|if|1;0,1;1,0 F,E|128,16|i|0,2;0,1,2;0,0 F,E|16,48|f|2;0,2;1,2"                   \
    " D,E|128,32|-|0,2,3,4;2,4;2,0 F,E|16,64|i|0,1,2,5;1,2,5;3,5"                                  \
    " F,E|1024,64|-|0,3,5;0,1,2,5;0,5"
#define SMALL "nasrec-small" BLOCK1 REST
/* The architecture whose token is known (test_nasrec_token_is_the_authors). */
#define EXAMPLE                                                                                    \
    "nasrec-full G,A|768,48|if|0;0;0,0 D,E|1024,64|if|1;0,1;1,1 G,E|512,64|-|1,2;0,1,2;2,0"        \
    " G,E|16,16|f|0;0,1;1,0 F,E|32,16|f|0,1,2,3;0,3,4;2,4 G,A|128,32|if|4;4,5;2,5"                 \
    " F,A|1024,64|f|0,3;1,2,3,4;6,6"

/* --- helpers ---------------------------------------------------------------------------------- */

static struct sgeo_nasrec_arch arch_of(const char *text)
{
    struct sgeo_nasrec_arch arch;
    ck_assert_msg(sgeo_nasrec_parse(&arch, text) == SGEO_OK, "%s: %s", text, sgeo_error_text());
    return arch;
}

static void assert_text(const struct sgeo_nasrec_arch *arch, const char *expected)
{
    char text[SGEO_NASREC_TEXT_MAX];
    sgeo_nasrec_encode(text, arch);
    ck_assert_str_eq(text, expected);
}

static void assert_equal(const struct sgeo_nasrec_arch *a, const struct sgeo_nasrec_arch *b)
{
    char text[SGEO_NASREC_TEXT_MAX];
    sgeo_nasrec_encode(text, a);
    assert_text(b, text);
    ck_assert(sgeo_nasrec_equal(a, b));
}

/* An error of one line that says `what`, with a hint that says `hint`. */
static void assert_refused(enum sgeo_status status, const char *what, const char *hint)
{
    ck_assert_int_eq(status, SGEO_USAGE);
    ck_assert_msg(strstr(sgeo_error_text(), what) != NULL, "'%s' does not say '%s'",
                  sgeo_error_text(), what);
    ck_assert_msg(strstr(sgeo_error_hint(), hint) != NULL, "hint '%s' does not say '%s'",
                  sgeo_error_hint(), hint);
    ck_assert_ptr_null(strchr(sgeo_error_text(), '\n'));
}

static void read_file(char bytes[JSON_BYTES], const char *path)
{
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    size_t n = fread(bytes, 1, JSON_BYTES - 1, file);
    ck_assert(n < JSON_BYTES - 1);
    bytes[n] = '\0';
    ck_assert_int_eq(fclose(file), 0);
}

/* Replace the n-th `old` (from 0). */
static void replace(char text[JSON_BYTES], const char *old, const char *new, size_t n)
{
    char behind[JSON_BYTES];
    char *at = strstr(text, old);
    for (; n > 0 && at != NULL; n--) {
        at = strstr(at + 1, old);
    }
    ck_assert_msg(at != NULL, "no '%s'", old);
    snprintf(behind, sizeof behind, "%s", at + strlen(old));
    snprintf(at, (size_t)(text + JSON_BYTES - at), "%s%s", new, behind);
}

/* --- the text --------------------------------------------------------------------------------- */

START_TEST(test_nasrec_every_sample_survives_text_and_json)
{
    struct sgeo_rng rng = sgeo_rng_stream(1, "test", (uint64_t)_i);
    for (size_t i = 0; i < SAMPLES; i++) {
        struct sgeo_nasrec_arch arch, parsed;
        char text[SGEO_NASREC_TEXT_MAX];
        struct sgeo_text json = {0};
        sgeo_nasrec_sample(&arch, (enum sgeo_nasrec_space)_i, &rng);
        sgeo_nasrec_encode(text, &arch);
        parsed = arch_of(text);
        assert_equal(&arch, &parsed);
        sgeo_nasrec_write_json(&json, &arch);
        ck_assert_msg(sgeo_nasrec_parse_json(&parsed, json.bytes, json.length, "a.json") == SGEO_OK,
                      "%s", sgeo_error_text());
        assert_equal(&arch, &parsed);
        sgeo_text_clear(&json);
    }
}
END_TEST

START_TEST(test_nasrec_text_means_what_it_says)
{
    struct sgeo_nasrec_arch arch = arch_of(EXAMPLE);
    ck_assert_int_eq(arch.space, SGEO_NASREC_FULL);
    const struct sgeo_nasrec_block *block = &arch.blocks[4];
    ck_assert_int_eq(block->dense_op, SGEO_NASREC_FC);
    ck_assert_int_eq(block->sparse_op, SGEO_NASREC_EFC);
    ck_assert_uint_eq(block->dense_dim, 32);
    ck_assert_uint_eq(block->sparse_dim, 16);
    ck_assert(!block->dense_to_sparse && block->fm);
    ck_assert_uint_eq(block->dense_inputs, 1 + 2 + 4 + 8);
    ck_assert_uint_eq(block->sparse_inputs, 1 + 8 + 16);
    ck_assert_uint_eq(block->left, 2);
    ck_assert_uint_eq(block->right, 4);
    ck_assert_int_eq(arch.blocks[0].dense_op, SGEO_NASREC_GATE);
    ck_assert_int_eq(arch.blocks[0].sparse_op, SGEO_NASREC_ATTENTION);
    ck_assert(arch.blocks[0].dense_to_sparse && arch.blocks[0].fm);
}
END_TEST

START_TEST(test_nasrec_order_of_inputs_means_nothing)
{
    struct sgeo_nasrec_arch a = arch_of("nasrec-small" BLOCK1 REST), b;
    char text[SGEO_NASREC_TEXT_MAX] = "", *inputs;
    snprintf(text, sizeof text, "%s", SMALL);
    inputs = strstr(text, "0,2,3,4;2,4");
    ck_assert_ptr_nonnull(inputs);
    memcpy(inputs, "4,0,3,2;4,2", strlen("4,0,3,2;4,2"));
    b = arch_of(text);
    assert_equal(&a, &b);
    assert_text(&b, SMALL);
}
END_TEST

static const struct {
    const char *text;
    const char *what, *hint;
} malformed[] = {
    {"", "character 1: expected nasrec-small or nasrec-full", "F,E|256,48|i|0;0;0,0"},
    {"small" BLOCK1 REST, "character 1: expected nasrec-small", "F,E|256"},
    {"nasrec-smallish" BLOCK1 REST, "character 1:", "F,E|256"},
    {"nasrec-small", "character 13 (block 1): expected \" \", got the end", "F,E|256"},
    {"nasrec-small  F,E", "character 14 (block 1): expected a dense operation", "F,E|256"},
    {"nasrec-small E,F", "character 14 (block 1): efc is no dense operation", "sparse: efc (E)"},
    {"nasrec-small F,D", "character 16 (block 1): dot is no sparse operation", "sparse: efc (E)"},
    {"nasrec-small G,E", "character 14 (block 1): nasrec-small has no gate", "in nasrec-full"},
    {"nasrec-small F,A", "character 16 (block 1): nasrec-small has no attn", "in nasrec-full"},
    {"nasrec-full S,A|100,48", "character 17 (block 1): no dense dim is 100", "256 512 768 1024"},
    {"nasrec-full S,A|1024,1024", "character 22 (block 1): no sparse dim is 1024", "16 32 48 64"},
    {"nasrec-full S,A|016,16", "character 17 (block 1): expected a dense dim, got \"0\"", ""},
    {"nasrec-full S,A|99999,16", "character 17 (block 1): expected a dense dim, got \"9\"", ""},
    {"nasrec-full S,A|16,16|fi|", "character 24 (block 1): expected \"|\", got \"i\"", ""},
    {"nasrec-full S,A|16,16||", "character 23 (block 1): expected the merges", "F,E|256"},
    {"nasrec-full S,A|16,16|-|;", "character 25 (block 1): expected an input, got \";\"", ""},
    {"nasrec-full S,A|16,16|-|1;",
     "character 25 (block 1): block 1 cannot read input 1, only 0 to "
     "0",
     "output of block j"},
    {"nasrec-full S,A|16,16|-|0,0;", "character 27 (block 1): input 0 twice", "once"},
    {"nasrec-full S,A|16,16|-|0;0;0,1", "character 31 (block 1): block 1 cannot read input 1", ""},
    {"nasrec-full S,A|16,16|-|0;0;0", "character 30 (block 1): expected \",\", got the end", ""},
    {"nasrec-small" BLOCK1, "character 34 (block 2): expected \" \", got the end", ""},
    {"nasrec-small" BLOCK1 REST " F,E|16,16|-|0;0;0,0", "(block 7): expected the end behind 7", ""},
    {"nasrec-small" BLOCK1 REST "\n", "(block 7): expected the end behind 7 blocks, got \"?\"", ""},
    {"nasrec-small" BLOCK1 " D,E|1024,48|if|1;0,1;1,0 F,E|128,16|i|0,2;0,1,2;0,0 F,E|16,48|f|2;0,2;"
     "1,2 D,E|128,32|-|0,1,2,3,4;",
     "(block 5): more than 4 inputs", "1 to 4 dense"},
};

START_TEST(test_nasrec_malformed_text_names_its_position_and_what_was_expected)
{
    struct sgeo_nasrec_arch arch = arch_of("kdd-full"), untouched = arch;
    assert_refused(sgeo_nasrec_decode(&arch, malformed[_i].text), malformed[_i].what,
                   malformed[_i].hint);
    assert_equal(&arch, &untouched);
}
END_TEST

START_TEST(test_nasrec_longest_text_fits)
{
    struct sgeo_nasrec_arch arch = arch_of("criteo-small");
    char text[SGEO_NASREC_TEXT_MAX];
    for (unsigned b = 0; b < SGEO_NASREC_BLOCKS; b++) {
        struct sgeo_nasrec_block *block = &arch.blocks[b];
        block->dense_dim = 1024;
        block->dense_to_sparse = block->fm = true;
        block->dense_inputs = block->sparse_inputs =
            (unsigned char)(b < 4 ? (1u << (b + 1)) - 1 : 15);
    }
    memset(text, 'x', sizeof text);
    sgeo_nasrec_encode(text, &arch);
    ck_assert_uint_eq(strlen(text), 233);
    struct sgeo_nasrec_arch parsed = arch_of(text);
    assert_equal(&arch, &parsed);
}
END_TEST

/* --- files ------------------------------------------------------------------------------------ */

/* An architecture of the golden vectors, in their words. */
START_TEST(test_nasrec_file_is_read_as_the_golden_vectors_write_blocks)
{
    struct sgeo_nasrec_arch read = arch_of("tests/space/nasrec_kdd_full.json");
    struct sgeo_nasrec_arch built_in = arch_of("kdd-full");
    assert_equal(&read, &built_in);
}
END_TEST

START_TEST(test_nasrec_file_of_the_published_form_is_read)
{
    struct sgeo_nasrec_arch read = arch_of("tests/space/nasrec_criteo_full_published.json");
    struct sgeo_nasrec_arch built_in = arch_of("criteo-full");
    assert_equal(&read, &built_in);
}
END_TEST

/* Nodes of the small space: 0 FC, 1 dot, 2 EFC. */
START_TEST(test_nasrec_published_form_numbers_operations_by_space)
{
    char json[JSON_BYTES];
    read_file(json, "tests/space/nasrec_criteo_full_published.json");
    replace(json, "xlarge", "autoctr", 0);
    for (size_t b = 0; b < SGEO_NASREC_BLOCKS; b++) {
        static const char *const nodes[] = {"[2, 4]", "[1, 5]", "[1, 5]", "[2, 5]",
                                            "[0, 5]", "[0, 4]", "[0, 4]"};
        replace(json, nodes[b], b % 2 == 0 ? "[1, 2]" : "[0, 2]", 0);
    }
    struct sgeo_nasrec_arch arch;
    ck_assert_msg(sgeo_nasrec_parse_json(&arch, json, strlen(json), "a") == SGEO_OK, "%s",
                  sgeo_error_text());
    ck_assert_int_eq(arch.space, SGEO_NASREC_SMALL);
    ck_assert_int_eq(arch.blocks[0].dense_op, SGEO_NASREC_DOT);
    ck_assert_int_eq(arch.blocks[1].dense_op, SGEO_NASREC_FC);
    ck_assert_int_eq(arch.blocks[1].sparse_op, SGEO_NASREC_EFC);
    replace(json, "[1, 2]", "[1, 5]", 0);
    assert_refused(sgeo_nasrec_parse_json(&arch, json, strlen(json), "a"),
                   "a: micro[0].active_nodes[1]: is no operation's number", "autoctr");
}
END_TEST

#define OURS      "\"dense_to_sparse\": 0|1" /* the hints that show a whole form */
#define PUBLISHED "\"dense_sparse_interact\": 0|1"

static const struct {
    const char *old, *new;
    size_t n;
    const char *what, *hint;
} damaged[] = {
    {"{", "", 0, "line 1, column 7: ", OURS},
    {"]}\n", "", 0, "a.json: line ", OURS},
    {"{\"space\"", "[] {\"space\"", 0, "a.json: line 1, column ", OURS},
    {"\"full\"", "\"medium\"", 0, "a.json: space: is neither small nor full", OURS},
    {"\"space\"", "\"spaces\"", 0, "a.json: has an unknown member spaces", OURS},
    {"\"space\": \"full\", ", "", 0, "a.json: space: is missing", OURS},
    {"\"fm\"", "\"fm\\n\"", 2, "blocks[2]: has an unknown member fm?", OURS},
    {"\"fm\": 0", "\"left\": 0", 1, "duplicate object key", OURS},
    {"\"fm\": 0", "\"fm\": 2", 1, "a.json: blocks[1].fm: is neither 0 nor 1", OURS},
    {"\"fm\": 0", "\"fm\": false", 1, "a.json: blocks[1].fm: is no integer", OURS},
    {"\"fm\": 0, ", "", 1, "a.json: blocks[1].fm: is missing", OURS},
    {"\"gate\"", "\"gating\"", 1, "a.json: blocks[2].ops[0]: is none of fc dot gate sum attn efc",
     OURS},
    {"\"gate\"", "\"efc\"", 1, "a.json: blocks[2].ops[0]: efc is no dense operation",
     "dense: fc (F)"},
    {"\"efc\"", "\"dot\"", 0, "a.json: blocks[2].ops[1]: dot is no sparse operation",
     "sparse: attn (A)"},
    {"[\"gate\", ", "[", 1, "a.json: blocks[2].ops: is no list of 2", OURS},
    {"[\"gate\", ", "[1, ", 1, "a.json: blocks[2].ops[0]: is none of", OURS},
    {"\"full\"", "\"small\"", 0, "a.json: blocks[0].ops[1]: nasrec-small has no attn",
     "in nasrec-full"},
    {": 768", ": 769", 1, "a.json: blocks[6].dense_dim: no dense dim is 769", "256 512"},
    {": 768", ": 768.0", 1, "a.json: blocks[6].dense_dim: is no integer", OURS},
    {"\"sparse_dim\": 16", "\"sparse_dim\": 128", 0,
     "a.json: blocks[3].sparse_dim: no sparse dim is 128", "16 32 48 64"},
    {"[0, 2, 3]", "[]", 0, "a.json: blocks[3].dense_idx: is no list of 1 to 4", OURS},
    {"[0, 2, 3]", "[0, 4, 3]", 0, "a.json: blocks[3].dense_idx[1]: block 4 cannot read input 4",
     "output of block j"},
    {"[0, 2, 3]", "[0, -1, 3]", 0, "a.json: blocks[3].dense_idx[1]: block 4 cannot read input -1",
     "output of block j"},
    {"[0, 2, 3]", "[0, 2, 2]", 0, "a.json: blocks[3].dense_idx[2]: input 2 twice", "once"},
    {"[1, 3, 5, 6]", "[1, 3, 5, 6, 0]", 0, "a.json: blocks[6].dense_idx: is no list of 1 to 4",
     OURS},
    {"\"left\": 4", "\"left\": 6", 0, "a.json: blocks[5].left: block 6 cannot read input 6",
     "output of block j"},
    {"\"right\": 5", "\"right\": [5]", 0, "a.json: blocks[6].right: is no integer", OURS},
    {"\"blocks\": [", "\"blocks\": [{},", 0, "a.json: blocks: is no list of 7", OURS},
    {"\"blocks\": [", "\"blocks\": 7, \"more\": [", 0, "a.json: has an unknown member more", OURS},
};

START_TEST(test_nasrec_malformed_file_names_the_field)
{
    char json[JSON_BYTES];
    struct sgeo_nasrec_arch arch = arch_of("avazu-small"), untouched = arch;
    read_file(json, "tests/space/nasrec_kdd_full.json");
    replace(json, damaged[_i].old, damaged[_i].new, damaged[_i].n);
    assert_refused(sgeo_nasrec_parse_json(&arch, json, strlen(json), "a.json"), damaged[_i].what,
                   damaged[_i].hint);
    assert_equal(&arch, &untouched);
}
END_TEST

static const struct {
    const char *old, *new, *what, *hint;
} damaged_published[] = {
    {"\"xlarge\"", "\"xlarge-zeros\"", "a.json: config: is neither autoctr nor xlarge", PUBLISHED},
    {"\"num_blocks\": 7", "\"num_blocks\": 8", "a.json: num_blocks: is not 7", PUBLISHED},
    {"\"test_loss\"", "\"testing_loss\"", "a.json: has an unknown member testing_loss", PUBLISHED},
    {"\"macro\": [", "\"macro\": [{}, ", "a.json: macro: is no list of 7", PUBLISHED},
    {"\"micro\"", "\"micros\"", "a.json: has an unknown member micros", PUBLISHED},
    {"[2, 4]", "[2, 6]", "a.json: micro[0].active_nodes[1]: is no operation's number", PUBLISHED},
    {"[2, 4]", "[2, -1]", "a.json: micro[0].active_nodes[1]: is no operation's number", PUBLISHED},
    {"[2, 4]", "[4, 2]", "a.json: micro[0].active_nodes[0]: attn is no dense operation",
     "dense: fc (F)"},
    {"[2, 4]", "[2]", "a.json: micro[0].active_nodes: is no list of 2", PUBLISHED},
    {"\"deep_fm\": 0", "\"fm\": 0", "a.json: micro[0]: has an unknown member fm", PUBLISHED},
    {"\"sparse_in_dims\": 64", "\"sparse_in_dims\": 65",
     "a.json: micro[0].sparse_in_dims: no sparse dim is 65", "16 32 48 64"},
    {"\"dense_left_idx\": [3]", "\"dense_left_idx\": [3, 1]",
     "a.json: macro[4].dense_left_idx: is no list of 1", PUBLISHED},
    {"\"dense_right_idx\": [1]", "\"dense_right_idx\": [2]",
     "a.json: macro[1].dense_right_idx[0]: block 2 cannot read input 2, only 0 to 1",
     "output of block j"},
};

START_TEST(test_nasrec_malformed_published_form_names_the_field)
{
    char json[JSON_BYTES];
    struct sgeo_nasrec_arch arch = arch_of("avazu-small"), untouched = arch;
    read_file(json, "tests/space/nasrec_criteo_full_published.json");
    replace(json, damaged_published[_i].old, damaged_published[_i].new, 0);
    assert_refused(sgeo_nasrec_parse_json(&arch, json, strlen(json), "a.json"),
                   damaged_published[_i].what, damaged_published[_i].hint);
    assert_equal(&arch, &untouched);
}
END_TEST

START_TEST(test_nasrec_file_that_is_missing_or_none_is_told_apart)
{
    struct sgeo_nasrec_arch arch;
    char path[SCRATCH_PATH_BYTES];
    scratch_create();
    assert_refused(sgeo_nasrec_parse(&arch, "criteo-tiny"), "criteo-tiny", "criteo-small");
    ck_assert_int_eq(sgeo_nasrec_read(&arch, "no/such.json"), SGEO_IO);
    scratch_write(path, "list.json", "[1, 2]", 6);
    assert_refused(sgeo_nasrec_parse(&arch, path), "list.json: is no object", "\"blocks\"");
    scratch_write(path, "empty.json", "", 0);
    assert_refused(sgeo_nasrec_parse(&arch, path), "empty.json: line 1", "\"blocks\"");
    scratch_remove();
}
END_TEST

START_TEST(test_nasrec_json_is_written_a_line_a_block)
{
    char expected[JSON_BYTES];
    struct sgeo_nasrec_arch arch = arch_of("kdd-full");
    struct sgeo_text json = {0};
    read_file(expected, "tests/space/nasrec_kdd_full.json");
    sgeo_nasrec_write_json(&json, &arch);
    ck_assert_str_eq(json.bytes, expected);
    sgeo_text_clear(&json);
}
END_TEST

/* --- the published ones ----------------------------------------------------------------------- */

START_TEST(test_nasrec_published_architectures_are_of_the_space_in_their_name)
{
    const char *name = sgeo_nasrec_published[_i].name;
    struct sgeo_nasrec_arch arch = arch_of(name);
    assert_text(&arch, sgeo_nasrec_published[_i].text);
    ck_assert_str_eq(strchr(name, '-') + 1, sgeo_nasrec_space_names[arch.space]);
    for (int j = 0; j < _i; j++) {
        struct sgeo_nasrec_arch other = arch_of(sgeo_nasrec_published[j].name);
        ck_assert(!sgeo_nasrec_equal(&arch, &other));
    }
}
END_TEST

/* --- identity --------------------------------------------------------------------------------- */

/* An architecture and its token as the authors' search printed them (NasRec, notebooks). */
START_TEST(test_nasrec_token_is_the_authors)
{
    char token[SGEO_NASREC_TOKEN_MAX];
    struct sgeo_nasrec_arch arch = arch_of(EXAMPLE);
    sgeo_nasrec_token(token, &arch);
    ck_assert_str_eq(token, "1000000100000010000001000000" /* inputs */
                            "0100000110000001000000100000"
                            "0110000111000000100001000000"
                            "1000000110000001000001000000"
                            "1111000100110000100000000100"
                            "0000100000011000100000000010"
                            "1001000011110000000010000001"
                            "001010620101" /* operations, dims, merges */
                            "010001730101"
                            "001001531010"
                            "001001001001"
                            "100001101001"
                            "001010310101"
                            "100010731001");
}
END_TEST

START_TEST(test_nasrec_token_of_the_small_space_has_three_operations)
{
    char token[SGEO_NASREC_TOKEN_MAX];
    struct sgeo_nasrec_arch arch = arch_of("criteo-small");
    sgeo_nasrec_token(token, &arch);
    ck_assert_uint_eq(strlen(token), 7 * 28 + 7 * 9);
    ck_assert_int_eq(strncmp(token + (size_t)7 * 28,
                             "101420110"
                             "011720101",
                             18),
                     0);
}
END_TEST

/* One choice changed at a time, and undone. */
START_TEST(test_nasrec_tokens_differ_where_architectures_do)
{
    struct sgeo_rng rng = sgeo_rng_stream(2, "test", 0);
    size_t same = 0;
    for (size_t i = 0; i < SAMPLES; i++) {
        char token[SGEO_NASREC_TOKEN_MAX], mutated_token[SGEO_NASREC_TOKEN_MAX];
        struct sgeo_nasrec_arch arch, mutated;
        sgeo_nasrec_sample(&arch, (enum sgeo_nasrec_space)(i % 2), &rng);
        mutated = arch;
        sgeo_nasrec_mutate(&mutated, &rng);
        sgeo_nasrec_token(token, &arch);
        sgeo_nasrec_token(mutated_token, &mutated);
        bool equal = sgeo_nasrec_equal(&arch, &mutated);
        ck_assert_int_eq(strcmp(token, mutated_token) == 0, equal);
        same += equal ? 1 : 0;
    }
    ck_assert_uint_gt(same, SAMPLES / 10); /* both cases were there */
    ck_assert_uint_lt(same, SAMPLES / 2);
}
END_TEST

START_TEST(test_nasrec_equal_sees_every_choice)
{
    const struct sgeo_nasrec_arch arch = arch_of(EXAMPLE);
    static const char *const changes[][2] = {{"nasrec-full G,A", "nasrec-full S,A"},
                                             {"D,E|1024", "D,A|1024"},
                                             {"D,E|1024", "D,E|512"},
                                             {"G,E|512,64", "G,E|512,48"},
                                             {"|-|", "|i|"},
                                             {"|-|", "|f|"},
                                             {"|f|0;0,1;", "|f|2;0,1;"},
                                             {"|f|0;0,1;", "|f|0;0;"},
                                             {";2,4 ", ";1,4 "},
                                             {";2,4 ", ";2,1 "}};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        char text[JSON_BYTES] = EXAMPLE;
        replace(text, changes[i][0], changes[i][1], 0);
        struct sgeo_nasrec_arch changed = arch_of(text);
        ck_assert_msg(!sgeo_nasrec_equal(&arch, &changed), "%s", text);
    }
    struct sgeo_nasrec_arch moved = arch_of("criteo-small");
    moved.space = SGEO_NASREC_FULL;
    struct sgeo_nasrec_arch small = arch_of("criteo-small");
    ck_assert(!sgeo_nasrec_equal(&moved, &small));
}
END_TEST

/* The numbers of the spec's section 1, and the product itself: choices of operations, dims and
 * merges to the power of 7, squared sets of inputs, pairs of sides. */
START_TEST(test_nasrec_cardinality_is_that_of_the_rules)
{
    const double sets = 1.0 * 3 * 7 * 15 * 30 * 56 * 98, sides = 5040.0 * 5040.0;
    const double full = pow(4.0 * 2 * 8 * 4 * 4, 7) * sets * sets;
    const double small = pow(2.0 * 1 * 8 * 4 * 4, 7) * sets * sets;
    ck_assert_double_eq_tol(sgeo_nasrec_cardinality(SGEO_NASREC_FULL, false) / full, 1.0, 1e-12);
    ck_assert_double_eq_tol(sgeo_nasrec_cardinality(SGEO_NASREC_SMALL, false) / small, 1.0, 1e-12);
    ck_assert_double_eq_tol(sgeo_nasrec_cardinality(SGEO_NASREC_FULL, false) / 3.2e36, 1.0, 0.02);
    ck_assert_double_eq_tol(sgeo_nasrec_cardinality(SGEO_NASREC_FULL, true) / 8.1e43, 1.0, 0.01);
    ck_assert_double_eq_tol(sgeo_nasrec_cardinality(SGEO_NASREC_SMALL, false) / 1.9e32, 1.0, 0.03);
    ck_assert_double_eq_tol(sgeo_nasrec_cardinality(SGEO_NASREC_SMALL, true) / (small * sides), 1.0,
                            1e-12);
    ck_assert_double_eq_tol(sgeo_nasrec_cardinality(SGEO_NASREC_SMALL, true) / 4.9e39, 1.0, 0.01);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("nasrec");
    tcase_add_loop_test(tcase, test_nasrec_every_sample_survives_text_and_json, 0, 2);
    tcase_add_test(tcase, test_nasrec_text_means_what_it_says);
    tcase_add_test(tcase, test_nasrec_order_of_inputs_means_nothing);
    tcase_add_loop_test(tcase, test_nasrec_malformed_text_names_its_position_and_what_was_expected,
                        0, sizeof malformed / sizeof *malformed);
    tcase_add_test(tcase, test_nasrec_longest_text_fits);
    tcase_add_test(tcase, test_nasrec_file_is_read_as_the_golden_vectors_write_blocks);
    tcase_add_test(tcase, test_nasrec_file_of_the_published_form_is_read);
    tcase_add_test(tcase, test_nasrec_published_form_numbers_operations_by_space);
    tcase_add_loop_test(tcase, test_nasrec_malformed_file_names_the_field, 0,
                        sizeof damaged / sizeof *damaged);
    tcase_add_loop_test(tcase, test_nasrec_malformed_published_form_names_the_field, 0,
                        sizeof damaged_published / sizeof *damaged_published);
    tcase_add_test(tcase, test_nasrec_file_that_is_missing_or_none_is_told_apart);
    tcase_add_test(tcase, test_nasrec_json_is_written_a_line_a_block);
    tcase_add_loop_test(tcase, test_nasrec_published_architectures_are_of_the_space_in_their_name,
                        0, SGEO_NASREC_PUBLISHED);
    tcase_add_test(tcase, test_nasrec_token_is_the_authors);
    tcase_add_test(tcase, test_nasrec_token_of_the_small_space_has_three_operations);
    tcase_add_test(tcase, test_nasrec_tokens_differ_where_architectures_do);
    tcase_add_test(tcase, test_nasrec_equal_sees_every_choice);
    tcase_add_test(tcase, test_nasrec_cardinality_is_that_of_the_rules);
    return run_case("nasrec", tcase);
}
