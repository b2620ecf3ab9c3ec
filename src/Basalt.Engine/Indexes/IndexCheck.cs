using System.Buffers;
using Basalt.Engine.Collections;
using Basalt.Engine.Nearest;
using Basalt.Engine.Records;
using Basalt.Engine.Scalars;
using Basalt.Engine.Terms;
using Basalt.Indexes;
using Basalt.Lsm;
using Basalt.Records;
using Basalt.Vectors;
using Basalt.Vectors.Memory;

namespace Basalt.Engine.Indexes;

/// <summary>Compares what a table has of an index with the records of the table, entry by entry.</summary>
internal sealed class IndexCheck(EngineCollection collection, IndexEntry index, CancellationToken cancellationToken)
{
    private const int EntriesBetweenChecks = 1024;

    /// <summary>What does not agree, in words; null when all of it does. A table without the index has nothing that could disagree.</summary>
    public string? Find(LsmTable table)
    {
        OpenSection? section = null;
        try
        {
            section = OpenSection.Open(table, index);
            if (section is null) return null;
            return index.Kind switch
            {
                IndexKind.Vector => FindVector(table, section.Segment!),
                IndexKind.Scalar => FindScalar(table, section.Scalars!),
                _ => FindText(table),
            };
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
        finally
        {
            section?.Release();
        }
    }

    private string? FindVector(LsmTable table, VectorSegment segment)
    {
        var dimension = index.Definition.Dimension!.Value;
        var (indexed, stored) = (new float[dimension], new float[dimension]);
        using var row = new VectorBuffer(ElementType.Float32, dimension, 1);
        foreach (var (ordinal, value) in Values(table))
        {
            var isIndexed = segment.TryRead(ordinal, indexed);
            var isVector = value.Kind == ValueKind.Vector && VectorRules.Check(value.AsVector.Span, dimension, index.Metric, ElementType.Float32) == VectorFault.None;
            if (isIndexed != isVector) return $"entry {ordinal} {(isVector ? "has a vector that the index lacks" : "has no vector, and the index has one")}";
            if (!isVector) continue;
            Encode(value.AsVector.Span, row, stored);
            if (!indexed.AsSpan().SequenceEqual(stored)) return $"the index has another vector of entry {ordinal}";
        }

        segment.Graph?.Verify();
        return null;
    }

    /// <summary>The elements as a row has them.</summary>
    private unsafe void Encode(ReadOnlySpan<float> vector, VectorBuffer row, Span<float> stored)
    {
        var place = row.Next();
        RowCodec.Encode(vector, index.Metric, ElementType.Float32, place);
        RowCodec.Decode(place, ElementType.Float32, stored);
    }

    private string? FindScalar(LsmTable table, ScalarSection section)
    {
        // One key an entry, in the order of values; the records give the same in the order of entries.
        var keys = new byte[section.Entries][];
        var cursor = section.Walk(descending: false);
        for (var seen = 0; cursor.Read(); seen++)
        {
            if (seen % EntriesBetweenChecks == 0) cancellationToken.ThrowIfCancellationRequested();
            if (!cursor.IsNull) keys[cursor.Ordinal] = cursor.Key.ToArray();
        }

        var writer = new KeyWriter();
        foreach (var (ordinal, value) in Values(table))
        {
            var expected = value.IsNull ? default : writer.Write(value);
            if (!expected.SequenceEqual(keys[ordinal])) return $"the index has another value of entry {ordinal}";
        }

        return null;
    }

    private string? FindText(LsmTable table)
    {
        // A section is the same bytes whenever it is made of the same texts.
        var builder = new TextBuilder();
        foreach (var (ordinal, value) in Values(table)) TermsSidecar.Add(builder, ordinal, value);
        var expected = new ArrayBufferWriter<byte>();
        builder.Finish(bytes => expected.Write(bytes), checked((int)table.Entries));
        using var section = table.Sidecar(index.Section)!;
        if (section.Length != expected.WrittenCount) return $"the index has {section.Length} bytes, and its texts make {expected.WrittenCount}";
        var stored = new byte[64 << 10];
        for (var at = 0; at < expected.WrittenCount; at += stored.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var part = stored.AsSpan(0, Math.Min(stored.Length, expected.WrittenCount - at));
            section.Read(at, part);
            if (!part.SequenceEqual(expected.WrittenSpan.Slice(at, part.Length))) return $"the index has other terms than its texts, behind byte {at}";
        }

        return null;
    }

    /// <summary>The value of every entry that is no tombstone.</summary>
    private IEnumerable<(int Ordinal, Value Value)> Values(LsmTable table)
    {
        var field = new FieldReader(index.Definition.Path, collection.Names);
        var cursor = table.Scan(0, table.Entries);
        for (var seen = 0; cursor.MoveNext(); seen++)
        {
            if (seen % EntriesBetweenChecks == 0) cancellationToken.ThrowIfCancellationRequested();
            if (!cursor.IsTombstone) yield return ((int)cursor.Ordinal, field.Read(cursor.Value));
        }
    }
}
