using System.Globalization;
using System.Text;
using Basalt.Records;

namespace Basalt.Backends.Files.Formats;

/// <summary>
/// Finds the type that every cell of a column fits, so that nothing of a value is lost: <c>007</c> and <c>+1</c> stay text, and more digits
/// than a double keeps make a decimal. A column without any cell is text.
/// </summary>
internal struct CellTypeInference
{
    private Candidates _open;
    private bool _seen;

    [Flags]
    private enum Candidates
    {
        None = 0,
        Int64 = 1,
        Double = 2,
        Decimal = 4,
        Bool = 8,
        DateTime = 16,
        All = 31,
    }

    public void See(ReadOnlySpan<byte> cell)
    {
        if (!_seen) (_seen, _open) = (true, Candidates.All);
        if (_open == Candidates.None) return;
        if ((_open & (Candidates.Int64 | Candidates.Double | Candidates.Decimal)) != Candidates.None) SeeNumber(cell);
        if ((_open & Candidates.Bool) != Candidates.None && !cell.SequenceEqual("true"u8) && !cell.SequenceEqual("false"u8)) _open &= ~Candidates.Bool;
        if ((_open & Candidates.DateTime) != Candidates.None && !CellTypes.TryTime(cell, out _)) _open &= ~Candidates.DateTime;
    }

    public readonly CellType Type => !_seen ? CellType.Text
        : _open.HasFlag(Candidates.Int64) ? CellType.Int64
        : _open.HasFlag(Candidates.Double) ? CellType.Double
        : _open.HasFlag(Candidates.Decimal) ? CellType.Decimal
        : _open.HasFlag(Candidates.Bool) ? CellType.Bool
        : _open.HasFlag(Candidates.DateTime) ? CellType.DateTime
        : CellType.Text;

    private void SeeNumber(ReadOnlySpan<byte> cell)
    {
        if (!IsJsonNumber(cell) || cell.Length > 256)
        {
            _open &= ~(Candidates.Int64 | Candidates.Double | Candidates.Decimal);
            return;
        }

        Span<char> text = stackalloc char[256];
        text = text[..Encoding.ASCII.GetChars(cell, text)];
        if (!Number.TryParse(text, out var value))
        {
            _open &= ~(Candidates.Int64 | Candidates.Double | Candidates.Decimal);
            return;
        }

        if (value.Kind != ValueKind.Int64) _open &= ~Candidates.Int64;
        if (!value.TryGetDouble(out _) || value.Kind == ValueKind.Double && !KeepsDigits(text, value.AsDouble)) _open &= ~Candidates.Double;
        if (!value.TryGetDecimal(out _) || value.Kind == ValueKind.Double && !KeepsDigits(text, value.AsDouble)) _open &= ~Candidates.Decimal;
    }

    // Number.TryParse falls back to the nearest double for what no type keeps; such a column stays text.
    private static bool KeepsDigits(ReadOnlySpan<char> text, double value)
    {
        var digits = 0;
        foreach (var c in text)
        {
            if (c is 'e' or 'E') break;
            if (char.IsAsciiDigit(c) && (digits > 0 || c != '0')) digits++;
        }

        return digits <= 15 || (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact) && digits <= 28 && Value.From(exact).Equals(value));
    }

    /// <summary>The grammar of JSON's numbers: no plus, no leading zeros, digits on both sides of a point.</summary>
    private static bool IsJsonNumber(ReadOnlySpan<byte> cell)
    {
        if (cell.StartsWith("-"u8)) cell = cell[1..];
        var whole = Digits(cell);
        if (whole == 0 || (whole > 1 && cell[0] == '0')) return false;
        cell = cell[whole..];
        if (cell.StartsWith("."u8))
        {
            var fraction = Digits(cell[1..]);
            if (fraction == 0) return false;
            cell = cell[(fraction + 1)..];
        }

        if (cell.Length == 0) return true;
        if (cell[0] is not ((byte)'e' or (byte)'E')) return false;
        cell = cell[1..];
        if (cell.Length > 0 && cell[0] is (byte)'+' or (byte)'-') cell = cell[1..];
        return cell.Length > 0 && Digits(cell) == cell.Length;
    }

    private static int Digits(ReadOnlySpan<byte> cell)
    {
        var end = cell.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return end < 0 ? cell.Length : end;
    }
}
