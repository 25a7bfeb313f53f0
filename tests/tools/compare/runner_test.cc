// Whole comparisons on a tiny log, with the real `primacy` as its child processes.
#include "tools/compare/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "common/base/atomic_file.h"
#include "ps/coordinator/prepare_run.h"
#include "tests/support/local_run.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_log.h"
#include "tools/compare/comparison.h"
#include "tools/compare/comparison_json.h"
#include "tools/compare/output.h"
#include "tools/compare/run_directory.h"
#include "tools/launch/resume_hint.h"

namespace primacy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::TempDir;
using testing_support::TinyJob;
using testing_support::TinyLogOptions;

namespace fs = std::filesystem;

class RunnerTest : public testing::Test {
 protected:
  RunnerTest() {
    TinyLogOptions log;
    log.train_rows = 1200;
    log.holdout_rows = 300;
    log.test_rows = 300;
    testing_support::WriteTinyLog(dir_ / "log", log);
    plan_.models = {Model("SHARED_BOTTOM")};
    plan_.seeds = 2;
    plan_.run_dir = dir_ / "compare";
    options_.program = PRIMACY_BINARY;
    options_.jobs = 2;
    options_.show = [this](const RunnerOptions::Progress& progress) { shown_.push_back(progress); };
    Methods("single,weighted:4:2:1,nmt");
  }

  Job Model(const std::string& kind) {
    return TinyJob(dir_ / "log", {"training.passes_max=1", "training.evaluations_per_pass=1",
                                  "model.kind=" + kind, "model.bottom="});
  }

  void Methods(const std::string& text) {
    const auto methods = ParseMethods(text, plan_.models[0]);
    CHECK(methods.ok()) << methods.error().trace();
    plan_.methods = *methods;
  }

  // A program that stands in for `primacy` and can see its arguments.
  void UseScript(const std::string& body) {
    const std::string path = dir_ / "primacy.sh";
    std::ofstream(path) << "#!/bin/sh\n" << body << "\nexec " << PRIMACY_BINARY << " \"$@\"\n";
    fs::permissions(path, fs::perms::owner_all);
    options_.program = path;
  }

  RunnerOutcome Run() {
    shown_.clear();
    const auto outcome = RunTrainings(plan_, options_);
    CHECK(outcome.ok()) << outcome.error().trace();
    return *outcome;
  }

  // Everything but seconds.
  std::string Figures() {
    auto comparison = CollectComparison(plan_);
    CHECK(comparison.ok()) << comparison.error().trace();
    for (MethodFigures& method : comparison->models[0].methods) method.seconds.assign(2, 0);
    return ComparisonJson(*comparison);
  }

  std::map<std::string, fs::file_time_type> Reports() const {
    std::map<std::string, fs::file_time_type> times;
    for (const auto& entry : fs::recursive_directory_iterator(plan_.run_dir)) {
      if (entry.path().filename() == "report.json") times[entry.path()] = entry.last_write_time();
    }
    return times;
  }

  TempDir dir_;
  ComparisonPlan plan_;
  RunnerOptions options_;
  std::vector<RunnerOptions::Progress> shown_;
};

