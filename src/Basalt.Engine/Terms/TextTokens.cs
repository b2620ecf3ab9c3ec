using System.Text;

namespace Basalt.Engine.Terms;

/// <summary>The terms of a text, one after the other, as <see cref="TextAnalysis"/> says. Allocates nothing.</summary>
/// <param name="text">The text. Half surrogate pairs separate words.</param>
/// <param name="room">Where terms are made: at least <see cref="TextAnalysis.MostTermBytes"/>.</param>
internal ref struct TextTokens(ReadOnlySpan<char> text, Span<byte> room)
{
    private readonly ReadOnlySpan<char> _text = text;
    private readonly Span<byte> _room = room;
    private ReadOnlySpan<char> _folded;
    private int _at;
    private int _length;
    private bool _isCut;
    private bool _isAgain;
    private int _character;
    private CharacterClass _class;
    private int _from;
    private int _to;

    /// <summary>The term that was found. Valid until the next is asked for.</summary>
    public readonly ReadOnlySpan<byte> Term => _room[.._length];

    /// <summary>Its place among the words of the text, from zero.</summary>
    public int Position { get; private set; } = -1;

    /// <summary>Where its word begins in the text.</summary>
    public int Start { get; private set; }

    /// <summary>Where its word ends in the text.</summary>
    public int End { get; private set; }

    /// <summary>Finds the next term; false at the end.</summary>
    public bool MoveNext()
    {
        (_length, _isCut) = (0, false);
        var (last, middle) = (CharacterClass.Separator, 0);
        while (Read())
        {
            switch (_class)
            {
                case CharacterClass.Ignored:
                    break;
                case CharacterClass.Separator when last == CharacterClass.Separator:
                    break;
                case CharacterClass.Separator when middle == 0 && last != CharacterClass.Single && _character is '\'' or '.' or ',':
                    middle = _character;
                    break;
                case CharacterClass.Mark when last == CharacterClass.Separator:
                    break;
                case CharacterClass.Mark when middle == 0:
                    Append(_character);
                    break;
                case CharacterClass.Letter or CharacterClass.Digit or CharacterClass.Single when last == CharacterClass.Separator:
                    (Start, last) = (_from, _class);
                    Append(_character);
                    break;
                case CharacterClass.Letter or CharacterClass.Digit when last != CharacterClass.Single && (middle == 0 || Joins(last, middle)):
                    if (middle != 0) Append(middle);
                    (last, middle) = (_class, 0);
                    Append(_character);
                    break;
                default:
                    // What ended the word may begin the next.
                    _isAgain = true;
                    return Found();
            }
        }

        return last != CharacterClass.Separator && Found();
    }

    private bool Found()
    {
        Position++;
        return true;
    }

    private readonly bool Joins(CharacterClass last, int middle) => last == _class && (last == CharacterClass.Digit || middle == '\'');

    private void Append(int character)
    {
        End = _to;
        if (character < 0x80 && !_isCut && _length < TextAnalysis.MostTermBytes)
        {
            _room[_length++] = (byte)character;
            return;
        }

        var rune = new Rune(character);
        if (_isCut || _length + rune.Utf8SequenceLength > TextAnalysis.MostTermBytes) _isCut = true;
        else _length += rune.EncodeToUtf8(_room[_length..]);
    }

    private bool Read()
    {
        if (_isAgain)
        {
            _isAgain = false;
            return true;
        }

        while (true)
        {
            if (_folded.Length > 0)
            {
                Take(ref _folded, out _character);
                _class = Folding.ClassOf(_character);
                return true;
            }

            if (_at == _text.Length) return false;
            if (char.IsAscii(_text[_at]))
            {
                (_from, _to) = (_at, _at + 1);
                // What the table says, without looking up capital letters.
                _character = _text[_at++];
                if (char.IsAsciiLetterUpper((char)_character)) _character |= ' ';
                _class = Folding.ClassOf(_character);
                return true;
            }

            var rest = _text[_at..];
            _from = _at;
            var isWhole = Take(ref rest, out _character);
            _to = _at = _text.Length - rest.Length;
            _class = isWhole ? Folding.ClassOf(_character) : CharacterClass.Separator;
            if (_class != CharacterClass.Folded) return true;
            _folded = Folding.Of(_character);
        }
    }

    private static bool Take(ref ReadOnlySpan<char> text, out int character)
    {
        character = text[0];
        if (!char.IsSurrogate((char)character))
        {
            text = text[1..];
            return true;
        }

        var isWhole = Rune.DecodeFromUtf16(text, out var rune, out var taken) == System.Buffers.OperationStatus.Done;
        character = rune.Value;
        text = text[taken..];
        return isWhole;
    }
}
