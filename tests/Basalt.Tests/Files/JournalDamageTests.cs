using Basalt.Backends;
using Basalt.Records;

namespace Basalt.Tests.Files;

/// <summary>A damaged journal yields a prefix of what was acknowledged, or an error that names it; never anything else.</summary>
public sealed class JournalDamageTests : FileFixture
{
    private const int Batches = 5;

    [Fact]
    public async Task A_journal_cut_at_any_byte_keeps_the_batches_before_the_cut()
    {
        var whole = await MakeJournal();
        for (var length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(PathOf("c.jsonl.journal"), whole[..length]);
            var kept = await Kept("reading");
            Assert.Equal(length == whole.Length, kept == Batches);
            await using (var backend = Open("c.jsonl")) await Upsert(backend, "c", new Record("z", ValueMap.Empty));
            await using (var backend = Open("c.jsonl")) Assert.Equal([.. Expected(kept).Order(StringComparer.Ordinal), "z"], await Ids(backend, "c"));
            Restore();
        }
    }

    [Fact]
    public async Task A_journal_with_any_byte_changed_is_a_prefix_or_an_error()
    {
        var whole = await MakeJournal();
        int errors = 0, prefixes = 0;
        for (var i = 0; i < whole.Length; i++)
        {
            foreach (var flip in (byte[])[1, 0x10, 0x80, 0xFF])
            {
                var damaged = whole.ToArray();
                damaged[i] ^= flip;
                File.WriteAllBytes(PathOf("c.jsonl.journal"), damaged);
                try
                {
                    await Kept($"byte {i} ^ {flip}");
                    prefixes++;
                    continue;
                }
                catch (BasaltException e)
                {
                    Assert.Equal(ErrorCode.Corrupt, e.Code);
                    Assert.Contains("c.jsonl.journal", e.Message, StringComparison.Ordinal);
                    errors++;
                }

                // A writer refuses too, and leaves every byte as it is.
                await using var backend = Open("c.jsonl");
                await Assert.ThrowsAsync<BasaltException>(() => Upsert(backend, "c", new Record("z", ValueMap.Empty)));
                Assert.Equal(damaged, File.ReadAllBytes(PathOf("c.jsonl.journal")));
            }
        }

        Assert.True(errors > 0 && prefixes > 0);
        // Damage before the last frame is never taken for a torn end.
        Assert.True(errors >= prefixes, $"{errors} errors, {prefixes} prefixes");
    }

    [Fact]
    public async Task A_journal_without_its_sidecar_is_an_error()
    {
        await MakeJournal();
        File.Delete(PathOf("c.jsonl.basalt"));
        await using var backend = Open("c.jsonl");
        Assert.Equal(ErrorCode.Corrupt, (await Assert.ThrowsAsync<BasaltException>(async () => await Ids(backend, "c"))).Code);
    }

    private static IEnumerable<string> Expected(int batches) => Enumerable.Range(0, batches).SelectMany(static i => new[] { $"a{i}", $"b{i}" });

    private async Task<byte[]> MakeJournal()
    {
        await using (var first = Open("c.jsonl")) await first.CreateCollectionAsync("c", Basalt.Schemas.Schema.Any, default);
        var backend = Open("c.jsonl");
        for (var i = 0; i < Batches; i++) await Upsert(backend, "c", new Record($"a{i}", ValueMap.From([new("n", i)])), new Record($"b{i}", ValueMap.Empty));
        await backend.AbandonAsync();
        foreach (var path in Directory.GetFiles(Folder)) File.Copy(path, path + "~");
        return File.ReadAllBytes(PathOf("c.jsonl.journal"));
    }

    private void Restore()
    {
        foreach (var path in Directory.GetFiles(Folder, "*~")) File.Copy(path, path[..^1], overwrite: true);
    }

    private async Task<int> Kept(string context)
    {
        var backend = Open("c.jsonl");
        try
        {
            var ids = await Ids(backend, "c");
            var kept = Enumerable.Range(0, Batches + 1).First(n => n == Batches || Expected(n).Count() >= ids.Count);
            Assert.True(Expected(kept).Order(StringComparer.Ordinal).SequenceEqual(ids), $"{context}: {string.Join(' ', ids)}");
            return kept;
        }
        finally
        {
            await backend.AbandonAsync();
        }
    }
}
