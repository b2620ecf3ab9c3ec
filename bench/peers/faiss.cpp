// FAISS under the benchmark's contract: HNSWFlat, IndexFlatL2 (one query or a batch), IVF-PQ and IVF fast-scan with exact rescoring.
#include <faiss/AutoTune.h>
#include <faiss/IndexFlat.h>
#include <faiss/IndexHNSW.h>
#include <faiss/IndexIVF.h>
#include <faiss/IndexRefine.h>
#include <faiss/impl/io.h>
#include <faiss/index_factory.h>
#include <faiss/index_io.h>
#include <omp.h>

#include <memory>

#include "bench.h"

using namespace bench;

// Bytes that an index would write, counted and dropped.
struct Counter : faiss::IOWriter {
    long total = 0;
    size_t operator()(const void*, size_t size, size_t count) override {
        total += long(size * count);
        return count;
    }
};

int main(int argc, char** argv) {
    Options options(argc, argv);
    auto base = read_vecs<float>(options.required("base"));
    auto query = read_vecs<float>(options.required("query"));
    auto truth_path = options.text("truth", "");
    auto metric = options.text("metric", "l2");
    auto kind = options.text("index", "hnsw");
    int m = options.number("m", 16), ef_construction = options.number("ef-construction", 200), k = options.number("k", 10);
    int threads = options.number("threads", 1), rounds = options.number("rounds", 5), nlist = options.number("nlist", 1024);
    int pq = options.number("pq", 32), bits = options.number("pq-bits", 8), k_factor = options.number("k-factor", 10), batch = options.number("batch", 1);
    auto efs = options.list("ef", "16,24,32,48,64,96,128,192,256");
    auto probes = options.list("nprobe", "4,8,16,32,64,128");
    options.number("json", 1);
    options.refuse_unknown();
    if (metric != "l2") fail("this driver knows --metric l2");
    if (batch != 1 && kind != "flat") fail("--batch is for --index flat");
    if (bits != 8 && bits != 4) fail("--pq-bits is 8 or 4");

    omp_set_num_threads(threads);
    long before = resident_bytes();
    double wall0 = wall(), cpu0 = process_cpu();
    std::unique_ptr<faiss::Index> index;
    std::string name;
    if (kind == "flat") {
        index = std::make_unique<faiss::IndexFlatL2>(base.d);
        name = "faiss-flat";
    } else if (kind == "hnsw") {
        auto hnsw = std::make_unique<faiss::IndexHNSWFlat>(base.d, m);
        hnsw->hnsw.efConstruction = ef_construction;
        index = std::move(hnsw);
        name = "faiss-hnsw";
    } else if (kind == "ivfpq") {
        auto key = "IVF" + std::to_string(nlist) + ",PQ" + std::to_string(pq) + (bits == 4 ? "x4fs" : "x8") + ",RFlat";
        index.reset(faiss::index_factory(base.d, key.c_str()));
        name = "faiss-" + key;
    } else {
        fail("--index is flat, hnsw or ivfpq");
    }
    index->train(base.n, base.data.data());
    index->add(base.n, base.data.data());
    double build = wall() - wall0, build_cpu = process_cpu() - cpu0;
    long resident = resident_bytes() - before;

    omp_set_num_threads(batch > 1 ? threads : 1);
    auto truth = truth_for(truth_path, base, query, k, 100);
    std::vector<float> distances(size_t(k) * std::max(1, batch));
    std::vector<int64_t> labels(size_t(k) * std::max(1, batch));
    auto one = [&](size_t q, std::vector<long>& found) {
        index->search(1, query[q], k, distances.data(), labels.data());
        found.assign(labels.begin(), labels.begin() + k);
    };
    std::vector<Run> runs;
    if (kind == "flat" && batch > 1) {
        // The first query of each batch pays for all of it; the rest is handed out.
        auto many = [&](size_t q, std::vector<long>& found) {
            if (q % batch == 0) index->search(std::min<size_t>(batch, query.n - q), query[q], k, distances.data(), labels.data());
            found.assign(labels.begin() + (q % batch) * k, labels.begin() + (q % batch + 1) * k);
        };
        runs.push_back(measure("batch", batch, query.n, k, rounds, truth, many));
    } else if (kind == "flat") {
        runs.push_back(measure("ef", 0, query.n, k, rounds, truth, one));
    } else if (kind == "hnsw") {
        for (int ef : efs) {
            dynamic_cast<faiss::IndexHNSWFlat&>(*index).hnsw.efSearch = ef;
            runs.push_back(measure("ef", ef, query.n, k, rounds, truth, one));
        }
    } else {
        // By name: the class that the factory wraps the lists in differs between versions.
        faiss::ParameterSpace space;
        space.set_index_parameter(index.get(), "k_factor_rf", k_factor);
        for (int nprobe : probes) {
            space.set_index_parameter(index.get(), "nprobe", nprobe);
            runs.push_back(measure("nprobe", nprobe, query.n, k, rounds, truth, one));
        }
    }
    Counter counter;
    faiss::write_index(index.get(), &counter);
    print(name, build, build_cpu, counter.total, resident, runs);
}
