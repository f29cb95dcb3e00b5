/* Crop, flip, normalise. */
#include "data/augment.h"

#include <string.h>

#define MEAN_OF_IMAGENET16                                                                         \
    {                                                                                              \
        122.68f / 255.0f, 116.66f / 255.0f, 104.01f / 255.0f                                       \
    }
#define STD_OF_IMAGENET16                                                                          \
    {                                                                                              \
        63.22f / 255.0f, 61.26f / 255.0f, 65.09f / 255.0f                                          \
    }

static const struct sgeo_recipe recipes[] = {
    {"cifar10",
     {0.49139968f, 0.48215827f, 0.44653124f},
     {0.24703233f, 0.24348505f, 0.26158768f},
     0,
     4,
     true,
     0},
    {"cifar100", {0.5071f, 0.4865f, 0.4409f}, {0.2673f, 0.2564f, 0.2762f}, 0, 4, true, 0},
    {"imagenet16-120", MEAN_OF_IMAGENET16, STD_OF_IMAGENET16, 0, 2, true, 0},
    {"mnist", {0.1307f, 0.0f, 0.0f}, {0.3081f, 1.0f, 1.0f}, 2, 4, false, 0},
    {"fashion-mnist", {0.2860f, 0.0f, 0.0f}, {0.3530f, 1.0f, 1.0f}, 2, 4, true, 0},
    /* DEVIATES: NASLib jitters the colours too; the stand-in has none of its photographs' casts. */
    {"taskonomy", {0.5224f, 0.5222f, 0.5221f}, {0.2234f, 0.2235f, 0.2236f}, 0, 0, true, 256},
};

const struct sgeo_recipe *sgeo_recipe_find(const char *dataset)
{
    for (size_t i = 0; i < sizeof(recipes) / sizeof(recipes[0]); i++) {
        if (strcmp(recipes[i].dataset, dataset) == 0) {
            return &recipes[i];
        }
    }
    return NULL;
}

size_t sgeo_recipe_side(const struct sgeo_recipe *recipe, size_t side)
{
    return recipe->side > 0 ? recipe->side : side + 2 * recipe->border;
}

/* Normalised value of every byte, by channel: the float operations of ToTensor and Normalize. */
struct palette {
    float value[3][256];
};

static void fill_palette(struct palette *palette, const struct sgeo_recipe *recipe)
{
    for (size_t c = 0; c < 3; c++) {
        for (size_t v = 0; v < 256; v++) {
            palette->value[c][v] = ((float)v / 255.0f - recipe->mean[c]) / recipe->std[c];
        }
    }
}

/*
 * Offset of the output in the stored image: dst(y, x) = src(y + row, x + column), mirrored in x
 * when flip.
 */
struct view {
    ptrdiff_t row;
    ptrdiff_t column;
    bool flip;
};

static struct view plain_view(const struct sgeo_recipe *recipe)
{
    ptrdiff_t border = (ptrdiff_t)recipe->border;
    return (struct view){-border, -border, false};
}

static struct view random_view(const struct sgeo_recipe *recipe, struct sgeo_rng *rng)
{
    uint64_t places = 2 * (uint64_t)recipe->crop_padding + 1;
    ptrdiff_t reach = (ptrdiff_t)recipe->crop_padding;
    struct view view = plain_view(recipe);
    view.row += (ptrdiff_t)sgeo_rng_below(rng, places) - reach;
    view.column += (ptrdiff_t)sgeo_rng_below(rng, places) - reach;
    bool heads = sgeo_rng_below(rng, 2) == 1;
    view.flip = heads && recipe->flip;
    return view;
}

/* dst (width), src (src_width) or NULL for a row of padding. */
static void prepare_row(float *dst, const uint8_t *src, size_t width, size_t src_width,
                        const struct view *view, const float value[256])
{
    for (size_t x = 0; x < width; x++) {
        size_t shown = view->flip ? width - 1 - x : x;
        ptrdiff_t column = (ptrdiff_t)shown + view->column;
        bool inside = src != NULL && column >= 0 && column < (ptrdiff_t)src_width;
        dst[x] = value[inside ? src[column] : 0];
    }
}

