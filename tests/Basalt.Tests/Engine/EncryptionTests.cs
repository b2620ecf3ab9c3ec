using System.Text;
using Basalt.Engine;
using Basalt.Indexes;
using Basalt.Lsm.Encryption;
using Basalt.Records;

namespace Basalt.Tests.Engine;

public sealed class EncryptionTests : IDisposable
{
    private const string Secret = "a secret that is nowhere in the clear";
    private const string Hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private static readonly string Other = Convert.ToBase64String([.. Enumerable.Range(7, 32).Select(static i => (byte)i)]);
    private readonly string _folder = Directory.CreateTempSubdirectory("basalt-keys-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task An_encrypted_database_shows_nothing_and_opens_with_its_key_alone()
    {
        var keys = Write("keys", Hex);
        await using (var database = await OpenAsync($"key-file={keys}")) await FillAsync(database);
        AssertHidden(Path.Combine(_folder, "db"));
        await using (var database = await OpenAsync($"key-file={keys}")) Assert.Equal(Secret, (await database.Collection("c").GetAsync("a", Cancel))!["text"]);

        foreach (var wrong in new[] { "", $"key-file={Write("other", Other)}", $"key-file={Write("named", "else " + Hex)}" })
        {
            var refused = await Assert.ThrowsAsync<BasaltException>(() => OpenAsync(wrong).AsTask());
            Assert.Equal(ErrorCode.Unauthorized, refused.Code);
            Assert.Contains("key", refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(Hex, refused.Message, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Backup_verify_restore_and_changes_work_with_the_key()
    {
        var options = new EngineOptions { Path = Path.Combine(_folder, "db"), KeyFile = Write("keys", Hex), Changes = new() { Bytes = 1 << 20 } };
        var backup = Path.Combine(_folder, "backup");
        await using (var database = Database.Over(EngineBackend.Open(options, Cancel)))
        {
            await FillAsync(database);
            ((EngineBackend)database.Backend).BackUp(backup, null, Cancel);
        }

        AssertHidden(backup);
        Assert.Empty(EngineBackend.VerifyStored(options with { Path = backup }, null, Cancel));
        Assert.Equal(ErrorCode.Unauthorized, Assert.Throws<BasaltException>(() => EngineBackend.VerifyStored(new EngineOptions { Path = backup }, null, Cancel)).Code);
        Assert.Single(EngineBackend.StoredChanges(options, null, Cancel));
        var restored = options with { Path = Path.Combine(_folder, "restored") };
        Assert.Equal(ErrorCode.Unauthorized, Assert.Throws<BasaltException>(() => EngineBackend.Restore(backup, new EngineOptions { Path = restored.Path }, null, Cancel)).Code);
        EngineBackend.Restore(backup, restored, null, Cancel);
        AssertHidden(restored.Path);
        await using var again = Database.Over(EngineBackend.Open(restored, Cancel));
        Assert.Equal(Secret, (await again.Collection("c").GetAsync("a", Cancel))!["text"]);
    }

    [Fact]
    public async Task A_plain_database_is_encrypted_by_a_compaction_and_a_key_is_rotated_by_another()
    {
        await using (var plain = await OpenAsync("")) await FillAsync(plain);
        await CompactAsync(Write("first", $"spring {Hex}"), "spring");
        AssertHidden(Path.Combine(_folder, "db"));
        await CompactAsync(Write("both", $"# the newest first\nsummer {Other}\n\nspring {Hex}\n"), "summer");
        await CompactAsync(Write("second", $"summer {Other}"), "summer");
    }

    [Fact]
    public async Task Keys_come_of_an_environment_variable_too()
    {
        var name = $"BASALT_TEST_KEY_{Guid.NewGuid():N}";
        Assert.Equal(ErrorCode.InvalidOptions, (await Assert.ThrowsAsync<BasaltException>(() => OpenAsync($"key-env={name}").AsTask())).Code);
        Environment.SetEnvironmentVariable(name, Hex);
        try
        {
            await using var database = await OpenAsync($"key-env={name}");
            await FillAsync(database);
            Assert.Equal("main", ((EngineBackend)database.Backend).Stats().Store.Keys.Single().KeyId);
        }
        finally
        {
            Environment.SetEnvironmentVariable(name, null);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing")]
    [InlineData("00")]
    [InlineData("name 0001")]
    [InlineData("!!!!")]
    [InlineData(Hex + "00")]
    [InlineData("a " + Hex + "\na " + Hex)]
    public void What_holds_no_keys_is_refused_without_being_shown(string text)
    {
        var refused = Assert.Throws<BasaltException>(() => KeyFile.Parse(text, "It").Dispose());
        Assert.Equal(ErrorCode.InvalidOptions, refused.Code);
        Assert.DoesNotContain(Hex, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_prints_no_key_and_takes_one_source_of_them()
    {
        var uri = StoreUri.Parse("basalt:./data?key-file=k&key-env=E");
        Assert.DoesNotContain("=E", uri.ToString(), StringComparison.Ordinal);
        Assert.Equal(ErrorCode.InvalidOptions, Assert.Throws<BasaltException>(() => EngineOptions.Of(uri, TimeProvider.System).Validate()).Code);
        Assert.Equal(ErrorCode.InvalidOptions, Assert.Throws<BasaltException>(() => EngineOptions.Of(StoreUri.Parse("basalt:./data?key=" + Hex), TimeProvider.System)).Code);
    }

    private async Task CompactAsync(string keys, string expected)
    {
        await using var database = await OpenAsync($"key-file={keys}");
        var backend = (EngineBackend)database.Backend;
        backend.Compact(Cancel);
        Assert.Equal([expected], backend.Stats().Store.Keys.Select(static key => key.KeyId));
        Assert.Equal(Secret, (await database.Collection("c").GetAsync("a", Cancel))!["text"]);
    }

    private async Task FillAsync(Database database)
    {
        await database.CreateCollectionAsync("c", null, Cancel);
        var things = database.Collection("c");
        await things.CreateIndexAsync(new IndexDefinition(IndexKind.Text, "text"), Cancel);
        await things.CreateAsync(new Record { Id = "a", ["text"] = Secret }, Cancel);
        await things.SettleIndexesAsync(null, Cancel);
    }

    private void AssertHidden(string folder)
    {
        var files = Directory.GetFiles(folder);
        Assert.True(files.Length > 2);
        foreach (var word in new[] { "secret", "nowhere" })
        foreach (var file in files.Where(static file => Path.GetFileName(file) != "LOCK"))
            Assert.True(File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(word)) < 0, $"{file} shows '{word}'");
    }

    private ValueTask<Database> OpenAsync(string options) => Database.OpenAsync($"basalt:{Path.Combine(_folder, "db")}{(options.Length > 0 ? "?" : "")}{options}", new DatabaseOptions { Backends = BackendSet.Default.With(EngineBackend.Scheme) }, Cancel);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name + ".keys");
        File.WriteAllText(path, text);
        return path;
    }
}
