/*
 * Contracts of the interaction layers of recommender models. A sparse tensor (B,n,D) holds a row of
 * D numbers for each of n features; samples are `pitch` elements apart, so that a tensor may be a
 * part of a wider one. What lies between the samples of a destination stays as it is. Gradients
 * have the pitches of what they are gradients of, and are overwritten.
 */
#ifndef SGEO_KERNELS_CONTRACT_INTERACTION_H
#define SGEO_KERNELS_CONTRACT_INTERACTION_H

#include <stddef.h>

/* Sizes of an interaction of the rows of a sample: src (B,rows,dim). */
struct sgeo_interaction {
    size_t batch, rows, dim;
    size_t src_pitch, dst_pitch; /* elements from a sample to the next */
};

/* Pairs of n rows: what a dot interaction yields. 0 also for n = 0, whatever 0 - 1 is. */
static inline size_t sgeo_pairs(size_t n)
{
    return n * (n - 1) / 2;
}

/*
 * dst (B,pairs) = src_i . src_j for all i > j, i ascending, then j: the strictly lower triangle of
 * X X^T in row-major order (DLRM, NASRec). Products are added in f32, d ascending; tiers may cut
 * them into sums of 16 or 64.
 * backward: dsrc_i = sum over j != i of ddst_ij src_j, in f32.
 */
typedef void sgeo_f32_dot_interaction_sig(float *dst, const float *src,
                                          const struct sgeo_interaction *shape);
typedef void sgeo_f32_dot_interaction_grad_sig(float *dsrc, const float *ddst, const float *src,
                                               const struct sgeo_interaction *shape);

/*
 * Factorisation machine: dst (B,dim) = scale * sum over i > j of src_i src_j, elementwise. Scale 1
 * is DeepFM's ((sum v)^2 - sum v^2) / 2, scale 2 is NASRec's without the half. The pairs are summed
 * as they are, each row times the sum of those before it: nothing cancels that the pairs keep. With
 * an infinite element dst is infinite or NaN.
 * backward: dsrc_i = scale * ddst * sum over j != i of src_j, from the sums before and behind i:
 * it does not depend on src_i, not even when that is infinite.
 */
typedef void sgeo_f32_fm_sig(float *dst, const float *src, float scale,
                             const struct sgeo_interaction *shape);
typedef void sgeo_f32_fm_grad_sig(float *dsrc, const float *ddst, const float *src, float scale,
                                  const struct sgeo_interaction *shape);

/* Sizes of a gating: src (B,src_width), the gate and dst (B,width); src_width <= width. */
struct sgeo_gating {
    size_t batch, width, src_width;
};

/*
 * dst = src * gate, src padded with zeros to `width`: NASRec's sigmoid gating, whose gate is a
 * sigmoid's output. Behind src_width dst is 0 whatever the gate. dst may be the gate, or src when
 * the widths agree.
 * backward, through the sigmoid: dsrc (B,src_width) = ddst * gate; dlogit (B,width) = ddst * src *
 * gate * (1 - gate), 0 behind src_width. dlogit may be ddst or the gate; dsrc may be src.
 */
typedef void sgeo_f32_gate_sig(float *dst, const float *src, const float *gate,
                               const struct sgeo_gating *shape);
typedef void sgeo_f32_gate_grad_sig(float *dsrc, float *dlogit, const float *ddst, const float *src,
                                    const float *gate, const struct sgeo_gating *shape);

/*
 * dst (B,width) = sum_t src_t (B,widths_t), each padded with zeros to `width`, added in order.
 * widths_t <= width; without sources dst is 0. dst may be a source of the full width.
 * backward: dsrc_t = the first widths_t columns of ddst; dsrc_t NULL is left out.
 */
typedef void sgeo_f32_padded_sum_sig(float *dst, const float *const *src, const size_t *widths,
                                     size_t n_src, size_t batch, size_t width);
typedef void sgeo_f32_padded_sum_grad_sig(float *const *dsrc, const size_t *widths, size_t n_src,
                                          const float *ddst, size_t batch, size_t width);

/* Sizes of a linear layer along the rows: src (B,src_rows,dim), dst (B,dst_rows,dim). */
struct sgeo_row_linear {
    size_t batch, src_rows, dst_rows, dim;
    size_t src_pitch, dst_pitch; /* elements from a sample to the next */
};

/*
 * dst (B,m,D) = wei (m,n) src (B,n,D) + bia (m) in each sample (NASRec's EFC); bia NULL: 0.
 * Products are added in f32, j ascending, or in two sums of even and odd j.
 * backward: dsrc = wei^T ddst;  dwei (m,n) = sum_b ddst src^T and dbia (m) = sum_b sum_d ddst, of
 * 16 samples and 16 columns at a time, in f32; dbia NULL is left out.
 */
typedef void sgeo_f32_row_linear_sig(float *dst, const float *src, const float *wei,
                                     const float *bia, const struct sgeo_row_linear *shape);
typedef void sgeo_f32_row_linear_grad_src_sig(float *dsrc, const float *ddst, const float *wei,
                                              const struct sgeo_row_linear *shape);
typedef void sgeo_f32_row_linear_grad_wei_sig(float *dwei, float *dbia, const float *ddst,
                                              const float *src,
                                              const struct sgeo_row_linear *shape);

/* Sizes of a self-attention: all tensors (B,rows,heads*head_dim), samples without gaps. */
struct sgeo_attention {
    size_t batch, rows, heads, head_dim;
};

/* What attention attends with: the projected queries, keys and values. */
struct sgeo_attention_inputs {
    const float *query, *key, *value;
};

/* Their gradients. */
struct sgeo_attention_grads {
    float *query, *key, *value;
};

/*
 * Multi-head self-attention, head h in columns h*head_dim and following:
 *   p_ij = softmax over j of query_i . key_j / sqrt(head_dim);  dst_i = sum_j p_ij value_j
 * The softmax is relative to its largest logit. stats (B,heads,2,rows), unless NULL, keeps of each
 * i that logit and 1 / sum_j exp(logit_ij - it): backward finds the probabilities again from them,
 * so that no (rows,rows) matrix is ever stored. Sums in f32, j (backward: i or j) ascending.
 * A row with a logit that is NaN or +infinity is not finite, nor is what depends on it.
 * backward: from dst and stats of the forward call. head_dim is in 1..SGEO_ATTENTION_MAX_HEAD_DIM.
 * tangent, along tangents of all three, from the same:
 *   tlogit_ij = (tquery_i . key_j + query_i . tkey_j) / sqrt(head_dim)
 *   tdst_i = sum_j p_ij (tlogit_ij value_j + tvalue_j) - dst_i sum_j p_ij tlogit_ij
 */
#define SGEO_ATTENTION_MAX_HEAD_DIM ((size_t)64)
typedef void sgeo_f32_attention_sig(float *dst, float *stats,
                                    const struct sgeo_attention_inputs *inputs,
                                    const struct sgeo_attention *shape);
typedef void sgeo_f32_attention_grad_sig(const struct sgeo_attention_grads *grads,
                                         const float *ddst, const float *dst, const float *stats,
                                         const struct sgeo_attention_inputs *inputs,
                                         const struct sgeo_attention *shape);
typedef void sgeo_f32_attention_tangent_sig(float *tdst,
                                            const struct sgeo_attention_inputs *tangents,
                                            const float *dst, const float *stats,
                                            const struct sgeo_attention_inputs *inputs,
                                            const struct sgeo_attention *shape);

#endif
