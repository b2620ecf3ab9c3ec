namespace Basalt.Cli.Diagnosis;

/// <summary>Opens a store, asks whether it can serve, and lists its collections.</summary>
internal static class StoreCheck
{
    public static async Task<Finding> RunAsync(Session session, StoreUri uri, CancellationToken cancellationToken)
    {
        try
        {
            var database = await session.OpenAsync(uri, cancellationToken).ConfigureAwait(false);
            await using var closing = database.ConfigureAwait(false);
            await database.PingAsync(cancellationToken).ConfigureAwait(false);
            var names = await database.ListCollectionsAsync(cancellationToken).ConfigureAwait(false);
            if (uri.Collection is { } wanted && !names.Contains(wanted)) return new Finding(Verdict.Fail, "store", $"{uri} opens, but has no collection '{wanted}'; it has {Listed(names)}");
            return new Finding(Verdict.Ok, "store", $"{uri} opens and has {Listed(names)}");
        }
        catch (Exception e) when (e is BasaltException or IOException or UnauthorizedAccessException)
        {
            return new Finding(Verdict.Fail, "store", $"{uri} does not open: {e.Message}");
        }
    }

    private static string Listed(IReadOnlyList<string> names) => names.Count switch
    {
        0 => "no collections",
        1 => $"the collection '{names[0]}'",
        <= 5 => $"{names.Count} collections ({string.Join(", ", names)})",
        _ => $"{names.Count} collections ({string.Join(", ", names.Take(5))}, ...)",
    };
}
