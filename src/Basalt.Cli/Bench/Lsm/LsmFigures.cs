using System.Globalization;
using System.Text.Json;

namespace Basalt.Cli.Bench.Lsm;

/// <summary>What was measured of one contender, by name; and by which way its concurrent writers were fastest.</summary>
internal sealed record ContenderFigures(string Contender, IReadOnlyList<(string Name, double Value)> Values, string ConcurrentWay, long Entries)
{
    public double? this[string name] => Values.Where(value => value.Name == name).Select(static value => (double?)value.Value).FirstOrDefault();
}

/// <summary>The figures of one order of keys; the peer's are null when there is none.</summary>
internal sealed record OrderFigures(KeyOrder Order, ContenderFigures Basalt, ContenderFigures? Sqlite)
{
    public string Name => Order.ToString().ToLowerInvariant();

    /// <summary>What was kept, for another run to open.</summary>
    public IEnumerable<KeptStore> Stores => new[] { Basalt, Sqlite }.OfType<ContenderFigures>().Select(figures => new KeptStore(figures.Contender, Order, figures.Entries));
}

/// <summary>All figures of a run. The names are those of the JSON form, which docs describe: they do not change.</summary>
internal sealed record LsmFigures(Workload Workload, IReadOnlyList<OrderFigures> Orders, long StartBytes, PeerChoice Peer)
{
    private string? Reason => Peer == PeerChoice.Off ? "not asked for" : SqliteLibrary.Reason;

    private string? SqliteVersion => Reason is null ? SqliteLibrary.Version : null;

    public void PrintJson(TextWriter output)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("n", Workload.Count);
            json.WriteNumber("key_bytes", Workload.KeyBytes);
            json.WriteNumber("value_bytes", Workload.ValueBytes);
            json.WriteNumber("compressible_percent", Workload.CompressiblePercent);
            json.WriteNumber("batch", Workload.BatchSize);
            json.WriteNumber("threads", Workload.Threads);
            json.WriteNumber("memory_bytes", Workload.MemoryBytes);
            json.WriteString("compression", Workload.Compression.ToString().ToLowerInvariant());
            json.WriteBoolean("encrypted", Workload.IsEncrypted);
            json.WriteString("sync", Workload.Durability.ToString().ToLowerInvariant());
            json.WriteNumber("seed", Workload.Seed);
            json.WriteNumber("start_rss_bytes", StartBytes);
            json.WriteString("sqlite", SqliteVersion);
            json.WriteString("sqlite_reason", Reason);
            foreach (var order in Orders)
            {
                json.WriteStartObject(order.Name);
                Write(json, "basalt", order.Basalt);
                Write(json, "sqlite", order.Sqlite);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        output.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
    }

    public void Print(TextWriter output)
    {
        output.WriteLine($"{Workload.Count:N0} entries of {Workload.KeyBytes} + {Workload.ValueBytes} bytes, batches of {Workload.BatchSize:N0}, sync {Workload.Durability.ToString().ToLowerInvariant()}, {Workload.Threads} concurrent writers, seed {Workload.Seed}");
        output.WriteLine($"{Workload.MemoryBytes:N0} bytes of memory, compression {Workload.Compression.ToString().ToLowerInvariant()}{(Workload.IsEncrypted ? ", encrypted" : "")}");
        output.WriteLine(SqliteVersion is { } version ? $"sqlite is SQLite {version}; its concurrent writers: {Orders[0].Sqlite?.ConcurrentWay}" : $"no SQLite: {Reason}");
        foreach (var order in Orders)
        {
            output.WriteLine();
            output.WriteLine($"{order.Name + " keys",-28}{"basalt",16}{"sqlite",16}{"ratio",10}");
            foreach (var (name, value) in order.Basalt.Values)
            {
                var peer = order.Sqlite?[name];
                output.WriteLine($"{name,-28}{Text(value),16}{(peer is { } other ? Text(other) : "-"),16}{(peer is > 0 ? (value / peer.Value).ToString("N2", CultureInfo.InvariantCulture) : "-"),10}");
            }
        }
    }

    private static void Write(Utf8JsonWriter json, string name, ContenderFigures? figures)
    {
        if (figures is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        foreach (var (figure, value) in figures.Values) json.WriteNumber(figure, Math.Round(value, 3));
        json.WriteString("concurrent_way", figures.ConcurrentWay);
        json.WriteEndObject();
    }

    private static string Text(double value) => value.ToString(value < 1000 ? "N2" : "N0", CultureInfo.InvariantCulture);
}
