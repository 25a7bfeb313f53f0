#include "tests/common/config/job_fixture.h"

#include "common/config/job_config.h"
#include "common/config/job_fields.h"

namespace primacy::testing_support {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void Visit(const Message& message, const std::string& path,
           const std::function<void(const FieldDescriptor&, const std::string&)>& visit) {
  const google::protobuf::Descriptor& type = *message.GetDescriptor();
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    const std::string here = JoinPath(path, field->name());
    if (field->message_type() == nullptr) {
      visit(*field, here);
    } else if (!field->is_repeated()) {
      Visit(reflection.GetMessage(message, field), here, visit);
    } else {
      for (int at = 0; at < reflection.FieldSize(message, field); ++at) {
        Visit(reflection.GetRepeatedMessage(message, field, at),
              here + "[" + std::to_string(at) + "]", visit);
      }
    }
  }
}

}  // namespace

Job SmallJob() {
  Job job;
  job.mutable_data()->set_log("/logs/small");
  job.add_task()->set_name("click");
  job.add_task()->set_name("like");
  return job;
}

Job SmallJobWith(const std::vector<std::string>& overrides) {
  Job job = SmallJob();
  for (const std::string& assignment : overrides) {
    Result<Job> changed = OverrideJob(job, assignment);
    CHECK(changed.ok()) << changed.error().trace();
    job = *changed;
  }
  return job;
}

Job FullJob() {
  Job job = SmallJob();
  ModelConfig::GroupDim& entry = *job.mutable_model()->add_group_dim();
  entry.set_group("user");
  entry.set_dim(16);
  return job;
}

void ForEachValue(const Message& message,
                  const std::function<void(const FieldDescriptor&, const std::string&)>& visit) {
  Visit(message, "", visit);
}

}  // namespace primacy::testing_support
