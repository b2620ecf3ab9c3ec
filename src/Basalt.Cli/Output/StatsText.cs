using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Basalt.Engine;
using Basalt.Filters;
using Basalt.Indexes;
using Basalt.Lsm;
using Basalt.Records;

namespace Basalt.Cli.Output;

/// <summary>Prints what a database of the engine holds: lines and a table for people, or one JSON object.</summary>
internal sealed class StatsText(EngineStats stats)
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string[] ColumnNames = ["collection", "records", "tables", "bytes", "indexes"];

    public void Print(TextWriter output)
    {
        var store = stats.Store;
        output.WriteLine($"folder      {Visible.Line(stats.Folder)}");
        output.WriteLine($"tables      {store.Tables:N0}, {store.TableBytes:N0} bytes; {store.Tombstones:N0} of {store.Entries:N0} entries say that something was deleted; a read looks into {store.MostRuns:N0} at most");
        output.WriteLine($"disk        {(stats.FreeBytes is { } free ? $"{free:N0} bytes left" : "space not known")}; {(store.Keys.Any(static key => key.KeyId is not null) ? $"encrypted under {string.Join(", ", store.Keys.Select(static key => key.KeyId is { } id ? $"'{Visible.Line(id)}'" : "no key"))}" : "not encrypted")}");
        output.WriteLine($"memory      {stats.MemoryBytes:N0} of {stats.MemoryLimitBytes:N0} bytes, {store.MemtableBytes:N0} of them writes that are in no table yet");
        output.WriteLine($"writers     {(store.Poisoned is { } poison ? $"refused until it is opened again: {Visible.Line(poison)}" : store.DiskFull is { } full ? $"refused for want of space: {Visible.Line(full)}" : store.PressureReason is { } reason ? $"held back: {Visible.Line(reason)}" : "not held back")}");
        output.WriteLine($"maintenance {(store.MaintenanceFailure is { } failure ? $"failed: {Visible.Line(failure)}" : "well")}");
        output.WriteLine($"indexing    {(stats.IndexFault is { } fault ? $"failed: {Visible.Line(fault)}" : "well")}, {stats.PendingEntries:N0} entries to go");
        foreach (var table in store.DamagedTables) output.WriteLine($"damaged     {Visible.Line(table)}");
        output.WriteLine();
        using var rows = new TableWriter(output, [.. ColumnNames.Select(static name => FieldPath.Of(name))], withId: false);
        foreach (var collection in stats.Collections)
        {
            rows.Write(new Record(ValueMap.From(
            [
                new("collection", collection.Name),
                new("records", collection.Records is { } records ? records : default(Value)),
                new("tables", collection.Tables),
                new("bytes", collection.TableBytes),
                new("indexes", string.Join(", ", collection.Indexes.Select(static index => $"{index.Definition.Name} {index.Built:P0}{(index.Recall is { } recall ? $" (recall {recall.Recall:0.000}, {recall.Low:0.000} to {recall.High:0.000} by {recall.Searches:N0} searches)" : "")}"))),
            ])));
        }

        rows.Complete();
    }

    public void PrintJson(TextWriter output)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("folder", stats.Folder);
            writer.WriteStartArray("collections");
            foreach (var collection in stats.Collections) Write(writer, collection);
            writer.WriteEndArray();
            writer.WriteNumber("memory_bytes", stats.MemoryBytes);
            writer.WriteNumber("memory_limit_bytes", stats.MemoryLimitBytes);
            if (stats.FreeBytes is { } free) writer.WriteNumber("free_bytes", free);
            else writer.WriteNull("free_bytes");
            writer.WriteNumber("pending_entries", stats.PendingEntries);
            Write(writer, stats.Store);
            writer.WriteString("index_fault", stats.IndexFault);
            writer.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static void Write(Utf8JsonWriter writer, CollectionStats collection)
    {
        writer.WriteStartObject();
        writer.WriteString("name", collection.Name);
        if (collection.Records is { } records) writer.WriteNumber("records", records);
        else writer.WriteNull("records");
        writer.WriteNumber("tables", collection.Tables);
        writer.WriteNumber("table_bytes", collection.TableBytes);
        writer.WriteStartArray("indexes");
        foreach (var index in collection.Indexes) Write(writer, index);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, IndexState index)
    {
        writer.WriteStartObject();
        writer.WriteString("name", index.Definition.Name);
        writer.WriteNumber("built", index.Built);
        writer.WriteNumber("bytes", index.Bytes);
        if (index.Recall is { } recall)
        {
            writer.WriteNumber("recall", recall.Recall);
            writer.WriteNumber("recall_low", recall.Low);
            writer.WriteNumber("recall_high", recall.High);
            writer.WriteNumber("recall_searches", recall.Searches);
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, LsmStats store)
    {
        writer.WriteNumber("tables", store.Tables);
        writer.WriteNumber("most_runs", store.MostRuns);
        writer.WriteNumber("table_bytes", store.TableBytes);
        writer.WriteNumber("entries", store.Entries);
        writer.WriteNumber("tombstones", store.Tombstones);
        writer.WriteNumber("memtable_bytes", store.MemtableBytes);
        writer.WriteNumber("resident_table_bytes", store.ResidentTableBytes);
        writer.WriteNumber("cache_bytes", store.CacheBytes);
        writer.WriteNumber("cache_hits", store.CacheHits);
        writer.WriteNumber("cache_misses", store.CacheMisses);
        writer.WriteString("pressure", store.Pressure.ToString().ToLowerInvariant());
        writer.WriteString("pressure_reason", store.PressureReason);
        writer.WriteNumber("writer_waits_ms", store.WriterWaits.TotalMilliseconds);
        writer.WriteString("disk_full", store.DiskFull);
        writer.WriteString("poisoned", store.Poisoned);
        writer.WriteString("maintenance_failure", store.MaintenanceFailure);
        writer.WriteStartArray("keys");
        foreach (var key in store.Keys) writer.WriteStringValue(key.KeyId);
        writer.WriteEndArray();
        writer.WriteStartArray("damaged_tables");
        foreach (var table in store.DamagedTables) writer.WriteStringValue(table);
        writer.WriteEndArray();
    }
}
