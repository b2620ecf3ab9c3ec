namespace Basalt.Records;

public readonly partial struct Value
{
    /// <summary>Whether both are the same value; numbers by value across kinds, instants by instant.</summary>
    public bool Equals(Value other)
    {
        if (_kind != other._kind) return IsNumber && other.IsNumber && Number.Compare(this, other) == 0;
        return _kind switch
        {
            ValueKind.Null => true,
            ValueKind.Bool or ValueKind.Int64 => _bits == other._bits,
            ValueKind.String => _bits == other._bits && string.Equals(AsString, other.AsString),
            ValueKind.DateTime => UtcTicks == other.UtcTicks,
            ValueKind.Guid => AsGuid == other.AsGuid,
            ValueKind.Bytes => AsBytes.Span.SequenceEqual(other.AsBytes.Span),
            ValueKind.Map => AsMap.Equals(other.AsMap),
            ValueKind.List => AsList.Span.SequenceEqual(other.AsList.Span),
            _ => CompareTo(other) == 0,
        };
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Value other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        switch (_kind)
        {
            case ValueKind.Null: return 0;
            case ValueKind.Bool: return _bits != 0 ? 1 : 2;
            case ValueKind.Int64 or ValueKind.Double or ValueKind.Decimal: return Number.Hash(this);
            case ValueKind.DateTime: return UtcTicks.GetHashCode();
            case ValueKind.Map: return AsMap.GetHashCode();
        }

        var hash = new HashCode();
        switch (_kind)
        {
            case ValueKind.String: return AsString.GetHashCode(StringComparison.Ordinal);
            case ValueKind.Guid: return AsGuid.GetHashCode();
            case ValueKind.Bytes: hash.AddBytes(AsBytes.Span); break;
            case ValueKind.Vector: foreach (var x in AsVector.Span) hash.Add(x == 0 ? 0f : x); break;
            case ValueKind.List: foreach (var item in AsList.Span) hash.Add(item); break;
        }

        return hash.ToHashCode();
    }

    /// <summary>The place of this value in the one total order across all types: nulls first.</summary>
    public int CompareTo(Value other)
    {
        int rank = Rank(_kind), otherRank = Rank(other._kind);
        if (rank != otherRank) return rank < otherRank ? -1 : 1;
        return _kind switch
        {
            ValueKind.Null => 0,
            ValueKind.Bool => _bits.CompareTo(other._bits),
            ValueKind.Int64 or ValueKind.Double or ValueKind.Decimal => Number.Compare(this, other),
            ValueKind.String => Text.Compare(AsString, other.AsString),
            ValueKind.DateTime => UtcTicks.CompareTo(other.UtcTicks),
            ValueKind.Guid => CompareGuids(AsGuid, other.AsGuid),
            ValueKind.Bytes => AsBytes.Span.SequenceCompareTo(other.AsBytes.Span),
            ValueKind.Vector => CompareVectors(AsVector.Span, other.AsVector.Span),
            ValueKind.List => AsList.Span.SequenceCompareTo(other.AsList.Span),
            ValueKind.Map => AsMap.CompareTo(other.AsMap),
            _ => throw new InvalidOperationException($"No order for {_kind}."),
        };
    }

    /// <summary>Whether both are of one type, so that smaller and greater mean something to a filter.</summary>
    internal bool IsComparableTo(Value other) => Rank(_kind) == Rank(other._kind) && _kind != ValueKind.Null;

    /// <summary>The instant in UTC ticks; the payload of a date-time.</summary>
    internal long UtcTicks => _bits - _offsetMinutes * TimeSpan.TicksPerMinute;

    /// <summary>The raw payload of a bool, int64 or double, and the digest of text, for compiled filters that have checked the kind.</summary>
    internal long Bits => _bits;

    /// <summary>Whether both are the same value.</summary>
    public static bool operator ==(Value left, Value right) => left.Equals(right);

    /// <summary>Whether both differ.</summary>
    public static bool operator !=(Value left, Value right) => !left.Equals(right);

    /// <summary>The total order.</summary>
    public static bool operator <(Value left, Value right) => left.CompareTo(right) < 0;

    /// <summary>The total order.</summary>
    public static bool operator <=(Value left, Value right) => left.CompareTo(right) <= 0;

    /// <summary>The total order.</summary>
    public static bool operator >(Value left, Value right) => left.CompareTo(right) > 0;

    /// <summary>The total order.</summary>
    public static bool operator >=(Value left, Value right) => left.CompareTo(right) >= 0;

    private static int Rank(ValueKind kind) => kind is ValueKind.Double or ValueKind.Decimal ? (int)ValueKind.Int64 : (int)kind;

    private static int CompareGuids(Guid left, Guid right)
    {
        Span<byte> a = stackalloc byte[16], b = stackalloc byte[16];
        left.TryWriteBytes(a, bigEndian: true, out _);
        right.TryWriteBytes(b, bigEndian: true, out _);
        return a.SequenceCompareTo(b);
    }

    private static int CompareVectors(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        var shared = Math.Min(left.Length, right.Length);
        for (var i = 0; i < shared; i++)
        {
            var order = Number.Compare(left[i], right[i]);
            if (order != 0) return order;
        }

        return left.Length.CompareTo(right.Length);
    }
}
