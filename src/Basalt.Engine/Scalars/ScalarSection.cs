using System.Buffers.Binary;
using Basalt.Backends;
using Basalt.Filters;
using Basalt.Records;
using Basalt.Vectors;

namespace Basalt.Engine.Scalars;

/// <summary>
/// The scalar index of one field over one table, read where it lies. Thread-safe. What it says is of the table's own entries, dead or alive; an entry without a value, and a tombstone, is null.
/// </summary>
/// <remarks>
/// <para>A value whose key is longer than <see cref="KeyWriter.MaxBytes"/> is known by its beginning: leaves that this does not decide leave its entries unsure, to be tested by their records.</para>
/// <para>Any bytes are read safely: what cannot be is met by <see cref="InvalidDataException"/>, when the section is opened or when the damaged part is read.</para>
/// </remarks>
internal sealed unsafe partial class ScalarSection
{
    private readonly byte* _start;
    private readonly ScalarFormat _format;

    private ScalarSection(byte* start, ScalarFormat format)
    {
        _start = start;
        _format = format;
    }

    /// <summary>How many entries the table has.</summary>
    public int Entries => _format.Entries;

    /// <summary>How many entries have a value.</summary>
    public int NonNull => _format.NonNull;

    /// <summary>How many different values there are, those that share the beginning that is kept of them counted once.</summary>
    public int Distinct => _format.Distinct;

    /// <summary>Whether a value is known by its beginning alone.</summary>
    public bool HasCut => _format.Cut > 0;

    /// <summary>Opens the section of a table of so many entries, at an address that stays valid as long as this is used.</summary>
    /// <exception cref="InvalidDataException">It is none of a known version, its parts do not fit, or it is of another number of entries.</exception>
    public static ScalarSection Open(byte* start, long length, int entries)
    {
        if (length < ScalarFormat.HeaderBytes + ScalarFormat.FooterBytes) throw new InvalidDataException($"This is not a scalar index: it has {length} bytes.");
        var header = new ReadOnlySpan<byte>(start, ScalarFormat.HeaderBytes);
        var footer = new ReadOnlySpan<byte>(start + length - ScalarFormat.FooterBytes, ScalarFormat.FooterBytes);
        var format = ScalarFormat.Read(header, footer, length);
        return format.Entries == entries ? new ScalarSection(start, format) : throw new InvalidDataException($"The scalar index is of {format.Entries} entries, its table of {entries}.");
    }

    /// <summary>How well an index of the leaf's path answers it: exactly, but for entries that <see cref="Find(LeafFilter, OrdinalSet)"/> names as unsure.</summary>
    public static FilterSupport Supports(LeafFilter leaf) =>
        leaf is NullFilter or CompareFilter or InFilter or BetweenFilter or TextFilter or LikeFilter or HasFilter ? FilterSupport.Exact : FilterSupport.None;

    /// <summary>The least value; null when no entry has one. False when only its beginning is known.</summary>
    public bool TryGetMin(out Value value) => TryGetValue(0, out value);

    /// <summary>The greatest value; null when no entry has one. False when only its beginning is known.</summary>
    public bool TryGetMax(out Value value) => TryGetValue(Distinct - 1, out value);

    /// <summary>Adds the entries that have a value.</summary>
    public void AddValued(OrdinalSet into)
    {
        Require(into);
        if (NonNull == 0) return;
        if (NonNull == Entries)
        {
            into.AddRange(0, Entries);
            return;
        }

        var length = _format.IndexAt - _format.ValuedAt;
        if (length is < 1 or > int.MaxValue || _start[_format.ValuedAt] > (byte)PostingsForm.Bitmap) throw new InvalidDataException("The scalar index does not say which entries have a value.");
        new Postings(new ReadOnlySpan<byte>(_start + _format.ValuedAt + 1, (int)length - 1), (PostingsForm)_start[_format.ValuedAt], NonNull, Entries).MoveTo(into, remove: false);
    }

