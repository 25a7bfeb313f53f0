#include "common/base/result.h"

namespace primacy {

Error::Error(ErrorKind kind, std::string message, std::source_location where)
    : node_(std::make_shared<Node>(Node{kind, std::move(message), where, nullptr})) {}

Error::Error(std::string message, Error cause, std::source_location where)
    : node_(std::make_shared<Node>(
          Node{cause.kind(), std::move(message), where, std::move(cause.node_)})) {}

std::string Error::message() const {
  std::string text;
  for (const Node* node = node_.get(); node != nullptr; node = node->cause.get()) {
    if (!text.empty()) text += ": ";
    text += node->message;
  }
  return text;
}

std::string Error::trace() const {
  std::string text;
  for (const Node* node = node_.get(); node != nullptr; node = node->cause.get()) {
    if (!text.empty()) text += "\n  caused by ";
    text += node->message + " (" + node->where.file_name() + ":" +
            std::to_string(node->where.line()) + ")";
  }
  return text;
}

}  // namespace primacy
