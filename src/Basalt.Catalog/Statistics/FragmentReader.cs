using System.Buffers.Binary;
using System.Text.Unicode;

namespace Basalt.Catalog.Statistics;

/// <summary>Reads a chunk of series. Anything that <see cref="FragmentWriter"/> does not write is <see cref="InvalidDataException"/>.</summary>
internal sealed class FragmentReader
{
    private readonly ReadOnlyMemory<byte> _chunk;
    private byte[] _name = [];
    private int _nameLength;
    private int _at = 1;
    private bool _hasOne;

    public FragmentReader(ReadOnlyMemory<byte> chunk)
    {
        if (chunk.Length < 1) throw new InvalidDataException("the chunk is empty");
        if (chunk.Span[0] != FragmentWriter.Version) throw new InvalidDataException($"the chunk has version {chunk.Span[0]}; {FragmentWriter.Version} is known");
        _chunk = chunk;
    }

    /// <summary>The name of the series; valid until the next one.</summary>
    public ReadOnlySpan<byte> Name => _name.AsSpan(0, _nameLength);

    public SeriesTally Tally { get; private set; }

    /// <summary>Goes to the next series; false at the end.</summary>
    public bool Read()
    {
        if (_at == _chunk.Length) return false;
        var shared = Length(_nameLength);
        var added = Length(_chunk.Length - _at);
        if (_chunk.Length - _at < added) throw new InvalidDataException($"a name is cut at byte {_at}");
        var rest = _chunk.Span.Slice(_at, added);
        if (_hasOne && Name[shared..].SequenceCompareTo(rest) >= 0) throw new InvalidDataException($"names are not in order at byte {_at}");
        if (_name.Length < shared + added) Array.Resize(ref _name, (shared + added) * 2);
        rest.CopyTo(_name.AsSpan(shared));
        (_nameLength, _at, _hasOne) = (shared + added, _at + added, true);
        if (!Utf8.IsValid(Name)) throw new InvalidDataException($"a name is not valid UTF-8 at byte {_at}");
        Tally = ReadTally();
        return true;
    }

    private SeriesTally ReadTally()
    {
        var tally = new SeriesTally { Rows = Positive(), Timed = Positive() };
        if (tally.Timed > tally.Rows) throw new InvalidDataException($"more times than rows at byte {_at}");
        if (tally.Timed == 0) return tally;
        if (_chunk.Length - _at < 9) throw new InvalidDataException($"a series is cut at byte {_at}");
        tally.Flaws = (SeriesFlaws)_chunk.Span[_at];
        if (_chunk.Span[_at] > (int)(SeriesFlaws.Unordered | SeriesFlaws.Repeated)) throw new InvalidDataException($"unknown flaws at byte {_at}");
        tally.First = BinaryPrimitives.ReadInt64LittleEndian(_chunk.Span[(_at + 1)..]);
        _at += 9;
        var length = Positive();
        if (tally.First < 0 || length > DateTime.MaxValue.Ticks - tally.First) throw new InvalidDataException($"a time out of range at byte {_at}");
        tally.Last = tally.First + length;
        tally.Step = Positive() - 1;
        return tally;
    }

    private int Length(int most)
    {
        var value = Positive();
        return value <= most ? (int)value : throw new InvalidDataException($"a length out of range at byte {_at}");
    }

    private long Positive()
    {
        ulong value = 0;
        for (var shift = 0; shift < 63; shift += 7)
        {
            if (_at == _chunk.Length) throw new InvalidDataException($"a number is cut at byte {_at}");
            var b = _chunk.Span[_at++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return b == 0 && shift > 0 ? throw new InvalidDataException($"a number is longer than it has to be at byte {_at}") : (long)value;
        }

        throw new InvalidDataException($"a number is too large at byte {_at}");
    }
}
