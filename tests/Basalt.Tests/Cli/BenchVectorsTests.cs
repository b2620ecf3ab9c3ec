using System.Text.Json;
using Basalt.Vectors.Files;

namespace Basalt.Tests.Cli;

public sealed class BenchVectorsTests : IDisposable
{
    private const int Dimension = 12;
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Theory]
    [InlineData("none", "l2")]
    [InlineData("none", "cosine")]
    [InlineData("none", "dot")]
    [InlineData("sq8", "l2")]
    [InlineData("sq8", "cosine")]
    public async Task Every_promised_figure_is_printed(string quantization, string metric)
    {
        foreach (var more in new string[][] { [], ["--reopen"], ["--threads", "2"], ["--batch", "7", "--filter-selectivity", "50"] })
        {
            var said = await _tool.RunAsync(["bench", "vectors", "--base", Vectors("base.fvecs", 400, 1), "--query", Vectors("query.fvecs", 20, 2), "--index", "flat", "--metric", metric, "--quantization", quantization, "--rounds", "1", "-k", "5", "--json", .. more]);
            using var figures = JsonDocument.Parse(said.Done());
            var root = figures.RootElement;
            Assert.True(root.GetProperty("build_seconds").GetDouble() >= 0);
            Assert.Equal(quantization == "sq8" ? 400 * 64 : 0, root.GetProperty("index_bytes").GetInt64());
            Assert.True(root.GetProperty("peak_rss_bytes").GetInt64() > 1 << 20);
            Assert.Equal(more is ["--reopen"], root.TryGetProperty("reopen_seconds", out _));
            var run = Assert.Single(root.GetProperty("runs").EnumerateArray());
            Assert.InRange(run.GetProperty("recall").GetDouble(), quantization == "none" ? 1 : 0.95, 1);
            foreach (var name in new[] { "qps", "p50_us", "p99_us", "distances" }) Assert.True(run.GetProperty(name).GetDouble() > 0, name);
            Assert.Equal(0, run.GetProperty("ef").GetInt32());
        }
    }

    [Fact]
    public async Task Recall_is_measured_against_the_given_truth()
    {
        var truth = _tool.PathOf("truth.ivecs");
        using (var stream = File.Create(truth))
        {
            var writer = new VecsWriter(stream, VecsFormat.Int32);
            // Nobody's neighbours but, perhaps, by chance.
            for (var i = 0; i < 20; i++) writer.Write([399, 398]);
        }

        string[] command = ["bench", "vectors", "--base", Vectors("base.fvecs", 400, 1), "--query", Vectors("query.fvecs", 20, 2), "--index", "flat", "--rounds", "1", "-k", "2", "--json"];
        using var told = JsonDocument.Parse((await _tool.RunAsync([.. command, "--truth", truth])).Done());
        Assert.InRange(told.RootElement.GetProperty("runs")[0].GetProperty("recall").GetDouble(), 0, 0.5);
        using var found = JsonDocument.Parse((await _tool.RunAsync(command)).Done());
        Assert.Equal(1, found.RootElement.GetProperty("runs")[0].GetProperty("recall").GetDouble());
    }

    [Theory]
    [InlineData("bench", "vectors", "--index", "flat")]
    [InlineData("bench", "vectors", "--generate", "s100k")]
    [InlineData("bench", "vectors", "--generate", "s5", "--index", "flat")]
    [InlineData("bench", "vectors", "--generate", "s100k", "--base", "b", "--index", "flat")]
    [InlineData("bench", "vectors", "--base", "b", "--query", "q", "--index", "tree")]
    [InlineData("bench", "vectors", "--base", "b", "--query", "q", "--index", "flat", "--metric", "hamming")]
    [InlineData("bench", "vectors", "--base", "b", "--query", "q", "--index", "flat", "--quantization", "pq")]
    [InlineData("bench", "vectors", "--base", "b", "--query", "q", "--index", "flat", "--quantization", "sq9")]
    [InlineData("bench", "vectors", "--base", "b", "--query", "q", "--index", "flat", "--ef", "16")]
    [InlineData("bench", "vectors", "--base", "b", "--query", "q", "--index", "flat", "--nprobe", "1,x")]
    [InlineData("bench", "vectors", "--base", "b", "--query", "q", "--index", "flat", "--filter-selectivity", "101")]
    [InlineData("bench", "vectors", "--base", "b", "--query", "q", "--index", "flat", "-k", "0")]
    public async Task Wrong_usage_exits_with_2(params string[] arguments)
    {
        var said = await _tool.RunAsync(arguments);
        Assert.Equal((2, ""), (said.ExitCode, said.Output));
        Assert.StartsWith("usage: ", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_file_is_named()
    {
        var path = _tool.PathOf("broken.fvecs");
        await File.WriteAllBytesAsync(path, [3, 0, 0, 0, 1]);
        var said = await _tool.RunAsync("bench", "vectors", "--base", path, "--query", path, "--index", "flat");
        Assert.Equal(1, said.ExitCode);
        Assert.StartsWith($"error: InvalidData: {path}: Row 0 at byte 0 is cut off", said.Error, StringComparison.Ordinal);
        said = await _tool.RunAsync("bench", "vectors", "--base", Vectors("base.fvecs", 5, 1, float.NaN), "--query", path, "--index", "flat");
        Assert.Contains("base.fvecs, row 4: The vector has an element that is NaN", said.Error);
        said = await _tool.RunAsync("bench", "vectors", "--base", _tool.PathOf("none.fvecs"), "--query", path, "--index", "flat");
        Assert.StartsWith("error: NotFound", said.Error, StringComparison.Ordinal);
    }

    private string Vectors(string name, int count, int seed, float last = 0)
    {
        using var stream = File.Create(_tool.PathOf(name));
        var writer = new VecsWriter(stream, VecsFormat.Float32);
        var random = new Random(seed);
        for (var i = 0; i < count; i++) writer.Write([.. Enumerable.Range(0, Dimension).Select(d => i == count - 1 && d == 3 && last != 0 ? last : (float)(random.NextDouble() - 0.5))]);
        return _tool.PathOf(name);
    }
}
