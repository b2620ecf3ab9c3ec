using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Basalt.Filters;
using Basalt.Queries;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt;

/// <summary>An item with what the store keeps beside it.</summary>
/// <param name="Item">The item.</param>
/// <param name="Id">Its id.</param>
/// <param name="Version">Its version, for conditional writes.</param>
/// <param name="Created">When it was first written.</param>
/// <param name="Updated">When it was last written.</param>
/// <typeparam name="T">The mapped type.</typeparam>
public sealed record Stored<T>(T Item, string Id, long Version, DateTimeOffset Created, DateTimeOffset Updated);

/// <summary>
/// A typed view of a collection: items are mapped by their public properties, and DataAnnotations on them become the schema (create the
/// collection with <see cref="Database.CreateCollectionAsync{T}"/> to have it enforced). Thread-safe as <see cref="Basalt.Collection"/> is.
/// </summary>
/// <typeparam name="T">A class or record; see <see cref="Mapper{T}"/> for what can be mapped.</typeparam>
public sealed class Collection<[DynamicallyAccessedMembers(Mapping.Members)] T>
    where T : class
{
    // Not a static field: a type that cannot be mapped must fail with its own message.
    private readonly Mapper<T> _mapper = Mapper<T>.Default;

    internal Collection(Collection records) => Records = records;

    /// <summary>The collection behind, for everything that is not about items: batches by id, metadata, explain.</summary>
    public Collection Records { get; }

    /// <summary>The name.</summary>
    public string Name => Records.Name;

    /// <summary>The item by that id, or null.</summary>
    public async ValueTask<T?> GetAsync(string id, CancellationToken cancellationToken = default) =>
        await Records.GetAsync(id, cancellationToken).ConfigureAwait(false) is { } record ? _mapper.FromRecord(record) : null;

    /// <summary>The item by that id with its version and timestamps, or null.</summary>
    public async ValueTask<Stored<T>?> GetStoredAsync(string id, CancellationToken cancellationToken = default) =>
        await Records.GetAsync(id, cancellationToken).ConfigureAwait(false) is { } record ? ToStored(record) : null;

    /// <inheritdoc cref="Basalt.Collection.CreateAsync"/>
    public async ValueTask<Stored<T>> CreateAsync(T item, CancellationToken cancellationToken = default) =>
        ToStored(await Records.CreateAsync(_mapper.ToRecord(item), cancellationToken).ConfigureAwait(false));

    /// <inheritdoc cref="Basalt.Collection.UpdateAsync"/>
    public async ValueTask<Stored<T>?> UpdateAsync(T item, long? ifVersion = null, CancellationToken cancellationToken = default) =>
        await Records.UpdateAsync(_mapper.ToRecord(item), ifVersion, cancellationToken).ConfigureAwait(false) is { } record ? ToStored(record) : null;

    /// <inheritdoc cref="Basalt.Collection.UpsertAsync"/>
    public async ValueTask<Stored<T>> UpsertAsync(T item, long? ifVersion = null, CancellationToken cancellationToken = default) =>
        ToStored(await Records.UpsertAsync(_mapper.ToRecord(item), ifVersion, cancellationToken).ConfigureAwait(false));

    /// <inheritdoc cref="Basalt.Collection.DeleteAsync"/>
    public ValueTask<bool> DeleteAsync(string id, long? ifVersion = null, CancellationToken cancellationToken = default) =>
        Records.DeleteAsync(id, ifVersion, cancellationToken);

    /// <inheritdoc cref="Basalt.Collection.CreateManyAsync"/>
    public ValueTask<BatchResult> CreateManyAsync(IEnumerable<T> items, BatchOptions? options = null, CancellationToken cancellationToken = default) =>
        Records.CreateManyAsync([.. items.Select(_mapper.ToRecord)], options, cancellationToken);

    /// <inheritdoc cref="Basalt.Collection.UpsertManyAsync"/>
    public ValueTask<BatchResult> UpsertManyAsync(IEnumerable<T> items, BatchOptions? options = null, CancellationToken cancellationToken = default) =>
        Records.UpsertManyAsync([.. items.Select(_mapper.ToRecord)], options, cancellationToken);

    /// <summary>The items that satisfy a predicate, in the order of ids.</summary>
    /// <exception cref="NotSupportedException">The predicate uses something that filters cannot say; the message names it.</exception>
    public IAsyncEnumerable<T> StreamAsync(Expression<Func<T, bool>> predicate, CancellationToken cancellationToken = default) =>
        StreamAsync(Query.Where(Filter.Of(predicate)), cancellationToken);

    /// <summary>The items of a query's answer. A projection would leave properties without values, so it is refused.</summary>
    public async IAsyncEnumerable<T> StreamAsync(Query query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.Fields is not null) throw new ArgumentException("A typed query returns whole items; project through Records instead.", nameof(query));
        await foreach (var record in Records.StreamAsync(query, cancellationToken).ConfigureAwait(false)) yield return _mapper.FromRecord(record);
    }

    /// <summary>How many items satisfy a predicate; all of them without one.</summary>
    public ValueTask<long> CountAsync(Expression<Func<T, bool>>? predicate = null, CancellationToken cancellationToken = default) =>
        Records.CountAsync(predicate is null ? null : Filter.Of(predicate), cancellationToken);

    private Stored<T> ToStored(Record record) => new(_mapper.FromRecord(record), record.Id, record.Version, record.Created, record.Updated);
}