TEST_F(RunnerTest, ParallelEqualsSequentialAndTheFiguresAreTheReports) {
  EXPECT_TRUE(Run().failures.empty());
  EXPECT_EQ(shown_.back().done, 10);
  EXPECT_EQ(shown_.back().total, 10);
  size_t running_max = 0;
  for (const auto& progress : shown_) running_max = std::max(running_max, progress.running.size());
  EXPECT_EQ(running_max, 2u);
  const std::string parallel = Figures();

  const auto comparison = CollectComparison(plan_);
  ASSERT_OK(comparison);
  const ModelComparison& model = comparison->models[0];
  ASSERT_EQ(model.methods.size(), 3u);
  EXPECT_EQ(model.single, 0);
  EXPECT_EQ(model.nmt, 2);
  const std::string folder = plan_.run_dir + "/shared_bottom";
  const JsonValue nmt = testing_support::Report(folder + "/nmt/seed-8");
  const JsonValue view = testing_support::Report(folder + "/single_view/seed-7");
  EXPECT_EQ(model.methods[2].tasks[0].test[1],
            nmt.Find("final")->Find("like")->Find("test")->NumberOr("auc", -1));
  EXPECT_EQ(model.methods[0].tasks[1].holdout[0],
            view.Find("final")->Find("view")->Find("holdout")->NumberOr("auc", -1));
  EXPECT_EQ(model.methods[2].row_passes[1], nmt.NumberOr("row_passes", -1));
  ASSERT_EQ(model.curves.size(), 3u);
  EXPECT_EQ(model.curves[2].tasks[1].lambda.size(), 2u);
  EXPECT_FALSE(model.curves[2].tasks[1].lambda[1].empty());
  EXPECT_FALSE(fs::exists(folder + "/nmt/seed-7/checkpoints"));
  EXPECT_TRUE(fs::exists(folder + "/nmt/seed-7/train.log"));

  plan_.run_dir = dir_ / "sequential";
  options_.jobs = 1;
  EXPECT_TRUE(Run().failures.empty());
  EXPECT_EQ(Figures(), parallel);
}

TEST_F(RunnerTest, TrainsWhatIsMissingAndNothingElse) {
  Methods("nmt");
  Run();
  const auto before = Reports();
  ASSERT_EQ(before.size(), 2u);
  Run();
  EXPECT_TRUE(shown_.empty());
  EXPECT_EQ(Reports(), before);

  fs::remove(plan_.run_dir + "/shared_bottom/nmt/seed-8/report.json");
  Run();
  EXPECT_EQ(shown_[0].done, 1);
  EXPECT_THAT(shown_[0].running, ElementsAre("shared_bottom/nmt, seed 8"));

  // More seeds, methods and models go on from there.
  plan_.models.push_back(Model("MMOE"));
  plan_.seeds = 3;
  Methods("weighted:1:1:1,nmt");
  Run();
  EXPECT_EQ(shown_[0].done, 2);
  EXPECT_EQ(shown_.back().done, 12);
  const auto after = Reports();
  EXPECT_EQ(after.size(), 12u);
  for (const auto& [path, time] : before) {
    if (path.find("seed-7") == std::string::npos) continue;
    EXPECT_EQ(after.at(path), time);
  }
}

TEST_F(RunnerTest, AnInterruptedTrainingIsResumed) {
  Methods("nmt");
  Run();
  const std::string whole = Figures();
  // Interrupt it by hand: a run with a generation and no report.
  const std::string run_dir = plan_.run_dir + "/shared_bottom/nmt/seed-7";
  fs::remove_all(run_dir);
  testing_support::RunSpec run;
  run.dir = run_dir;
  run.job = PlanTrainings(plan_)[0].job;
  ASSERT_OK(testing_support::RunJobUntil(run, {1, 3}));
  JobOptions left;
  left.job = run.job;
  left.run_dir = run_dir;
  ASSERT_OK(CreateRunDirectory(left));
  fs::remove(run_dir + "/report.json");
  EXPECT_EQ(*StateOf(PlanTrainings(plan_)[0], plan_), TrainingState::kInterrupted);
  EXPECT_TRUE(Run().failures.empty());
  EXPECT_EQ(testing_support::Events(run_dir, "resume").size(), 1u);
  EXPECT_EQ(Figures(), whole);
}

