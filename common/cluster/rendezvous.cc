#include "common/cluster/rendezvous.h"

#include <algorithm>
#include <optional>

#include "common/base/json.h"
#include "common/base/json_value.h"

namespace primacy {
namespace {

struct Offer {
  std::string name;
  std::string text;
  std::optional<std::string> error;
  bool usage = false;
};

std::string Encode(const std::string& name, const Result<std::string>& offer) {
  JsonWriter json;
  json.BeginObject().Field("name", name);
  if (offer.ok()) {
    json.Field("text", *offer);
  } else {
    json.Field("error", offer.error().message());
    json.Field("usage", offer.error().kind() == ErrorKind::kUsage);
  }
  json.EndObject();
  return json.Take();
}

Result<Offer> Decode(const JsonValue& json) {
  if (json.object() == nullptr) return Failure("a rank sent a malformed offer");
  Offer offer;
  offer.name = json.TextOr("name", "");
  offer.text = json.TextOr("text", "");
  if (json.Find("error") != nullptr) offer.error = json.TextOr("error", "");
  offer.usage = json.BooleanOr("usage", false);
  return offer;
}

// The one error that stands for all, when there is any.
Status Judge(const std::vector<Offer>& offers) {
  const auto failed = [](const Offer& offer) { return offer.error.has_value(); };
  const auto misused = [](const Offer& offer) { return offer.error.has_value() && offer.usage; };
  auto chosen = std::find_if(offers.begin(), offers.end(), misused);
  if (chosen == offers.end()) chosen = std::find_if(offers.begin(), offers.end(), failed);
  if (chosen == offers.end()) return Ok();
  const bool shared = std::all_of(offers.begin(), offers.end(),
                                  [&](const Offer& offer) { return offer.error == chosen->error; });
  const std::string message = shared ? *chosen->error : chosen->name + ": " + *chosen->error;
  return chosen->usage ? UsageError(message) : Failure(message);
}

}  // namespace

Result<std::vector<std::string>> Exchange(Cluster& world, const std::string& name,
                                          const Result<std::string>& offer) {
  PRIMACY_ASSIGN(const std::vector<std::string> gathered, world.Gather(Encode(name, offer), 0));
  std::string list;
  for (const std::string& one : gathered) list += (list.empty() ? "[" : ",") + one;
  PRIMACY_ASSIGN(const std::string all, world.Broadcast(list + "]", 0));
  PRIMACY_ASSIGN(const JsonValue parsed, ParseJson(all));
  std::vector<Offer> offers;
  if (parsed.array() != nullptr) {
    for (const JsonValue& one : *parsed.array()) {
      PRIMACY_ASSIGN(Offer decoded, Decode(one));
      offers.push_back(std::move(decoded));
    }
  }
  if (static_cast<int>(offers.size()) != world.size()) {
    return Failure("the ranks did not meet: " + std::to_string(offers.size()) + " of " +
                   std::to_string(world.size()) + " offers came");
  }
  PRIMACY_TRY(Judge(offers));
  std::vector<std::string> texts;
  for (const Offer& one : offers) texts.push_back(one.text);
  return texts;
}

}  // namespace primacy
