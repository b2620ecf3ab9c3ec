using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Basalt.Engine.Scalars;
using Basalt.Filters;
using Basalt.Lsm.IO;
using Basalt.Lsm.Tables;
using Basalt.Records;
using Basalt.Vectors;

namespace Basalt.Fuzz;

/// <summary>A scalar index is read in the very bytes that it was given, so no bytes may lead a reader out of them.</summary>
public sealed unsafe class ScalarSectionTarget : FuzzTarget
{
    private const int MostEntries = 10_000;
    private static readonly LeafFilter[] Leaves =
    [
        .. new[] { "f is null", "f is not null", "f > 3", "f <= 2.5", "f != 'b'", "f = 'drama 7'", "f not in (1, 'x', true)", "f between 2 and 30", "f not between 'a' and 'c'", "f like '%a'", "f like 'd%'", "f ilike 'D%a'", "f has 1" }
            .Select(static text => (LeafFilter)Filter.Parse(text)),
    ];

    protected override IReadOnlyList<byte[]> Seeds
    {
        get
        {
            var random = new Random(3);
            return
            [
                Write([1L, 2.5, "a", Value.Null, true, 10m / 3, "drama", "drama", Guid.Empty, new byte[] { 0, 1 }, Value.FromList([1L, "x", Value.Null]), new ValueMapBuilder().Set("k", 2L).Build(), new[] { 1f }, DateTimeOffset.UnixEpoch]),
                Write([.. Enumerable.Range(0, 100).Select(i => (Value)$"drama {i % 9}")]),
                Write([.. Enumerable.Range(0, 130).Select(_ => (Value)random.NextInt64())]),
                Write([.. Enumerable.Range(0, 200).Select(i => i % 3 == 0 ? Value.Null : (Value)(i % 2 == 0))]),
                Write([new string('a', 1500), new string('a', 1500) + "b", "a"]),
            ];
        }
    }

    protected override bool IsRefusal(Exception exception) => exception is InvalidDataException;

    protected override void Decode(byte[] input)
    {
        var entries = Refit(input);
        var memory = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(1, input.Length), 4096);
        try
        {
            input.CopyTo(new Span<byte>(memory, input.Length));
            Use(ScalarSection.Open(memory, input.Length, entries));
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    private static void Use(ScalarSection section)
    {
        section.TryGetMin(out _);
        section.TryGetMax(out _);
        foreach (var leaf in Leaves)
        {
            var found = new OrdinalSet(section.Entries);
            section.Find(leaf, found);
            Assert.InRange(found.Count, 0, section.Entries);
            var (least, most) = section.Estimate(leaf);
            Assert.True(least >= 0 && least <= most);
        }

        foreach (var descending in new[] { false, true })
        {
            var cursor = section.Walk(descending);
            while (cursor.Read())
            {
                Assert.InRange(cursor.Ordinal, 0, section.Entries - 1);
                if (!cursor.IsCut) _ = cursor.Value;
            }
        }
    }

    // Bytes that came or went would be found out by the footer alone, so most inputs get places that fit; and the number of entries that they speak of, if it is one that a test can hold.
    private static int Refit(byte[] input)
    {
        if (input.Length < ScalarFormat.HeaderBytes + ScalarFormat.FooterBytes) return 0;
        var footer = input.AsSpan(input.Length - ScalarFormat.FooterBytes);
        var entries = BinaryPrimitives.ReadInt32LittleEndian(footer[16..]);
        var blocks = ((long)BinaryPrimitives.ReadInt32LittleEndian(footer[24..]) + 63) / 64;
        var indexAt = input.Length - ScalarFormat.FooterBytes - blocks * ScalarFormat.IndexBytes;
        if (input.Length % 4 != 0)
        {
            var moved = indexAt - BinaryPrimitives.ReadInt64LittleEndian(footer[8..]);
            BinaryPrimitives.WriteInt64LittleEndian(footer[8..], indexAt);
            BinaryPrimitives.WriteInt64LittleEndian(footer, BinaryPrimitives.ReadInt64LittleEndian(footer) + moved);
        }

        return Math.Clamp(entries, 0, MostEntries);
    }

    private static byte[] Write(Value[] values)
    {
        var builder = new ScalarBuilder();
        for (var i = 0; i < values.Length; i++) builder.Add(i, values[i]);
        var disk = new MemoryFileSystem();
        using (var file = new TableFile(disk.Create("f")))
        {
            builder.Finish(new SectionWriter(file, null), values.Length);
            file.Sync();
        }

        using var written = disk.Open("f");
        var bytes = new byte[written.Length];
        written.Read(0, bytes);
        return bytes;
    }
}
