using Xunit.Sdk;

[assembly: CLSCompliant(false)]

namespace Basalt.Conformance;

/// <summary>
/// The suite that every backend inherits: what Basalt promises, as tests, over a database that a subclass opens. A subclass says how to open a fresh,
/// empty database, and, where <see cref="Durability.Synced"/> is declared, how to open the same one again.
/// </summary>
/// <remarks>
/// <para>A test of a capability has two halves. Declared: the answer equals <see cref="Filter.Matches"/> over the same data. Undeclared: the door still
/// gives that answer, or refuses, and the backend saw no I/O.</para>
/// <para>A deviation is an override that asserts, by <see cref="StillFailsAsync"/>, that the test still fails: a repaired backend breaks the override.</para>
/// </remarks>
/// <example><code>
/// public sealed class MemoryConformance : BackendConformance
/// {
///     protected override ValueTask&lt;IBackend&gt; OpenEmptyAsync() => ValueTask.FromResult&lt;IBackend&gt;(new MemoryBackend(Clock));
/// }
/// </code></example>
public abstract partial class BackendConformance : IAsyncLifetime
{
    private CountingBackend? _backend;
    private Database? _database;

    /// <summary>The clock of the database: it moves only when a test moves it.</summary>
    protected ManualClock Clock { get; } = new();

    /// <summary>The open backend, behind a counter of calls.</summary>
    protected CountingBackend Backend => _backend ?? throw new InvalidOperationException("The database is not open.");

    /// <summary>The open database.</summary>
    protected Database Database => _database ?? throw new InvalidOperationException("The database is not open.");

    /// <summary>What the backend declares.</summary>
    protected Capabilities Capabilities => Backend.Capabilities;

    /// <summary>The collection that the tests use.</summary>
    protected Collection Things => Database.Collection(CollectionName);

    /// <summary>The name of the collection that the tests use; of a backend with one collection only, that one's.</summary>
    protected virtual string CollectionName => "things";

    /// <summary>How many cases the random tests try. Lower it for a backend to which every call is a journey.</summary>
    protected virtual int Cases => 300;

    /// <summary>Cancelled when the run is.</summary>
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Opens a fresh, empty database. Called once per test.</summary>
    protected abstract ValueTask<IBackend> OpenEmptyAsync();

    /// <summary>Opens the database of this test again, after it was disposed. Required where <see cref="Durability.Synced"/> is declared.</summary>
    protected virtual ValueTask<IBackend> ReopenAsync() =>
        throw new InvalidOperationException($"{GetType().Name} declares durability and must say how to reopen its database.");

