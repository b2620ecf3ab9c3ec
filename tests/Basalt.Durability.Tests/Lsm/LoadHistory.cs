using Basalt.Lsm;
using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;

namespace Basalt.Durability.Tests.Lsm;

/// <summary>
/// A random history of one tree whose every step, a batch or a bulk load, writes its number. A recovered store is right when it equals the state
/// after some step between the acknowledged and the issued one.
/// </summary>
internal sealed class LoadHistory
{
    private readonly List<(bool IsLoad, List<(short Key, byte[]? Value)> Writes)> _steps = [];

    public LoadHistory(int seed, int steps)
    {
        var random = new Random(seed);
        for (var n = 0; n < steps; n++)
        {
            var isLoad = random.Next(3) == 0;
            var writes = new List<(short, byte[]?)>();
            // The largest loads fill their buffer, so that one commit brings several tables.
            for (var i = random.Next(isLoad ? 600 : 8); i > 0; i--)
            {
                var value = new byte[random.Next(4, 300)];
                random.NextBytes(value);
                writes.Add(((short)random.Next(1, 300), !isLoad && random.Next(4) == 0 ? null : value));
            }

            writes.Insert(random.Next(writes.Count + 1), (0, BitConverter.GetBytes(n)));
            _steps.Add((isLoad, writes));
        }
    }

    public int Issued { get; private set; }

    public int Acknowledged { get; private set; }

    public static LsmOptions Options(IFileSystem disk, IKeyProvider? keys) =>
        History.Options(disk, keys) with { LoadBytes = 64 << 10, MaxTableBytes = 30_000, RunsMaintenanceInline = true };

    public void Write(LsmStore store, int until)
    {
        var tree = store.Tree("t");
        while (Acknowledged < until)
        {
            var (isLoad, writes) = _steps[Acknowledged];
            Issued = Acknowledged + 1;
            if (isLoad)
            {
                using var load = store.BeginLoad(tree);
                foreach (var (key, value) in writes) load.Add(Bytes(key), value);
                load.Commit();
            }
            else
            {
                var batch = new WriteBatch();
                foreach (var (key, value) in writes)
                {
                    if (value is null) batch.Delete(tree, Bytes(key));
                    else batch.Put(tree, Bytes(key), value);
                }

                store.Commit(batch);
            }

            Acknowledged++;
        }
    }

    /// <summary>A step that the store refused as a whole is done again.</summary>
    public void Resume(int held) => (Issued, Acknowledged) = (held, held);

    /// <summary>How many steps the store holds, having checked that it holds them exactly.</summary>
    public int Held(LsmStore store)
    {
        var tree = store.Tree("t");
        var held = tree.Get(Bytes(0)) is { } number ? BitConverter.ToInt32(number) + 1 : 0;
        var expected = new SortedDictionary<short, byte[]>();
        foreach (var (key, value) in _steps.Take(held).SelectMany(static step => step.Writes))
        {
            if (value is null) expected.Remove(key);
            else expected[key] = value;
        }

        using var cursor = tree.Scan();
        foreach (var (key, value) in expected)
        {
            Assert.True(cursor.MoveNext(), $"key {key} is missing");
            Assert.Equal(Bytes(key), cursor.Key.ToArray());
            Assert.Equal(value, cursor.Value.ToArray());
        }

        Assert.False(cursor.MoveNext());
        return held;
    }

    private static byte[] Bytes(short key) => [(byte)(key >> 8), (byte)key];
}
