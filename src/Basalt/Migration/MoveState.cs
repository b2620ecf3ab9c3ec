using System.Globalization;
using Basalt.Records;

namespace Basalt.Migration;

/// <summary>How far a move is, at the end of a durable batch: what a checkpoint holds.</summary>
internal sealed record MoveState
{
    /// <summary>The time of the first start: the time in minted ids.</summary>
    public required long Milliseconds { get; init; }

    /// <summary>What tells the minted ids of this move from all others.</summary>
    public required ulong Origin { get; init; }

    /// <summary>Whether the destination was empty at the first start, so that at the end it must hold what was written and nothing else.</summary>
    public bool WasEmpty { get; init; }

    public long Read { get; init; }

    public long Written { get; init; }

    public long Skipped { get; init; }

    public long Filtered { get; init; }

    public UInt128 Hash { get; init; }

    /// <summary>How many of those that were written expire: they may be gone when the others are verified.</summary>
    public long Expiring { get; init; }

    /// <summary>The part of <see cref="Hash"/> that is theirs.</summary>
    public UInt128 ExpiringHash { get; init; }

    /// <summary>The source's id of the last record read.</summary>
    public string LastId { get; init; } = "";

    /// <summary>How long the log of what was written is.</summary>
    public long LogBytes { get; init; }

    public ValueMap ToMap() => new ValueMapBuilder()
        .Set("milliseconds", Milliseconds).Set("origin", (long)Origin).Set("wasEmpty", WasEmpty)
        .Set("read", Read).Set("written", Written).Set("skipped", Skipped).Set("filtered", Filtered)
        .Set("hash", Hash.ToString("x32", CultureInfo.InvariantCulture)).Set("lastId", LastId).Set("logBytes", LogBytes)
        .Set("expiring", Expiring).Set("expiringHash", ExpiringHash.ToString("x32", CultureInfo.InvariantCulture))
        .Build();

    /// <exception cref="InvalidOperationException">A value is missing or of another kind.</exception>
    public static MoveState From(ValueMap map) => new()
    {
        Milliseconds = map["milliseconds"].AsInt64,
        Origin = (ulong)map["origin"].AsInt64,
        WasEmpty = map["wasEmpty"].AsBool,
        Read = map["read"].AsInt64,
        Written = map["written"].AsInt64,
        Skipped = map["skipped"].AsInt64,
        Filtered = map["filtered"].AsInt64,
        Hash = UInt128.Parse(map["hash"].AsString, NumberStyles.HexNumber, CultureInfo.InvariantCulture),
        LastId = map["lastId"].AsString,
        LogBytes = map["logBytes"].AsInt64,
        Expiring = map["expiring"].AsInt64,
        ExpiringHash = UInt128.Parse(map["expiringHash"].AsString, NumberStyles.HexNumber, CultureInfo.InvariantCulture),
    };
}