    /// <summary>The place of a key in the order: of the first that is not below it, and whether that is it.</summary>
    public (int Rank, bool IsFound) Find(ReadOnlySpan<byte> key)
    {
        var head = BlockBuilder.HeadOf(key);
        Span<byte> buffer = stackalloc byte[KeyWriter.CutBytes];
        // The first block whose first key is above this one; the key is in the block before, if anywhere.
        var (low, high) = (0, _format.Blocks);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (IsAbove(middle, head, key, buffer)) high = middle;
            else low = middle + 1;
        }

        if (low == 0) return (0, false);
        var block = ReadBlock(low - 1);
        var walk = block.Walk(buffer);
        var rank = (low - 1) * ScalarFormat.BlockKeys;
        for (var i = 0; i < block.Count; i++, rank++)
        {
            walk.Read();
            var order = walk.Key.SequenceCompareTo(key);
            if (order >= 0) return (rank, order == 0);
        }

        return (rank, false);
    }

    /// <summary>The keys of a type.</summary>
    public KeySpan SpanOf(byte tag) => new(Find([tag]).Rank, Find([(byte)(tag + 1)]).Rank);

    /// <summary>How many entries have one of these keys.</summary>
    public int CountOf(KeySpan span) => span.Count == 0 ? 0 : Math.Max(0, EntriesBefore(span.To) - EntriesBefore(span.From));

    internal ScalarBlock ReadBlock(int block)
    {
        var entry = Index(block);
        var at = BinaryPrimitives.ReadInt64LittleEndian(entry[8..]);
        long keys = BinaryPrimitives.ReadUInt32LittleEndian(entry[16..]);
        var isLast = block == _format.Blocks - 1;
        var end = isLast ? _format.ValuedAt : BinaryPrimitives.ReadInt64LittleEndian(Index(block + 1)[8..]);
        var entries = (isLast ? NonNull : EntriesBeforeBlock(block + 1)) - EntriesBeforeBlock(block);
        if (at < ScalarFormat.HeaderBytes || end > _format.ValuedAt || at > end || keys > end - at || end - at > int.MaxValue || entries < 0)
            throw new InvalidDataException($"Block {block} of the scalar index does not lie where a block can.");
        var count = isLast ? Distinct - block * ScalarFormat.BlockKeys : ScalarFormat.BlockKeys;
        return new ScalarBlock(new ReadOnlySpan<byte>(_start + at, (int)keys), new ReadOnlySpan<byte>(_start + at + keys, (int)(end - at - keys)), count, entries, Entries);
    }

    private int EntriesBefore(int rank)
    {
        if (rank == Distinct) return NonNull;
        var block = rank / ScalarFormat.BlockKeys;
        return EntriesBeforeBlock(block) + ReadBlock(block).EntriesBefore(rank % ScalarFormat.BlockKeys);
    }

    private int EntriesBeforeBlock(int block)
    {
        var before = BinaryPrimitives.ReadInt32LittleEndian(Index(block)[20..]);
        return before >= 0 && before <= NonNull ? before : throw new InvalidDataException($"The index of the scalar index counts {before} entries before block {block}.");
    }

    private bool IsAbove(int block, ulong head, ReadOnlySpan<byte> key, Span<byte> buffer)
    {
        var other = BinaryPrimitives.ReadUInt64LittleEndian(Index(block));
        if (other != head) return other > head;
        var walk = ReadBlock(block).Walk(buffer);
        walk.Read();
        return walk.Key.SequenceCompareTo(key) > 0;
    }

    private bool TryGetValue(int rank, out Value value)
    {
        value = default;
        if (Distinct == 0) return true;
        var walk = ReadBlock(rank / ScalarFormat.BlockKeys).Walk(stackalloc byte[KeyWriter.CutBytes]);
        for (var i = 0; i <= rank % ScalarFormat.BlockKeys; i++) walk.Read();
        if (KeyWriter.IsCut(walk.Key)) return false;
        value = KeyReader.Read(walk.Key);
        return true;
    }

    private ReadOnlySpan<byte> Index(int block) => new(_start + _format.IndexAt + (long)block * ScalarFormat.IndexBytes, ScalarFormat.IndexBytes);

    private void Require(OrdinalSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        if (set.Capacity < Entries) throw new ArgumentException($"A set of {set.Capacity} ordinals has no room for the {Entries} of the table.", nameof(set));
    }
}
