#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "kernels/prove/guard.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MARK       0xcb
#define MARK_BYTES ((size_t)256)
#define CACHE_LINE ((size_t)64)

bool sgeo_guard_map(struct sgeo_guard *guard)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    unsigned char *all = mmap(NULL, SGEO_GUARD_BYTES + 2 * page, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED)
        return false;
    if (mprotect(all, page, PROT_NONE) || mprotect(all + page + SGEO_GUARD_BYTES, page, PROT_NONE))
        return false;
    *guard = (struct sgeo_guard){.pages = all + page};
    return true;
}

/* Marked bytes before and behind the buffer, as far as the pages go. */
static size_t marks_before(const struct sgeo_guard *guard)
{
    size_t room = (size_t)(guard->data - guard->pages);
    return room < MARK_BYTES ? room : MARK_BYTES;
}

static size_t marks_behind(const struct sgeo_guard *guard)
{
    size_t room = SGEO_GUARD_BYTES - (size_t)(guard->data - guard->pages) - guard->n_bytes;
    return room < MARK_BYTES ? room : MARK_BYTES;
}

static size_t offset_of(enum sgeo_placement placement, size_t n_bytes, size_t skew)
{
    switch (placement) {
    case SGEO_AT_END:
        return SGEO_GUARD_BYTES - n_bytes;
    case SGEO_ASKEW:
        return 8 * CACHE_LINE + skew;
    case SGEO_AT_START:
    case SGEO_PLACEMENTS:
        break;
    }
    return 0;
}

void *sgeo_guard_place(struct sgeo_guard *guard, enum sgeo_placement placement, size_t n_bytes,
                       size_t skew)
{
    assert(n_bytes + 16 * CACHE_LINE <= SGEO_GUARD_BYTES);
    guard->data = guard->pages + offset_of(placement, n_bytes, skew);
    guard->n_bytes = n_bytes;
    memset(guard->data - marks_before(guard), MARK, marks_before(guard));
    memset(guard->data + n_bytes, MARK, marks_behind(guard));
    return guard->data;
}

static bool marked(const unsigned char *bytes, size_t n_bytes)
{
    for (size_t i = 0; i < n_bytes; i++)
        if (bytes[i] != MARK)
            return false;
    return true;
}

bool sgeo_guard_intact(const struct sgeo_guard *guard)
{
    return marked(guard->data - marks_before(guard), marks_before(guard)) &&
           marked(guard->data + guard->n_bytes, marks_behind(guard));
}
