using System.Text;
using Basalt.Lsm;
using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;

namespace Basalt.Tests.Lsm;

public sealed class EncryptedStoreTests : IDisposable
{
    private static readonly byte[] Spring = [.. Enumerable.Repeat((byte)1, KeyRing.KeyBytes)];
    private static readonly byte[] Autumn = [.. Enumerable.Repeat((byte)2, KeyRing.KeyBytes)];
    private readonly MemoryFileSystem _disk = new();
    private readonly KeyRing _keys = new("spring", Spring);

    [Fact]
    public void Neither_keys_values_nor_names_of_trees_are_on_the_disk()
    {
        using (var store = Open(_keys))
        {
            store.Tree("secret-tree").Put("secret-key"u8, "secret-value"u8);
            Assert.DoesNotContain("secret-", Everything());
        }

        Assert.DoesNotContain("secret-", Everything());
        using var again = Open(_keys);
        Assert.Equal("secret-value"u8.ToArray(), again.Tree("secret-tree").Get("secret-key"u8));
        Assert.Empty(again.Verify());
    }

    [Fact]
    public void Without_the_key_it_was_written_under_a_store_is_refused_and_not_touched()
    {
        using (var store = Open(_keys)) store.Tree("t").Put("k"u8, "v"u8);
        // The second open leaves an older manifest's place and a log that goes on.
        using (var store = Open(_keys)) store.Tree("t").Put("k2"u8, "v"u8);
        using var stranger = new KeyRing("autumn", Autumn);
        using var impostor = new KeyRing("spring", Autumn);
        foreach (var wrong in (IKeyProvider?[])[null, stranger, impostor])
        {
            var changes = new List<FileOperation>();
            var watched = new FaultingFileSystem(_disk, operation =>
            {
                if (operation.Kind is not (FileOperationKind.Read or FileOperationKind.Open or FileOperationKind.List or FileOperationKind.CreateFolder)) changes.Add(operation);
                return false;
            });
            var fault = Assert.Throws<LsmException>(() => Open(wrong, watched));
            Assert.Equal(LsmErrorCode.WrongKey, fault.Code);
            Assert.Contains("'spring'", fault.Message);
            Assert.All(changes, static operation => Assert.EndsWith("LOCK", operation.Path));
        }

        using var again = Open(_keys);
        Assert.Equal("v"u8.ToArray(), again.Tree("t").Get("k2"u8));
    }

    [Fact]
    public void A_log_under_a_key_that_is_gone_is_refused_before_older_logs_are_replayed()
    {
        // A new log begins under the new key, and the flush ends before the old log may go.
        using (var ring = new KeyRing("spring", Spring))
        {
            var keys = new FailingKeys(ring);
            using var store = Open(keys);
            store.Tree("t").Put("k"u8, "v"u8);
            ring.Add("autumn", Autumn);
            ring.Use("autumn");
            keys.GivenBeforeFailing = 1;
            Assert.Throws<TimeoutException>(() => store.Flush());
            store.Tree("t").Put("k2"u8, "v"u8);
            Assert.Equal([new KeyUse("autumn", 0, 1), new KeyUse("spring", 0, 2)], store.Stats().Keys);
        }

        var before = Everything();
        var fault = Assert.Throws<LsmException>(() => Open(_keys));
        Assert.Equal(LsmErrorCode.WrongKey, fault.Code);
        Assert.Contains("'autumn'", fault.Message);
        Assert.Equal(before, Everything());
    }

    [Fact]
    public void A_plain_store_opened_with_keys_is_encrypted_from_then_on()
    {
        using (var store = Open(null))
        {
            store.Tree("secret-tree").Put("secret-old"u8, "x"u8);
            Assert.Equal([new KeyUse(null, 0, 2)], store.Stats().Keys);
        }

        using (var store = Open(_keys))
        {
            var use = store.Stats().Keys;
            Assert.Equal([new KeyUse(null, 0, 1), new KeyUse("spring", 0, 2)], use);
            Assert.Equal("x"u8.ToArray(), store.Tree("secret-tree").Get("secret-old"u8));
            store.Tree("secret-tree").Put("secret-new"u8, "x"u8);
            Assert.DoesNotContain("secret-new", Everything());
            store.Compact();
            Assert.DoesNotContain("secret-", Everything());
            Assert.Equal([new KeyUse("spring", 1, 2)], store.Stats().Keys);
            Assert.Empty(store.Verify());
        }

        using var again = Open(_keys);
        Assert.Equal("x"u8.ToArray(), again.Tree("secret-tree").Get("secret-new"u8));
        Assert.Equal("x"u8.ToArray(), again.Tree("secret-tree").Get("secret-old"u8));
    }

    [Fact]
    public void A_rotation_is_complete_after_Compact_and_the_old_key_may_go()
    {
        using (var store = Open(_keys))
        {
            store.Tree("t").Put("k"u8, "v"u8);
            store.Compact();
            _keys.Add("autumn", Autumn);
            _keys.Use("autumn");
            Assert.Equal([new KeyUse("spring", 1, 2)], store.Stats().Keys);
            store.Compact();
            Assert.Equal([new KeyUse("autumn", 1, 2)], store.Stats().Keys);
        }

        using var newOnly = new KeyRing("autumn", Autumn);
        using var again = Open(newOnly);
        Assert.Equal("v"u8.ToArray(), again.Tree("t").Get("k"u8));
    }

    [Fact]
    public void An_open_under_a_new_key_leaves_the_old_key_to_the_writes_that_are_not_in_tables()
    {
        using (var store = Open(_keys)) store.Tree("t").Put("k"u8, "v"u8);
        _keys.Add("autumn", Autumn);
        _keys.Use("autumn");
        using (var store = Open(_keys))
        {
            Assert.Equal([new KeyUse("autumn", 0, 2), new KeyUse("spring", 0, 1)], store.Stats().Keys);
            store.Flush();
        }

        using (var store = Open(_keys)) Assert.Equal("v"u8.ToArray(), store.Tree("t").Get("k"u8));
    }

    [Fact]
    public void A_key_provider_that_fails_poisons_nothing()
    {
        var keys = new FailingKeys(_keys);
        using var store = Open(keys);
        var tree = store.Tree("t");
        tree.Put("k"u8, "v"u8);
        keys.GivenBeforeFailing = 0;
        Assert.Throws<TimeoutException>(() => store.Flush());
        tree.Put("k2"u8, "v"u8);
        keys.GivenBeforeFailing = int.MaxValue;
        store.Flush();
        Assert.Equal("v"u8.ToArray(), tree.Get("k2"u8));
        Assert.Empty(store.Verify());
    }

    private LsmStore Open(IKeyProvider? keys, IFileSystem? disk = null) => LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = disk ?? _disk, Keys = keys });

    private string Everything()
    {
        var text = new StringBuilder();
        foreach (var name in _disk.List("s").Where(static name => name != "LOCK"))
        {
            using var file = _disk.Open("s/" + name);
            var bytes = new byte[file.Length];
            file.Read(0, bytes);
            text.Append(name).Append(Encoding.Latin1.GetString(bytes));
        }

        return text.ToString();
    }

    public void Dispose() => _keys.Dispose();

    private sealed class FailingKeys(IKeyProvider keys) : IKeyProvider
    {
        public int GivenBeforeFailing { get; set; } = int.MaxValue;

        public string CurrentKeyId => keys.CurrentKeyId;

        public bool TryGetKey(string keyId, Span<byte> key) => GivenBeforeFailing-- <= 0 ? throw new TimeoutException("The vault does not answer.") : keys.TryGetKey(keyId, key);
    }
}
