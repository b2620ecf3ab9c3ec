namespace Basalt.Conformance;

/// <summary>What a <see cref="DisguisedBackend"/> declares instead of what the backend behind it declares.</summary>
/// <param name="Seed">Decides which leaves are supported how, what an inexact leaf lets through, and the order in which unordered scans come.</param>
public sealed record Disguise(int Seed)
{
    /// <summary>Whether it sorts; then it does so by itself.</summary>
    public bool Sorts { get; init; }

    /// <summary>Whether it keeps the atomic batches and the transactions of the backend behind it.</summary>
    public bool KeepsAtomicity { get; init; }

    /// <summary>Whether it declares to hold one collection only.</summary>
    public bool HoldsOneCollection { get; init; }

    /// <summary>The largest record that it takes, or null for what the backend behind it takes.</summary>
    public int? MaxRecordBytes { get; init; }

    /// <summary>The levels of support among which one is drawn for each leaf; none of the leaves is supported unless given.</summary>
    public IReadOnlyList<FilterSupport> Supports { get; init; } = [FilterSupport.None];

    /// <summary>The support that is declared for a leaf: always the same for the same leaf.</summary>
    public FilterSupport Of(LeafFilter leaf)
    {
        ArgumentNullException.ThrowIfNull(leaf);
        return Supports[(int)(Draw(leaf.ToString()) % (uint)Supports.Count)];
    }

    /// <summary>A number that depends on the seed and the text alone, in every process.</summary>
    internal uint Draw(string text)
    {
        // FNV-1a, with a last mixing step because the low bits choose.
        var hash = 2166136261u ^ (uint)Seed;
        foreach (var c in text) hash = (hash ^ c) * 16777619u;
        hash ^= hash >> 15;
        hash *= 2246822519u;
        return hash ^ hash >> 13;
    }
}
