using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Backends.Memory;

/// <summary>A collection's schema and its current tree. Readers take the tree once; writers replace it under the backend's lock.</summary>
internal sealed class MemoryCollection(Schema schema)
{
    private RecordTree _tree = RecordTree.Empty;

    public Schema Schema { get; } = schema;

    public RecordTree Tree
    {
        get => Volatile.Read(ref _tree);
        set => Volatile.Write(ref _tree, value);
    }
}
