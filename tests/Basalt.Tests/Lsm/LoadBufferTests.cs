using Basalt.Lsm;
using Basalt.Lsm.Loads;

namespace Basalt.Tests.Lsm;

public sealed class LoadBufferTests
{
    private static readonly int FirstSeed = int.TryParse(Environment.GetEnvironmentVariable("BASALT_SEED"), out var seed) ? seed : Environment.TickCount & 0xFFFFFF;

    private sealed class ByBytes : IComparer<byte[]>
    {
        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }

    [Fact]
    public void Any_entries_come_out_sorted_each_key_once_with_the_last_value()
    {
        for (var seed = FirstSeed; seed < FirstSeed + 60; seed++)
        {
            var random = new Random(seed);
            using var buffer = new LoadBuffer(64 << 10);
            for (var round = 0; round < 2; round++)
            {
                var model = new SortedDictionary<byte[], (byte[] Value, ulong Expiry)>(new ByBytes());
                var (prefix, alphabet, longest, isAscending) = (new byte[random.Next(12)], random.Next(1, 257), random.Next(1, 24), random.Next(4) == 0);
                var count = 0;
                for (var most = random.Next(1, 3000); count < most; count++)
                {
                    var key = (byte[])[.. prefix, .. isAscending ? [(byte)(count >> 8), (byte)count] : Enumerable.Range(0, random.Next(longest)).Select(_ => (byte)random.Next(alphabet))];
                    var (value, expiry) = (BitConverter.GetBytes(count), (ulong)random.Next(3));
                    if (!buffer.TryAdd(key, value, expiry)) break;
                    model[key] = (value, expiry);
                }

                Assert.Equal(count, buffer.Count);
                var cursor = buffer.Sorted();
                foreach (var (key, (value, expiry)) in model)
                {
                    Assert.True(cursor.Move(), $"BASALT_SEED={seed}");
                    Assert.True(cursor.Key.SequenceEqual(key) && cursor.Value.SequenceEqual(value) && cursor.Kind == EntryKind.Value(expiry), $"BASALT_SEED={seed}");
                }

                Assert.False(cursor.Move(), $"BASALT_SEED={seed}");
                buffer.Clear();
            }
        }
    }

    [Fact]
    public void A_buffer_is_filled_to_the_last_byte_and_never_beyond()
    {
        // The order lies behind the entries, wherever they end.
        for (var length = 0; length < 40; length++)
        {
            using var buffer = new LoadBuffer(4096);
            var value = new byte[length];
            var count = 0;
            while (buffer.TryAdd([(byte)(255 - count)], value, 0)) count++;
            var cursor = buffer.Sorted();
            for (var i = 0; i < count; i++)
            {
                Assert.True(cursor.Move());
                Assert.Equal((byte)(256 - count + i), cursor.Key[0]);
                Assert.Equal(length, cursor.Value.Length);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3000)]
    public void The_radix_sort_is_the_stable_sort(int count)
    {
        foreach (var mask in (ulong[])[ulong.MaxValue, 0xFF, 0xFF00_0000_0000_0000, 0x0101_0101_0101_0101, 0])
        {
            var random = new Random(FirstSeed);
            var (keys, items) = (new ulong[count], Enumerable.Range(0, count).ToArray());
            for (var i = 0; i < count; i++) keys[i] = (ulong)random.NextInt64() & mask;
            var expected = items.OrderBy(i => keys[i]).ToArray();
            var sorted = keys.Order().ToArray();
            RadixSort.Sort(keys, items, new ulong[count], new int[count]);
            Assert.Equal(sorted, keys);
            Assert.Equal(expected, items);
        }
    }
}
