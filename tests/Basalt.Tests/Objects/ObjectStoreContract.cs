using System.Text;
using Basalt.Objects;
using Basalt.Objects.Memory;

namespace Basalt.Tests.Objects;

/// <summary>What every store of objects keeps. A store inherits it and says how an empty one is opened.</summary>
public abstract class ObjectStoreContract : IAsyncLifetime
{
    private IObjectStore? _store;

    internal IObjectStore Store => _store!;

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected abstract ValueTask<IObjectStore> OpenAsync();

    public virtual async ValueTask InitializeAsync() => _store = await OpenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        if (_store is not null) await _store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_is_not_there_is_null_and_deleting_it_is_no_fault()
    {
        Assert.Null(await Store.HeadAsync("nothing", Token));
        Assert.Null(await Store.OpenAsync("a/b", cancellationToken: Token));
        Assert.Null(await Store.ReadAllAsync("a/b", 10, cancellationToken: Token));
        await Store.DeleteAsync("a/b", Token);
        Assert.Empty(await ListAsync(new ObjectListing()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_003)]
    public async Task What_was_put_is_read_back(int length)
    {
        var content = Bytes(length, 7);
        var eTag = await Store.PutAsync("a/b.bin", content, cancellationToken: Token);
        var entry = await Store.HeadAsync("a/b.bin", Token);
        Assert.Equal(("a/b.bin", (long)length, eTag), (entry!.Key, entry.Length, entry.ETag));
        Assert.NotEqual(default, entry.Modified);
        var (read, bytes) = (await Store.ReadAllAsync("a/b.bin", length, cancellationToken: Token))!.Value;
        Assert.Equal(entry, read);
        Assert.Equal(content, bytes);
        var listed = Assert.Single(await ListAsync(new ObjectListing()));
        Assert.Equal((entry.Key, entry.Length, entry.ETag), (listed.Key, listed.Entry!.Length, listed.Entry.ETag));
        if (length > 0) Assert.Equal(ErrorCode.InvalidData, (await Assert.ThrowsAsync<BasaltException>(async () => await Store.ReadAllAsync("a/b.bin", length - 1, cancellationToken: Token))).Code);
    }

    [Fact]
    public async Task Streams_of_any_length_are_put()
    {
        foreach (var length in new[] { 0, 1, 6_000_000 })
        {
            var content = Bytes(length, length);
            var eTag = await Store.PutAsync("stream", new Slow(content), Token);
            Assert.Equal(eTag, (await Store.HeadAsync("stream", Token))!.ETag);
            Assert.Equal(content, (await Store.ReadAllAsync("stream", length, cancellationToken: Token))!.Value.Bytes);
        }
    }

    [Fact]
    public async Task A_stream_that_fails_changes_nothing()
    {
        await Store.PutAsync("kept", Bytes(10, 1), cancellationToken: Token);
        await Assert.ThrowsAnyAsync<Exception>(async () => await Store.PutAsync("kept", new Slow(Bytes(6_000_000, 1), failsAt: 5_900_000), Token));
        await Assert.ThrowsAnyAsync<Exception>(async () => await Store.PutAsync("new", new Slow(Bytes(100, 1), failsAt: 50), Token));
        Assert.Equal(10, (await Store.HeadAsync("kept", Token))!.Length);
        Assert.Equal(["kept"], (await ListAsync(new ObjectListing())).Select(static i => i.Key));
    }

    [Fact]
    public async Task Ranges_are_cut_at_the_end()
    {
        var content = Bytes(1000, 3);
        await Store.PutAsync("o", content, cancellationToken: Token);
        await Store.PutAsync("empty", Array.Empty<byte>(), cancellationToken: Token);
        await Expect("o", ObjectRange.All, content, 0);
        await Expect("o", ObjectRange.From(10), content[10..], 10);
        await Expect("o", ObjectRange.Slice(10, 20), content[10..30], 10);
        await Expect("o", ObjectRange.Slice(990, 20), content[990..], 990);
        await Expect("o", ObjectRange.Slice(0, long.MaxValue), content, 0);
        await Expect("o", ObjectRange.Last(1), content[999..], 999);
        await Expect("o", ObjectRange.Last(1000), content, 0);
        await Expect("o", ObjectRange.Last(5000), content, 0);
        await Expect("o", ObjectRange.From(1000), [], 1000);
        await Expect("o", ObjectRange.Slice(2000, 5), [], 1000);
        await Expect("empty", ObjectRange.All, [], 0);
        await Expect("empty", ObjectRange.Last(8), [], 0);
        await Expect("empty", ObjectRange.Slice(0, 8), [], 0);

        async Task Expect(string key, ObjectRange range, byte[] bytes, long offset)
        {
            var buffer = new byte[1000];
            var read = await Store.ReadAsync(key, range, buffer, cancellationToken: Token);
            Assert.Equal((bytes.Length, offset, key), (read!.Value.Count, read.Value.Offset, read.Value.Entry.Key));
            Assert.Equal(key == "o" ? 1000 : 0, read.Value.Entry.Length);
            Assert.Equal(bytes, buffer[..bytes.Length]);
        }
    }

    [Fact]
    public async Task A_buffer_that_is_too_small_is_refused()
    {
        await Store.PutAsync("o", Bytes(1000, 3), cancellationToken: Token);
        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.ReadAsync("o", ObjectRange.From(1), new byte[998], cancellationToken: Token));
    }

