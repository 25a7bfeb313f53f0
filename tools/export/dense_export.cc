#include "tools/export/dense_export.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "common/base/strings.h"
#include "common/protocol/dense_layout.h"

namespace primacy {
namespace {

std::string EscapedComponent(std::string_view component) {
  const bool only_dots = component.find_first_not_of('.') == std::string_view::npos;
  std::string text;
  for (const char c : component) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        byte < 0x80 && (std::isalnum(byte) || c == '_' || c == '-' || (c == '.' && !only_dots));
    text += plain ? std::string(1, c) : Format("%%%02X", byte);
  }
  return component.empty() ? "%" : text;
}

}  // namespace

std::string TensorPath(const std::string& name) {
  std::string path;
  for (const std::string_view component : Split(name, '/')) {
    if (!path.empty()) path += '/';
    path += EscapedComponent(component);
  }
  return path;
}

DenseExport::DenseExport(std::string out, const ParameterSpec& parameters, bool slots)
    : out_(std::move(out)), want_slots_(slots) {
  for (const TensorSpec& spec : parameters.tensor()) {
    tensors_.push_back({.name = spec.name(),
                        .rows = static_cast<uint64_t>(spec.rows()),
                        .cols = static_cast<uint64_t>(spec.cols()),
                        .weights_path = "dense/" + TensorPath(spec.name()) + ".npy"});
  }
  files_.resize(tensors_.size());
}

Status DenseExport::Create(size_t index, uint64_t slot_planes) {
  Tensor& tensor = tensors_[index];
  Files& files = files_[index];
  const std::string path = out_ + "/" + tensor.weights_path;
  PRIMACY_TRY(MakeDirectories(std::filesystem::path(path).parent_path().string()));
  PRIMACY_ASSIGN(files.weights,
                 NpyPatchwork::Create(path, {NpyType::kFloat32, {tensor.rows, tensor.cols}}));
  files.seen.resize((tensor.rows * tensor.cols + kDenseBlockFloats - 1) / kDenseBlockFloats);
  if (!want_slots_) return Ok();
  tensor.slot_planes = slot_planes;
  tensor.slots_path = "dense/" + TensorPath(tensor.name) + ".slots.npy";
  PRIMACY_ASSIGN(files.slots, NpyPatchwork::Create(
                                  out_ + "/" + tensor.slots_path,
                                  {NpyType::kFloat32, {slot_planes, tensor.rows, tensor.cols}}));
  return Ok();
}

Status DenseExport::Add(const StoredBlock& block) {
  const size_t index = static_cast<size_t>(block.tensor);
  const uint64_t tensor_size = tensors_[index].rows * tensors_[index].cols;
  const uint64_t begin = uint64_t{kDenseBlockFloats} * block.number;
  const uint64_t size = std::min<uint64_t>(kDenseBlockFloats, tensor_size - begin);
  const uint64_t planes = block.floats.size() / size - 1;
  Files& files = files_[index];
  if (!files.weights) PRIMACY_TRY(Create(index, planes));
  if (files.seen[block.number]) {
    return Failure(
        Format("tensor %s: block %u comes twice", tensors_[index].name.c_str(), block.number));
  }
  files.seen[block.number] = true;
  PRIMACY_TRY(files.weights->WriteAt(begin, block.floats.first(size)));
  if (!want_slots_) return Ok();
  if (block.floats.size() % size != 0 || planes != tensors_[index].slot_planes) {
    return Failure(Format("tensor %s: the slots of block %u are not of the tensor's shape",
                          tensors_[index].name.c_str(), block.number));
  }
  for (uint64_t plane = 0; plane < planes; ++plane) {
    PRIMACY_TRY(files.slots->WriteAt(plane * tensor_size + begin,
                                     block.floats.subspan((1 + plane) * size, size)));
  }
  return Ok();
}

Status DenseExport::Finish() {
  for (size_t index = 0; index < files_.size(); ++index) {
    Files& files = files_[index];
    if (!files.weights) PRIMACY_TRY(Create(index, 0));
    PRIMACY_TRY(files.weights->Finish());
    if (files.slots) PRIMACY_TRY(files.slots->Finish());
  }
  return Ok();
}

}  // namespace primacy
