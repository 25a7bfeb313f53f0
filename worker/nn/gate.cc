#include "worker/nn/gate.h"

#include <algorithm>

#include "common/base/vectorize.h"
#include "worker/nn/bfloat16.h"

namespace primacy {
namespace {

// One product of a probability, in column `probability`, and `width` columns of a matrix from
// `from` on, which is a part of the columns of another one from `to` on.
struct Term {
  size_t probability = 0;
  size_t from = 0;
  size_t to = 0;
};

// What the gates' outputs are made of, gate by gate: from experts, to outputs.
std::vector<Term> TermsOf(std::span<const Gate> gates, size_t width) {
  std::vector<Term> terms;
  for (const Gate& gate : gates) {
    for (size_t j = 0; j < gate.experts.size(); ++j) {
      terms.push_back({gate.probability_column + j, static_cast<size_t>(gate.experts[j]) * width,
                       gate.output_column});
    }
  }
  return terms;
}

// Sixteen floats: one register, or a few of a smaller processor.
constexpr size_t kLanes = 16;
using Lanes = float __attribute__((vector_size(kLanes * sizeof(float))));

// The first `count` lanes, and 0 in the others.
PRIMACY_IN_LOOP void Load(const float* from, size_t count, Lanes& lanes) {
  lanes = Lanes{};
  __builtin_memcpy(&lanes, from, count * sizeof(float));
}
PRIMACY_IN_LOOP void Load(const uint16_t* from, size_t count, Lanes& lanes) {
  uint16_t __attribute__((vector_size(kLanes * sizeof(uint16_t)))) bits = {};
  __builtin_memcpy(&bits, from, count * sizeof(uint16_t));
  using Wide = uint32_t __attribute__((vector_size(kLanes * sizeof(uint32_t))));
  const Wide wide = __builtin_convertvector(bits, Wide) << 16;
  __builtin_memcpy(&lanes, &wide, sizeof(lanes));
}
PRIMACY_IN_LOOP float Widen(float value) { return value; }
PRIMACY_IN_LOOP float Widen(uint16_t bits) { return FromBf16(bits); }

// A matrix of floats or of bfloat16.
template <typename From>
struct Elements {
  explicit Elements(ConstOperand m) : data(static_cast<const From*>(m.data)), stride(m.stride) {}
  const From* data;
  size_t stride;
};

// Terms [begin, end), which have one `to`, of one row: columns [c, c + kRegisters · kLanes) of
// their sum.
template <size_t kRegisters, typename From>
PRIMACY_IN_LOOP void SumColumns(const Term* begin, const Term* end, const float* p,
                                const From* from, size_t c, float* __restrict to) {
  Lanes sum[kRegisters] = {};
  for (const Term* term = begin; term != end; ++term) {
    const float weight = p[term->probability];
    const From* part = from + term->from + c;
#pragma GCC unroll 4
    for (size_t r = 0; r < kRegisters; ++r) {
      Lanes lanes;
      Load(part + r * kLanes, kLanes, lanes);
      sum[r] += weight * lanes;
    }
  }
  __builtin_memcpy(to + c, sum, sizeof(sum));
}

template <typename From>
PRIMACY_IN_LOOP void SumTerms(const Term* begin, const Term* end, const float* p, const From* from,
                              size_t width, float* __restrict to) {
  size_t c = 0;
  for (; c + 4 * kLanes <= width; c += 4 * kLanes) SumColumns<4>(begin, end, p, from, c, to);
  for (; c + kLanes <= width; c += kLanes) SumColumns<1>(begin, end, p, from, c, to);
  for (; c < width; ++c) {
    float sum = 0.0f;
    for (const Term* term = begin; term != end; ++term) {
      sum += p[term->probability] * Widen(from[term->from + c]);
    }
    to[c] = sum;
  }
}

// Terms with the same `to` follow one another.
template <typename From>
PRIMACY_IN_LOOP void SumAllTerms(const Term* terms, size_t count, size_t width,
                                 const ConstMatrix& p, const Elements<From>& from,
                                 const Matrix& to) {
  for (size_t i = 0; i < to.rows; ++i) {
    for (size_t begin = 0, end = 0; begin < count; begin = end) {
      while (end < count && terms[end].to == terms[begin].to) ++end;
      SumTerms(terms + begin, terms + end, p.data + i * p.stride, from.data + i * from.stride,
               width, to.data + i * to.stride + terms[begin].to);
    }
  }
}

PRIMACY_VECTORIZED void SumFloats(const Term* terms, size_t count, size_t width,
                                  const ConstMatrix& p, const Elements<float>& from,
                                  const Matrix& to) {
  SumAllTerms(terms, count, width, p, from, to);
}

PRIMACY_VECTORIZED void SumBf16(const Term* terms, size_t count, size_t width, const ConstMatrix& p,
                                const Elements<uint16_t>& from, const Matrix& to) {
  SumAllTerms(terms, count, width, p, from, to);
}

// <a, b>, in kLanes partial sums so that the order, and with it the bits, are the same for every
// vector width.
template <typename B>
PRIMACY_IN_LOOP float Dot(const float* a, const B* b, size_t width) {
  Lanes sum = {}, x, y;
  size_t c = 0;
  for (; c + kLanes <= width; c += kLanes) {
    Load(a + c, kLanes, x);
    Load(b + c, kLanes, y);
    sum += x * y;
  }
  if (c < width) {
    Load(a + c, width - c, x);
    Load(b + c, width - c, y);
    sum += x * y;
  }
  const auto eight = __builtin_shufflevector(sum, sum, 0, 1, 2, 3, 4, 5, 6, 7) +
                     __builtin_shufflevector(sum, sum, 8, 9, 10, 11, 12, 13, 14, 15);
  const auto four = __builtin_shufflevector(eight, eight, 0, 1, 2, 3) +
                    __builtin_shufflevector(eight, eight, 4, 5, 6, 7);
  return (four[0] + four[2]) + (four[1] + four[3]);
}

// Each term's ∂ by its probability: <gradient of to, from>.
template <typename From>
PRIMACY_IN_LOOP void ProbabilityGradients(const Term* terms, size_t count, size_t width,
                                          const Elements<From>& from,
                                          const ConstMatrix& to_gradient,
                                          const Matrix& p_gradient) {
  for (size_t i = 0; i < p_gradient.rows; ++i) {
    const From* part = from.data + i * from.stride;
    const float* d = to_gradient.data + i * to_gradient.stride;
    float* d_p = p_gradient.data + i * p_gradient.stride;
    for (const Term* term = terms; term != terms + count; ++term) {
      d_p[term->probability] = Dot(d + term->to, part + term->from, width);
    }
  }
}

PRIMACY_VECTORIZED void ProbabilityGradientsOfFloats(const Term* terms, size_t count, size_t width,
                                                     const Elements<float>& from,
                                                     const ConstMatrix& to_gradient,
                                                     const Matrix& p_gradient) {
  ProbabilityGradients(terms, count, width, from, to_gradient, p_gradient);
}

PRIMACY_VECTORIZED void ProbabilityGradientsOfBf16(const Term* terms, size_t count, size_t width,
                                                   const Elements<uint16_t>& from,
                                                   const ConstMatrix& to_gradient,
                                                   const Matrix& p_gradient) {
  ProbabilityGradients(terms, count, width, from, to_gradient, p_gradient);
}

}  // namespace

void MixForward(std::span<const Gate> gates, size_t width, ConstMatrix probabilities,
                ConstOperand experts, Matrix output) {
  const std::vector<Term> terms = TermsOf(gates, width);
  if (experts.element == Element::kBf16) {
    SumBf16(terms.data(), terms.size(), width, probabilities, Elements<uint16_t>(experts), output);
  } else {
    SumFloats(terms.data(), terms.size(), width, probabilities, Elements<float>(experts), output);
  }
}

void MixBackward(std::span<const Gate> gates, size_t width, ConstMatrix probabilities,
                 ConstOperand experts, ConstMatrix output_gradient, Matrix probability_gradient,
                 Matrix expert_gradient) {
  std::vector<Term> terms = TermsOf(gates, width);
  if (experts.element == Element::kBf16) {
    ProbabilityGradientsOfBf16(terms.data(), terms.size(), width, Elements<uint16_t>(experts),
                               output_gradient, probability_gradient);
  } else {
    ProbabilityGradientsOfFloats(terms.data(), terms.size(), width, Elements<float>(experts),
                                 output_gradient, probability_gradient);
  }
  // An expert's gradient is the sum over its gates, as a gate's output is the sum over its experts.
  for (Term& term : terms) std::swap(term.from, term.to);
  std::stable_sort(terms.begin(), terms.end(),
                   [](const Term& a, const Term& b) { return a.to < b.to; });
  size_t read = 0;
  for (size_t t = 0; t < terms.size(); ++t) read += t == 0 || terms[t].to != terms[t - 1].to;
  if (read * width < expert_gradient.cols) {
    for (size_t i = 0; i < expert_gradient.rows; ++i) {
      std::fill_n(expert_gradient.row(i), expert_gradient.cols, 0.0f);
    }
  }
  SumFloats(terms.data(), terms.size(), width, probabilities, Elements<float>(output_gradient),
            expert_gradient);
}

}  // namespace primacy
