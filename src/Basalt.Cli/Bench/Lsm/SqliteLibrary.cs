using System.Runtime.InteropServices;
using SQLitePCL;

namespace Basalt.Cli.Bench.Lsm;

/// <summary>The SQLite library of this machine, found when it is first asked for. A benchmark without it says so and goes on.</summary>
internal static class SqliteLibrary
{
    // 3.20.0 is the first with sqlite3_prepare_v3.
    private const int OldestVersion = 3_020_000;
    private static readonly Lazy<(string? Version, string? Reason)> Found = new(Find);

    /// <summary>Its version; null when it cannot be used.</summary>
    public static string? Version => Found.Value.Version;

    /// <summary>Why it cannot be used; null when it can.</summary>
    public static string? Reason => Found.Value.Reason;

    private static string[] Names => true switch
    {
        _ when OperatingSystem.IsWindows() => ["winsqlite3.dll", "sqlite3.dll"],
        _ when OperatingSystem.IsMacOS() => ["libsqlite3.dylib"],
        _ => ["libsqlite3.so.0", "libsqlite3.so"],
    };

    private static (string? Version, string? Reason) Find()
    {
        nint library = 0;
        if (!Names.Any(name => NativeLibrary.TryLoad(name, out library))) return (null, $"SQLite is not on this machine (looked for {string.Join(", ", Names)}).");
        // The provider asks for the library that its own packages bring along; it gets the machine's, which is newer and kept up to date.
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, (_, _, _) => library);
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        var version = raw.sqlite3_libversion().utf8_to_string();
        return raw.sqlite3_libversion_number() < OldestVersion ? (null, $"SQLite {version} is older than 3.20.") : (version, null);
    }
}
