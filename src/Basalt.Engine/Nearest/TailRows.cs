using Basalt.Engine.Indexes;
using Basalt.Engine.Records;
using Basalt.Lsm;
using Basalt.Lsm.Memory;
using Basalt.Records;
using Basalt.Vectors;
using Basalt.Vectors.Memory;

namespace Basalt.Engine.Nearest;

/// <summary>
/// The vectors that came with the entries of one memtable, each read once, as rows in the order in which they came. A search has it read what came since, up to its own snapshot. Every
/// version of a record has a row; whoever finds one asks whether it counts. It takes about as much memory as the vectors in the memtable, from the store's account, and as long as the memtable
/// lives. Thread-safe but for its disposal.
/// </summary>
/// <param name="index">The vector index.</param>
/// <param name="names">The names of the collection.</param>
/// <param name="memory">The account.</param>
internal sealed unsafe class TailRows(IndexEntry index, NameList names, MemoryBudget memory) : IDisposable
{
    private const long ChargeStep = 64 << 10;
    private readonly Lock _gate = new();
    private readonly FieldReader _field = new(index.Definition.Path, names);
    private readonly int _dimension = index.Definition.Dimension!.Value;
    private readonly Metric _metric = index.Metric;
    private VectorBuffer? _rows;
    private MemoryPlace[] _places = [];
    private MemoryPlace _last;
    private long _charged;

    /// <summary>The rows of all entries that the snapshot of the memtable includes, or of the first of them, when the account has no room for more.</summary>
    /// <exception cref="InvalidDataException">An entry is no record.</exception>
    public TailPart Take(LsmMemtable memtable, CancellationToken cancellationToken)
    {
        const int entriesBetweenChecks = 1024;
        lock (_gate)
        {
            var place = _last;
            for (var seen = 0; memtable.TryNext(ref place); seen++)
            {
                if (seen % entriesBetweenChecks == 0) cancellationToken.ThrowIfCancellationRequested();
                if (!memtable.IsTombstone(place) && !TryAdd(place, Read(memtable, place))) break;
                _last = place;
            }

            return new TailPart(memtable, Rows(memtable), _places, _last);
        }
    }

    public void Dispose()
    {
        _rows?.Dispose();
        memory.Return(MemoryUse.Sidecars, _charged);
        _charged = 0;
    }

    private Value Read(LsmMemtable memtable, MemoryPlace place)
    {
        try
        {
            return _field.Read(memtable.Value(place));
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"the record '{RecordReader.Id(memtable.Key(place))}' in memory cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Adds the value of a record, if it is a vector that can be searched; false when there is no room.</summary>
    private bool TryAdd(MemoryPlace place, in Value value)
    {
        if (value.Kind != ValueKind.Vector || VectorRules.Check(value.AsVector.Span, _dimension, _metric, ElementType.Float32) != VectorFault.None) return true;
        var count = _rows?.Count ?? 0;
        var capacity = count < _places.Length ? _places.Length : Math.Max(64, 2 * count);
        var needed = (count + 1L) * VectorRows.StrideOf(ElementType.Float32, _dimension) + 4L * capacity;
        if (needed > _charged)
        {
            var charge = Math.Max(ChargeStep, needed - _charged);
            if (!memory.TryTake(MemoryUse.Sidecars, charge)) return false;
            _charged += charge;
        }

        // Who took rows before keeps the array that he took.
        if (capacity > _places.Length) Array.Resize(ref _places, capacity);
        _rows ??= new VectorBuffer(ElementType.Float32, _dimension);
        _places[count] = place;
        _rows.Add(value.AsVector.Span, _metric);
        return true;
    }

    /// <summary>The rows that the snapshot includes: a later one may have had more of them read.</summary>
    private VectorRows Rows(LsmMemtable memtable)
    {
        if (_rows is not { Count: var all } rows) return new VectorRows(null, 0, _dimension, ElementType.Float32);
        var count = all;
        if (!memtable.Includes(_places[all - 1]))
        {
            (count, var past) = (0, all);
            while (count < past)
            {
                var middle = (count + past) / 2;
                if (memtable.Includes(_places[middle])) count = middle + 1;
                else past = middle;
            }
        }

        return Prefix(rows.Rows, count);
    }

    private static VectorRows Prefix(VectorRows rows, int count) => new(rows.Start, count, rows.Dimension, rows.ElementType);
}

/// <summary>What a search takes of a memtable. Valid as long as the memtable.</summary>
/// <param name="Memtable">The memtable.</param>
/// <param name="Rows">Vectors in the order in which they came.</param>
/// <param name="Places">Per row its entry; there may be more places than rows.</param>
/// <param name="Read">The entry up to which all have been read. Those behind it, which is usually none, have no rows.</param>
internal readonly record struct TailPart(LsmMemtable Memtable, VectorRows Rows, MemoryPlace[] Places, MemoryPlace Read);