TEST_F(RunnerTest, AKilledTrainingIsNamedAndTheOthersKept) {
  Methods("weighted:1:1:1,nmt");
  UseScript("case \"$*\" in *nmt/seed-7*) kill -9 $$ ;; esac");
  const RunnerOutcome outcome = Run();
  EXPECT_FALSE(outcome.stopped);
  ASSERT_EQ(outcome.failures.size(), 1u);
  EXPECT_EQ(outcome.failures[0].kind(), ErrorKind::kFailure);
  EXPECT_EQ(outcome.failures[0].message(), "shared_bottom/nmt, seed 7: killed by signal 9");
  EXPECT_EQ(Reports().size(), 3u);
  EXPECT_EQ(shown_.back().done, 3);

  options_.program = PRIMACY_BINARY;
  EXPECT_TRUE(Run().failures.empty());
  EXPECT_EQ(shown_[0].done, 3);
  EXPECT_EQ(Reports().size(), 4u);
}

// The comparison has a hint of its own.
TEST_F(RunnerTest, AFailedTrainingsReasonIsGivenWithoutItsHint) {
  Methods("weighted:1:1:1");
  plan_.seeds = 1;
  UseScript(std::string("echo 'primacy train: disk full; ") + kResumeHint + "' >&2; exit 1");
  const RunnerOutcome outcome = Run();
  ASSERT_EQ(outcome.failures.size(), 1u);
  EXPECT_EQ(outcome.failures[0].message(), "shared_bottom/weighted_1_1_1, seed 7: disk full");
}

TEST_F(RunnerTest, AMistakeEndsTheComparisonWithItsOwnWords) {
  options_.jobs = 1;
  fs::remove_all(dir_ / "log/holdout");
  const RunnerOutcome outcome = Run();
  ASSERT_EQ(outcome.failures.size(), 1u);
  EXPECT_EQ(outcome.failures[0].kind(), ErrorKind::kUsage);
  EXPECT_THAT(outcome.failures[0].message(), HasSubstr("shared_bottom/single_like, seed 7: "));
  EXPECT_THAT(outcome.failures[0].message(), HasSubstr("log/holdout"));
}

TEST_F(RunnerTest, AJobThatFailsOnItsConstraintsHasFinishedAllTheSame) {
  Methods("weighted:1:1:1");
  plan_.seeds = 1;
  UseScript("\"" + options_.program + "\" \"$@\"; exit 3");
  EXPECT_TRUE(Run().failures.empty());
  EXPECT_EQ(shown_.back().done, 1);
}

TEST_F(RunnerTest, FilesOfAComparison) {
  plan_.seeds = 1;
  Run();
  const auto comparison = CollectComparison(plan_);
  ASSERT_OK(comparison);
  const auto note = WriteComparison(*comparison, plan_.run_dir);
  ASSERT_OK(note);
  for (const char* name :
       {"compare.txt", "compare.json", "compare.html", "plots/shared_bottom-pareto.svg",
        "plots/shared_bottom-lambda.svg", "plots/shared_bottom-loss.svg"}) {
    EXPECT_GT(fs::file_size(plan_.run_dir + "/" + name), 500u) << name;
  }
  const std::string png = plan_.run_dir + "/plots/shared_bottom-pareto.png";
  if (note->empty()) {
    const auto bytes = ReadFile(png, 16 << 20);
    ASSERT_OK(bytes);
    EXPECT_EQ(bytes->substr(1, 3), "PNG");
  } else {
    EXPECT_THAT(*note, HasSubstr("rsvg-convert is not installed"));
    EXPECT_FALSE(fs::exists(png));
  }

  const char* path = std::getenv("PATH");
  const std::string saved = path == nullptr ? "" : path;
  ::setenv("PATH", "/nowhere", 1);
  const auto without = WriteComparison(*comparison, dir_ / "without");
  ::setenv("PATH", saved.c_str(), 1);
  ASSERT_OK(without);
  EXPECT_THAT(*without, HasSubstr("librsvg2-bin"));
  EXPECT_TRUE(fs::exists(dir_ / "without/plots/shared_bottom-pareto.svg"));
  EXPECT_FALSE(fs::exists(dir_ / "without/plots/shared_bottom-pareto.png"));
}

}  // namespace
}  // namespace primacy
