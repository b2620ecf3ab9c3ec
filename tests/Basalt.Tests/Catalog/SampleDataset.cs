using System.Globalization;
using System.IO.Compression;
using System.Text;
using Basalt.Objects;

namespace Basalt.Tests.Catalog;

/// <summary>In which order the rows of a file stand.</summary>
public enum RowOrder
{
    /// <summary>All rows of a series together.</summary>
    Clustered,

    /// <summary>By time, the series taking turns.</summary>
    Interleaved,

    /// <summary>Any order.</summary>
    Shuffled,
}

/// <summary>A dataset that a test makes, and what it is known to hold.</summary>
internal sealed class SampleDataset(string name, int seed)
{
    private static readonly string[] HardParts = ["a/b", "a%2Fb", "a", "b", "x|y", "q\"uote", "comma,d", "", "ü 😀", "%-", " space "];
    private readonly Random _random = new(seed);

    public string Name => name;

    /// <summary>Every row: the parts of its key, and its time.</summary>
    public List<(string?[] Key, DateTime Time, int File)> Rows { get; } = [];

    /// <summary>Makes rows of so many series, regular in time, dealt out to files: a series stands in up to three of them, one behind the other.</summary>
    public SampleDataset Make(int series, int files, int parts = 1, int longest = 40)
    {
        for (var s = 0; s < series; s++)
        {
            var key = Enumerable.Range(0, parts).Select(p => p > 0 && _random.Next(20) == 0 ? null : parts > 1 ? HardParts[_random.Next(HardParts.Length)] + (p == 0 ? s : "") : $"series {s}").ToArray();
            var (start, length, spread) = (new DateTime(2014, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddHours(_random.Next(1000)), _random.Next(1, longest), _random.Next(1, Math.Min(files, 3) + 1));
            var first = _random.Next(files - spread + 1);
            for (var i = 0; i < length; i++) Rows.Add((key, start.AddMinutes(30 * i), first + (i * spread / length)));
        }

        return this;
    }

    /// <summary>The files as CSV.</summary>
    public IEnumerable<(string Name, byte[] Content)> Files(RowOrder order, bool isGzip = false)
    {
        foreach (var file in Rows.GroupBy(static r => r.File).OrderBy(static g => g.Key))
        {
            var rows = order switch
            {
                RowOrder.Clustered => file.ToList(),
                RowOrder.Interleaved => file.OrderBy(static r => r.Time).ToList(),
                _ => file.OrderBy(_ => _random.Next()).ToList(),
            };
            var text = new StringBuilder();
            text.AppendJoin(',', Enumerable.Range(0, rows[0].Key.Length).Select(static i => $"k{i}")).Append(",timestamp,target\n");
            foreach (var (key, time, _) in rows)
                text.AppendJoin(',', key.Select(Cell)).Append(CultureInfo.InvariantCulture, $",{time:yyyy-MM-dd HH:mm:ss},{_random.Next(1000) / 8.0}\n");
            var bytes = Encoding.UTF8.GetBytes(text.ToString());
            yield return ($"chunk_{file.Key:d4}.csv{(isGzip ? ".gz" : "")}", isGzip ? Gzip(bytes) : bytes);
        }
    }

    public string Yaml() => $"name: {name}\nts_id:\n{string.Concat(Enumerable.Range(0, Rows[0].Key.Length).Select(static i => $"  - name: k{i}\n    type: str\n"))}targets:\n  - name: target\n    type: numeric\n    subtype: float\ntype: public\nsource: made\n";

    public async Task PutAsync(IObjectStore store, RowOrder order, bool isGzip = false, string prefix = "")
    {
        foreach (var (file, content) in Files(order, isGzip)) await store.PutAsync($"{prefix}{name}/{file}", content);
        await store.PutAsync($"{prefix}metadata/{name}_metadata.yaml", Encoding.UTF8.GetBytes(Yaml()));
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest)) gzip.Write(bytes);
        return buffer.ToArray();
    }

    private static string Cell(string? part) => part is null ? "" : part.Length == 0 || part.AsSpan().IndexOfAny(",\"") >= 0 || part != part.Trim() ? $"\"{part.Replace("\"", "\"\"")}\"" : part;
}
