// A parameter service with one table of two floats a row and one dense tensor of three, SGD with
// rate 1, and the requests that workers send it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "common/base/mutex.h"
#include "common/config/job_config.h"
#include "ps/service/parameter_service.h"
#include "tests/support/fake_responder.h"

namespace primacy::testing_support {

class ServiceJob {
 public:
  static constexpr uint32_t kIncarnation = 1;

  explicit ServiceJob(int workers, const std::vector<std::string>& overrides = {}, int server = 0,
                      int servers = 1, int tasks = 1)
      : service(
            {MakeJob(overrides, tasks), server, servers, workers, [this] { return memory.load(); }},
            {[this](const NormRequest& request, const std::shared_ptr<std::vector<double>>& squares,
                    const std::function<void(Result<double>)>& done) {
               norm_step = request.step();
               norm_squares = *squares;
               done(norm_scale);
             },
             [this](const GramRequest& request, std::shared_ptr<std::vector<double>> products,
                    std::function<void(Result<GramReply>)> done) {
               gram_request = request;
               gram_products = *products;
               gram_done = std::move(done);
               if (gram_reply.shared_weight_size() > 0) gram_done(gram_reply);
             },
             [this](const SavedReport& report) {
               MutexLock lock(saved_mutex);
               saved.push_back(report);
             }}) {
    Directive configure;
    configure.mutable_configure()->set_incarnation(kIncarnation);
    *configure.mutable_configure()->mutable_parameters() = Parameters();
    Do(configure);
    BeginPhase(kIncarnation);
  }

  static Job MakeJob(const std::vector<std::string>& overrides, int tasks = 1) {
    Job job;
    job.mutable_data()->set_log("/log");
    for (int t = 0; t < tasks; ++t) job.add_task()->set_name(t == 0 ? "top" : "low");
    std::vector<std::string> all = {"table_optimizer.kind=SGD", "dense_optimizer.kind=SGD",
                                    "table_optimizer.learning_rate=1",
                                    "dense_optimizer.learning_rate=1", "dense_optimizer.l2=0"};
    all.insert(all.end(), overrides.begin(), overrides.end());
    for (const std::string& change : all) {
      Result<Job> changed = OverrideJob(job, change);
      CHECK(changed.ok()) << changed.error().trace();
      job = *changed;
    }
    return FillDefaults(job);
  }

  static ParameterSpec Parameters() {
    ParameterSpec parameters;
    TableSpec& table = *parameters.add_table();
    table.set_dim(2);
    table.set_init_stddev(0);
    TensorSpec& tensor = *parameters.add_tensor();
    tensor.set_name("bottom");
    tensor.set_rows(1);
    tensor.set_cols(3);
    tensor.set_init_bound(0);
    return parameters;
  }

  Result<ServerResult> Try(const Directive& directive) { return service.Execute(directive); }
  ServerResult Do(const Directive& directive) {
    Result<ServerResult> result = Try(directive);
    CHECK(result.ok()) << result.error().trace();
    return *result;
  }
  void BeginPhase(uint32_t incarnation) {
    Directive train;
    train.mutable_train()->set_incarnation(incarnation);
    train.mutable_train()->set_steps_per_pass(10);
    Do(train);
  }

  Answer Pull(int worker, Step step, int64_t clock, std::vector<Key> keys,
              uint32_t incarnation = kIncarnation) {
    PullRequest request;
    request.set_incarnation(incarnation);
    request.set_worker(worker);
    request.set_step(step);
    request.set_clock(clock);
    request.add_key_count(static_cast<int64_t>(keys.size()));
    request.set_want_dense(true);
    return Send(MessageType::kPull, request, {std::as_bytes(std::span(keys))});
  }
  // What the server said of the next save that it had not said of any before.
  SavedReport AwaitSaved() {
    for (;; std::this_thread::yield()) {
      MutexLock lock(saved_mutex);
      if (saved.size() == saved_seen) continue;
      return saved[saved_seen++];
    }
  }
  // What a key and the dense tensor are now.
  std::vector<float> Read(std::vector<Key> keys) {
    PullRequest request;
    request.set_incarnation(incarnation);
    request.set_worker(0);
    request.set_read_only(true);
    request.add_key_count(static_cast<int64_t>(keys.size()));
    request.set_want_dense(true);
    return Await(Send(MessageType::kPull, request, {std::as_bytes(std::span(keys))})).floats();
  }
  // Keys sent ahead, and the pull of the rows that their answer leaves out.
  Answer Keys(int worker, Step step, int64_t clock, const std::vector<Key>& keys) {
    KeysRequest request;
    request.set_incarnation(kIncarnation);
    request.set_worker(worker);
    request.set_step(step);
    request.set_clock(clock);
    request.add_key_count(static_cast<int64_t>(keys.size()));
    return Send(MessageType::kKeys, request, {std::as_bytes(std::span(keys))});
  }
  Answer PullRest(int worker, Step step, int64_t clock) {
    PullRequest request;
    request.set_incarnation(kIncarnation);
    request.set_worker(worker);
    request.set_step(step);
    request.set_clock(clock);
    request.set_want_dense(true);
    request.set_keys_sent(true);
    return Send(MessageType::kPull, request, {});
  }
  static PushRequest PushOf(int worker, Step step, PushRequest::Part part) {
    PushRequest request;
    request.set_incarnation(kIncarnation);
    request.set_worker(worker);
    request.set_step(step);
    request.set_active_tasks(1);
    request.set_part(part);
    return request;
  }
  Answer PushPart(int worker, Step step, PushRequest::Part part,
                  const std::vector<float>& gradients) {
    return Send(MessageType::kPush, PushOf(worker, step, part),
                {std::as_bytes(std::span(gradients))});
  }
  Answer Push(int worker, Step step, const std::vector<float>& gradients,
              uint32_t incarnation = kIncarnation) {
    PushRequest request = PushOf(worker, step, PushRequest::WHOLE);
    request.set_incarnation(incarnation);
    return Send(MessageType::kPush, request, {std::as_bytes(std::span(gradients))});
  }
  Answer Idle(int worker) {
    WorkerIdle idle;
    idle.set_incarnation(kIncarnation);
    idle.set_worker(worker);
    return Send(MessageType::kWorkerIdle, idle, {});
  }

  template <typename T>
  Answer Send(MessageType type, const T& request,
              const std::vector<std::span<const std::byte>>& raw) {
    Answer answer;
    service.Handle(MakeMessage(type, request, raw), answer.MakeResponder());
    return answer;
  }
  // All work given so far is done when it returns.
  void Settle() {
    // What an exchange of norms adds comes behind the first of these.
    for (int i = 0; i < 2; ++i) Await(Send(MessageType::kPull, PullRequest(), {}));
  }
  static Answer Await(Answer answer) {
    while (answer.pending()) std::this_thread::yield();
    return answer;
  }

  uint32_t incarnation = kIncarnation;
  double norm_scale = 1;
  Step norm_step = -1;
  std::vector<double> norm_squares;
  GramReply gram_reply;  // empty: whoever asks waits for gram_done
  GramRequest gram_request;
  std::vector<double> gram_products;
  std::function<void(Result<GramReply>)> gram_done;
  std::atomic<int64_t> memory = int64_t{1} << 40;  // for copies of the parameters
  Mutex saved_mutex;
  std::vector<SavedReport> saved GUARDED_BY(saved_mutex);
  size_t saved_seen = 0;
  ParameterService service;
};

}  // namespace primacy::testing_support
