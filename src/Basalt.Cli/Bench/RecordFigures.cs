using System.Globalization;
using System.Text.Json;

namespace Basalt.Cli.Bench;

/// <summary>What a bench of records measured: operations per second, or records looked at per second.</summary>
internal sealed record RecordFigures(int Count, IReadOnlyList<(string Name, double PerSecond)> PerSecond)
{
    private const int Threads = 1;

    public void PrintJson(StoreUri store, TextWriter output)
    {
        var figures = PerSecond.Select(static f => $"\"{f.Name}\":{Math.Round(f.PerSecond, 1).ToString(CultureInfo.InvariantCulture)}");
        output.WriteLine($"{{\"store\":\"{JsonEncodedText.Encode(store.ToString())}\",\"n\":{Count},\"threads\":{Threads},{string.Join(',', figures)}}}");
    }

    public void Print(StoreUri store, TextWriter output)
    {
        output.WriteLine($"{store} {Count:N0} records of 5 fields, {Threads} thread");
        foreach (var (name, perSecond) in PerSecond) output.WriteLine($"{name,-26}{perSecond,16:N0}");
    }
}
