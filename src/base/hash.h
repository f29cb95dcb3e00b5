/*
 * Hashes: FNV-1a and splitmix64 (formula-defined weights and all random streams), SHA-256
 * (provenance), a fast checksum (large files). Source of the formulas: the golden vectors' naming
 * rules, section 1.
 */
#ifndef SGEO_BASE_HASH_H
#define SGEO_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* FNV-1a, 64 bit, of the bytes of `text`. */
uint64_t sgeo_fnv1a(const char *text);

/* The splitmix64 finaliser of x + golden ratio: a bijection that scatters consecutive inputs. */
uint64_t sgeo_splitmix64(uint64_t x);

/*
 * splitmix64(key + i) as a double in [0, 1): u(name, i) of the golden vectors when key =
 * sgeo_fnv1a(name).
 */
double sgeo_hash_uniform(uint64_t key, uint64_t i);

/* A standard normal number, z(name, i) of the golden vectors: Box-Muller over uniforms 2i, 2i+1. */
double sgeo_hash_normal(uint64_t key, uint64_t i);

/*
 * Checksum of bytes, starting from `seed`, at memory speed: against damage, not against malice.
 * Whatever changes within one aligned word of 8 bytes is noticed for certain, anything else but for
 * one case in 2^64. Four lanes take a word each: lane = rotate(lane ^ word, 29) * odd.
 */
uint64_t sgeo_checksum(uint64_t seed, const void *bytes, size_t n_bytes);

#define SGEO_SHA256_HEX 65 /* 64 digits and the final NUL */

/* SHA-256 of bytes, of a file, in lower-case hex. The file form fails with SGEO_IO. */
void sgeo_sha256(char hex[SGEO_SHA256_HEX], const void *bytes, size_t n_bytes);
enum sgeo_status sgeo_sha256_file(char hex[SGEO_SHA256_HEX], const char *path);

#endif
