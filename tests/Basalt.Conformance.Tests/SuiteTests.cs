using System.Runtime.CompilerServices;
using Basalt.Backends;
using Basalt.Backends.Memory;
using Basalt.Filters;
using Basalt.Records;
using Basalt.Schemas;
using Xunit.Sdk;

namespace Basalt.Conformance.Tests;

/// <summary>The suite has teeth: a backend with one fault fails the tests that are there for it.</summary>
public sealed class SuiteTests
{
    public enum Fault
    {
        ForgetsMetadata,
        RoundsDecimals,
        ReusesVersions,
        IgnoresExpectedVersions,
        MatchesTooMuch,
        ScansOutOfOrder,
        CutsScansShort,
        CreatesWhenUpdating,
        TakesTheTimeOfEveryWriteAsCreation,
        ReadsWhatIsMissingAsEmpty,
        IgnoresCancellation,
    }

    public static TheoryData<Fault, string> Faults => new()
    {
        { Fault.ForgetsMetadata, nameof(BackendConformance.Metadata_is_stored_beside_the_fields_and_replaced_with_the_record) },
        { Fault.RoundsDecimals, nameof(BackendConformance.Every_value_reads_back_to_the_last_bit) },
        { Fault.ReusesVersions, nameof(BackendConformance.Version_is_never_used_again) },
        { Fault.IgnoresExpectedVersions, nameof(BackendConformance.Conditional_update_happens_only_at_the_expected_version) },
        { Fault.MatchesTooMuch, nameof(BackendConformance.Boolean_algebra_answers_as_defined) },
        { Fault.MatchesTooMuch, nameof(BackendConformance.Random_queries_answer_as_defined) },
        { Fault.ScansOutOfOrder, nameof(BackendConformance.Order_without_sort_keys_is_that_of_ids_by_code_point) },
        { Fault.CutsScansShort, nameof(BackendConformance.Batch_of_many_records_is_stored_whole) },
        { Fault.CreatesWhenUpdating, nameof(BackendConformance.Update_of_a_missing_id_is_null_and_writes_nothing) },
        { Fault.TakesTheTimeOfEveryWriteAsCreation, nameof(BackendConformance.Timestamps_come_from_the_clock_and_creation_survives_updates) },
        { Fault.ReadsWhatIsMissingAsEmpty, nameof(BackendConformance.Collection_that_does_not_exist_is_not_found_when_read) },
        { Fault.IgnoresCancellation, nameof(BackendConformance.Cancelled_token_stops_every_call_before_it_changes_anything) },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_fails_the_test_that_is_there_for_it(Fault fault, string test)
    {
        await RunAsync(new Suite(() => new MemoryBackend()), test);
        await Assert.ThrowsAnyAsync<Exception>(() => RunAsync(new Suite(() => new FaultyBackend(fault)), test));
    }

    [Fact]
    public async Task A_deviation_that_is_gone_breaks_its_override()
    {
        await Suite.DeviatesAsync(static () => throw new InvalidOperationException("still so"));
        var e = await Assert.ThrowsAnyAsync<XunitException>(static () => Suite.DeviatesAsync(static () => Task.CompletedTask));
        Assert.Contains("a reason", e.Message);
    }

    private static async Task RunAsync(Suite suite, string test)
    {
        await using (suite)
        {
            await suite.InitializeAsync();
            await (Task)typeof(BackendConformance).GetMethod(test)!.Invoke(suite, null)!;
        }
    }

    private sealed class Suite(Func<IBackend> open) : BackendConformance
    {
        public static Task DeviatesAsync(Func<Task> test) => StillFailsAsync(test, "a reason");

        protected override ValueTask<IBackend> OpenEmptyAsync() => ValueTask.FromResult(open());
    }

    private sealed class FaultyBackend(Fault fault) : IBackend
    {
        private readonly MemoryBackend _inner = new();

        public Capabilities Capabilities => _inner.Capabilities;

        public FilterSupport Supports(string collection, LeafFilter leaf) => FilterSupport.Exact;

        public async ValueTask<Record?> ReadAsync(string collection, string id, CancellationToken cancellationToken)
        {
            if (fault == Fault.ReadsWhatIsMissingAsEmpty && await _inner.DescribeAsync(collection, cancellationToken) is null) return null;
            return Spoil(await _inner.ReadAsync(collection, id, Token(cancellationToken)));
        }

        public async ValueTask<IReadOnlyList<WriteOutcome>> WriteAsync(string collection, WriteBatch batch, CancellationToken cancellationToken)
        {
            var writes = batch.Writes.Select(write => write with
            {
                ExpectedVersion = fault == Fault.IgnoresExpectedVersions ? null : write.ExpectedVersion,
                Kind = fault == Fault.CreatesWhenUpdating && write.Kind == WriteKind.Update ? WriteKind.Upsert : write.Kind,
            }).ToArray();
            var outcomes = await _inner.WriteAsync(collection, batch with { Writes = writes }, Token(cancellationToken));
            return [.. outcomes.Select(outcome => outcome with { Stored = Spoil(outcome.Stored) })];
        }

        public async IAsyncEnumerable<Record> ScanAsync(string collection, PushedQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var records = new List<Record>();
            var pushed = fault == Fault.MatchesTooMuch && query.Filter is NotFilter ? query with { Filter = Filter.True } : query;
            await foreach (var record in _inner.ScanAsync(collection, pushed, Token(cancellationToken))) records.Add(Spoil(record)!);
            if (fault == Fault.ScansOutOfOrder) records.Sort(static (x, y) => string.CompareOrdinal(x.Id, y.Id));
            foreach (var record in fault == Fault.CutsScansShort ? records.Take(1000) : records) yield return record;
        }

        public ValueTask<long?> CountAsync(string collection, Filter filter, CancellationToken cancellationToken) => fault == Fault.CutsScansShort
            ? ValueTask.FromResult<long?>(null)
            : _inner.CountAsync(collection, filter, Token(cancellationToken));

        public ValueTask<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken) => _inner.ListCollectionsAsync(cancellationToken);

        public ValueTask<CollectionDescription?> DescribeAsync(string collection, CancellationToken cancellationToken) => _inner.DescribeAsync(collection, Token(cancellationToken));

        public ValueTask<bool> CreateCollectionAsync(string collection, Schema schema, CancellationToken cancellationToken) => _inner.CreateCollectionAsync(collection, schema, cancellationToken);

        public ValueTask<bool> DropCollectionAsync(string collection, CancellationToken cancellationToken) => _inner.DropCollectionAsync(collection, cancellationToken);

        public ValueTask<ScanCost> EstimateAsync(string collection, PushedQuery query, CancellationToken cancellationToken) => _inner.EstimateAsync(collection, query, cancellationToken);

        public ValueTask<IBackendTransaction> BeginAsync(CancellationToken cancellationToken) => _inner.BeginAsync(cancellationToken);

        public ValueTask PingAsync(CancellationToken cancellationToken) => _inner.PingAsync(cancellationToken);

        public ValueTask DisposeAsync() => _inner.DisposeAsync();

        private CancellationToken Token(CancellationToken given) => fault == Fault.IgnoresCancellation ? CancellationToken.None : given;

        private Record? Spoil(Record? record) => record is null ? null : fault switch
        {
            Fault.ForgetsMetadata => record with { Metadata = ValueMap.Empty },
            Fault.RoundsDecimals => record with { Fields = ValueMap.From(record.Fields.Select(static field => KeyValuePair.Create(field.Key, field.Value.Kind == ValueKind.Decimal ? (double)field.Value.AsDecimal : field.Value))) },
            Fault.ReusesVersions => record with { Version = 1 },
            Fault.TakesTheTimeOfEveryWriteAsCreation => record with { Created = record.Updated },
            _ => record,
        };
    }
}
