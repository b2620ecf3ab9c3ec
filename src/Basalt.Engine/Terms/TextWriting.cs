using System.Buffers;
using System.Buffers.Binary;

namespace Basalt.Engine.Terms;

/// <summary>Writes what a <see cref="TextBuilder"/> gathered: docs/formats/terms.md says what lies where.</summary>
internal sealed class TextWriting(TermTable terms, SlicePool pool, SectionOutput output)
{
    private readonly List<(int Last, long PostingsEnd, long Occurrences)> _blocks = [];

    public void Write(ReadOnlySpan<int> lengths, int entries)
    {
        Span<byte> header = stackalloc byte[TextFormat.HeaderBytes];
        TextFormat.WriteHeader(header);
        output.Append(header);
        // The dictionary comes behind all postings, as only then it is known where they are.
        var dictionary = new ArrayBufferWriter<byte>();
        using var entriesOutput = new SectionOutput(bytes => dictionary.Write(bytes));
        var starts = new List<long>();
        WriteTerms(entriesOutput, starts);
        entriesOutput.Flush();
        var dictionaryAt = output.Length;
        output.Append(dictionary.WrittenSpan);
        var indexAt = output.Length;
        Span<byte> number = stackalloc byte[sizeof(long)];
        foreach (var start in starts)
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, dictionaryAt + start);
            output.Append(number);
        }

        var lengthsAt = output.Length;
        var (documents, total, longest) = (0, 0L, 0);
        foreach (var length in lengths) (documents, total, longest) = (documents + (length > 0 ? 1 : 0), total + length, Math.Max(longest, length));
        var width = longest <= byte.MaxValue ? 1 : longest <= ushort.MaxValue ? 2 : 4;
        for (var i = 0; i < entries; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(number, i < lengths.Length ? lengths[i] : 0);
            output.Append(number[..width]);
        }

        Span<byte> trailer = stackalloc byte[TextFormat.TrailerBytes];
        new TextFormat(dictionaryAt, indexAt, lengthsAt, terms.Count, entries, documents, width, total).WriteTrailer(trailer);
        output.Append(trailer);
        output.Flush();
    }

    private void WriteTerms(SectionOutput dictionary, List<long> starts)
    {
        Span<byte> last = stackalloc byte[TextAnalysis.MostTermBytes];
        var (lastLength, written) = (0, 0);
        foreach (var number in terms.Sorted())
        {
            ref var entry = ref terms[number];
            var term = terms.TextOf(entry);
            var shared = last[..lastLength].CommonPrefixLength(term);
            if (written++ % TextFormat.BlockTerms == 0)
            {
                starts.Add(dictionary.Length);
                dictionary.AppendVarint((ulong)output.Length);
                shared = 0;
            }

            var (postings, positions) = WritePostings(ref entry);
            dictionary.Append((byte)shared);
            dictionary.Append((byte)(term.Length - shared));
            dictionary.Append(term[shared..]);
            dictionary.AppendVarint((ulong)entry.Documents);
            dictionary.AppendVarint((ulong)(entry.Occurrences - entry.Documents));
            dictionary.AppendVarint((ulong)postings);
            dictionary.AppendVarint((ulong)positions);
            term.CopyTo(last);
            lastLength = term.Length;
        }
    }

    private (long Postings, long Positions) WritePostings(ref TermEntry entry)
    {
        pool.AppendVarint(ref entry.Postings, (uint)entry.Frequency);
        var start = output.Length;
        var reader = pool.Read(entry.Postings);
        _blocks.Clear();
        var (ordinal, occurrences) = (-1, 0L);
        for (var i = 1; i <= entry.Documents; i++)
        {
            var (delta, frequency) = (reader.ReadVarint(), reader.ReadVarint());
            ordinal += (int)delta;
            occurrences += frequency;
            output.AppendVarint(delta << 1 | (frequency == 1 ? 1u : 0));
            if (frequency != 1) output.AppendVarint(frequency);
            if (i % TextFormat.BlockPostings != 0 && i != entry.Documents) continue;
            _blocks.Add((ordinal, output.Length - start, occurrences));
            occurrences = 0;
        }

        var positionsAt = output.Length;
        var positions = pool.Read(entry.Positions);
        Span<byte> skip = stackalloc byte[TextFormat.SkipBytes];
        using var skips = new PooledBytes(entry.Documents > TextFormat.BlockPostings ? _blocks.Count * TextFormat.SkipBytes : 0);
        for (var i = 0; i < _blocks.Count; i++)
        {
            for (var left = _blocks[i].Occurrences; left > 0; left--)
            {
                byte b;
                do output.Append(b = positions.ReadByte());
                while (b >= 0x80);
            }

            if (skips.Span.IsEmpty) break;
            BinaryPrimitives.WriteInt32LittleEndian(skip, _blocks[i].Last);
            BinaryPrimitives.WriteInt64LittleEndian(skip[4..], _blocks[i].PostingsEnd);
            BinaryPrimitives.WriteInt64LittleEndian(skip[12..], output.Length - positionsAt);
            skip.CopyTo(skips.Span[(i * TextFormat.SkipBytes)..]);
        }

        var sizes = (positionsAt - start, output.Length - positionsAt);
        output.Append(skips.Span);
        return sizes;
    }

    /// <summary>Bytes for a while.</summary>
    private readonly ref struct PooledBytes(int length) : IDisposable
    {
        private readonly byte[] _bytes = ArrayPool<byte>.Shared.Rent(length);

        public Span<byte> Span => _bytes.AsSpan(0, length);

        public void Dispose() => ArrayPool<byte>.Shared.Return(_bytes);
    }
}
