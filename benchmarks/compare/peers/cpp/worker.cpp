// Hand-written loops and the bare loop over memory, in a process of their own: one request a line on standard input, one answer a line
// on standard output, fields between tabs.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>

#include "memory.h"
#ifdef __AVX512BW__
#include "kernels.h"
#endif

struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

using Clock = std::chrono::steady_clock;

static double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// Seconds a call over as many calls as fill the time, after others that warm the caches for about a quarter of it.
template <class Call>
static std::pair<double, Index> measure(Call call, double seconds) {
  auto start = Clock::now();
  do call();
  while (seconds_since(start) < seconds / 4);
  for (Index calls = 1;;) {
    start = Clock::now();
    for (Index i = 0; i < calls; i++) call();
    double elapsed = seconds_since(start);
    if (elapsed >= seconds / 2 || calls >= 1 << 24) return {elapsed / calls, calls};
    calls = std::max<Index>(calls + 1, std::min<Index>(calls * 8, static_cast<Index>(calls * seconds / std::max(elapsed, 1e-7)) + 1));
  }
}

class Worker {
 public:
  std::vector<std::string> answer(const std::vector<std::string>& request) {
    auto& name = request.at(0);
    if (name == "hello") return {std::string("g++=") + __VERSION__};
    if (name == "prepare") return prepare(request);
    if (name == "check") return check(request.at(1), std::stoi(request.at(2)), std::stoll(request.at(3)), request.at(4));
    if (name == "time") return time(request.at(1), std::stoi(request.at(2)), std::stod(request.at(3)) / 1000);
    if (name == "release") return arrays_.reset(), std::vector<std::string>{};
    if (name == "cold") throw Refused("compiled beforehand");
    throw std::runtime_error("unknown request " + name);
  }

 private:
  std::vector<std::string> prepare(const std::vector<std::string>& request) {
    workload_ = request.at(1);
    arrays_.reset();
    arrays_ = std::make_unique<Arrays>(std::vector<std::string>(request.begin() + 2, request.end()));
    chosen_.clear();
    return {};
  }

  std::vector<std::string> check(const std::string& subject, int threads, Index stride, const std::string& path) {
    bool streams = chosen(subject, threads);
    if (subject == "memory") return {streams ? "stores around the caches" : "ordinary stores"};
    arrays_->poison();
    run(subject, threads, streams);
    std::ofstream file(path, std::ios::binary);
    for (auto& output : arrays_->outputs)
      for (Index i = 0; i < output.count; i += stride) file.write(output.as<char>() + i * output.item, output.item);
    return {streams ? "stores around the caches" : ""};
  }

  std::vector<std::string> time(const std::string& subject, int threads, double seconds) {
    bool streams = chosen(subject, threads);
    auto [each, calls] = measure([&] { run(subject, threads, streams); }, seconds);
    char text[64];
    std::snprintf(text, sizeof text, "%.17g", each * 1e9);
    return {text, std::to_string(calls)};
  }

  // Whether stores around the caches are faster; tried once.
  bool chosen(const std::string& subject, int threads) {
    auto key = std::make_pair(subject, threads);
    auto found = chosen_.find(key);
    if (found != chosen_.end()) return found->second;
    double ordinary = 1e9, around = 1e9;
    for (int round = 0; round < 3; round++) {
      ordinary = std::min(ordinary, measure([&] { run(subject, threads, false); }, 0.01).first);
      around = std::min(around, measure([&] { run(subject, threads, true); }, 0.01).first);
    }
    return chosen_[key] = around < ordinary;
  }

  void run(const std::string& subject, int threads, bool streams) {
    if (!arrays_) throw std::runtime_error("nothing is prepared");
    if (subject == "memory") {
      Streams all = streams_of(*arrays_);
      (streams ? move_of<true>(all) : move_of<false>(all))(all, threads);
      return;
    }
#ifdef __AVX512BW__
    Kernel kernel = kernel_of(workload_);
    if (!kernel) throw Refused("not written for " + workload_);
    kernel(Job{*arrays_, threads, streams});
#else
    throw Refused("the hand-written loops need AVX-512");
#endif
  }

  std::string workload_;
  std::unique_ptr<Arrays> arrays_;
  std::map<std::pair<std::string, int>, bool> chosen_;
};

int main() {
  Worker worker;
  for (std::string line; std::getline(std::cin, line);) {
    std::vector<std::string> reply;
    try {
      reply = worker.answer(split(line, '\t'));
      reply.insert(reply.begin(), "ok");
    } catch (const Refused& error) {
      reply = {"refused", error.what()};
    } catch (const std::exception& error) {
      reply = {"failed", error.what()};
    }
    for (size_t i = 0; i < reply.size(); i++) std::cout << (i ? "\t" : "") << reply[i];
    std::cout << std::endl;
  }
}
