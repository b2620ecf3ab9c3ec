using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Basalt.Vectors.Distances;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Vectors.Ivf;

public sealed unsafe partial class IvfPqIndex
{
    private IvfPqIndex(IvfFormat format, IvfModel model, InvertedList[] lists, VectorRows vectors, ReadOnlySpan<ulong> removed)
    {
        (_options, _model, _elementType, _lists) = (format.Options, model, format.ElementType, lists);
        (_total, _mapped, _isOpened) = (format.Total, vectors, true);
        foreach (var word in removed) _removedCount += BitOperations.PopCount(word);
        if (_removedCount > 0) _removed = removed.ToArray();
        if (vectors.Count > 0) _scorer = RowScorer.For(format.Metric, format.ElementType);
    }

    /// <summary>
    /// Opens a written index where it lies, such as in a mapped file. Nothing can be added; vectors can be removed, which changes no byte of it. It reads the trained
    /// numbers and the directory, not the lists. No bytes make it read outside of them, but damaged lists give wrong answers: checksums are up to whoever keeps the bytes.
    /// </summary>
    /// <param name="start">The first byte; a multiple of 64. Must stay valid and unchanged as long as the index is used.</param>
    /// <param name="length">All bytes, fewer than 2 GiB before the lists.</param>
    /// <param name="vectors">The full vectors by ordinal, to measure candidates by; none to answer by estimates.</param>
    /// <exception cref="ArgumentException">The start is not aligned, or the vectors are not those of the index.</exception>
    /// <exception cref="InvalidDataException">The bytes are no inverted file, of a newer version, or damaged.</exception>
    public static IvfPqIndex Open(byte* start, long length, VectorRows vectors = default)
    {
        if ((nuint)start % VectorRows.Alignment != 0) throw new ArgumentException($"A written index starts at a multiple of {VectorRows.Alignment} bytes.", nameof(start));
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (!BitConverter.IsLittleEndian) throw new PlatformNotSupportedException("An index is searched where it lies, and its numbers are little-endian.");
        var front = new ReadOnlySpan<byte>(start, (int)Math.Min(length, int.MaxValue));
        var format = IvfFormat.Read(front, length);
        if (format.ListsAt > front.Length) throw new InvalidDataException($"The trained numbers of the inverted file take {format.ListsAt} bytes, more than can be read.");
        if (vectors.Count > 0 && (vectors.Dimension != format.Dimension || vectors.ElementType != format.ElementType || vectors.Count < format.Total))
            throw new ArgumentException($"{vectors.Count} x {vectors.Dimension} x {vectors.ElementType} are not the {format.Total} x {format.Dimension} x {format.ElementType} of the index.", nameof(vectors));
        var lists = ReadLists(format, start, front);
        var removed = MemoryMarshal.Cast<byte, ulong>(front.Slice((int)format.RemovedAt, (int)format.RemovedWords * sizeof(ulong)));
        if (format.Total % 64 != 0 && removed[^1] >> format.Total % 64 != 0) throw new InvalidDataException($"The inverted file has removed vectors past its {format.Total}.");
        return new IvfPqIndex(format, format.Model(front), lists, vectors, removed);
    }

    /// <summary>
    /// Writes the index without the full vectors and without the codes of removed ones, to be opened where it lies. Ordinals stay what they are. Same index, same bytes. Not while it is changed.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token asked for it; what was written is of no use.</exception>
    public void Write(Stream stream, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var shape = _model.Shape;
        var kept = new int[_lists.Length];
        for (var i = 0; i < kept.Length; i++) kept[i] = CountKept(_lists[i]);
        var format = new IvfFormat
        {
            Metric = Metric, Code = _model.Kind, ElementType = _elementType, Rotation = _model.Rotation.Kind, Dimension = Dimension, Lists = Lists,
            Subspaces = _model.Kind == IvfCode.Bit ? 0 : shape.Subspaces, Probes = _options.Probes, Rescore = _options.Rescore, Total = _total, RotationSeed = _model.Rotation.Seed,
        };
        var length = format.ListsAt;
        foreach (var count in kept) length += (long)CodeBlock.Count(count) * shape.BlockBytes;
        format = format with { Length = length };
        var output = new Output(stream);
        Span<byte> header = stackalloc byte[IvfFormat.HeaderBytes];
        format.Write(header);
        output.Write(header);
        output.Section(MemoryMarshal.AsBytes<float>(_model.Rotation.Mean));
        output.Section(MemoryMarshal.AsBytes<float>(_model.Rotation.Matrix()));
        var centre = new float[_model.Size];
        for (var i = 0; i < Lists; i++)
        {
            _model.Centres.Get(i, centre);
            output.Write(MemoryMarshal.AsBytes<float>(centre));
        }

        output.Section([]);
        output.Section(_model.Code is ProductQuantiser products ? MemoryMarshal.AsBytes(products.Books) : []);
        WriteDirectory(ref output, format, kept);
        var words = new ulong[format.RemovedWords];
        _removed.AsSpan(0, Math.Min(_removed.Length, words.Length)).CopyTo(words);
        output.Section(MemoryMarshal.AsBytes<ulong>(words));
        for (var i = 0; i < Lists; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (kept[i] > 0) WriteList(ref output, _lists[i], kept[i]);
        }
    }

