namespace Basalt.Engine.Terms;

/// <summary>Where the postings of a term are.</summary>
internal readonly record struct TermPlace(int Documents, long Occurrences, long Start, long PostingBytes, long PositionBytes);

/// <summary>Walks the dictionary of a section in the order of its terms. One thread.</summary>
internal sealed class TermCursor(TextSection section)
{
    private readonly byte[] _term = new byte[TextAnalysis.MostTermBytes];
    private int _length;
    private int _block = -1;
    private int _at;
    private int _left;
    private long _postings;

    public TextSection Section => section;

    /// <summary>The term that it stands at.</summary>
    public ReadOnlySpan<byte> Term => _term.AsSpan(0, _length);

    /// <summary>Where its postings are.</summary>
    public TermPlace Place { get; private set; }

    /// <summary>Goes to the next term; false behind the last.</summary>
    public bool Next() => Next(out _);

    /// <summary>Goes to the next term, and tells how many bytes are certainly as they were.</summary>
    public bool Next(out int shared)
    {
        shared = 0;
        if (_left == 0 && !Enter(_block + 1)) return false;
        var block = section.Block(_block);
        var reader = new ByteReader(block[_at..]);
        var (kept, added) = (reader.ReadByte(), reader.ReadByte());
        if (kept > _length || kept + added > _term.Length || kept + added == 0) throw new InvalidDataException($"A term of a full-text index takes {kept} bytes of one of {_length} and {added} more.");
        reader.Read(added).CopyTo(_term.AsSpan(kept));
        shared = kept;
        _length = kept + added;
        var (documents, more, postings, positions) = (reader.ReadCount(), reader.ReadVarint(), reader.ReadVarint(), reader.ReadVarint());
        if (documents == 0 || documents > section.Documents || (ulong)documents > postings || (ulong)documents > positions || postings > long.MaxValue / 4 || positions > long.MaxValue / 4 || more > positions)
            throw new InvalidDataException($"A term of a full-text index is in {documents} of {section.Documents} documents, {more} times more, with {postings} bytes of postings and {positions} of positions.");
        Place = new TermPlace(documents, documents + (long)more, _postings, (long)postings, (long)positions);
        var skips = documents <= TextFormat.BlockPostings ? 0 : (documents + TextFormat.BlockPostings - 1L) / TextFormat.BlockPostings * TextFormat.SkipBytes;
        _postings += (long)postings + (long)positions + skips;
        _left--;
        _at = block.Length - reader.Left;
        return true;
    }

    /// <summary>Goes to the first term that is not below the given one; false when there is none.</summary>
    public bool Seek(ReadOnlySpan<byte> term)
    {
        // The last block whose first term is not above.
        var (low, high) = (0, section.Blocks);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (FirstOf(middle).SequenceCompareTo(term) > 0) high = middle;
            else low = middle + 1;
        }

        _left = 0;
        if (!Enter(Math.Max(0, low - 1))) return false;
        while (Next())
            if (Term.SequenceCompareTo(term) >= 0) return true;
        return false;
    }

    /// <summary>Whether the term is there; it stands at it then.</summary>
    public bool Find(ReadOnlySpan<byte> term) => Seek(term) && Term.SequenceEqual(term);

    /// <summary>Passes over terms that begin with the first bytes of this one, whole blocks by a look at the block behind; not all of them, if that would cost more. False at the end.</summary>
    public bool Leave(int bytes, out int shared)
    {
        if (_block + 1 < section.Blocks && StartsAlike(_block + 1, bytes))
        {
            var next = _block + 1;
            while (next + 1 < section.Blocks && StartsAlike(next + 1, bytes)) next++;
            _left = 0;
            Enter(next);
        }

        while (Next(out shared))
            if (shared < bytes) return true;
        return false;
    }

    private bool StartsAlike(int block, int bytes) => FirstOf(block).StartsWith(Term[..bytes]);

    private ReadOnlySpan<byte> FirstOf(int block)
    {
        var reader = new ByteReader(section.Block(block));
        reader.ReadVarint();
        if (reader.ReadByte() != 0) throw new InvalidDataException($"Block {block} of the dictionary of a full-text index does not begin with a whole term.");
        return reader.Read(reader.ReadByte());
    }

    private bool Enter(int block)
    {
        if (block >= section.Blocks) return false;
        var bytes = section.Block(block);
        var reader = new ByteReader(bytes);
        var postings = reader.ReadVarint();
        if (postings > long.MaxValue / 4) throw new InvalidDataException($"The postings of block {block} of a full-text index are at {postings}.");
        (_block, _at, _length, _postings) = (block, bytes.Length - reader.Left, 0, (long)postings);
        _left = Math.Min(TextFormat.BlockTerms, section.Terms - block * TextFormat.BlockTerms);
        return true;
    }
}
