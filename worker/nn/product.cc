#include "worker/nn/product.h"

// The header's own switch: an error ends the process with a message. None is expected of what is
// described here.
#define DNNL_ENABLE_EXCEPTIONS 0
#include <oneapi/dnnl/dnnl.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "common/base/hash.h"

namespace primacy {

using dnnl::memory;

struct PackedOperand::Copy {
  memory from;  // b, whose address is set before each copy
  memory to;
  dnnl::reorder reorder;
  Product like;
};

namespace {

// Shapes come from the model and from the rows of a batch: a few dozen, unless slices vary.
constexpr size_t kPrimitivesMax = 512;
// Products with fewer columns than this are faster as products of a matrix and vectors.
constexpr size_t kMatmulColumnsMin = 2;

dnnl::engine& Engine() {
  static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

memory::data_type TypeOf(Element element) {
  return element == Element::kBf16 ? memory::data_type::bf16 : memory::data_type::f32;
}

// Row-major [rows, cols], or the transposed of what is stored as [cols, rows].
memory::desc Describe(size_t rows, size_t cols, Element element, size_t stride, bool transposed) {
  const auto ld = static_cast<memory::dim>(stride);
  return {{static_cast<memory::dim>(rows), static_cast<memory::dim>(cols)},
          TypeOf(element),
          transposed ? memory::dims{1, ld} : memory::dims{ld, 1}};
}

memory::desc DescribeB(const Product& p) {
  return Describe(p.k, p.n, p.b.element, p.b.stride, p.b_transposed);
}

// How the library would like b to lie.
memory::desc AnyB(const Product& p) {
  return {{static_cast<memory::dim>(p.k), static_cast<memory::dim>(p.n)},
          TypeOf(p.b.element),
          memory::format_tag::any};
}

dnnl::matmul::primitive_desc DescribeProduct(const Product& p, const memory::desc& b) {
  const memory::desc a = Describe(p.m, p.k, p.a.element, p.a.stride, p.a_transposed);
  const memory::desc c = Describe(p.m, p.n, p.c.element, p.c.stride, false);
  const memory::desc bias = Describe(1, p.n, Element::kFp32, p.n, false);
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (p.accumulate) {
    dnnl::post_ops sum;
    sum.append_sum();
    attributes.set_post_ops(sum);
  }
  const auto operation =
      p.bias != nullptr ? dnnl::matmul::desc(a, b, bias, c) : dnnl::matmul::desc(a, b, c);
  return {operation, attributes, Engine()};
}

// Everything a primitive depends on.
using Key = std::array<uint64_t, 7>;

Key KeyOf(const Product& p, int threads) {
  const uint64_t flags =
      static_cast<uint64_t>(p.a_transposed) | static_cast<uint64_t>(p.b_transposed) << 1 |
      static_cast<uint64_t>(p.accumulate) << 2 | static_cast<uint64_t>(p.bias != nullptr) << 3 |
      static_cast<uint64_t>(p.a.element) << 4 | static_cast<uint64_t>(p.b.element) << 5 |
      static_cast<uint64_t>(p.c.element) << 6 | static_cast<uint64_t>(p.packed_b != nullptr) << 7 |
      static_cast<uint64_t>(threads) << 8;
  return {p.m, p.n, p.k, p.a.stride, p.b.stride, p.c.stride, flags};
}

struct HashKey {
  size_t operator()(const Key& key) const {
    uint64_t hash = 0;
    for (const uint64_t part : key) hash = HashCombine(hash, part);
    return hash;
  }
};

}  // namespace

// A primitive with its arguments, whose addresses are set before each execution.
class Primitive {
 public:
  explicit Primitive(const Product& p) : stream_(Engine()) {
    const auto description = DescribeProduct(p, p.packed_b != nullptr ? AnyB(p) : DescribeB(p));
    matmul_ = dnnl::matmul(description);
    Add(DNNL_ARG_SRC, description.src_desc());
    Add(DNNL_ARG_WEIGHTS, description.weights_desc());
    Add(DNNL_ARG_DST, description.dst_desc());
    if (p.bias != nullptr) Add(DNNL_ARG_BIAS, description.bias_desc());
    // Owned, unlike the others.
    arguments_[DNNL_ARG_SCRATCHPAD] = memory(description.scratchpad_desc(), Engine());
  }

