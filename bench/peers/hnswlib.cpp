// hnswlib under the benchmark's contract.
#include <hnswlib/hnswlib.h>

#include <atomic>
#include <thread>

#include "bench.h"

using namespace bench;
using Index = hnswlib::HierarchicalNSW<float>;

static void insert_all(Index& index, const Rows<float>& base, const std::vector<size_t>& ids, int threads) {
    std::atomic<size_t> next{0};
    auto work = [&] {
        for (size_t i; (i = next++) < ids.size();) index.addPoint(base[ids[i]], ids[i]);
    };
    std::vector<std::thread> others;
    for (int t = 1; t < threads; t++) others.emplace_back(work);
    work();
    for (auto& other : others) other.join();
}

int main(int argc, char** argv) {
    Options options(argc, argv);
    auto base = read_vecs<float>(options.required("base"));
    auto query = read_vecs<float>(options.required("query"));
    auto truth_path = options.text("truth", "");
    auto metric = options.text("metric", "l2");
    int m = options.number("m", 16), ef_construction = options.number("ef-construction", 200), k = options.number("k", 10);
    int threads = options.number("threads", 1), rounds = options.number("rounds", 5), churn = options.number("churn", 0);
    int percent = options.number("filter-selectivity", 100);
    auto efs = options.list("ef", "16,24,32,48,64,96,128,192,256");
    options.number("json", 1);
    options.refuse_unknown();
    if (metric != "l2") fail("this driver knows --metric l2");
    if (base.d != query.d) fail("base and queries differ in dimension");

    long before = resident_bytes();
    hnswlib::L2Space space(base.d);
    Index index(&space, base.n, m, ef_construction, 100);
    std::vector<size_t> ids(base.n);
    for (size_t i = 0; i < base.n; i++) ids[i] = i;
    double wall0 = wall(), cpu0 = process_cpu();
    insert_all(index, base, ids, threads);
    double build = wall() - wall0, build_cpu = process_cpu() - cpu0;
    long resident = resident_bytes() - before;

    // --churn p: p percent, chosen at random, are marked deleted and inserted again under their old labels.
    if (churn > 0) {
        std::vector<size_t> chosen;
        for (size_t i = 0; i < base.n; i++)
            if (mix64(i + 0xC0FFEE) % 100 < uint64_t(churn)) chosen.push_back(i);
        for (auto id : chosen) index.markDelete(id);
        insert_all(index, base, chosen, threads);
    }

    // This version has no filter of its own; a mark on what does not pass has the same effect: walked through, never returned.
    if (percent < 100)
        for (size_t i = 0; i < base.n; i++)
            if (!passes(i, percent)) index.markDelete(i);

    auto truth = truth_for(truth_path, base, query, k, percent);
    std::vector<Run> runs;
    for (int ef : efs) {
        index.setEf(ef);
        runs.push_back(measure("ef", ef, query.n, k, rounds, truth, [&](size_t q, std::vector<long>& found) {
            found.clear();
            auto result = index.searchKnn(query[q], k);
            for (; !result.empty(); result.pop()) found.push_back(result.top().second);
        }));
    }
    // As its file: per element the list of level 0, the row and the label; the upper levels.
    long bytes = long(base.n) * index.size_data_per_element_;
    for (size_t i = 0; i < base.n; i++) bytes += 4 + long(index.element_levels_[i]) * index.size_links_per_element_;
    print("hnswlib", build, build_cpu, bytes, resident, runs);
}
