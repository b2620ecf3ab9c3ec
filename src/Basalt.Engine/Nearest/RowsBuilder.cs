using System.Runtime.InteropServices;
using Basalt.Lsm.Memory;
using Basalt.Lsm.Tables;
using Basalt.Vectors;
using Basalt.Vectors.Memory;

namespace Basalt.Engine.Nearest;

/// <summary>
/// Builds the rows section of a table: the vectors of its entries, encoded as they are compared, one behind the other. How many there are is known only at
/// the end, and the header comes first, so rows wait until then: in native memory, a stride each, and in a spill what the account of memory has no room for, or is past <c>memoryBytes</c>. On the
/// managed heap it holds a bit an entry. One thread.
/// </summary>
internal sealed unsafe class RowsBuilder : IDisposable
{
    /// <summary>The rows that wait in memory unless told otherwise: 64 MiB.</summary>
    public const long DefaultMemoryBytes = 64L << 20;

    private const int LeastWords = 64;
    private const int CopyBytes = 1 << 20;
    private const long ChargeStep = 1 << 20;
    private readonly Metric _metric;
    private readonly ElementType _elementType;
    private readonly int _dimension;
    private readonly int _capacity;
    private readonly Func<Stream>? _openSpill;
    private readonly MemoryBudget? _memory;
    private long _charged;
    private VectorBuffer _buffer;
    private Stream? _spill;
    private ulong[] _map = new ulong[LeastWords];
    private int _spilled;
    private int _last = -1;

    /// <param name="metric">How far vectors are apart.</param>
    /// <param name="elementType">What is stored of an element.</param>
    /// <param name="dimension">Elements of a vector, 1 to <see cref="VectorRows.MaxDimension"/>.</param>
    /// <param name="openSpill">Opens an empty stream that can be written, sought and read, when rows take more than <paramref name="memoryBytes"/>; the builder disposes of it. Without it all rows wait in memory.</param>
    /// <param name="memoryBytes">Bytes of rows that wait in memory where there is a spill; at least one row does.</param>
    /// <param name="memory">The account that memory is taken from; null: nobody counts. Where it refuses, rows go to the spill; the first mebibyte, and without a spill all, is taken in any case.</param>
    /// <exception cref="ArgumentException">There is no such distance.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public RowsBuilder(Metric metric, ElementType elementType, int dimension, Func<Stream>? openSpill = null, long memoryBytes = DefaultMemoryBytes, MemoryBudget? memory = null)
    {
        VectorRules.ThrowUnlessSupported(metric, elementType, dimension);
        ArgumentOutOfRangeException.ThrowIfLessThan(memoryBytes, 1);
        if (!BitConverter.IsLittleEndian) throw new PlatformNotSupportedException("Rows are searched where they lie, and their numbers are little-endian.");
        (_metric, _elementType, _dimension, _openSpill, _memory) = (metric, elementType, dimension, openSpill, memory);
        // Without a spill, what the usual reservation of addresses has room for.
        _capacity = openSpill is null ? 0 : (int)Math.Clamp(memoryBytes / VectorRows.StrideOf(elementType, dimension), 1, Array.MaxLength);
        _buffer = new VectorBuffer(elementType, dimension, _capacity);
    }

    /// <summary>How many vectors were added.</summary>
    public int Count => _spilled + _buffer.Count;

    /// <summary>Takes the vector of an entry. Ordinals ascend; entries without a vector are left out.</summary>
    /// <exception cref="ArgumentException">The vector has a <see cref="VectorFault"/>, or the ordinal does not ascend; nothing was added.</exception>
    public void Add(int ordinal, ReadOnlySpan<float> vector)
    {
        if (ordinal <= _last) throw new ArgumentException($"The ordinal {ordinal} comes behind {_last}, and ordinals ascend.", nameof(ordinal));
        VectorRules.ThrowIf(VectorRules.Check(vector, _dimension, _metric, _elementType), vector.Length, _dimension, nameof(vector));
        if (_openSpill is not null && _buffer.Count == _capacity) Spill();
        Charge();
        RowCodec.Encode(vector, _metric, _elementType, _buffer.Next());
        _buffer.Publish();
        var word = ordinal >> 6;
        if (word >= _map.Length) Array.Resize(ref _map, (int)Math.Min(Array.MaxLength, Math.Max(word + 1L, 2L * _map.Length)));
        _map[word] |= 1UL << ordinal;
        _last = ordinal;
    }

    /// <summary>Writes the section.</summary>
    /// <param name="section">Where it goes; it takes nothing else.</param>
    /// <param name="entries">How many entries the table has, those without a vector included.</param>
    /// <exception cref="ArgumentOutOfRangeException">An ordinal that was added is not below the number of entries.</exception>
    public void Finish(SectionWriter section, int entries)
    {
        ArgumentNullException.ThrowIfNull(section);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(entries, _last);
        var format = new RowsFormat { Metric = _metric, ElementType = _elementType, Dimension = _dimension, Rows = Count, Entries = entries };
        Span<byte> header = stackalloc byte[RowsFormat.HeaderBytes];
        format.Write(header);
        section.Append(header);
        if (!format.IsIdentity)
        {
            if (_map.Length < format.MapWords) Array.Resize(ref _map, format.MapWords);
            var map = MemoryMarshal.AsBytes(_map.AsSpan(0, format.MapWords));
            section.Append(map);
            header.Clear();
            section.Append(header[..(int)(format.RowsAt - RowsFormat.HeaderBytes - map.Length)]);
        }

        if (_spill is not null) Restore(section, _spill);
        Append(section, _buffer.Rows);
    }

    /// <summary>Gives the memory back, and the spill.</summary>
    public void Dispose()
    {
        _buffer.Dispose();
        _spill?.Dispose();
        _memory?.Return(MemoryUse.Builds, _charged);
        _charged = 0;
    }

    /// <summary>Takes memory for one more row; where there is none, those that wait go to the spill.</summary>
    private void Charge()
    {
        var step = Math.Max(ChargeStep, _buffer.Stride);
        if (_memory is null || _charged >= _buffer.Bytes + _buffer.Stride) return;
        if (!_memory.TryTake(MemoryUse.Builds, step))
        {
            if (_openSpill is not null && _buffer.Count > 0)
            {
                // What was charged for them is enough for the next.
                Spill();
                return;
            }

            _memory.Take(MemoryUse.Builds, step);
        }

        _charged += step;
    }

    private void Spill()
    {
        var rows = _buffer.Rows;
        _spill ??= _openSpill!();
        for (var at = 0L; at < rows.Bytes; at += CopyBytes) _spill.Write(new ReadOnlySpan<byte>(rows.Start + at, (int)Math.Min(CopyBytes, rows.Bytes - at)));
        _spilled += rows.Count;
        var next = new VectorBuffer(_elementType, _dimension, _capacity);
        _buffer.Dispose();
        _buffer = next;
    }

    private void Restore(SectionWriter section, Stream spill)
    {
        var bytes = new byte[CopyBytes];
        spill.Position = 0;
        for (var left = (long)_spilled * _buffer.Stride; left > 0;)
        {
            var room = bytes.AsSpan(0, (int)Math.Min(CopyBytes, left));
            spill.ReadExactly(room);
            section.Append(room);
            left -= room.Length;
        }
    }

    private static void Append(SectionWriter section, VectorRows rows)
    {
        for (var at = 0L; at < rows.Bytes; at += CopyBytes) section.Append(new ReadOnlySpan<byte>(rows.Start + at, (int)Math.Min(CopyBytes, rows.Bytes - at)));
    }
}