/* dst (height + 2 border, width + 2 border), src (height, width) of `images`. */
static void prepare_plane(float *dst, const uint8_t *src, const struct sgeo_images *images,
                          const struct sgeo_recipe *recipe, const struct view *view,
                          const float value[256])
{
    size_t height = sgeo_recipe_side(recipe, images->height);
    size_t width = sgeo_recipe_side(recipe, images->width);
    for (size_t y = 0; y < height; y++) {
        ptrdiff_t row = (ptrdiff_t)y + view->row;
        bool inside = row >= 0 && row < (ptrdiff_t)images->height;
        const uint8_t *line = inside ? src + (size_t)row * images->width : NULL;
        prepare_row(dst + y * width, line, width, images->width, view, value);
    }
}

/* Between which two stored pixels an enlarged one lies, and how far it is from the first. */
struct between {
    size_t first, second;
    float weight; /* of the second */
};

/* Pixel i of `side`, from n stored ones. */
static struct between place(size_t i, size_t side, size_t n)
{
    float at = ((float)i + 0.5f) * (float)n / (float)side - 0.5f;
    if (at <= 0.0f) {
        return (struct between){0, 0, 0.0f};
    }
    size_t first = (size_t)at;
    return (struct between){first, first + 1 < n ? first + 1 : first, at - (float)first};
}

/* Bilinear mean of four bytes. */
static float blend(const uint8_t *upper, const uint8_t *lower, const struct between *row,
                   const struct between *column)
{
    float above = upper[column->first] +
                  column->weight * (float)(upper[column->second] - upper[column->first]);
    float below = lower[column->first] +
                  column->weight * (float)(lower[column->second] - lower[column->first]);
    return above + row->weight * (below - above);
}

/* dst (side, side), src (height, width) of `images`, channel c. */
static void enlarge_plane(float *dst, const uint8_t *src, const struct sgeo_images *images,
                          const struct sgeo_recipe *recipe, size_t c, bool flip)
{
    size_t side = recipe->side;
    for (size_t y = 0; y < side; y++) {
        struct between row = place(y, side, images->height);
        const uint8_t *upper = src + row.first * images->width;
        const uint8_t *lower = src + row.second * images->width;
        for (size_t x = 0; x < side; x++) {
            struct between column = place(flip ? side - 1 - x : x, side, images->width);
            float value = blend(upper, lower, &row, &column);
            dst[y * side + x] = (value / 255.0f - recipe->mean[c]) / recipe->std[c];
        }
    }
}

void sgeo_prepare_images(float *pixels, uint16_t *labels, const struct sgeo_images *images,
                         const struct sgeo_recipe *recipe, const uint32_t *index, size_t n,
                         struct sgeo_rng *rng)
{
    struct palette palette;
    fill_palette(&palette, recipe);
    size_t src_plane = images->height * images->width;
    size_t dst_plane =
        sgeo_recipe_side(recipe, images->height) * sgeo_recipe_side(recipe, images->width);
    for (size_t i = 0; i < n; i++) {
        struct view view = rng != NULL ? random_view(recipe, rng) : plain_view(recipe);
        for (size_t c = 0; c < images->channels; c++) {
            size_t src = (index[i] * images->channels + c) * src_plane;
            size_t dst = (i * images->channels + c) * dst_plane;
            if (recipe->side > 0) {
                enlarge_plane(pixels + dst, images->pixels + src, images, recipe, c, view.flip);
            } else {
                prepare_plane(pixels + dst, images->pixels + src, images, recipe, &view,
                              palette.value[c]);
            }
        }
        if (labels != NULL) {
            labels[i] = images->labels[index[i]];
        }
    }
}
