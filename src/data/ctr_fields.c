/* Names and vocabularies of the click-through sets, in one place. */
#include "data/ctr_fields.h"

#include <string.h>

static const char *const criteo_dense[] = {"I1", "I2", "I3",  "I4",  "I5",  "I6", "I7",
                                           "I8", "I9", "I10", "I11", "I12", "I13"};
static const char *const criteo_fields[] = {
    "C1",  "C2",  "C3",  "C4",  "C5",  "C6",  "C7",  "C8",  "C9",  "C10", "C11", "C12", "C13",
    "C14", "C15", "C16", "C17", "C18", "C19", "C20", "C21", "C22", "C23", "C24", "C25", "C26"};
static const uint32_t criteo_vocabulary[] = {
    1461, 584,   10131227, 2202609, 306,  25,   12518, 634,     4,  93146, 5684,   8351593, 3195,
    28,   14993, 5461307,  11,      5653, 2174, 5,     7046548, 19, 16,    286182, 106,     142573};

static const char *const avazu_dense[] = {"none"};
static const char *const avazu_fields[] = {
    "id",          "hour",          "C1",           "banner_pos",  "site_id",
    "site_domain", "site_category", "app_id",       "app_domain",  "app_category",
    "device_id",   "device_ip",     "device_model", "device_type", "device_conn_type",
    "C14",         "C15",           "C16",          "C17",         "C18",
    "C19",         "C20",           "C21"};
static const uint32_t avazu_vocabulary[] = {10000, 241, 8,       8,       4738, 7746, 27, 8553,
                                            560,   37,  2686409, 6729487, 8252, 6,    5,  2627,
                                            9,     10,  436,     5,       69,   173,  61};

static const char *const kdd12_dense[] = {"impression", "depth", "position"};
static const char *const kdd12_fields[] = {"display_url", "ad_id",    "advertiser_id",  "query_id",
                                           "keyword_id",  "title_id", "description_id", "user_id",
                                           "gender",      "age"};
static const uint32_t kdd12_vocabulary[] = {26274,   641708,  14848,    22122011, 1188090,
                                            3735797, 2934102, 20004011, 4,        8};

const struct sgeo_ctr_schema sgeo_ctr_criteo = {.name = "criteo",
                                                .n_dense = 13,
                                                .n_fields = 26,
                                                .dense_names = criteo_dense,
                                                .field_names = criteo_fields,
                                                .vocabulary = criteo_vocabulary,
                                                .published_rows = 45840617};
const struct sgeo_ctr_schema sgeo_ctr_avazu = {.name = "avazu",
                                               .n_dense = 1,
                                               .n_fields = 23,
                                               .dense_names = avazu_dense,
                                               .field_names = avazu_fields,
                                               .vocabulary = avazu_vocabulary,
                                               .published_rows = 40428967};
const struct sgeo_ctr_schema sgeo_ctr_kdd12 = {.name = "kdd12",
                                               .n_dense = 3,
                                               .n_fields = 10,
                                               .dense_names = kdd12_dense,
                                               .field_names = kdd12_fields,
                                               .vocabulary = kdd12_vocabulary,
                                               .published_rows = 149639105};

static const struct sgeo_ctr_schema *const schemas[] = {&sgeo_ctr_criteo, &sgeo_ctr_avazu,
                                                        &sgeo_ctr_kdd12, NULL};

const struct sgeo_ctr_schema *const *sgeo_ctr_schema_all(void)
{
    return schemas;
}

const struct sgeo_ctr_schema *sgeo_ctr_schema_find(const char *name)
{
    for (size_t i = 0; schemas[i] != NULL; i++) {
        if (strcmp(schemas[i]->name, name) == 0) {
            return schemas[i];
        }
    }
    return NULL;
}

uint32_t sgeo_ctr_vocabulary(const struct sgeo_ctr_schema *schema, size_t field, uint32_t cap)
{
    uint32_t full = schema->vocabulary[field];
    return cap != 0 && cap < full ? cap : full;
}

uint64_t sgeo_ctr_vocabulary_sum(const struct sgeo_ctr_schema *schema, uint32_t cap)
{
    uint64_t sum = 0;
    for (size_t f = 0; f < schema->n_fields; f++) {
        sum += sgeo_ctr_vocabulary(schema, f, cap);
    }
    return sum;
}
