/*
 * Walking an architecture file's JSON: every value is entered with the words that name it in
 * errors. Failures are SGEO_USAGE.
 */
#ifndef SGEO_SPACE_NASREC_JSON_H
#define SGEO_SPACE_NASREC_JSON_H

#include <jansson.h>

#include "space/nasrec_parts.h"

#define SGEO_NASREC_WHERE ((size_t)256)

/* Where a reader is. */
struct sgeo_nasrec_place {
    const json_t *value;
    const char *hint; /* of every failure from here on: the form */
    bool is_file;     /* the outermost value */
    char where[SGEO_NASREC_WHERE];
};

/* SGEO_USAGE: the place, and why not. */
enum sgeo_status sgeo_nasrec_fail_at(const struct sgeo_nasrec_place *place, const char *why);

/* Replace what would break the line of an error. */
void sgeo_nasrec_make_printable(char *text);

/* A member that must be there; a list of `least` to `most`; its element i. */
enum sgeo_status sgeo_nasrec_enter_member(struct sgeo_nasrec_place *inner,
                                          const struct sgeo_nasrec_place *object, const char *key);
enum sgeo_status sgeo_nasrec_enter_array(struct sgeo_nasrec_place *array,
                                         const struct sgeo_nasrec_place *object, const char *key,
                                         size_t least, size_t most);
void sgeo_nasrec_enter_element(struct sgeo_nasrec_place *inner,
                               const struct sgeo_nasrec_place *array, size_t i);

/* An object, with no members but these. */
enum sgeo_status sgeo_nasrec_check_keys(const struct sgeo_nasrec_place *object,
                                        const char *const *keys, size_t n);

enum sgeo_status sgeo_nasrec_get_integer(long long *number, const struct sgeo_nasrec_place *place);
/* Members: an integer, entered in *place; a merge, 0 or 1; one of two words, in the order of enum
 * sgeo_nasrec_space; a dim; 1 to 4 inputs of block b. */
enum sgeo_status sgeo_nasrec_get_member_integer(long long *number, struct sgeo_nasrec_place *place,
                                                const struct sgeo_nasrec_place *object,
                                                const char *key);
enum sgeo_status sgeo_nasrec_get_flag(bool *flag, const struct sgeo_nasrec_place *object,
                                      const char *key);
enum sgeo_status sgeo_nasrec_get_space(enum sgeo_nasrec_space *space,
                                       const struct sgeo_nasrec_place *object, const char *key,
                                       const char *const words[2]);
enum sgeo_status sgeo_nasrec_get_dim(struct sgeo_nasrec_block *block, bool sparse,
                                     const struct sgeo_nasrec_place *object, const char *key);
enum sgeo_status sgeo_nasrec_get_inputs(unsigned char *inputs, size_t b,
                                        const struct sgeo_nasrec_place *object, const char *key);

/* The form of the published configurations, whole. */
extern const char sgeo_nasrec_published_hint[];
enum sgeo_status sgeo_nasrec_get_published(struct sgeo_nasrec_arch *arch,
                                           const struct sgeo_nasrec_place *root);

#endif
