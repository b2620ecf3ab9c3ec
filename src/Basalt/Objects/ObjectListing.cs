using Basalt.Records;

namespace Basalt.Objects;

/// <summary>What to list.</summary>
public sealed record ObjectListing
{
    /// <summary>The largest page.</summary>
    public const int MaxPageSize = 1000;

    /// <summary>What keys begin with; nothing unless given. Any text: it need not end at a slash.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Where keys that go on behind the prefix are cut: what has this sign there is listed once, as the prefix up to and with it. Default: nothing is cut.</summary>
    public char? Delimiter { get; init; }

    /// <summary>Only what is behind this key or prefix in the order is listed, so that a listing goes on where another one ended.</summary>
    public string? StartAfter { get; init; }

    /// <summary>How many items to ask for at once: 1 to 1000, which is the default.</summary>
    public int PageSize { get; init; } = MaxPageSize;

    /// <summary>Refuses a listing that cannot be.</summary>
    internal static void Require(ObjectListing listing)
    {
        ArgumentNullException.ThrowIfNull(listing);
        if (listing.Prefix is null) throw new ArgumentException("The prefix of a listing is null; an empty one stands for all keys.", nameof(listing));
        Text.RequireWellFormed(listing.Prefix, nameof(listing));
        if (listing.StartAfter is not null) Text.RequireWellFormed(listing.StartAfter, nameof(listing));
        if (listing.Delimiter is { } delimiter && !char.IsAscii(delimiter)) throw new ArgumentException($"A delimiter is an ASCII character, not '{delimiter}'.", nameof(listing));
        if (listing.PageSize is < 1 or > MaxPageSize) throw new ArgumentException($"A page has 1 to {MaxPageSize} items, not {listing.PageSize}.", nameof(listing));
    }

    /// <summary>Whether an item is behind the start.</summary>
    internal bool Includes(string key) => StartAfter is null || Text.Compare(key, StartAfter) > 0;

    /// <summary>The prefix that stands for a key, or null when it is listed itself.</summary>
    internal string? CommonPrefixOf(string key)
    {
        if (Delimiter is not { } delimiter) return null;
        var at = key.IndexOf(delimiter, Prefix.Length);
        return at < 0 ? null : key[..(at + 1)];
    }
}
