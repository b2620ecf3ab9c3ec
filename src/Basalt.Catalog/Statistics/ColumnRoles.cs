using Basalt.Catalog.Metadata;

namespace Basalt.Catalog.Statistics;

/// <summary>Which columns of a file say what: the key by declaration, else by a usual name; the time by a usual name, because metadata files declare none.</summary>
/// <param name="Key">The places of the key's columns; none: all rows are one series.</param>
/// <param name="Time">The place of the time column, or null.</param>
internal sealed record ColumnRoles(int[] Key, int? Time)
{
    private static readonly string[] UsualKeys = ["item_id", "series_id", "ts_id", "unique_id", "time_series_id", "id"];
    private static readonly string[] UsualTimes = ["timestamp", "datetime", "date_time", "time", "date", "ds", "start"];

    /// <summary>The roles in a file with these columns.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidData"/>: a declared column of the key is not there.</exception>
    public static ColumnRoles Of(IReadOnlyList<string> columns, IReadOnlyList<ColumnDeclaration> key, string file)
    {
        var places = key.Count > 0
            ? [.. key.Select(declared => Find(columns, declared.Name) ?? throw new BasaltException(ErrorCode.InvalidData, $"'{file}' has no column '{declared.Name}', which is declared as part of the key; its columns are {string.Join(", ", columns)}.") { Operation = "read", Target = file })]
            : UsualKeys.Select(name => Find(columns, name)).FirstOrDefault(static place => place is not null) is { } usual ? new[] { usual } : [];
        return new ColumnRoles(places, TimeOf(columns, places));
    }

    // The name itself before names that have it in them, such as pickup_datetime.
    private static int? TimeOf(IReadOnlyList<string> columns, int[] key)
    {
        foreach (var name in UsualTimes)
            if (Find(columns, name) is { } place && !key.Contains(place)) return place;
        for (var i = 0; i < columns.Count; i++)
            if (!key.Contains(i) && (columns[i].Contains("timestamp", StringComparison.OrdinalIgnoreCase) || columns[i].Contains("datetime", StringComparison.OrdinalIgnoreCase))) return i;
        return null;
    }

    private static int? Find(IReadOnlyList<string> columns, string name)
    {
        int? loose = null;
        for (var i = 0; i < columns.Count; i++)
        {
            if (columns[i] == name) return i;
            if (loose is null && columns[i].Equals(name, StringComparison.OrdinalIgnoreCase)) loose = i;
        }

        return loose;
    }
}
