using System.Text;
using System.Text.Json;

namespace Basalt.Cli.Bench;

/// <summary>One pass over all queries with one effort: the pass whose time was the middle one.</summary>
/// <param name="Effort">The effort that was asked for; zero for the index's own.</param>
/// <param name="Recall">The share of the true neighbours that were found.</param>
/// <param name="Qps">Queries per second of processor time of the searching thread; by the clock on the wall when several threads search, or where threads have no clock.</param>
/// <param name="QpsWall">Queries per second by the clock on the wall.</param>
/// <param name="P50">The median time of a query by the clock on the wall, in microseconds; of a batch, its share.</param>
/// <param name="P99">The 99th of a hundred.</param>
/// <param name="Visited">Vectors, nodes or entries that a query looked at.</param>
/// <param name="Distances">Distances that a query computed.</param>
/// <param name="Rescored">Distances by full vector after those by code.</param>
/// <param name="AllocatedBytes">Managed memory that a query allocated.</param>
internal sealed record VectorRun(int Effort, double Recall, double Qps, double QpsWall, double P50, double P99, double Visited, double Distances, double Rescored, double AllocatedBytes);

/// <summary>What a bench of an index measured.</summary>
internal sealed record VectorFigures(VectorBenchOptions Options, int Count, int Dimension, double BuildSeconds, double BuildCpuSeconds, long IndexBytes, long VectorBytes)
{
    public IReadOnlyList<VectorRun> Runs { get; init; } = [];

    /// <summary>Seconds to open the written index, and microseconds of the first query then; null unless it was opened again.</summary>
    public (double OpenSeconds, double FirstQuery, long FileBytes)? Reopened { get; init; }

    /// <summary>The most memory that the process ever had.</summary>
    public long PeakRssBytes { get; init; }

    public void PrintJson(TextWriter output)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("engine", "basalt");
            json.WriteString("index", Options.Kind.Name);
            json.WriteString("quantization", (Options.Quantization ?? Options.Kind.Quantizations[0]).ToString().ToLowerInvariant());
            json.WriteString("metric", Options.Metric.ToString().ToLowerInvariant());
            json.WriteNumber("n", Count);
            json.WriteNumber("dimension", Dimension);
            json.WriteNumber("k", Options.K);
            json.WriteNumber("threads", Options.Threads);
            json.WriteNumber("batch", Options.Batch);
            if (Options.FilterSelectivity is { } percent) json.WriteNumber("filter_selectivity", percent);
            json.WriteNumber("build_seconds", Math.Round(BuildSeconds, 3));
            json.WriteNumber("build_cpu_seconds", Math.Round(BuildCpuSeconds, 3));
            json.WriteNumber("index_bytes", IndexBytes);
            json.WriteNumber("vector_bytes", VectorBytes);
            json.WriteNumber("peak_rss_bytes", PeakRssBytes);
            if (Reopened is { } reopened)
            {
                json.WriteNumber("reopen_seconds", Math.Round(reopened.OpenSeconds, 6));
                json.WriteNumber("first_query_us", Math.Round(reopened.FirstQuery, 1));
                json.WriteNumber("file_bytes", reopened.FileBytes);
            }

            json.WriteStartArray("runs");
            foreach (var run in Runs) WriteRun(json, run);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(stream.ToArray()));
    }

    public void Print(TextWriter output)
    {
        output.WriteLine($"{Options.Kind.Name} of {Count:N0} x {Dimension}, {Options.Metric}: built in {BuildSeconds:F2} s ({BuildCpuSeconds:F2} s of processor time), {IndexBytes / 1e6:N1} MB beside vectors of {VectorBytes / 1e6:N1} MB, {PeakRssBytes / 1e6:N1} MB at most");
        if (Reopened is { } reopened) output.WriteLine($"opened again in {reopened.OpenSeconds * 1e3:F2} ms, first query {reopened.FirstQuery:F0} us, {reopened.FileBytes / 1e6:N1} MB on disk");
        output.WriteLine($"{Options.Kind.EffortName,8}{"recall",9}{"qps",12}{"qps wall",12}{"p50 us",11}{"p99 us",11}{"distances",12}{"rescored",10}{"bytes",8}");
        foreach (var run in Runs) output.WriteLine($"{run.Effort,8}{run.Recall,9:F4}{run.Qps,12:N0}{run.QpsWall,12:N0}{run.P50,11:F1}{run.P99,11:F1}{run.Distances,12:N0}{run.Rescored,10:N0}{run.AllocatedBytes,8:N0}");
    }

    private void WriteRun(Utf8JsonWriter json, VectorRun run)
    {
        json.WriteStartObject();
        json.WriteNumber(Options.Kind.EffortName, run.Effort);
        json.WriteNumber("recall", Math.Round(run.Recall, 4));
        json.WriteNumber("qps", Math.Round(run.Qps, 1));
        json.WriteNumber("qps_wall", Math.Round(run.QpsWall, 1));
        json.WriteNumber("p50_us", Math.Round(run.P50, 1));
        json.WriteNumber("p99_us", Math.Round(run.P99, 1));
        json.WriteNumber("visited", Math.Round(run.Visited, 1));
        json.WriteNumber("distances", Math.Round(run.Distances, 1));
        json.WriteNumber("rescored", Math.Round(run.Rescored, 1));
        json.WriteNumber("allocated_bytes", Math.Round(run.AllocatedBytes, 1));
        json.WriteEndObject();
    }
}
