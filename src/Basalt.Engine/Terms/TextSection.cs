using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Basalt.Engine.Terms;

/// <summary>A full-text section where it lies. Any bytes may be opened: what cannot be is refused with <see cref="InvalidDataException"/> when it is met. Thread-safe.</summary>
internal sealed unsafe class TextSection
{
    private readonly byte* _start;
    private readonly TextFormat _format;

    // Keeps the bytes alive, when they are those of an array.
    private readonly byte[]? _bytes;

    /// <summary>Opens a section; it must stay where it is for as long as it is used.</summary>
    /// <exception cref="InvalidDataException">It is none, or a newer one, or its parts do not fit together.</exception>
    public TextSection(byte* start, long length)
    {
        if (length < TextFormat.HeaderBytes + TextFormat.TrailerBytes) throw new InvalidDataException($"A full-text index cannot have {length} bytes.");
        _start = start;
        _format = TextFormat.Read(new ReadOnlySpan<byte>(start, TextFormat.HeaderBytes), new ReadOnlySpan<byte>(start + length - TextFormat.TrailerBytes, TextFormat.TrailerBytes), length);
    }

    private TextSection(byte[] pinned)
        : this((byte*)Unsafe.AsPointer(ref pinned[0]), pinned.Length) => _bytes = pinned;

    /// <summary>
    /// A section in memory, of what is not in a table yet. It is searched beside those of tables, and does not change; what is added afterwards is best a section of its own. At most 2 GiB.
    /// </summary>
    /// <param name="builder">What it holds. Nothing can be added to it afterwards.</param>
    /// <param name="entries">How many entries there are: more than the largest ordinal.</param>
    public static TextSection Of(TextBuilder builder, int entries)
    {
        var written = new ArrayBufferWriter<byte>();
        builder.Finish(bytes => written.Write(bytes), entries);
        var pinned = GC.AllocateUninitializedArray<byte>(written.WrittenCount, pinned: true);
        written.WrittenSpan.CopyTo(pinned);
        return new TextSection(pinned);
    }

    /// <summary>How many bytes of memory it holds itself: none where it is mapped.</summary>
    public long MemoryBytes => _bytes?.Length ?? 0;

    /// <summary>How many entries the table has.</summary>
    public int Entries => _format.Entries;

    /// <summary>How many of them have a term.</summary>
    public int Documents => _format.Documents;

    /// <summary>How many terms all of them have together.</summary>
    public long TotalLength => _format.TotalLength;

    /// <summary>How many distinct terms there are.</summary>
    public int Terms => _format.Terms;

    internal int Blocks => _format.Blocks;

    /// <summary>How many terms an entry has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint LengthOf(int ordinal)
    {
        if ((uint)ordinal >= (uint)_format.Entries) throw new ArgumentOutOfRangeException(nameof(ordinal));
        var lengths = _start + _format.Lengths;
        return _format.LengthWidth switch
        {
            1 => lengths[ordinal],
            2 => Unsafe.ReadUnaligned<ushort>(lengths + ordinal * 2L),
            _ => Unsafe.ReadUnaligned<uint>(lengths + ordinal * 4L),
        };
    }

    /// <summary>A block of the dictionary.</summary>
    internal ReadOnlySpan<byte> Block(int number)
    {
        var (from, to) = (BlockStart(number), number + 1 == Blocks ? _format.Index : BlockStart(number + 1));
        if (from < _format.Dictionary || to <= from || to > _format.Index || to - from > int.MaxValue)
            throw new InvalidDataException($"Block {number} of the dictionary of a full-text index lies at {from} to {to}, and the dictionary at {_format.Dictionary} to {_format.Index}.");
        return new ReadOnlySpan<byte>(_start + from, (int)(to - from));
    }

    /// <summary>Bytes of the postings.</summary>
    internal ReadOnlySpan<byte> Postings(long offset, long length)
    {
        if (offset < TextFormat.HeaderBytes || length < 0 || length > int.MaxValue || offset > _format.Dictionary - length)
            throw new InvalidDataException($"Postings of a full-text index lie at {offset} with {length} bytes, and all of them end at {_format.Dictionary}.");
        return new ReadOnlySpan<byte>(_start + offset, (int)length);
    }

    private long BlockStart(int number) => BinaryPrimitives.ReadInt64LittleEndian(new ReadOnlySpan<byte>(_start + _format.Index + number * 8L, sizeof(long)));
}
