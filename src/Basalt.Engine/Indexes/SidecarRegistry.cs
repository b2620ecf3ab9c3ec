using System.Collections.Concurrent;
using Basalt.Engine.Collections;
using Basalt.Indexes;
using Basalt.Lsm.Tables;

namespace Basalt.Engine.Indexes;

/// <summary>Which sidecars the tables of a tree get when they are written. A tree that is not known yet gets none, and has them attached later. Thread-safe.</summary>
internal sealed class SidecarRegistry
{
    private readonly ConcurrentDictionary<string, IReadOnlyList<ISidecar>> _sidecars = new(StringComparer.Ordinal);

    public IReadOnlyList<ISidecar> Of(string tree) => _sidecars.GetValueOrDefault(tree, []);

    public void Set(EngineCollection collection) => _sidecars[collection.Entry.Tree] = [.. collection.Indexes.Select(index => Sidecar(collection, index))];

    public void Forget(EngineCollection collection) => _sidecars.TryRemove(collection.Entry.Tree, out _);

    /// <summary>The sidecar that every table of the index has.</summary>
    public static ISidecar Sidecar(EngineCollection collection, IndexEntry index) => index.Kind switch
    {
        IndexKind.Scalar => new ScalarSidecar(index, collection.Names),
        IndexKind.Text => new TermsSidecar(index, collection.Names),
        IndexKind.Vector => new RowsSidecar(index, collection.Names),
        _ => throw new InvalidOperationException($"No sidecar for {index.Kind}."),
    };
}