    private void WriteDirectory(ref Output output, IvfFormat format, int[] kept)
    {
        Span<byte> entry = stackalloc byte[IvfFormat.DirectoryBytes];
        var at = format.ListsAt;
        for (var i = 0; i < kept.Length; i++)
        {
            entry.Clear();
            BinaryPrimitives.WriteInt64LittleEndian(entry, at);
            BinaryPrimitives.WriteInt32LittleEndian(entry[8..], kept[i]);
            BinaryPrimitives.WriteSingleLittleEndian(entry[12..], _lists[i].Radius);
            BinaryPrimitives.WriteSingleLittleEndian(entry[16..], _lists[i].Error);
            output.Write(entry);
            at += (long)CodeBlock.Count(kept[i]) * format.Shape.BlockBytes;
        }

        output.Section([]);
    }

    /// <summary>Writes the rows that were not removed as a list that is full.</summary>
    private void WriteList(ref Output output, InvertedList list, int kept)
    {
        var shape = _model.Shape;
        var copy = InvertedList.WithRoom(shape, CodeBlock.Count(kept));
        Span<byte> code = stackalloc byte[Math.Min(shape.Subspaces, 1024)];
        if (shape.Subspaces > code.Length) code = new byte[shape.Subspaces];
        var terms = stackalloc float[3];
        for (var (from, to) = (0, 0); from < list.Count; from++)
        {
            if (IsRemoved(list.Ordinals[from])) continue;
            list.Get(from, code[..shape.Subspaces], terms);
            copy.Put(to++, code[..shape.Subspaces], terms, list.Ordinals[from]);
        }

        output.Write(copy.Codes, (long)copy.Blocks * shape.BlockBytes);
        GC.KeepAlive(copy);
    }

    private int CountKept(InvertedList list)
    {
        var kept = 0;
        for (var i = 0; i < list.Count; i++)
            if (!IsRemoved(list.Ordinals[i])) kept++;
        return kept;
    }

    private static InvertedList[] ReadLists(IvfFormat format, byte* start, ReadOnlySpan<byte> front)
    {
        var lists = new InvertedList[format.Lists];
        var expected = format.ListsAt;
        for (var i = 0; i < lists.Length; i++)
        {
            var entry = front.Slice((int)format.DirectoryAt + i * IvfFormat.DirectoryBytes, IvfFormat.DirectoryBytes);
            var (at, count) = (BinaryPrimitives.ReadInt64LittleEndian(entry), BinaryPrimitives.ReadInt32LittleEndian(entry[8..]));
            var (radius, error) = (BinaryPrimitives.ReadSingleLittleEndian(entry[12..]), BinaryPrimitives.ReadSingleLittleEndian(entry[16..]));
            if (at != expected || count < 0 || count > format.Total) throw new InvalidDataException($"List {i} of the inverted file has {count} rows at {at}, where {expected} was expected.");
            if (!(radius >= 0 && error >= 0 && float.IsFinite(radius) && float.IsFinite(error))) throw new InvalidDataException($"List {i} of the inverted file reaches {radius} far, {error} off.");
            expected += (long)CodeBlock.Count(count) * format.Shape.BlockBytes;
            if (expected > format.Length) throw new InvalidDataException($"List {i} of the inverted file ends at {expected}, past its {format.Length} bytes.");
            lists[i] = InvertedList.Over(format.Shape, start + at, count, radius, error);
        }

        if (expected != format.Length) throw new InvalidDataException($"The lists of the inverted file end at {expected}, and it has {format.Length} bytes.");
        return lists;
    }

    /// <summary>A stream with sections at multiples of 64.</summary>
    private ref struct Output(Stream stream)
    {
        private long _at;

        public void Write(scoped ReadOnlySpan<byte> bytes)
        {
            stream.Write(bytes);
            _at += bytes.Length;
        }

        public void Write(byte* bytes, long length)
        {
            const int most = 1 << 20;
            for (; length > 0; bytes += most, length -= most) Write(new ReadOnlySpan<byte>(bytes, (int)Math.Min(most, length)));
        }

        /// <summary>Writes bytes, then zeros up to the next section.</summary>
        public void Section(scoped ReadOnlySpan<byte> bytes)
        {
            Write(bytes);
            Span<byte> zeros = stackalloc byte[VectorRows.Alignment];
            zeros.Clear();
            Write(zeros[..(int)(IvfFormat.Next(_at, 0) - _at)]);
        }
    }
}