    /// <summary>Removes what <see cref="OpenEmptyAsync"/> left behind; called after the database was disposed.</summary>
    protected virtual ValueTask CleanUpAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => Use(await OpenEmptyAsync());

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_database is not null) await _database.DisposeAsync();
        await CleanUpAsync();
    }

    /// <summary>Asserts that a test still fails: what an override says about a known deviation.</summary>
    /// <param name="test">The base class's test.</param>
    /// <param name="reason">Why the backend cannot do better, in one sentence.</param>
    protected static async Task StillFailsAsync(Func<Task> test, string reason)
    {
        ArgumentNullException.ThrowIfNull(test);
        try
        {
            await test();
        }
        catch (Exception e) when (e is not SkipException)
        {
            return;
        }

        Assert.Fail($"The test passes now, so the deviation is gone and its override with it. It said: {reason}");
    }

    /// <summary>Closes the database and opens the same one.</summary>
    protected async ValueTask ReopenDatabaseAsync()
    {
        await Database.DisposeAsync();
        Use(await ReopenAsync());
    }

    /// <summary>Creates records and gives them back as stored.</summary>
    protected async ValueTask<IReadOnlyList<Record>> SeedAsync(params IEnumerable<Record> records)
    {
        var list = records.ToArray();
        var result = await Things.CreateManyAsync(list, cancellationToken: Cancel);
        result.EnsureDone();
        var stored = await Things.GetManyAsync([.. result.Select(static item => item.Id)], Cancel);
        return [.. stored.Select(static record => Assert.IsType<Record>(record))];
    }

    /// <summary>One record per value, in the field <c>v</c>, with ids <c>000</c>, <c>001</c>, ….</summary>
    protected ValueTask<IReadOnlyList<Record>> SeedValuesAsync(IEnumerable<Value> values) =>
        SeedAsync(values.Select(static (value, i) => new Record($"{i:000}", new ValueMapBuilder().Set("v", value).Build())));

    /// <summary>Asserts that query, stream and count give what the definition gives over the stored records.</summary>
    protected async Task AnswersAsDefinedAsync(IReadOnlyList<Record> stored, Query query, string about = "")
    {
        ArgumentNullException.ThrowIfNull(query);
        var expected = Oracle.Answer(stored, query);
        var page = await Things.QueryAsync(query, Cancel);
        AssertSame(expected, page.Records, $"{about}query {query.Filter} sort {string.Join(", ", query.Sort)} limit {query.Limit} offset {query.Offset}");
        AssertSame(expected, await StreamAsync(query), $"{about}stream {query.Filter}");
        var count = await Things.CountAsync(query.Filter, Cancel);
        Assert.True(count == stored.LongCount(query.Filter.Matches), $"{about}count of {query.Filter}: {count}, not {stored.LongCount(query.Filter.Matches)}");
        var hasNext = query.Limit is > 0 && count - query.Limit > query.Offset;
        Assert.True(page.Cursor is not null == hasNext, $"{about}{query.Filter}: the cursor of a page that {(page.Cursor is null ? "is not" : "is")} the last is {page.Cursor ?? "null"}");
    }

    /// <summary>Asserts that both are the same records in the same order.</summary>
    protected static void AssertSame(IReadOnlyList<Record> expected, IReadOnlyList<Record> actual, string about)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(actual);
        var wanted = string.Join(' ', expected.Select(static record => record.Id));
        var found = string.Join(' ', actual.Select(static record => record.Id));
        Assert.True(wanted == found, $"{about}\nexpected: {wanted}\nfound:    {found}");
        for (var i = 0; i < expected.Count; i++) AssertSame(expected[i], actual[i], about);
    }

    /// <summary>Asserts that both are the same record.</summary>
    protected static void AssertSame(Record expected, Record? actual, string about = "")
    {
        ArgumentNullException.ThrowIfNull(expected);
        Assert.NotNull(actual);
        Assert.True(Oracle.AreSame(expected, actual), $"{about}\nexpected: {expected}\nfound:    {actual}");
    }

    /// <summary>Asserts that a call fails with that code, and gives the failure back.</summary>
    protected static async Task<BasaltException> FailsAsync(ErrorCode code, Func<ValueTask> call)
    {
        ArgumentNullException.ThrowIfNull(call);
        var e = await Assert.ThrowsAsync<BasaltException>(async () => await call());
        Assert.True(e.Code == code, $"expected {code}, found {e.Code}: {e.Message}");
        return e;
    }

    /// <inheritdoc cref="FailsAsync(ErrorCode, Func{ValueTask})"/>
    protected static Task<BasaltException> FailsAsync<T>(ErrorCode code, Func<ValueTask<T>> call) => FailsAsync(code, async () => { await call(); });

    /// <summary>The ids that satisfy a filter, in order.</summary>
    protected async Task<string> IdsAsync(Query query)
    {
        var page = await Things.QueryAsync(query, Cancel);
        return string.Join(' ', page.Records.Select(static record => record.Id));
    }

    /// <summary>The whole stream of a query.</summary>
    protected async Task<IReadOnlyList<Record>> StreamAsync(Query query)
    {
        var records = new List<Record>();
        await foreach (var record in Things.StreamAsync(query, Cancel)) records.Add(record);
        return records;
    }

    private void Use(IBackend backend)
    {
        _backend = new CountingBackend(backend);
        _database = Database.Over(_backend, new DatabaseOptions { TimeProvider = Clock });
    }
}
