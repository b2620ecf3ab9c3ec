using Basalt.Lsm;
using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;

namespace Basalt.Durability.Tests.Lsm;

/// <summary>
/// A random history whose every batch writes its number into both trees, and what of it a store holds. Batch n overwrites or deletes keys of
/// a small set, so a recovered store is right when it equals the state after some batch between the acknowledged and the issued one.
/// A third tree is written by every batch, too, and before some batches it is dropped and made anew.
/// </summary>
internal sealed class History
{
    public static int FirstSeed { get; } = int.TryParse(Environment.GetEnvironmentVariable("BASALT_SEED"), out var seed) ? seed : Environment.TickCount & 0xFFFFFF;

    private readonly List<(bool IsLeft, byte Key, byte[]? Value)[]> _batches = [];
    private readonly List<bool> _drops = [];
    private volatile int _dropped = -1;
    private volatile int _acknowledged;
    private volatile int _issued;
    private readonly string _name;

    public History(int seed, int batches, string name = "")
    {
        _name = name;
        var random = new Random(seed);
        for (var n = 0; n < batches; n++)
        {
            var batch = new (bool, byte, byte[]?)[random.Next(2, 6)];
            for (var i = 0; i < batch.Length; i++)
            {
                var value = new byte[random.Next(10) == 0 ? 700 : random.Next(4, 40)];
                BitConverter.TryWriteBytes(value, n);
                batch[i] = (random.Next(2) == 0, (byte)random.Next(1, 24), random.Next(4) == 0 ? null : value);
            }

            batch[0] = (true, 0, BitConverter.GetBytes(n));
            batch[1] = (false, 0, BitConverter.GetBytes(n));
            _batches.Add(batch);
            _drops.Add(random.Next(8) == 0);
        }
    }

    /// <summary>The batch before which the passing tree was dropped last, as the store acknowledged; -1 at first.</summary>
    public int Dropped => _dropped;

    /// <summary>How many batches were handed to the store, and how many it acknowledged.</summary>
    public int Issued => _issued;

    public int Acknowledged => _acknowledged;

    public int Count => _batches.Count;

    /// <summary>Small everything, so that short histories flush and merge often, by several slices. With maintenance in the background the order of operations differs from run to run.</summary>
    public static LsmOptions Options(IFileSystem disk, IKeyProvider? keys = null, bool isInline = true) =>
        new() { Folder = "s", FileSystem = disk, MemtableBytes = 4096, BlockBytes = 256, MergeWidth = 2, MaxTableBytes = 1024, Keys = keys, RunsMaintenanceInline = isInline };

    public static KeyRing Keys { get; } = new("spring", [.. Enumerable.Repeat((byte)7, KeyRing.KeyBytes)]);

    /// <summary>Writes batches until the end or a fault. Without power nobody hears that one is acknowledged.</summary>
    public void Write(LsmStore store, int until, Func<bool>? hasPower = null)
    {
        var (left, right) = Trees(store);
        while (Acknowledged < until)
        {
            if (_drops[Acknowledged])
            {
                store.DropTree(store.Tree(Passing));
                if (hasPower is not null && !hasPower()) return;
                _dropped = _acknowledged;
            }

            var batch = new WriteBatch().Put(store.Tree(Passing), [(byte)(Acknowledged % 7)], BitConverter.GetBytes(Acknowledged));
            foreach (var (isLeft, key, value) in _batches[Acknowledged])
            {
                if (value is null) batch.Delete(isLeft ? left : right, [key]);
                else batch.Put(isLeft ? left : right, [key], value);
            }

            _issued = _acknowledged + 1;
            store.Commit(batch);
            if (hasPower is not null && !hasPower()) return;
            _acknowledged++;
        }
    }

    /// <summary>Takes up a store that holds so many batches.</summary>
    public void Resume(int held) => (_issued, _acknowledged) = (held, held);

    /// <summary>Notes what another process was told; it may have written one more.</summary>
    public void Claim(int acknowledged) => (_issued, _acknowledged) = (Math.Min(acknowledged + 1, Count), acknowledged);

    /// <summary>How many batches the store holds, having checked that it holds them exactly; and the drop, of which it is known that it happened, with all before it.</summary>
    public int Held(LsmStore store, int dropped = -1)
    {
        var (left, right) = Trees(store);
        var held = left.Get([0]) is { } number ? BitConverter.ToInt32(number) + 1 : 0;
        foreach (var (tree, isLeft) in ((LsmTree, bool)[])[(left, true), (right, false)])
        {
            var expected = new SortedDictionary<byte, byte[]>();
            foreach (var (_, key, value) in _batches.Take(held).SelectMany(static batch => batch).Where(write => write.IsLeft == isLeft))
            {
                if (value is null) expected.Remove(key);
                else expected[key] = value;
            }

            using var cursor = tree.Scan();
            foreach (var (key, value) in expected)
            {
                Assert.True(cursor.MoveNext(), $"key {key} is missing");
                Assert.Equal((byte[])[key], cursor.Key.ToArray());
                Assert.Equal(value, cursor.Value.ToArray());
                Assert.Equal(value, tree.Get([key]));
            }

            Assert.False(cursor.MoveNext());
        }

        Assert.True(held >= dropped, $"{held} batches are held, and the drop before batch {dropped} was acknowledged");
        CheckPassing(store, held, dropped);
        return held;
    }

    /// <summary>The passing tree holds what was written since it was dropped last, or nothing when it was dropped for the batch that is not there yet.</summary>
    private void CheckPassing(LsmStore store, int held, int dropped)
    {
        var expected = new SortedDictionary<byte, int>();
        for (var n = 0; n < held; n++)
        {
            if (_drops[n]) expected.Clear();
            expected[(byte)(n % 7)] = n;
        }

        var found = new SortedDictionary<byte, int>();
        // Who reads only cannot make it where it was dropped.
        using var cursor = store.Trees.Contains(Passing) ? store.Tree(Passing).Scan() : null;
        while (cursor?.MoveNext() == true) found.Add(cursor.Key[0], BitConverter.ToInt32(cursor.Value));
        if (found.Count == 0 && held < Count && _drops[held]) return;
        Assert.NotEqual(dropped, held);
        Assert.Equal(expected, found);
    }

    private string Passing => $"{_name}passing";

    private (LsmTree Left, LsmTree Right) Trees(LsmStore store) => (store.Tree($"{_name}left"), store.Tree($"{_name}right"));
}
