/* Facts about the machine: never empty, and a slug that is safe as a folder name. */
#include "base/machine.h"
#include "base/suite.h"

START_TEST(test_machine_description_is_complete)
{
    struct sgeo_machine machine;
    sgeo_machine_describe(&machine);
    ck_assert_str_ne(machine.cpu, "");
    ck_assert_str_ne(machine.system, "");
    ck_assert_str_ne(machine.compiler, "");
    ck_assert_ptr_nonnull(machine.flags);
    ck_assert_str_ne(machine.revision, "");
    ck_assert_uint_ge(machine.threads, machine.cores);
    ck_assert_uint_ge(machine.threads, 1);
    ck_assert_uint_ge(machine.numa_nodes, 1);
}
END_TEST

START_TEST(test_machine_slug_is_a_plain_folder_name)
{
    struct sgeo_machine machine;
    sgeo_machine_describe(&machine);
    size_t length = strlen(machine.slug);
    ck_assert_uint_gt(length, 0);
    ck_assert_uint_eq(strspn(machine.slug, "abcdefghijklmnopqrstuvwxyz0123456789-"), length);
    ck_assert(machine.slug[0] != '-' && machine.slug[length - 1] != '-');
    ck_assert_ptr_null(strstr(machine.slug, "--"));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("machine");
    tcase_add_test(tcase, test_machine_description_is_complete);
    tcase_add_test(tcase, test_machine_slug_is_a_plain_folder_name);
    return run_case("machine", tcase);
}
