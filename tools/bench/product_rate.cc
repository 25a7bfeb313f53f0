#include <algorithm>
#include <oneapi/dnnl/dnnl.hpp>
#include <utility>
#include <vector>

#include "common/base/strings.h"
#include "tools/bench/machine_rates.h"
#include "tools/bench/repeat.h"
#include "worker/nn/matmul.h"

namespace primacy::bench {
namespace {

using Type = dnnl::memory::data_type;
using Desc = dnnl::memory::desc;

// Layouts of a, b and c: as the product says, or what oneDNN likes best.
struct Layouts {
  bool any_a = false;
  bool any_b = false;
  bool any_c = false;
};
constexpr Layouts kLayouts[] = {{}, {.any_b = true}, {true, true, true}};

Desc Operand(size_t rows, size_t cols, bool transposed, bool any, Type type) {
  const auto m = static_cast<dnnl_dim_t>(rows);
  const auto n = static_cast<dnnl_dim_t>(cols);
  if (any) return {{m, n}, type, dnnl::memory::format_tag::any};
  return transposed ? Desc({m, n}, type, dnnl::memory::dims{1, m})
                    : Desc({m, n}, type, dnnl::memory::dims{n, 1});
}

// Memory of `desc` full of small numbers, whatever its layout.
dnnl::memory Filled(const Desc& desc, const dnnl::engine& engine, Type type) {
  dnnl::memory memory(desc, engine);
  const size_t bytes = desc.get_size();
  if (type == Type::bf16) {
    constexpr uint16_t kSmall = 0x3C24;  // 0.01
    std::fill_n(static_cast<uint16_t*>(memory.get_data_handle()), bytes / 2, kSmall);
  } else {
    std::fill_n(static_cast<float*>(memory.get_data_handle()), bytes / 4, 0.01f);
  }
  return memory;
}

double MatmulSeconds(const Product& p, Type in, Type out, const Layouts& layouts, double seconds) {
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  const dnnl::matmul::primitive_desc description(
      dnnl::matmul::desc(Operand(p.m, p.k, p.a_transposed, layouts.any_a, in),
                         Operand(p.k, p.n, p.b_transposed, layouts.any_b, in),
                         Operand(p.m, p.n, false, layouts.any_c, out)),
      engine);
  const dnnl::matmul matmul(description);
  const std::unordered_map<int, dnnl::memory> arguments = {
      {DNNL_ARG_SRC, Filled(description.src_desc(), engine, in)},
      {DNNL_ARG_WEIGHTS, Filled(description.weights_desc(), engine, in)},
      {DNNL_ARG_DST, Filled(description.dst_desc(), engine, out)}};
  return MedianSeconds(seconds, [&] {
    matmul.execute(stream, arguments);
    stream.wait();
  });
}

double SgemmSeconds(const Product& p, double seconds) {
  const std::vector<float> a(p.m * p.k, 0.01f), b(p.k * p.n, 0.01f);
  std::vector<float> c(p.m * p.n);
  const auto m = static_cast<dnnl_dim_t>(p.m);
  const auto n = static_cast<dnnl_dim_t>(p.n);
  const auto k = static_cast<dnnl_dim_t>(p.k);
  return MedianSeconds(seconds, [&] {
    dnnl_sgemm(p.a_transposed ? 'T' : 'N', p.b_transposed ? 'T' : 'N', m, n, k, 1.0f, a.data(),
               p.a_transposed ? m : k, b.data(), p.b_transposed ? k : n, 0.0f, c.data(), n);
  });
}

// Of oneDNN, which throws.
double BestSeconds(const Product& product, Precision precision, double seconds) {
  std::vector<double> taken;
  const Type in = precision == BF16 ? Type::bf16 : Type::f32;
  for (const Layouts& layouts : kLayouts) {
    taken.push_back(MatmulSeconds(product, in, Type::f32, layouts, seconds));
    if (in == Type::bf16) {
      taken.push_back(MatmulSeconds(product, in, Type::bf16, layouts, seconds));
    }
  }
  if (in == Type::f32) taken.push_back(SgemmSeconds(product, seconds));
  return *std::min_element(taken.begin(), taken.end());
}

}  // namespace

Result<double> ProductRate(const Product& product, Precision precision, double seconds) {
  SetComputeThreads(1);
  try {
    return product.flops() / BestSeconds(product, precision, seconds);
  } catch (const dnnl::error& error) {
    return Failure(Format("oneDNN has no product of %zu x %zu x %zu in %s here: %s", product.m,
                          product.n, product.k, Precision_Name(precision).c_str(), error.what()));
  }
}

}  // namespace primacy::bench
