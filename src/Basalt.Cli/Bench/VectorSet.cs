using System.IO.Compression;
using Basalt.Vectors;
using Basalt.Vectors.Files;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Samples;

namespace Basalt.Cli.Bench;

/// <summary>What indexes are measured with: vectors to be found, queries, and perhaps the true neighbours of each.</summary>
internal sealed record VectorSet(VectorBuffer Base, float[] Queries, IReadOnlyList<int[]>? Truth) : IDisposable
{
    /// <summary>The sets that can be generated: the name and the number of vectors.</summary>
    public static IReadOnlyDictionary<string, int> Generated { get; } = new Dictionary<string, int> { ["s100k"] = 100_000, ["s1m"] = 1_000_000 };

    private const int GeneratedQueries = 1_000;

    public int Dimension => Base.Dimension;

    public int QueryCount => Queries.Length / Dimension;

    public ReadOnlySpan<float> Query(int query) => Queries.AsSpan(query * Dimension, Dimension);

    /// <summary>Reads .fvecs, .bvecs and IDX files, plain or gzipped.</summary>
    public static VectorSet Read(string basePath, string queryPath, string? truthPath, int? most, Metric metric, CancellationToken cancellationToken)
    {
        VectorBuffer? rows = null;
        try
        {
            ReadVectors(basePath, null, (vector, row) => Add(rows ??= new VectorBuffer(ElementType.Float32, vector.Length), vector, metric, basePath, row), cancellationToken);
            var found = rows ?? throw new BasaltException(ErrorCode.InvalidData, $"{basePath} has no vectors.");
            var queries = new List<float>();
            ReadVectors(queryPath, most, (vector, row) => Check(queries, vector, found.Dimension, metric, queryPath, row), cancellationToken);
            if (queries.Count == 0) throw new BasaltException(ErrorCode.InvalidData, $"{queryPath} has no vectors.");
            return new VectorSet(found, [.. queries], truthPath is null ? null : ReadTruth(truthPath, queries.Count / found.Dimension, found.Count));
        }
        catch
        {
            rows?.Dispose();
            throw;
        }
    }

    /// <summary>Makes a set of <see cref="Generated"/>.</summary>
    public static VectorSet Generate(string name, Metric metric, CancellationToken cancellationToken)
    {
        var (mixture, count) = (new GaussianMixture(), Generated[name]);
        var rows = new VectorBuffer(ElementType.Float32, mixture.Dimension, count);
        var (vector, queries) = (new float[mixture.Dimension], new float[GeneratedQueries * mixture.Dimension]);
        for (var i = 0; i < count; i++)
        {
            if (i % 1_000 == 0) cancellationToken.ThrowIfCancellationRequested();
            mixture.Base(i, vector);
            rows.Add(vector, metric);
        }

        for (var i = 0; i < GeneratedQueries; i++) mixture.Query(i, queries.AsSpan(i * mixture.Dimension, mixture.Dimension));
        return new VectorSet(rows, queries, null);
    }

    public void Dispose() => Base.Dispose();

    private static void Add(VectorBuffer rows, float[] vector, Metric metric, string path, long row)
    {
        ThrowIf(VectorRules.Check(vector, rows.Dimension, metric, ElementType.Float32), vector.Length, rows.Dimension, path, row);
        rows.Add(vector, metric);
    }

    private static void Check(List<float> queries, float[] vector, int dimension, Metric metric, string path, long row)
    {
        ThrowIf(VectorRules.CheckQuery(vector, dimension, metric, ElementType.Float32), vector.Length, dimension, path, row);
        queries.AddRange(vector);
    }

    private static void ThrowIf(VectorFault fault, int length, int dimension, string path, long row)
    {
        if (fault != VectorFault.None) throw new BasaltException(ErrorCode.InvalidData, $"{path}, row {row}: {VectorRules.Describe(fault, length, dimension)}");
    }

    private static void ReadVectors(string path, int? most, Action<float[], long> take, CancellationToken cancellationToken)
    {
        using var stream = OpenFile(path, out var name);
        Broken(path, () =>
        {
            var images = name.EndsWith("-ubyte", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".idx", StringComparison.OrdinalIgnoreCase) ? new IdxReader(stream) : null;
            var rows = images is null ? new VecsReader(stream, name.EndsWith(".bvecs", StringComparison.OrdinalIgnoreCase) ? VecsFormat.Byte : VecsFormat.Float32) : null;
            var vector = new float[images?.Dimension ?? rows!.Dimension];
            for (var row = 0L; row < (most ?? long.MaxValue) && (images?.Read(vector) ?? rows!.Read(vector)); row++)
            {
                if (row % 1_000 == 0) cancellationToken.ThrowIfCancellationRequested();
                take(vector, row);
            }
        });
    }

    private static List<int[]> ReadTruth(string path, int queries, int count)
    {
        using var stream = OpenFile(path, out _);
        var truth = new List<int[]>(queries);
        Broken(path, () =>
        {
            var reader = new VecsReader(stream, VecsFormat.Int32);
            var row = new int[reader.Dimension];
            while (truth.Count < queries && reader.Read(row)) truth.Add((int[])row.Clone());
        });
        if (truth.Count < queries) throw new BasaltException(ErrorCode.InvalidData, $"{path} has the neighbours of {truth.Count} queries, and there are {queries}.");
        if (truth.Any(row => row.Any(ordinal => ordinal < 0 || ordinal >= count))) throw new BasaltException(ErrorCode.InvalidData, $"{path} names neighbours that are not among the {count} vectors.");
        return truth;
    }

    private static BufferedStream OpenFile(string path, out string name)
    {
        var file = File.OpenRead(path);
        var isZipped = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
        name = isZipped ? path[..^3] : path;
        return new BufferedStream(isZipped ? new GZipStream(file, CompressionMode.Decompress) : file, 1 << 20);
    }

    private static void Broken(string path, Action read)
    {
        try
        {
            read();
        }
        catch (InvalidDataException e)
        {
            throw new BasaltException(ErrorCode.InvalidData, $"{path}: {e.Message}", e);
        }
    }
}