    [Fact]
    public async Task An_ETag_changes_with_the_content()
    {
        var seen = new HashSet<string>();
        for (var i = 0; i < 20; i++) Assert.True(seen.Add(await Store.PutAsync("o", Bytes(100, i), cancellationToken: Token)));
    }

    [Fact]
    public async Task A_read_of_another_content_than_expected_is_a_conflict()
    {
        var first = await Store.PutAsync("o", Bytes(100, 1), cancellationToken: Token);
        await Store.PutAsync("o", Bytes(100, 2), cancellationToken: Token);
        var fault = await Assert.ThrowsAsync<BasaltException>(async () => await Store.OpenAsync("o", ObjectRange.Last(10), first, Token));
        Assert.Equal((ErrorCode.Conflict, "o"), (fault.Code, fault.Target));
    }

    [Fact]
    public async Task Only_the_first_of_many_puts_if_absent_succeeds()
    {
        for (var round = 0; round < 4; round++)
        {
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => TryAsync(round, i))));
            var winner = Assert.Single(outcomes, static o => o.ETag is not null);
            Assert.All(outcomes.Where(static o => o.ETag is null), static o => Assert.Equal(ErrorCode.AlreadyExists, o.Fault));
            var (entry, bytes) = (await Store.ReadAllAsync($"race/{round}", 100, cancellationToken: Token))!.Value;
            Assert.Equal((winner.ETag, winner.Writer), (entry.ETag, (int)bytes[0]));
        }

        async Task<(int Writer, string? ETag, ErrorCode? Fault)> TryAsync(int round, int writer)
        {
            try
            {
                return (writer, await Store.PutAsync($"race/{round}", new[] { (byte)writer }, PutCondition.IfAbsent, Token), null);
            }
            catch (BasaltException e)
            {
                return (writer, null, e.Code);
            }
        }
    }

    [Fact]
    public async Task Counting_under_a_condition_loses_no_step()
    {
        await Store.PutAsync("counter", BitConverter.GetBytes(0), cancellationToken: Token);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(CountAsync)));
        Assert.Equal(20, BitConverter.ToInt32((await Store.ReadAllAsync("counter", 4, cancellationToken: Token))!.Value.Bytes));

        async Task CountAsync()
        {
            for (int done = 0, attempts = 0; done < 5; attempts++)
            {
                Assert.True(attempts < 200, "no put under a condition succeeds");
                var (entry, bytes) = (await Store.ReadAllAsync("counter", 4, cancellationToken: Token))!.Value;
                try
                {
                    await Store.PutAsync("counter", BitConverter.GetBytes(BitConverter.ToInt32(bytes) + 1), PutCondition.IfMatch(entry.ETag), Token);
                    done++;
                }
                catch (BasaltException e) when (e.Code == ErrorCode.Conflict)
                {
                    // Another one counted.
                }
            }
        }
    }

    [Fact]
    public async Task A_condition_on_what_is_not_there_is_a_conflict_and_puts_nothing()
    {
        var eTag = await Store.PutAsync("o", Bytes(10, 1), cancellationToken: Token);
        await Store.DeleteAsync("o", Token);
        var fault = await Assert.ThrowsAsync<BasaltException>(async () => await Store.PutAsync("o", Bytes(10, 2), PutCondition.IfMatch(eTag), Token));
        Assert.Equal((ErrorCode.Conflict, "o"), (fault.Code, fault.Target));
        Assert.Null(await Store.HeadAsync("o", Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a//b")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("../a")]
    [InlineData("a/../../b")]
    [InlineData("a/./b")]
    [InlineData("..")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    public async Task A_key_that_leads_elsewhere_is_not_put(string key)
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.PutAsync(key, Bytes(1, 1), cancellationToken: Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.PutAsync(key, new MemoryStream(), Token));
        Assert.Empty(await ListAsync(new ObjectListing()));
    }

    [Fact]
    public async Task Keys_are_well_formed_and_not_too_long()
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.HeadAsync("a\uD800", Token));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.HeadAsync(new string('é', 513), Token));
    }

    [Fact]
    public async Task Any_name_is_a_key()
    {
        string[] keys = ["a b", "a+b", "a%2Fb", "a&b=c?d#e", "'\"<>", "日本/ä", "😀", "dt=2024-01-01/part 0", "~", ".hidden", "a\\b", "[*]", "é", "e\u0301"];
        if (OperatingSystem.IsWindows()) keys = [.. keys.Where(static k => !k.Any(Path.GetInvalidFileNameChars().Contains))];
        foreach (var key in keys) await Store.PutAsync(key, Encoding.UTF8.GetBytes(key), cancellationToken: Token);
        foreach (var key in keys) Assert.Equal(key, Encoding.UTF8.GetString((await Store.ReadAllAsync(key, 100, cancellationToken: Token))!.Value.Bytes));
        Assert.Equal(keys.OrderBy(static k => Convert.ToHexString(Encoding.UTF8.GetBytes(k)), StringComparer.Ordinal), (await ListAsync(new ObjectListing { PageSize = 3 })).Select(static i => i.Key));
        foreach (var key in keys) await Store.DeleteAsync(key, Token);
        Assert.Empty(await ListAsync(new ObjectListing()));
    }

    [Fact]
    public async Task A_delimiter_cuts_keys()
    {
        foreach (var key in new[] { "a/1", "a/2/x", "a/2/y", "a-b", "a.b", "b", "c/1" }) await Store.PutAsync(key, Bytes(1, 1), cancellationToken: Token);
        Assert.Equal(["a-b", "a.b", "a/", "b", "c/"], await KeysAsync(new ObjectListing { Delimiter = '/' }));
        Assert.Equal(["a/1", "a/2/"], await KeysAsync(new ObjectListing { Delimiter = '/', Prefix = "a/" }));
        Assert.Equal(["a-b", "a.b", "a/"], await KeysAsync(new ObjectListing { Delimiter = '/', Prefix = "a", PageSize = 1 }));
        Assert.Equal(["b", "c/"], await KeysAsync(new ObjectListing { Delimiter = '/', StartAfter = "a/" }));
        Assert.Equal(["b", "c/"], await KeysAsync(new ObjectListing { Delimiter = '/', StartAfter = "a/1" }));
        Assert.Equal(["a/1", "a/2/x", "a/2/y"], await KeysAsync(new ObjectListing { Prefix = "a/" }));
        Assert.Equal(["a/2/y", "b", "c/1"], await KeysAsync(new ObjectListing { StartAfter = "a/2/x", PageSize = 2 }));
        Assert.Equal([(true, "a/")], (await ListAsync(new ObjectListing { Prefix = "a/"[..1], Delimiter = '/', StartAfter = "a.b" })).Select(static i => (i.IsPrefix, i.Key)));
    }

    [Fact]
    public async Task Random_histories_agree_with_memory()
    {
        for (var seed = 1; seed <= Seeds; seed++)
        {
            try
            {
                await RunAsync(seed);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
            }
        }
    }

    /// <summary>How many histories to run: fewer where each step is a request.</summary>
    private protected virtual int Seeds => 12;

    private async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        await using var model = new MemoryObjectStore();
        var names = new[] { "a", "a-", "b", "é", "\uFFFD", "😀", "z z", "aa" };
        var folder = $"s{seed}/";
        // A key that ends in .o is no folder of another one, as a folder of files asks for.
        string Key() => folder + string.Join('/', Enumerable.Range(0, random.Next(1, 4)).Select(_ => names[random.Next(names.Length)])) + ".o";
        var tags = new Dictionary<string, (string Model, string Store)>();
        for (var step = 0; step < 60; step++)
        {
            var key = Key();
            switch (random.Next(10))
            {
                case < 5:
                    var content = Bytes(random.Next(3000), seed * 1000 + step);
                    var pair = tags.GetValueOrDefault(key, ("none", "none"));
                    var kind = random.Next(3);
                    var (expected, actual) = (await OutcomeAsync(model, key, content, kind, pair.Item1), await OutcomeAsync(Store, key, content, kind, pair.Item2));
                    Assert.Equal(expected.Fault, actual.Fault);
                    if (expected.ETag is not null) tags[key] = (expected.ETag, actual.ETag!);
                    break;
                case 5:
                    await model.DeleteAsync(key, Token);
                    await Store.DeleteAsync(key, Token);
                    break;
                case 6 or 7:
                    var range = random.Next(3) switch { 0 => ObjectRange.From(random.Next(3000)), 1 => ObjectRange.Slice(random.Next(3000), random.Next(1, 3000)), _ => ObjectRange.Last(random.Next(1, 3000)) };
                    Assert.Equal(await ReadAsync(model, key, range), await ReadAsync(Store, key, range));
                    break;
                default:
                    var listing = new ObjectListing
                    {
                        Prefix = random.Next(2) == 0 ? folder : folder + names[random.Next(names.Length)],
                        Delimiter = random.Next(2) == 0 ? null : '/',
                        StartAfter = random.Next(2) == 0 ? null : random.Next(2) == 0 ? Key() : Key()[..^2],
                        PageSize = random.Next(1, 6),
                    };
                    Assert.Equal(await SummaryAsync(model, listing), await SummaryAsync(Store, listing));
                    break;
            }
        }

        var all = new ObjectListing { Prefix = folder };
        Assert.Equal(await SummaryAsync(model, all), await SummaryAsync(Store, all));

        static async Task<(ErrorCode? Fault, string? ETag)> OutcomeAsync(IObjectStore store, string key, byte[] content, int kind, string eTag)
        {
            try
            {
                return (null, await store.PutAsync(key, content, kind switch { 0 => PutCondition.Always, 1 => PutCondition.IfAbsent, _ => PutCondition.IfMatch(eTag) }, Token));
            }
            catch (BasaltException e)
            {
                return (e.Code, null);
            }
        }

        static async Task<string> ReadAsync(IObjectStore store, string key, ObjectRange range)
        {
            var buffer = new byte[3000];
            var read = await store.ReadAsync(key, range, buffer, cancellationToken: Token);
            return read is { } r ? $"{r.Entry.Length} {r.Offset} {Convert.ToHexString(buffer.AsSpan(0, r.Count))}" : "none";
        }

        static async Task<string> SummaryAsync(IObjectStore store, ObjectListing listing)
        {
            var text = new StringBuilder($"{listing}: ");
            await foreach (var item in store.ListAsync(listing, Token)) text.Append($"{item.Key} {item.Entry?.Length}, ");
            return text.ToString();
        }
    }

    private protected async Task<List<ObjectListItem>> ListAsync(ObjectListing listing)
    {
        var items = new List<ObjectListItem>();
        await foreach (var item in Store.ListAsync(listing, Token)) items.Add(item);
        return items;
    }

    private protected async Task<List<string>> KeysAsync(ObjectListing listing) => (await ListAsync(listing)).ConvertAll(static i => i.Key);

    private protected static byte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>A stream that gives little at a time, cannot seek, and may fail.</summary>
    private protected sealed class Slow(byte[] content, int failsAt = int.MaxValue) : Stream
    {
        private int _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (_at >= failsAt) throw new InvalidDataException("the source failed");
            count = Math.Min(Math.Min(count, 70_001), content.Length - _at);
            content.AsSpan(_at, count).CopyTo(buffer.AsSpan(offset));
            _at += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
