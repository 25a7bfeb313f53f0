#include <string_view>

#include "common/config/job_config.h"

namespace primacy {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// What stays unset where it is: SlackOf and MarginOf derive it, so that what is set later counts.
bool IsDerivedWhenRead(const FieldDescriptor& field) {
  return field.full_name() == "primacy.TaskConfig.slack" ||
         field.full_name() == "primacy.TaskConfig.margin";
}

// Sets what is unset to the default that job.proto states, at every depth.
void MakeExplicit(Message& message) {
  const google::protobuf::Descriptor& type = *message.GetDescriptor();
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    if (field->message_type() != nullptr && field->is_repeated()) {
      for (int at = 0; at < reflection.FieldSize(message, field); ++at) {
        MakeExplicit(*reflection.MutableRepeatedMessage(&message, field, at));
      }
      continue;
    }
    if (field->message_type() != nullptr) {
      MakeExplicit(*reflection.MutableMessage(&message, field));
      continue;
    }
    if (field->is_repeated() || reflection.HasField(message, field)) continue;
    if (IsDerivedWhenRead(*field)) continue;
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        reflection.SetInt32(&message, field, field->default_value_int32());
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        reflection.SetInt64(&message, field, field->default_value_int64());
        break;
      case FieldDescriptor::CPPTYPE_UINT32:
        reflection.SetUInt32(&message, field, field->default_value_uint32());
        break;
      case FieldDescriptor::CPPTYPE_UINT64:
        reflection.SetUInt64(&message, field, field->default_value_uint64());
        break;
      case FieldDescriptor::CPPTYPE_FLOAT:
        reflection.SetFloat(&message, field, field->default_value_float());
        break;
      case FieldDescriptor::CPPTYPE_DOUBLE:
        reflection.SetDouble(&message, field, field->default_value_double());
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        reflection.SetBool(&message, field, field->default_value_bool());
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        reflection.SetEnum(&message, field, field->default_value_enum());
        break;
      case FieldDescriptor::CPPTYPE_STRING:
        reflection.SetString(&message, field, field->default_value_string());
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        break;
    }
  }
}

// Tiers as 0, 1, 2 ... in rising order of the ones given.
void FillTasks(Job& job) {
  int tier = -1;
  int given_before = 0;
  for (TaskConfig& task : *job.mutable_task()) {
    if (!task.has_label() || task.label().empty()) task.set_label(task.name());
    const bool joins = tier >= 0 && task.has_tier() && task.tier() == given_before;
    given_before = task.tier();
    task.set_tier(joins ? tier : ++tier);
  }
}

void FillModel(ModelConfig& model) {
  if (model.bottom().empty() && model.kind() == ModelConfig::SHARED_BOTTOM) model.add_bottom(64);
  if (model.expert().empty()) model.add_expert(32);
  if (model.tower().empty() && !model.linear_tower()) model.add_tower(32);
}

double DefaultLearningRate(OptimizerConfig::Kind kind) {
  switch (kind) {
    case OptimizerConfig::SGD:
      return 0.01;
    case OptimizerConfig::ADAGRAD:
    case OptimizerConfig::ROWWISE_ADAGRAD:
      return 0.05;
    case OptimizerConfig::ADAM:
      return 0.001;
  }
  return 0.01;
}

void FillOptimizer(OptimizerConfig& optimizer, OptimizerConfig::Kind kind, double l2) {
  if (!optimizer.has_kind()) optimizer.set_kind(kind);
  if (!optimizer.has_learning_rate()) {
    optimizer.set_learning_rate(DefaultLearningRate(optimizer.kind()));
  }
  if (!optimizer.has_epsilon()) {
    const bool adagrad = optimizer.kind() == OptimizerConfig::ADAGRAD ||
                         optimizer.kind() == OptimizerConfig::ROWWISE_ADAGRAD;
    optimizer.set_epsilon(adagrad ? 1e-10 : 1e-8);
  }
  if (!optimizer.has_l2()) optimizer.set_l2(l2);
}

void FillPriority(PriorityConfig& priority) {
  if (priority.has_slack() && !priority.has_margin()) priority.set_margin(priority.slack());
}

}  // namespace

double SlackOf(const Job& job, int task) {
  const TaskConfig& of = job.task(task);
  return of.has_slack() ? of.slack() : job.priority().slack();
}

double MarginOf(const Job& job, int task) {
  const TaskConfig& of = job.task(task);
  if (of.has_margin()) return of.margin();
  return of.has_slack() ? of.slack() : job.priority().margin();
}

Job FillDefaults(Job job) {
  FillPriority(*job.mutable_priority());
  FillTasks(job);
  FillModel(*job.mutable_model());
  FillOptimizer(*job.mutable_table_optimizer(), OptimizerConfig::ADAGRAD, 0);
  FillOptimizer(*job.mutable_dense_optimizer(), OptimizerConfig::ADAM, 1e-6);
  MakeExplicit(job);
  return job;
}

}  // namespace primacy
