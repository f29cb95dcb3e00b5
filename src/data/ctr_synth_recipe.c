/*
 * Recipes: click rates, missing shares and sizes of numbers near those of the public sets, and
 * which fields interact. Pairs and triples are of fields with few enough categories that a network
 * can learn them from a sample.
 */
#include "data/ctr_synth_parts.h"

static const struct sgeo_synth_recipe criteo = {
    .rate = 0.256,
    .number = {{1.0, 1.3, 0.451, 0},
               {2.5, 1.6, 0.0, 2},
               {2.0, 1.4, 0.213, 0},
               {1.6, 1.0, 0.215, 0},
               {7.5, 2.2, 0.026, 0},
               {3.5, 1.6, 0.223, 0},
               {1.5, 1.5, 0.043, 0},
               {2.2, 1.0, 0.0005, 0},
               {3.7, 1.4, 0.043, 0},
               {0.3, 0.6, 0.451, 0},
               {0.7, 0.9, 0.043, 0},
               {0.2, 1.0, 0.765, 0},
               {1.7, 1.0, 0.215, 0}},
    .missing = {[2] = 0.0345,
                [3] = 0.0345,
                [5] = 0.122,
                [11] = 0.0345,
                [15] = 0.0345,
                [18] = 0.442,
                [19] = 0.442,
                [20] = 0.0345,
                [21] = 0.761,
                [23] = 0.0345,
                [24] = 0.442,
                [25] = 0.442},
    .pair = {{0, 1}, {4, 7}, {6, 13}, {12, 17}, {13, 24}, {18, 22}},
    .triple = {5, 16, 21}};

static const struct sgeo_synth_recipe avazu = {
    .rate = 0.17,
    .silent = 1u << 0, /* the row's own number */
    .pair = {{4, 7}, {5, 12}, {9, 18}, {6, 20}, {3, 22}, {1, 17}},
    .triple = {13, 14, 19}};

static const struct sgeo_synth_recipe kdd12 = {
    .rate = 0.04, .pair = {{0, 2}, {1, 9}, {4, 8}, {2, 9}, {0, 8}, {1, 2}}, .triple = {2, 8, 9}};

const struct sgeo_synth_recipe *sgeo_synth_recipe_of(const struct sgeo_ctr_schema *schema)
{
    return schema == &sgeo_ctr_criteo ? &criteo : schema == &sgeo_ctr_avazu ? &avazu : &kdd12;
}
