#include "exporter/sample/task_reader.h"

#include <gtest/gtest.h>

#include <string>

#include "exporter/sample/process_reader.h"
#include "tests/unit/discover/temp_tree.h"
#include "tests/unit/set_clock.h"

namespace bottleneck {
namespace {

/// A procfs of files, and a reader of one container.
class Tasks : public ::testing::Test {
 protected:
  Tasks()
      : context_{.layout = {},
                 .config = &config_,
                 .plan = {},
                 .buffer = {},
                 .cells = CollectorCells(config_.metrics.collectors),
                 .procfs = {},
                 .clock = &clock_,
                 .pids = {},
                 .tasks = {},
                 .timed = false} {
    auto directory = open_directory(tree_.root());
    EXPECT_TRUE(directory);
    if (directory) context_.procfs = std::move(*directory);
  }

  /// Seconds that it ran, waited for a CPU and waited for a disk.
  void task(int process, int id, double run, double delay, double io_delay = 0, char state = 'S') const {
    const std::string directory = std::to_string(process) + "/task/" + std::to_string(id);
    const auto ns = [](double seconds) { return std::to_string(static_cast<std::int64_t>(seconds * 1e9)); };
    tree_.file(directory + "/schedstat", ns(run) + " " + ns(delay) + " 7\n");
    std::string stat = std::to_string(id) + " (a b) " + state;
    for (int field = 4; field < 42; ++field) stat += " 0";
    stat += " " + std::to_string(static_cast<int>(io_delay * 100)) + " 0 0\n";
    tree_.file(directory + "/stat", stat);
    tree_.file(std::to_string(id) + "/stat", stat);
  }
  void pass(TaskWants wants, double seconds = 10) {
    clock_.now_ns += static_cast<std::int64_t>(seconds * 1e9);
    read_tasks(context_, reader_, pids_, wants);
  }

  static constexpr TaskWants kBusiest{.busiest = true};
  static constexpr TaskWants kDelays{.run_delay = true, .io_delay = true};
  testing::TempTree tree_;
  ValidConfig config_;
  SetClock clock_{1000 * kSecondNs, 1e9};
  ReadContext context_;
  ContainerReader reader_;
  std::vector<int> pids_ = {10, 20};
};

TEST_F(Tasks, TheBusiestIsAShareOfACpu) {
  task(10, 10, 100, 0);
  task(10, 11, 50, 0);
  task(20, 20, 3, 0);
  pass(kBusiest);
  EXPECT_FALSE(is_present(reader_.extras.busiest_thread));  // nothing to compare with
  task(10, 10, 101, 0);
  task(10, 11, 59.5, 0);
  task(20, 21, 9000, 0);  // new: counts from now on
  pass(kBusiest);
  EXPECT_NEAR(reader_.extras.busiest_thread, 0.95, 1e-9);
  EXPECT_FALSE(reader_.sample.values.has(Field::cpu_run_delay));
}

TEST_F(Tasks, ABreakBeginsAnew) {
  task(10, 10, 100, 0);
  pass(kBusiest);
  task(10, 10, 109, 0);
  pass(kBusiest);
  EXPECT_NEAR(reader_.extras.busiest_thread, 0.9, 1e-9);
  forget_tasks(reader_);
  EXPECT_FALSE(is_present(reader_.extras.busiest_thread));
  task(10, 10, 118, 0);
  pass(kBusiest, 60);
  EXPECT_FALSE(is_present(reader_.extras.busiest_thread));
}

TEST_F(Tasks, AKernelWithoutTimesOfTasksTellsNoBusiest) {
  task(10, 10, 0, 0);
  pass(kBusiest);
  pass(kBusiest);
  EXPECT_FALSE(is_present(reader_.extras.busiest_thread));
}

TEST_F(Tasks, MoreTasksThanArePassedThroughTellNoBusiest) {
  for (int id = 0; id <= static_cast<int>(kMaxTasksForBusiest); ++id) task(10, 1000 + id, 1, 0);
  pass(kBusiest);
  for (int id = 0; id <= static_cast<int>(kMaxTasksForBusiest); ++id) task(10, 1000 + id, 2, 0);
  pass(kBusiest);
  EXPECT_EQ(reader_.tasks.size(), kMaxTasksForBusiest);
  EXPECT_FALSE(is_present(reader_.extras.busiest_thread));
}

TEST_F(Tasks, DelaysAreSumsOfThoseThatLiveOn) {
  task(10, 10, 1, 5);
  task(20, 20, 1, 7);
  pass(kDelays);
  EXPECT_EQ(reader_.sample.values.get(Field::cpu_run_delay), 0);
  task(10, 10, 1, 6);
  tree_.remove("20");  // it ended
  pass(kDelays);
  EXPECT_DOUBLE_EQ(reader_.sample.values.get(Field::cpu_run_delay), 1);
  EXPECT_FALSE(is_present(reader_.extras.busiest_thread));
}

TEST_F(Tasks, APassThatReadsOnlyBytesForgetsNone) {
  const ProcessWants slow{.files_and_threads = true, .tasks = kDelays};
  const ProcessWants at_a_scrape{.io = true};
  reader_.runtime_pid = 10;
  task(10, 10, 1, 5);
  read_processes(context_, reader_, slow);
  read_processes(context_, reader_, at_a_scrape);
  task(10, 10, 1, 6);
  read_processes(context_, reader_, slow);
  EXPECT_DOUBLE_EQ(reader_.sample.values.get(Field::cpu_run_delay), 1);
}

TEST_F(Tasks, WithoutDelayAccountingTheDelayIsAbsentAndNotZero) {
  task(10, 10, 1, 0, 0);
  pass(kDelays);
  pass(kDelays);
  EXPECT_FALSE(is_present(reader_.extras.io_delay));
  task(10, 10, 1, 0, 3);
  pass(kDelays);
  EXPECT_DOUBLE_EQ(reader_.extras.io_delay, 3);
  task(10, 10, 1, 0, 3.5);
  pass(kDelays);
  EXPECT_DOUBLE_EQ(reader_.extras.io_delay, 3.5);
  watch_blocked(context_, reader_);
  EXPECT_FALSE(is_present(reader_.extras.blocked));  // delays tell better than states
}

TEST_F(Tasks, BlockedTasksAreSeenEachSecond) {
  watch_blocked(context_, reader_);
  EXPECT_FALSE(is_present(reader_.extras.blocked));  // none is known
  for (int id = 10; id < 30; ++id) task(10, id, 1, 0);
  task(10, 29, 1, 0, 0, 'D');
  pass(kDelays);
  ASSERT_EQ(reader_.watched.size(), kWatchedTasks);
  EXPECT_EQ(reader_.watched.front().id, 29);  // those in D state first
  watch_blocked(context_, reader_);
  EXPECT_EQ(reader_.extras.blocked, 1);
  task(10, 29, 1, 0, 0, 'S');
  watch_blocked(context_, reader_);
  EXPECT_EQ(reader_.extras.blocked, 0);
  for (int id = 10; id < 30; ++id) tree_.remove(std::to_string(id));
  watch_blocked(context_, reader_);
  EXPECT_FALSE(is_present(reader_.extras.blocked));  // all are gone
}

}  // namespace
}  // namespace bottleneck
