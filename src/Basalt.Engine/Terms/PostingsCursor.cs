using System.Buffers.Binary;

namespace Basalt.Engine.Terms;

/// <summary>Walks the entries that a term is in, by ascending ordinal, a block of 128 decoded at a time. One thread.</summary>
internal sealed class PostingsCursor
{
    /// <summary>What <see cref="Ordinal"/> is behind the last.</summary>
    public const int End = int.MaxValue;

    private readonly TextSection _section;
    private readonly TermPlace _place;
    private readonly int[] _ordinals = new int[TextFormat.BlockPostings];
    private readonly int[] _frequencies = new int[TextFormat.BlockPostings];
    private readonly int _blocks;
    private int _block;
    private int _count;
    private int _at;

    // How far the positions of the block were read.
    private int _positionsOf;
    private int _positionsAt;

    public PostingsCursor(TextSection section, in TermPlace place)
    {
        (_section, _place) = (section, place);
        _blocks = (int)((place.Documents + TextFormat.BlockPostings - 1L) / TextFormat.BlockPostings);
        Load(0);
    }

    /// <summary>The entry that it stands at.</summary>
    public int Ordinal { get; private set; }

    /// <summary>How often the term is in it.</summary>
    public int Frequency => _frequencies[_at];

    /// <summary>Goes to the next entry.</summary>
    public int Next()
    {
        if (++_at < _count) return Ordinal = _ordinals[_at];
        Load(_block + 1);
        return Ordinal;
    }

    /// <summary>Goes to the first entry at or behind an ordinal; stays where that is.</summary>
    public int Advance(int target)
    {
        if (Ordinal >= target) return Ordinal;
        if (_ordinals[_count - 1] < target)
        {
            var (low, high) = (_block + 1, _blocks);
            while (low < high)
            {
                var middle = low + (high - low) / 2;
                if (Skip(middle).Last < target) low = middle + 1;
                else high = middle;
            }

            Load(low);
            if (Ordinal >= target) return Ordinal;
        }

        while (_ordinals[_at] < target) _at++;
        return Ordinal = _ordinals[_at];
    }

    /// <summary>Adds the positions of the term in the entry to a list.</summary>
    public void ReadPositions(List<int> positions)
    {
        var from = _block == 0 ? 0 : Skip(_block - 1).PositionsEnd;
        var bytes = _section.Postings(_place.Start + _place.PostingBytes + from, Bounded(Skip(_block).PositionsEnd, _place.PositionBytes) - Bounded(from, _place.PositionBytes));
        if (_positionsOf > _at) throw new InvalidOperationException("The positions of an entry are read once.");
        var reader = new ByteReader(bytes[_positionsAt..]);
        for (; _positionsOf < _at; _positionsOf++)
            for (var i = _frequencies[_positionsOf]; i > 0; i--) reader.ReadVarint();
        if (Frequency > reader.Left) throw new InvalidDataException($"A term is {Frequency} times in entry {Ordinal} of a full-text index, with {reader.Left} bytes of positions.");
        var position = 0L;
        for (var i = 0; i < Frequency; i++)
        {
            position += reader.ReadCount();
            if (position > int.MaxValue) throw new InvalidDataException($"A position in entry {Ordinal} of a full-text index is {position}.");
            positions.Add((int)position);
        }

        _positionsOf++;
        _positionsAt = bytes.Length - reader.Left;
    }

    private static long Bounded(long end, long most) => end >= 0 && end <= most ? end : throw new InvalidDataException($"A block of postings of a full-text index ends at {end} of {most}.");

    private (int Last, long PostingsEnd, long PositionsEnd) Skip(int block)
    {
        if (_blocks == 1) return (_section.Entries - 1, _place.PostingBytes, _place.PositionBytes);
        var entry = _section.Postings(_place.Start + _place.PostingBytes + _place.PositionBytes + (long)block * TextFormat.SkipBytes, TextFormat.SkipBytes);
        return (BinaryPrimitives.ReadInt32LittleEndian(entry), BinaryPrimitives.ReadInt64LittleEndian(entry[4..]), BinaryPrimitives.ReadInt64LittleEndian(entry[12..]));
    }

    private void Load(int block)
    {
        _block = block;
        (_at, _positionsOf, _positionsAt) = (0, 0, 0);
        if (block >= _blocks)
        {
            // One posting that no ordinal is behind, so that nothing need ask whether it ended.
            (_count, _ordinals[0], _frequencies[0]) = (1, End, 0);
            Ordinal = End;
            return;
        }

        var before = block == 0 ? (Last: -1, PostingsEnd: 0L, PositionsEnd: 0L) : Skip(block - 1);
        var skip = Skip(block);
        var (from, to) = (Bounded(before.PostingsEnd, _place.PostingBytes), Bounded(skip.PostingsEnd, _place.PostingBytes));
        _count = Math.Min(TextFormat.BlockPostings, _place.Documents - block * TextFormat.BlockPostings);
        var reader = new ByteReader(_section.Postings(_place.Start + from, to - from));
        long ordinal = before.Last;
        for (var i = 0; i < _count; i++)
        {
            var delta = reader.ReadVarint();
            ordinal += (long)(delta >> 1);
            var frequency = (delta & 1) == 1 ? 1 : reader.ReadCount();
            if (delta < 2 || delta > uint.MaxValue || ordinal < 0 || ordinal >= _section.Entries || frequency == 0) throw new InvalidDataException($"A posting of a full-text index names entry {ordinal} of {_section.Entries}, {frequency} times.");
            (_ordinals[i], _frequencies[i]) = ((int)ordinal, frequency);
        }

        if (reader.Left != 0 || _blocks > 1 && ordinal != skip.Last) throw new InvalidDataException($"A block of postings of a full-text index ends with entry {ordinal} and {reader.Left} bytes too many; its skip entry says {skip.Last}.");
        Ordinal = _ordinals[0];
    }
}
