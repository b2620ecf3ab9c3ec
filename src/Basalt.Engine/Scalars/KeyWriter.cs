using System.Buffers.Binary;
using System.Text;
using Basalt.Lsm.IO;
using Basalt.Records;

namespace Basalt.Engine.Scalars;

/// <summary>
/// Writes values as keys: bytes whose order is that of <see cref="Value.CompareTo"/>, and which are the same exactly when the values are equal. A longer
/// key than <see cref="MaxBytes"/> is cut. Not thread-safe.
/// </summary>
/// <remarks>
/// A tag (<see cref="KeyTag"/>), then: bool 0 or 1; number see <see cref="NumberKey"/>; text its UTF-8; date-time the ticks of its instant since the year 1 (8 bytes);
/// guid its 16 bytes; bytes themselves; vector 4 bytes a component, ordered as doubles are; list its items, each with its tag, and an end; map its entries by name, each a 1, the
/// name and the value with its tag, and an end. Numbers are highest byte first. Within lists and maps, text, names and bytes have 0 written as 0 255 and end in 0 0; a vector has a 1
/// before each component and ends in 0; a number keeps its zeros; a null is its tag.
/// </remarks>
internal sealed class KeyWriter
{
    /// <summary>The longest key that is kept whole. One that is cut has a byte more, so it is told by its length and is in its place in the order.</summary>
    public const int MaxBytes = 1024;

    /// <summary>The length of a key that was cut.</summary>
    public const int CutBytes = MaxBytes + 1;

    private readonly ByteBuffer _bytes = new(CutBytes);

    /// <summary>The key of a value that is not null. Valid until the next is written.</summary>
    public ReadOnlySpan<byte> Write(in Value value)
    {
        _bytes.Clear();
        Add(value, isNested: false);
        if (value.IsNumber) Trim();
        if (_bytes.Length > MaxBytes) _bytes.Truncate(CutBytes);
        return _bytes.Written;
    }

    /// <summary>Whether a key was cut.</summary>
    public static bool IsCut(ReadOnlySpan<byte> key) => key.Length > MaxBytes;

    private void Add(in Value value, bool isNested)
    {
        switch (value.Kind)
        {
            case ValueKind.Null:
                _bytes.Add(KeyTag.Null);
                break;
            case ValueKind.Bool:
                _bytes.Add(KeyTag.Bool);
                _bytes.Add(value.AsBool ? (byte)1 : (byte)0);
                break;
            case ValueKind.Int64 or ValueKind.Double or ValueKind.Decimal:
                _bytes.Add(KeyTag.Number);
                NumberKey.Write(_bytes, value);
                break;
            case ValueKind.String:
                _bytes.Add(KeyTag.Text);
                AddText(value.AsString, isNested);
                break;
            case ValueKind.DateTime:
                _bytes.Add(KeyTag.DateTime);
                BinaryPrimitives.WriteInt64BigEndian(_bytes.Take(sizeof(long)), value.UtcTicks);
                break;
            case ValueKind.Guid:
                _bytes.Add(KeyTag.Guid);
                value.AsGuid.TryWriteBytes(_bytes.Take(16), bigEndian: true, out _);
                break;
            case ValueKind.Bytes:
                _bytes.Add(KeyTag.Bytes);
                AddBytes(value.AsBytes.Span, isNested);
                break;
            case ValueKind.Vector:
                _bytes.Add(KeyTag.Vector);
                AddVector(value.AsVector.Span, isNested);
                break;
            case ValueKind.List:
                _bytes.Add(KeyTag.List);
                AddList(value.AsList.Span);
                break;
            default:
                _bytes.Add(KeyTag.Map);
                AddMap(value.AsMap);
                break;
        }
    }

    // What is behind the longest key is never looked at, so it is not written either: a text of a megabyte costs as much as one of a kilobyte.
    private void AddText(ReadOnlySpan<char> text, bool isNested)
    {
        if (text.Length > CutBytes + 1)
        {
            text = text[..(CutBytes + 1)];
            if (char.IsHighSurrogate(text[^1])) text = text[..^1];
        }

        if (isNested)
        {
            Span<byte> bytes = stackalloc byte[3 * (CutBytes + 1)];
            AddBytes(bytes[..Encoding.UTF8.GetBytes(text, bytes)], isNested: true);
            return;
        }

        var length = _bytes.Length;
        var written = Encoding.UTF8.GetBytes(text, _bytes.Take(text.Length * 3));
        _bytes.Truncate(length + written);
    }

    private void AddBytes(ReadOnlySpan<byte> bytes, bool isNested)
    {
        if (bytes.Length > CutBytes) bytes = bytes[..CutBytes];
        if (!isNested)
        {
            _bytes.Add(bytes);
            return;
        }

        for (var zero = bytes.IndexOf((byte)0); zero >= 0; zero = bytes.IndexOf((byte)0))
        {
            _bytes.Add(bytes[..(zero + 1)]);
            _bytes.Add(byte.MaxValue);
            bytes = bytes[(zero + 1)..];
        }

        _bytes.Add(bytes);
        _bytes.Add(KeyTag.End);
        _bytes.Add(KeyTag.End);
    }

    private void AddVector(ReadOnlySpan<float> components, bool isNested)
    {
        foreach (var component in components)
        {
            if (_bytes.Length > MaxBytes) return;
            if (isNested) _bytes.Add(1);
            var bits = BitConverter.SingleToInt32Bits(component == 0 ? 0 : component);
            var ordered = float.IsNaN(component) ? uint.MaxValue : (uint)(bits < 0 ? ~bits : bits ^ int.MinValue);
            BinaryPrimitives.WriteUInt32BigEndian(_bytes.Take(sizeof(uint)), ordered);
        }

        if (isNested) _bytes.Add(KeyTag.End);
    }

    private void AddList(ReadOnlySpan<Value> items)
    {
        foreach (ref readonly var item in items)
        {
            if (_bytes.Length > MaxBytes) return;
            Add(item, isNested: true);
        }

        _bytes.Add(KeyTag.End);
    }

    private void AddMap(ValueMap map)
    {
        var names = map.Keys.ToArray();
        Array.Sort(names, static (left, right) => Text.Compare(left, right));
        foreach (var name in names)
        {
            if (_bytes.Length > MaxBytes) return;
            _bytes.Add(1);
            AddText(name, isNested: true);
            Add(map[name], isNested: true);
        }

        _bytes.Add(KeyTag.End);
    }

    // A shorter key is below a longer one that goes on with more than zeros, so they mean nothing at the end.
    private void Trim() => _bytes.Truncate(1 + _bytes.Written[1..].TrimEnd((byte)0).Length);
}
