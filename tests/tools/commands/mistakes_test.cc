// What a person does wrong on the command line of `primacy`: one line that names the thing, exit 2.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"
#include "tests/support/tiny_log.h"
#include "tests/tools/commands/command_runner.h"

namespace primacy {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using testing_support::Ended;
using testing_support::ExpectMistake;
using testing_support::LineCount;
using testing_support::RunPrimacy;
using testing_support::TempDir;
using testing_support::TinyLogOptions;
using testing_support::WriteText;
using testing_support::WriteTinyLog;

using Words = std::vector<std::string>;

TEST(MistakesTest, NoCommandShowsAllOfThem) {
  const Ended ended = RunPrimacy({});
  EXPECT_EQ(ended.exit_code, 2);
  EXPECT_EQ(ended.out, "");
  for (const char* name : {"usage:", "generate", "convert", "check", "train", "eval", "predict",
                           "export", "inspect", "compare"}) {
    EXPECT_THAT(ended.err, HasSubstr(name));
  }
}

TEST(MistakesTest, UnknownCommand) {
  ExpectMistake({"trian"}, {"trian"});
  ExpectMistake({"help", "trian"}, {"trian"});
}

TEST(MistakesTest, UnknownFlag) {
  ExpectMistake({"eval", "--chekpoint=x"}, {"eval:", "--chekpoint", "did you mean --checkpoint?"});
  ExpectMistake({"generate", "--qqqqqqqq"}, {"generate:", "--qqqqqqqq", "--rows"});
}

TEST(MistakesTest, FlagOfAnotherCommand) {
  ExpectMistake({"eval", "--checkpoint=x", "--rows=3"}, {"eval:", "does not read --rows"});
  ExpectMistake({"generate", "--set=training.seed=3"}, {"generate:", "does not read --set"});
  ExpectMistake({"inspect", "--job=x", "."}, {"inspect:", "does not read --job"});
}

TEST(MistakesTest, FlagValues) {
  ExpectMistake({"generate", "--rows=many"}, {"--rows", "whole number", "many"});
  ExpectMistake({"generate", "--rows=-1"}, {"--rows", "0 or above"});
  ExpectMistake({"generate", "--conflict=x"}, {"--conflict", "a number"});
  ExpectMistake({"inspect", "--json=maybe", "."}, {"--json", "true or false"});
  ExpectMistake({"generate", "--out"}, {"--out", "no value"});
}

TEST(MistakesTest, WordsThatAreNoFlags) {
  ExpectMistake({"check", "job.txt"}, {"check:", "job.txt"});
  ExpectMistake({"inspect"}, {"inspect:", "one file or directory"});
  ExpectMistake({"inspect", "a", "b"}, {"inspect:", "one file or directory"});
}

TEST(MistakesTest, MissingFlags) {
  const TempDir dir;
  WriteText(dir / "job.txt", "data { log: '.' } task { name: 'a' }");
  const std::string job = "--job=" + (dir / "job.txt");
  ExpectMistake({"generate"}, {"--out"});
  ExpectMistake({"convert"}, {"--schema"});
  ExpectMistake({"convert", "--schema=x"}, {"--input"});
  ExpectMistake({"convert", "--schema=x", "--input=y"}, {"--out"});
  ExpectMistake({"check"}, {"--job"});
  ExpectMistake({"train", "--run_dir=x"}, {"--job"});
  ExpectMistake({"train", job}, {"--run_dir"});
  ExpectMistake({"eval"}, {"--checkpoint"});
  ExpectMistake({"predict"}, {"--checkpoint"});
  ExpectMistake({"predict", "--checkpoint=x"}, {"--out"});
  ExpectMistake({"export"}, {"--checkpoint"});
  ExpectMistake({"export", "--checkpoint=x"}, {"--out"});
  ExpectMistake({"compare", "--run_dir=x"}, {"--job"});
  ExpectMistake({"compare", job}, {"--run_dir"});
}

TEST(MistakesTest, FilesThatAreNotThere) {
  const TempDir dir;
  const std::string gone = dir / "gone";
  const std::string out = "--out=" + (dir / "out"), run = "--run_dir=" + (dir / "run");
  WriteText(dir / "convert.txt", "slot { column: 'a' } label { column: 'b' }");
  ExpectMistake({"convert", "--schema=" + gone, "--input=x", out}, {gone});
  ExpectMistake({"convert", "--schema=" + (dir / "convert.txt"), "--input=" + gone, out}, {gone});
  ExpectMistake({"check", "--job=" + gone}, {gone});
  ExpectMistake({"train", "--job=" + gone, run}, {gone});
  ExpectMistake({"compare", "--job=" + gone, run}, {gone});
  ExpectMistake({"eval", "--checkpoint=" + gone}, {gone});
  ExpectMistake({"predict", "--checkpoint=" + gone, out}, {gone});
  ExpectMistake({"export", "--checkpoint=" + gone, out}, {gone});
  ExpectMistake({"inspect", gone}, {gone});
}

TEST(MistakesTest, Numbers) {
  const TempDir dir;
  WriteText(dir / "job.txt", "data { log: '.' } task { name: 'a' }");
  const std::string job = "--job=" + (dir / "job.txt"), run = "--run_dir=" + (dir / "run");
  ExpectMistake({"compare", job, run, "--seeds=0"}, {"--seeds"});
  ExpectMistake({"compare", job, run, "--workers=0"}, {"--workers"});
  ExpectMistake({"compare", job, run, "--jobs=-1"}, {"--jobs"});
  ExpectMistake({"compare", job, run, "--models=MMOO"}, {"--models", "MMOE"});
  ExpectMistake({"compare", job, run, "--methods=nmt,magic"}, {"--methods", "magic"});
  ExpectMistake({"train", job, run, "--servers=0"}, {"--servers"});
  ExpectMistake({"train", job, run, "--launcher=slurm"}, {"--launcher"});
  ExpectMistake({"eval", "--checkpoint=x", "--workers=-2"}, {"--workers"});
  ExpectMistake({"eval", "--checkpoint=x", "--slice=tests"}, {"--slice", "holdout"});
  ExpectMistake({"generate", "--out=" + (dir / "log"), "--rows=3"}, {"rows"});
  ExpectMistake({"generate", "--out=" + (dir / "log"), "--tasks=9"}, {"tasks"});
}

TEST(MistakesTest, TheJob) {
  const TempDir dir;
  const std::string path = dir / "job.txt";
  const Words check = {"check", "--job=" + path};
  WriteText(path, "data { log: '.' } task { name: 'like' }\ntraining { bach_rows: 3 }");
  ExpectMistake(check, {path + ":2", "training.bach_rows", "batch_rows"});
  WriteText(path, "data { log: '.' } task { name: 'like' } training { batch_rows: 0 }");
  ExpectMistake(check, {path, "training.batch_rows"});
  WriteText(path, "data { log: 'gone' } task { name: 'like' }");
  ExpectMistake(check, {dir / "gone"});
  WriteTinyLog(dir.path());
  WriteText(path, "data { log: '.' } task { name: 'buy' }");
  ExpectMistake(check, {"task[0].label", "buy", "click"});
  WriteText(path, "data { log: '.' ignore_slot: 'usr' } task { name: 'like' }");
  ExpectMistake(check, {"data.ignore_slot", "usr"});
  WriteText(path, "data { log: '.' } task { name: 'like' }");
  ExpectMistake({"check", "--job=" + path, "--set=training.sed=3"}, {"training.sed"});
  EXPECT_EQ(RunPrimacy(check).exit_code, 0);
}

TEST(MistakesTest, LabelsThatDoNotSuitTheLoss) {
  const TempDir dir;
  const std::string path = dir / "job.txt";
  TinyLogOptions log;
  log.change = [](uint64_t row, LogRow& values) {
    if (row % 10 == 3) values.labels[2] = 4;
    if (row == 2) values.labels[0] = -1;
  };
  WriteTinyLog(dir.path(), log);
  WriteText(path, "data { log: '.' } task { name: 'like' } task { name: 'click' }");
  ExpectMistake({"check", "--job=" + path}, {"task[1].loss", "LOGISTIC", "\"click\" is 4 in row 3",
                                             dir / "train", "15 of the first 150 rows"});
  // Few enough to be left out.
  const Ended few = RunPrimacy({"check", "--job=" + path, "--set=task[1].label=view"});
  EXPECT_EQ(few.exit_code, 0) << few.err;
  EXPECT_THAT(few.out, HasSubstr("note: task[0].loss: LOGISTIC takes labels from 0 to 1, but the "
                                 "label \"like\" is -1 in row 2"));
  ExpectMistake({"check", "--job=" + path, "--set=task[1].loss=SOFTMAX", "--set=task[1].classes=4"},
                {"task[1].loss", "whole labels from 0 to 3"});
  for (const Words& loss : {Words{"--set=task[1].loss=SOFTMAX", "--set=task[1].classes=5"},
                            Words{"--set=task[1].loss=SQUARED"}}) {
    Words arguments = {"check", "--job=" + path};
    arguments.insert(arguments.end(), loss.begin(), loss.end());
    EXPECT_EQ(RunPrimacy(arguments).exit_code, 0) << testing::PrintToString(loss);
  }
}

TEST(MistakesTest, ALogWithoutALabelOrWithUnlikeSlices) {
  const TempDir dir;
  TinyLogOptions log;
  log.change = [](uint64_t, LogRow& values) { values.masks[1] = 0; };
  WriteTinyLog(dir.path(), log);
  WriteText(dir / "job.txt", "data { log: '.' } task { name: 'view' }");
  const Ended unknown = RunPrimacy({"check", "--job=" + (dir / "job.txt")});
  EXPECT_THAT(unknown.out, HasSubstr("none of the first 150 rows has the label \"view\""));
  std::filesystem::remove_all(dir / "holdout");
  ExpectMistake({"check", "--job=" + (dir / "job.txt")}, {dir / "holdout"});
}

TEST(HelpTest, ListsCommandsAndFlags) {
  for (const Words& arguments : {Words{"help"}, Words{"--help"}, Words{"-h"}}) {
    const Ended ended = RunPrimacy(arguments);
    EXPECT_EQ(ended.exit_code, 0);
    EXPECT_EQ(ended.err, "");
    EXPECT_THAT(ended.out, HasSubstr("usage: primacy COMMAND"));
  }
  for (const char* command : {"generate", "convert", "check", "train", "eval", "predict", "export",
                              "inspect", "compare"}) {
    const Ended ended = RunPrimacy({"help", command});
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    EXPECT_EQ(ended.err, "");
    EXPECT_THAT(ended.out, StartsWith(std::string("primacy ") + command));
    EXPECT_THAT(ended.out, HasSubstr("\n  --"));
    EXPECT_EQ(RunPrimacy({command, "--help"}).out, ended.out);
  }
  const std::string generate = RunPrimacy({"help", "generate"}).out;
  EXPECT_THAT(generate, HasSubstr("--rows "));
  EXPECT_THAT(generate, HasSubstr("(250000)"));
  EXPECT_THAT(RunPrimacy({"help", "train"}).out, HasSubstr("--set=FIELD=VALUE"));
}

}  // namespace
}  // namespace primacy
