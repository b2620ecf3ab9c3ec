using System.Text;

namespace Basalt.Engine.Terms;

/// <summary>
/// How many typos lie between a word and what begins as another, a character at a time: an insertion, deletion, change, or swap of neighbours counts one, and nothing is changed twice (optimal string alignment, the
/// restricted distance of Damerau and Levenshtein). Only the cells that can stay within the most are kept (Ukkonen 1985). One thread.
/// </summary>
internal sealed class EditBand
{
    private readonly int _most;
    private readonly int _width;
    private readonly int[] _word;
    private readonly int[] _other;
    private readonly int[] _cells;

    /// <param name="word">The word, in UTF-8.</param>
    /// <param name="most">The most edits that are told apart from more.</param>
    public EditBand(ReadOnlySpan<byte> word, int most)
    {
        (_most, _width) = (most, 2 * most + 1);
        _word = new int[word.Length];
        while (word.Length > 0)
        {
            Rune.DecodeFromUtf8(word, out var rune, out var taken);
            _word[Length++] = rune.Value;
            word = word[taken..];
        }

        _other = new int[Length + most];
        _cells = new int[(Length + most + 1) * _width];
        for (var i = 0; i < _width; i++) _cells[i] = i < most || i - most > Length ? most + 1 : i - most;
    }

    /// <summary>How many characters the word has.</summary>
    public int Length { get; }

    /// <summary>Adds a character behind the first so many of the other; false when no word that begins so is near enough.</summary>
    public bool Add(int depth, int character)
    {
        if (depth >= _other.Length) return false;
        _other[depth] = character;
        var (before, row) = (depth * _width, (depth + 1) * _width);
        var isNear = false;
        for (var i = 0; i < _width; i++)
        {
            var j = depth + 1 + i - _most;
            var edits = _most + 1;
            if (j == 0)
            {
                edits = Math.Min(edits, depth + 1);
            }
            else if (j > 0 && j <= Length)
            {
                edits = Math.Min(edits, _cells[before + i] + (_word[j - 1] == character ? 0 : 1));
                if (i + 1 < _width) edits = Math.Min(edits, _cells[before + i + 1] + 1);
                if (i > 0) edits = Math.Min(edits, _cells[row + i - 1] + 1);
                if (depth > 0 && j > 1 && _word[j - 1] == _other[depth - 1] && _word[j - 2] == character) edits = Math.Min(edits, _cells[before - _width + i] + 1);
            }

            _cells[row + i] = edits;
            isNear |= edits <= _most;
        }

        return isNear;
    }

    /// <summary>How many edits the other word is away, if it ends behind so many characters; more than the most when it is too far.</summary>
    public int DistanceAt(int depth)
    {
        var i = Length - depth + _most;
        return i >= 0 && i < _width ? _cells[depth * _width + i] : _most + 1;
    }

    /// <summary>How many edits a whole word is away; more than the most when it is too far.</summary>
    public int DistanceTo(ReadOnlySpan<byte> other)
    {
        var depth = 0;
        while (other.Length > 0)
        {
            Rune.DecodeFromUtf8(other, out var rune, out var taken);
            if (!Add(depth++, rune.Value)) return _most + 1;
            other = other[taken..];
        }

        return DistanceAt(depth);
    }
}
