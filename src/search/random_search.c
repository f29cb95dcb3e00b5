#include "search/random_search.h"

enum sgeo_status sgeo_random_search(struct sgeo_search *search)
{
    enum sgeo_status status = SGEO_OK;
    search->n = 0;
    for (size_t i = 0; status == SGEO_OK && i < search->n_max; i++) {
        struct sgeo_nasrec_arch arch;
        sgeo_search_draw(&arch, search, i);
        status = sgeo_search_place(search, &arch, 0);
    }
    return status == SGEO_OK ? sgeo_search_score(search) : status;
}
