// What the peers share: options, the files of vectors, the clocks and the JSON that `basalt bench vectors` prints, too.
#pragma once
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace bench {

[[noreturn]] inline void fail(const std::string& message) {
    fprintf(stderr, "error: %s\n", message.c_str());
    exit(1);
}

// `--name value` pairs; a flag without a value is "1". Unknown names are refused when all were asked for.
class Options {
public:
    Options(int argc, char** argv) {
        for (int i = 1; i < argc; i++) {
            std::string name = argv[i];
            if (name == "-k") name = "--k";
            if (name.rfind("--", 0) != 0) fail("what is '" + name + "'?");
            bool has_value = i + 1 < argc && std::string(argv[i + 1]).rfind("--", 0) != 0;
            values_[name.substr(2)] = has_value ? argv[++i] : "1";
        }
    }
    std::string text(const std::string& name, const std::string& fallback) {
        asked_.insert(name);
        auto found = values_.find(name);
        return found == values_.end() ? fallback : found->second;
    }
    std::string required(const std::string& name) {
        auto value = text(name, "");
        if (value.empty()) fail("--" + name + " is needed");
        return value;
    }
    long number(const std::string& name, long fallback) { return std::stol(text(name, std::to_string(fallback))); }
    std::vector<int> list(const std::string& name, const std::string& fallback) {
        std::vector<int> result;
        std::stringstream stream(text(name, fallback));
        for (std::string part; std::getline(stream, part, ',');) result.push_back(std::stoi(part));
        return result;
    }
    void refuse_unknown() {
        for (auto& [name, value] : values_)
            if (!asked_.count(name)) fail("unknown option --" + name);
    }

private:
    std::map<std::string, std::string> values_;
    std::set<std::string> asked_;
};

template <class T>
struct Rows {
    size_t n = 0, d = 0;
    std::vector<T> data;
    const T* operator[](size_t i) const { return data.data() + i * d; }
};

// .fvecs and .ivecs: per row the dimension (int32), then so many elements of 4 bytes.
template <class T>
Rows<T> read_vecs(const std::string& path) {
    static_assert(sizeof(T) == 4);
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) fail("cannot read " + path);
    size_t size = file.tellg();
    file.seekg(0);
    int32_t d = 0;
    file.read(reinterpret_cast<char*>(&d), 4);
    if (d <= 0 || size % (4 + 4 * size_t(d))) fail(path + " is no file of vectors");
    Rows<T> rows;
    rows.d = d;
    rows.n = size / (4 + 4 * size_t(d));
    rows.data.resize(rows.n * rows.d);
    file.seekg(0);
    for (size_t i = 0; i < rows.n; i++) {
        int32_t here;
        file.read(reinterpret_cast<char*>(&here), 4);
        if (here != d) fail(path + " has rows of different dimensions");
        file.read(reinterpret_cast<char*>(rows.data.data() + i * rows.d), 4 * rows.d);
    }
    return rows;
}

