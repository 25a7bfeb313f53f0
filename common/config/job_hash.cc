#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "common/base/hash.h"
#include "common/config/job_config.h"

namespace primacy {

uint64_t JobHash(const Job& job, std::string_view schema_bytes) {
  Job hashed = FillDefaults(job);
  hashed.clear_name();
  hashed.clear_runtime();
  hashed.mutable_data()->clear_log();
  hashed.mutable_data()->clear_cache_bytes();
  for (int t = 0; t < hashed.task_size(); ++t) {
    hashed.mutable_task(t)->set_slack(SlackOf(hashed, t));
    hashed.mutable_task(t)->clear_margin();
  }
  hashed.mutable_priority()->clear_margin();
  hashed.mutable_priority()->clear_fail_on();
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    CHECK(hashed.SerializeToCodedStream(&coded));
  }
  return HashCombine(HashBytes(bytes), HashBytes(schema_bytes));
}

}  // namespace primacy
