using Basalt.Engine.Indexes;
using Basalt.Engine.Records;
using Basalt.Indexes;
using Basalt.Lsm;
using Basalt.Records;
using Basalt.Schemas;
using Basalt.Vectors;

namespace Basalt.Engine.Collections;

/// <summary>A collection that is open: its tree, its names, and how many records it has. Changed by the one writer; read by anybody.</summary>
internal sealed class EngineCollection(string name, CollectionEntry entry, LsmTree records, NameList names, RecordTally tally, LsmTree? instants)
{
    private const long Untold = -1;
    private long _count = tally.HasExpiring ? Untold : tally.Records;
    private CollectionEntry _entry = entry;

    public string Name { get; } = name;

    /// <summary>What is committed of it.</summary>
    public CollectionEntry Entry
    {
        get => Volatile.Read(ref _entry);
        set => Volatile.Write(ref _entry, value);
    }

    public Schema Schema => Entry.Schema;

    public IReadOnlyList<IndexEntry> Indexes => Entry.Indexes;

    /// <summary>Refuses a record that an index cannot take.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidRecord"/>, with the id in its message.</exception>
    public void Check(Record record)
    {
        foreach (var index in Indexes)
        {
            if (index.Kind != IndexKind.Vector || index.Definition.Path.Resolve(record) is not { IsNull: false } value) continue;
            var dimension = index.Definition.Dimension!.Value;
            if (value.Kind != ValueKind.Vector) throw Invalid(record, index, $"holds a {value.Kind}, not a vector.");
            var vector = value.AsVector.Span;
            if (VectorRules.Check(vector, dimension, index.Metric, ElementType.Float32) is var fault and not VectorFault.None) throw Invalid(record, index, VectorRules.Describe(fault, vector.Length, dimension));
        }
    }

    private BasaltException Invalid(Record record, IndexEntry index, string problem) =>
        new(ErrorCode.InvalidRecord, $"The record '{record.Id}' in '{Name}' cannot be indexed by {index.Definition.Name}: {problem} Nothing was written.") { Backend = EngineFaults.Scheme, Target = Name };

    public LsmTree Tree { get; } = records;

    public NameList Names { get; } = names;

    /// <summary>How many records a snapshot has; null when only a scan can tell.</summary>
    public long? CountIn(LsmSnapshot snapshot) => RecordCount.Of(this, Tree.Store.Tree(CatalogueKey.Tree), snapshot);

    /// <summary>What is committed, as the one writer has it.</summary>
    public RecordTally Tally { get; private set; } = tally;

    /// <summary>The tree that says how many records expire when; null while none ever did.</summary>
    public LsmTree? Instants { get; private set; } = instants;

    /// <summary>No record expires before: known to the one writer. Zero when it has yet to look.</summary>
    public long NextExpiry { get; set; }

    /// <summary>How many records are committed; null when some expire, so that their number is one of a moment: <see cref="RecordCount"/>.</summary>
    public long? Count => Interlocked.Read(ref _count) is var count and not Untold ? count : null;

    /// <summary>The one writer has committed so many.</summary>
    public void Settle(RecordTally tally)
    {
        Tally = tally;
        Interlocked.Exchange(ref _count, tally.HasExpiring ? Untold : tally.Records);
    }

    /// <summary>Records that expire are about to be committed: their number is asked of snapshots from now on.</summary>
    public void ExpectExpiring(LsmTree instants)
    {
        Instants = instants;
        Interlocked.Exchange(ref _count, Untold);
    }
}
