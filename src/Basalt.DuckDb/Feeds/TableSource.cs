using Basalt.DuckDb.Connections;

namespace Basalt.DuckDb.Feeds;

/// <summary>A table whose rows come from .NET while a query asks for them. It may be read several times at once, each time by a feed of its own.</summary>
internal abstract class TableSource
{
    /// <summary>Its columns.</summary>
    public abstract IReadOnlyList<DuckField> Fields { get; }

    /// <summary>How many rows there are at most, for the plan; null when nobody knows.</summary>
    public virtual long? Cardinality => null;

    /// <summary>Starts to read. Called on a thread of the library's.</summary>
    /// <param name="columns">The columns that the query looks at, as positions in <see cref="Fields"/>; none when it only counts.</param>
    public abstract RowFeed Open(IReadOnlyList<int> columns);
}

/// <summary>Rows of a source, chunk by chunk. Used by one thread at a time.</summary>
internal abstract class RowFeed : IDisposable
{
    /// <summary>Fills an empty chunk; no row is the end.</summary>
    public abstract void Fill(ref FeedChunk chunk);

    /// <inheritdoc/>
    public abstract void Dispose();
}