inline uint64_t mix64(uint64_t z) {
    z ^= z >> 30; z *= 0xBF58476D1CE4E5B9ull;
    z ^= z >> 27; z *= 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

// The attribute by which a search is filtered: independent of the vectors.
inline bool passes(uint64_t id, int percent) { return mix64(id + 0x5EED) % 100 < uint64_t(percent); }

inline double clock_of(clockid_t id) {
    timespec t;
    clock_gettime(id, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}
inline double wall() { return clock_of(CLOCK_MONOTONIC); }
inline double thread_cpu() { return clock_of(CLOCK_THREAD_CPUTIME_ID); }
inline double process_cpu() { return clock_of(CLOCK_PROCESS_CPUTIME_ID); }

inline long resident_bytes() {
    std::ifstream file("/proc/self/statm");
    long pages = 0, resident = 0;
    file >> pages >> resident;
    return resident * 4096;
}
inline long peak_bytes() {
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss * 1024L;
}

struct Run {
    std::string name;
    int value;
    double recall, qps, qps_wall, p50, p99;
};

// Squared L2 in sixteen sums, which compilers keep in one register.
inline float distance(const float* a, const float* b, size_t d) {
    float sums[16] = {};
    size_t j = 0;
    for (; j + 16 <= d; j += 16)
        for (int lane = 0; lane < 16; lane++) sums[lane] += (a[j + lane] - b[j + lane]) * (a[j + lane] - b[j + lane]);
    for (; j < d; j++) sums[0] += (a[j] - b[j]) * (a[j] - b[j]);
    float sum = 0;
    for (float part : sums) sum += part;
    return sum;
}

// Exact neighbours of every query among the ids that pass: what recall is measured against.
inline std::vector<std::vector<int>> truth_of(const Rows<float>& base, const Rows<float>& query, int k, int percent) {
    std::vector<std::vector<int>> truth(query.n);
    std::vector<std::pair<float, int>> all;
    for (size_t q = 0; q < query.n; q++) {
        all.clear();
        for (size_t i = 0; i < base.n; i++) {
            if (percent < 100 && !passes(i, percent)) continue;
            all.push_back({distance(query[q], base[i], base.d), int(i)});
        }
        size_t keep = std::min<size_t>(k, all.size());
        std::partial_sort(all.begin(), all.begin() + keep, all.end());
        for (size_t i = 0; i < keep; i++) truth[q].push_back(all[i].second);
    }
    return truth;
}

// The file's neighbours when a file is named and nothing is filtered, else by comparing with every row.
inline std::vector<std::vector<int>> truth_for(const std::string& path, const Rows<float>& base, const Rows<float>& query, int k, int percent) {
    if (path.empty() || percent < 100) return truth_of(base, query, k, percent);
    auto rows = read_vecs<int32_t>(path);
    if (rows.n < query.n || rows.d < size_t(k)) fail(path + " has too few neighbours");
    std::vector<std::vector<int>> truth(query.n);
    for (size_t q = 0; q < query.n; q++) truth[q].assign(rows[q], rows[q] + k);
    return truth;
}

// One query a call, `rounds` times over all queries (the first pass only warms up); the figures are of the median round by CPU time.
inline Run measure(const std::string& name, int value, size_t queries, int k, int rounds, const std::vector<std::vector<int>>& truth,
                   const std::function<void(size_t, std::vector<long>&)>& search) {
    std::vector<long> found;
    size_t hits = 0, expected = 0;
    for (size_t q = 0; q < queries; q++) {
        search(q, found);
        expected += truth[q].size();
        std::set<long> right(truth[q].begin(), truth[q].end());
        for (long id : found) hits += right.count(id);
    }
    struct Round { double cpu, wall, p50, p99; };
    std::vector<Round> all;
    std::vector<double> times(queries);
    for (int round = 0; round < rounds; round++) {
        double cpu0 = thread_cpu(), wall0 = wall(), last = wall0;
        for (size_t q = 0; q < queries; q++) {
            search(q, found);
            double now = wall();
            times[q] = now - last;
            last = now;
        }
        double cpu = thread_cpu() - cpu0, elapsed = wall() - wall0;
        std::sort(times.begin(), times.end());
        all.push_back({cpu, elapsed, times[queries / 2], times[queries * 99 / 100]});
    }
    std::sort(all.begin(), all.end(), [](const Round& a, const Round& b) { return a.cpu < b.cpu; });
    auto& middle = all[all.size() / 2];
    return {name, value, double(hits) / expected, queries / middle.cpu, queries / middle.wall, 1e6 * middle.p50, 1e6 * middle.p99};
}

inline void print(const std::string& engine, double build, double build_cpu, long index_bytes, long resident, const std::vector<Run>& runs) {
    printf("{\"engine\":\"%s\",\"build_seconds\":%.3f,\"build_cpu_seconds\":%.3f,\"index_bytes\":%ld,\"resident_bytes\":%ld,\"peak_rss_bytes\":%ld,\"runs\":[",
           engine.c_str(), build, build_cpu, index_bytes, resident, peak_bytes());
    const char* comma = "";
    for (auto& run : runs) {
        printf("%s{\"%s\":%d,\"recall\":%.4f,\"qps\":%.1f,\"qps_wall\":%.1f,\"p50_us\":%.1f,\"p99_us\":%.1f}", comma, run.name.c_str(), run.value,
               run.recall, run.qps, run.qps_wall, run.p50, run.p99);
        comma = ",";
    }
    printf("]}\n");
}

}  // namespace bench
