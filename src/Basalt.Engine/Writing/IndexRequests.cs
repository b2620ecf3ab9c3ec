using Basalt.Engine.Collections;
using Basalt.Engine.Indexes;
using Basalt.Filters;
using Basalt.Indexes;

namespace Basalt.Engine.Writing;

/// <summary>Adds an index to a collection; the answer is whether there was none of its kind and path.</summary>
internal sealed class CreateIndexRequest(EngineCollection collection, IndexDefinition index, CancellationToken cancellationToken) : Request<bool>(cancellationToken)
{
    private bool _isNew;

    protected override bool Result => _isNew;

    public override bool Stage(Stage stage)
    {
        var entry = stage.Entry(collection);
        _isNew = !entry.Indexes.Any(known => known.IsOf(index.Kind, index.Path));
        if (_isNew) stage.Alter(collection, entry with { Indexes = [.. entry.Indexes.Append(new IndexEntry(stage.TakeNumber(), index)).OrderBy(static known => known.Definition.Name, StringComparer.Ordinal)] });
        return true;
    }
}

/// <summary>Gives an index another number in one step, so that nothing of the old one is taken for the new one's; the answer is the old one, or null when there is none.</summary>
internal sealed class RenewIndexRequest(EngineCollection collection, IndexKind kind, FieldPath path, CancellationToken cancellationToken) : Request<IndexEntry?>(cancellationToken)
{
    private IndexEntry? _old;

    protected override IndexEntry? Result => _old;

    public override bool Stage(Stage stage)
    {
        var entry = stage.Entry(collection);
        _old = entry.Indexes.FirstOrDefault(known => known.IsOf(kind, path));
        if (_old is not null) stage.Alter(collection, entry with { Indexes = [.. entry.Indexes.Select(known => known == _old ? known with { Number = stage.TakeNumber() } : known)] });
        return true;
    }
}

/// <summary>Takes an index from a collection; the answer is the index, or null when there was none.</summary>
internal sealed class DropIndexRequest(EngineCollection collection, IndexKind kind, FieldPath path, CancellationToken cancellationToken) : Request<IndexEntry?>(cancellationToken)
{
    private IndexEntry? _dropped;

    protected override IndexEntry? Result => _dropped;

    public override bool Stage(Stage stage)
    {
        var entry = stage.Entry(collection);
        _dropped = entry.Indexes.FirstOrDefault(known => known.IsOf(kind, path));
        if (_dropped is not null) stage.Alter(collection, entry with { Indexes = [.. entry.Indexes.Where(known => known != _dropped)] });
        return true;
    }
}
