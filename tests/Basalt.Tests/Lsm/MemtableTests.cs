using System.Text;
using Basalt.Lsm;
using Basalt.Lsm.Memory;
using Basalt.Lsm.Memtables;
using Basalt.Lsm.Wal;

namespace Basalt.Tests.Lsm;

public sealed class MemtableTests
{
    private static readonly int FirstSeed = int.TryParse(Environment.GetEnvironmentVariable("BASALT_SEED"), out var seed) ? seed : Environment.TickCount & 0xFFFFFF;

    [Fact]
    public void Entries_that_are_added_together_lie_as_if_they_had_been_added_one_by_one()
    {
        for (var seed = FirstSeed; seed < FirstSeed + 30; seed++)
        {
            var random = new Random(seed);
            var keys = new[] { 5, 300, 100_000 }[seed % 3];
            using var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = new Basalt.Lsm.IO.MemoryFileSystem() });
            var tree = store.Tree("t");
            var memory = new MemoryBudget(64 << 20);
            var table = new Memtable(memory);
            table.Hold();
            var expected = new List<(string Key, ulong Sequence, string? Value)>();
            var sequence = 0UL;
            for (var round = 0; round < 120; round++)
            {
                var batch = new WriteBatch();
                var entries = new List<MemtableEntry>();
                var count = random.Next(1, Memtable.MostTogether + 1);
                for (var i = 0; i < count; i++)
                {
                    // Some differ only behind their first eight bytes, some are shorter than that.
                    var key = random.Next(4) switch { 0 => $"{random.Next(keys)}", 1 => $"samestart{random.Next(keys)}", _ => $"{random.Next(keys):D9}" };
                    var isDelete = random.Next(5) == 0;
                    if (isDelete) batch.Delete(tree, Encoding.ASCII.GetBytes(key));
                    else batch.Put(tree, Encoding.ASCII.GetBytes(key), Encoding.ASCII.GetBytes($"v{sequence + (ulong)i}"));
                    expected.Add((key, sequence + (ulong)i + 1, isDelete ? null : $"v{sequence + (ulong)i}"));
                }

                for (var operation = new BatchReader(batch.Payload); operation.Read();) entries.Add(operation.Place);
                table.Add(batch.Payload, entries.ToArray(), sequence + 1);
                sequence += (ulong)count;
            }

            var found = new List<(string, ulong, string?)>();
            for (var node = table.First(); node != 0; node = table.Next(node))
                found.Add((Encoding.ASCII.GetString(table.KeyOf(node)), table.SequenceOf(node), table.KindOf(node).IsTombstone ? null : Encoding.ASCII.GetString(table.ValueOf(node))));
            Assert.True(expected.OrderBy(static entry => entry.Key, StringComparer.Ordinal).ThenByDescending(static entry => entry.Sequence).SequenceEqual(found), $"BASALT_SEED={seed}");
            foreach (var group in expected.GroupBy(static entry => entry.Key))
            {
                Assert.True(table.TryGet(Encoding.ASCII.GetBytes(group.Key), sequence, out var value, out var kind));
                Assert.Equal(group.Last().Value, kind.IsTombstone ? null : Encoding.ASCII.GetString(value));
            }

            table.Release();
            Assert.Equal(0, memory.Used);
        }
    }
}