  // Whether b is packed as this primitive reads it.
  bool Takes(const PackedOperand& b) const {
    return b.copy_->to.get_desc() == arguments_.at(DNNL_ARG_WEIGHTS).get_desc();
  }

  void Execute(const Product& p) {
    Set(DNNL_ARG_SRC, p.a.data);
    Set(DNNL_ARG_WEIGHTS,
        p.packed_b != nullptr ? p.packed_b->copy_->to.get_data_handle() : p.b.data);
    Set(DNNL_ARG_DST, p.c.data);
    if (p.bias != nullptr) Set(DNNL_ARG_BIAS, p.bias);
    matmul_.execute(stream_, arguments_);
    stream_.wait();
  }

 private:
  void Add(int argument, const memory::desc& description) {
    arguments_[argument] = memory(description, Engine(), nullptr);
  }
  void Set(int argument, const void* data) {
    arguments_.find(argument)->second.set_data_handle(const_cast<void*>(data));
  }

  dnnl::stream stream_;
  dnnl::matmul matmul_;
  std::unordered_map<int, memory> arguments_;
};

namespace {

Primitive& PrimitiveOf(const Product& product, int threads) {
  thread_local std::unordered_map<Key, Primitive, HashKey> primitives;
  const Key key = KeyOf(product, threads);
  auto found = primitives.find(key);
  if (found == primitives.end()) {
    if (primitives.size() >= kPrimitivesMax) primitives.clear();
    found = primitives.try_emplace(key, product).first;
  }
  return found->second;
}

void ComputeNarrow(const Product& p) {
  if (p.bias != nullptr) {
    for (size_t i = 0; i < p.m; ++i) std::copy_n(p.bias, p.n, p.c.floats().row(i));
  }
  const float beta = p.bias != nullptr || p.accumulate ? 1.0f : 0.0f;
  const auto dim = [](size_t size) { return static_cast<dnnl_dim_t>(size); };
  const dnnl_status_t status = dnnl_sgemm(
      p.a_transposed ? 'T' : 'N', p.b_transposed ? 'T' : 'N', dim(p.m), dim(p.n), dim(p.k), 1.0f,
      static_cast<const float*>(p.a.data), dim(p.a.stride), static_cast<const float*>(p.b.data),
      dim(p.b.stride), beta, static_cast<float*>(p.c.data), dim(p.c.stride));
  CHECK_EQ(status, dnnl_success) << "dnnl_sgemm " << p.m << "x" << p.n << "x" << p.k;
}

}  // namespace

bool HasBf16Products() {
  static const bool has = [] {
    const dnnl_cpu_isa_t isa = dnnl_get_effective_cpu_isa();
    return (isa & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16;
  }();
  return has;
}

void Compute(const Product& product, int threads) {
  if (product.n < kMatmulColumnsMin && product.a.element == Element::kFp32) {
    return ComputeNarrow(product);
  }
  Primitive& primitive = PrimitiveOf(product, threads);
  if (product.packed_b == nullptr || primitive.Takes(*product.packed_b)) {
    return primitive.Execute(product);
  }
  Product plain = product;
  plain.packed_b = nullptr;
  PrimitiveOf(plain, threads).Execute(plain);
}

PackedOperand::PackedOperand() = default;
PackedOperand::~PackedOperand() = default;
PackedOperand::PackedOperand(PackedOperand&&) noexcept = default;
PackedOperand& PackedOperand::operator=(PackedOperand&&) noexcept = default;

void PackedOperand::Pack(const Product& like) {
  if (copy_ == nullptr || KeyOf(copy_->like, 0) != KeyOf(like, 0)) {
    const memory from(DescribeB(like), Engine(), nullptr);
    const memory to(DescribeProduct(like, AnyB(like)).weights_desc(), Engine());
    copy_ = std::make_unique<Copy>(Copy{from, to, dnnl::reorder(from, to), like});
  }
  copy_->from.set_data_handle(const_cast<void*>(like.b.data));
  dnnl::stream stream(Engine());
  copy_->reorder.execute(stream, copy_->from, copy_->to);
  stream.wait();
}

}  // namespace primacy
