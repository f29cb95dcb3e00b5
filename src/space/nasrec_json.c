/* Walking an architecture file's JSON. */
#include "space/nasrec_json.h"

#include <stdio.h>
#include <string.h>

enum sgeo_status sgeo_nasrec_fail_at(const struct sgeo_nasrec_place *place, const char *why)
{
    return sgeo_fail(SGEO_USAGE, place->hint, "nasrec architecture, %s: %s", place->where, why);
}

void sgeo_nasrec_make_printable(char *text)
{
    for (; *text != '\0'; text++) {
        *text = *text >= ' ' && *text <= '~' ? *text : '?';
    }
}

/* --- members, elements, numbers --- */

enum sgeo_status sgeo_nasrec_enter_member(struct sgeo_nasrec_place *inner,
                                          const struct sgeo_nasrec_place *object, const char *key)
{
    *inner = (struct sgeo_nasrec_place){.value = json_object_get(object->value, key),
                                        .hint = object->hint};
    snprintf(inner->where, SGEO_NASREC_WHERE, "%.200s%s%.40s", object->where,
             object->is_file ? ": " : ".", key);
    return inner->value != NULL ? SGEO_OK : sgeo_nasrec_fail_at(inner, "is missing");
}

void sgeo_nasrec_enter_element(struct sgeo_nasrec_place *inner,
                               const struct sgeo_nasrec_place *array, size_t i)
{
    *inner =
        (struct sgeo_nasrec_place){.value = json_array_get(array->value, i), .hint = array->hint};
    snprintf(inner->where, SGEO_NASREC_WHERE, "%.200s[%zu]", array->where, i);
}

enum sgeo_status sgeo_nasrec_enter_array(struct sgeo_nasrec_place *array,
                                         const struct sgeo_nasrec_place *object, const char *key,
                                         size_t least, size_t most)
{
    char why[64];
    enum sgeo_status status = sgeo_nasrec_enter_member(array, object, key);
    if (status != SGEO_OK) {
        return status;
    }
    size_t n = json_array_size(array->value); /* 0 when it is none */
    if (json_is_array(array->value) && n >= least && n <= most) {
        return SGEO_OK;
    }
    if (least == most) {
        snprintf(why, sizeof why, "is no list of %zu", least);
    } else {
        snprintf(why, sizeof why, "is no list of %zu to %zu", least, most);
    }
    return sgeo_nasrec_fail_at(array, why);
}

enum sgeo_status sgeo_nasrec_get_integer(long long *number, const struct sgeo_nasrec_place *place)
{
    if (!json_is_integer(place->value)) {
        return sgeo_nasrec_fail_at(place, "is no integer");
    }
    *number = json_integer_value(place->value);
    return SGEO_OK;
}

enum sgeo_status sgeo_nasrec_get_member_integer(long long *number, struct sgeo_nasrec_place *place,
                                                const struct sgeo_nasrec_place *object,
                                                const char *key)
{
    enum sgeo_status status = sgeo_nasrec_enter_member(place, object, key);
    return status == SGEO_OK ? sgeo_nasrec_get_integer(number, place) : status;
}

enum sgeo_status sgeo_nasrec_get_flag(bool *flag, const struct sgeo_nasrec_place *object,
                                      const char *key)
{
    struct sgeo_nasrec_place place;
    long long number = 0;
    enum sgeo_status status = sgeo_nasrec_get_member_integer(&number, &place, object, key);
    if (status == SGEO_OK && number != 0 && number != 1) {
        status = sgeo_nasrec_fail_at(&place, "is neither 0 nor 1");
    }
    if (status == SGEO_OK) {
        *flag = number == 1;
    }
    return status;
}

enum sgeo_status sgeo_nasrec_check_keys(const struct sgeo_nasrec_place *object,
                                        const char *const *keys, size_t n)
{
    if (!json_is_object(object->value)) {
        return sgeo_nasrec_fail_at(object, "is no object");
    }
    void *at = json_object_iter((json_t *)object->value);
    for (; at != NULL; at = json_object_iter_next((json_t *)object->value, at)) {
        char why[64];
        size_t k = 0;
        while (k < n && strcmp(json_object_iter_key(at), keys[k]) != 0) {
            k++;
        }
        if (k == n) {
            snprintf(why, sizeof why, "has an unknown member %.30s", json_object_iter_key(at));
            sgeo_nasrec_make_printable(why);
            return sgeo_nasrec_fail_at(object, why);
        }
    }
    return SGEO_OK;
}

/* --- choices that both forms have --- */

enum sgeo_status sgeo_nasrec_get_dim(struct sgeo_nasrec_block *block, bool sparse,
                                     const struct sgeo_nasrec_place *object, const char *key)
{
    struct sgeo_nasrec_place place;
    long long dim = 0;
    enum sgeo_status status = sgeo_nasrec_get_member_integer(&dim, &place, object, key);
    return status == SGEO_OK ? sgeo_nasrec_put_dim(block, sparse, dim, place.where) : status;
}

enum sgeo_status sgeo_nasrec_get_inputs(unsigned char *inputs, size_t b,
                                        const struct sgeo_nasrec_place *object, const char *key)
{
    struct sgeo_nasrec_place array, element;
    enum sgeo_status status =
        sgeo_nasrec_enter_array(&array, object, key, 1, SGEO_NASREC_INPUTS_MAX);
    for (size_t i = 0; status == SGEO_OK && i < json_array_size(array.value); i++) {
        long long input = 0;
        sgeo_nasrec_enter_element(&element, &array, i);
        status = sgeo_nasrec_get_integer(&input, &element);
        if (status == SGEO_OK) {
            status = sgeo_nasrec_put_input(inputs, b, input, element.where);
        }
    }
    return status;
}

enum sgeo_status sgeo_nasrec_get_space(enum sgeo_nasrec_space *space,
                                       const struct sgeo_nasrec_place *root, const char *key,
                                       const char *const words[2])
{
    struct sgeo_nasrec_place place;
    enum sgeo_status status = sgeo_nasrec_enter_member(&place, root, key);
    const char *word = json_string_value(place.value);
    if (status != SGEO_OK) {
        return status;
    }
    for (size_t s = 0; word != NULL && s < 2; s++) {
        if (strcmp(word, words[s]) == 0) {
            *space = (enum sgeo_nasrec_space)s;
            return SGEO_OK;
        }
    }
    char why[64];
    snprintf(why, sizeof why, "is neither %s nor %s", words[0], words[1]);
    return sgeo_nasrec_fail_at(&place, why);
}
