using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Basalt.DuckDb.Native;

/// <summary>
/// Where libduckdb is. It is looked for beside the assembly (<c>runtimes/RID/native</c>), then in <c>node_modules</c> of the assembly's folder and of those above it, then at the path that
/// the environment variable <c>BASALT_DUCKDB</c> holds.
/// </summary>
internal static class DuckDbLibrary
{
    /// <summary>The name by which the imports ask for the library.</summary>
    public const string Name = "duckdb";

    /// <summary>The environment variable with the path of a library elsewhere.</summary>
    public const string PathVariable = "BASALT_DUCKDB";

    /// <summary>The version of the package of npm that brings the library.</summary>
    public const string PackageVersion = "1.5.5-r.5";

    // The layout of results and the set of functions are those of this series.
    private const string Series = "v1.5.";

    private static readonly Lazy<(nint Handle, string? Problem)> Loaded = new(Load);

    /// <summary>Before any import is bound: those that suppress the transition of the garbage collector bind when their caller is compiled.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "The resolver must be there before the first method with an import is compiled.")]
    internal static void Register() => NativeLibrary.SetDllImportResolver(typeof(DuckDbLibrary).Assembly, static (name, _, _) => name == Name ? Loaded.Value.Handle : 0);

    /// <summary>Why the library cannot be used, and what to do; null when it can.</summary>
    public static string? Problem => Loaded.Value.Problem;

    /// <summary>Refuses to go on without the library.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.Unavailable"/>: the message says where it was looked for and how to get it.</exception>
    public static void Require()
    {
        if (Problem is { } problem) throw new BasaltException(ErrorCode.Unavailable, problem) { Backend = DuckDbFaults.Scheme };
    }

    /// <summary>The places that are tried, in order.</summary>
    internal static IEnumerable<string> Candidates(string folder, string? fromEnvironment)
    {
        var (rid, package, file) = Platform();
        yield return Path.Combine(folder, "runtimes", rid, "native", file);
        for (var above = folder; above is not null; above = Path.GetDirectoryName(above))
            yield return Path.Combine(above, "node_modules", "@duckdb", "node-bindings-" + package, file);
        if (!string.IsNullOrEmpty(fromEnvironment)) yield return fromEnvironment;
    }

    private static (nint Handle, string? Problem) Load()
    {
        foreach (var candidate in Candidates(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar), Environment.GetEnvironmentVariable(PathVariable)))
        {
            if (!File.Exists(candidate)) continue;
            if (!NativeLibrary.TryLoad(candidate, out var handle)) return (0, $"{candidate} is there and cannot be loaded: it is of another platform, or a library that it needs is missing.");
            var version = Version(handle);
            return version.StartsWith(Series, StringComparison.Ordinal) ? (handle, null) : (0, $"{candidate} is DuckDB {version}; {Series}x is needed (npm package {PackageVersion}).");
        }

        var (rid, package, file) = Platform();
        return (0, $"DuckDB's library {file} was not found. Run 'npm ci' in the folder of the tool (it installs @duckdb/node-bindings-{package} {PackageVersion}), put the file into runtimes/{rid}/native beside the program, or set {PathVariable} to its path.");
    }

    private static unsafe string Version(nint library)
    {
        if (!NativeLibrary.TryGetExport(library, "duckdb_library_version", out var export)) return "of an unknown version";
        return Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)export)()) ?? "of an unknown version";
    }

    /// <summary>The runtime identifier, the package's suffix and the file of this machine.</summary>
    private static (string Rid, string Package, string File) Platform()
    {
        var architecture = RuntimeInformation.ProcessArchitecture switch { Architecture.X64 => "x64", Architecture.Arm64 => "arm64", var other => other.ToString().ToLowerInvariant() };
        if (OperatingSystem.IsWindows()) return ($"win-{architecture}", $"win32-{architecture}", "duckdb.dll");
        if (OperatingSystem.IsMacOS()) return ($"osx-{architecture}", $"darwin-{architecture}", "libduckdb.dylib");
        return RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal)
            ? ($"linux-musl-{architecture}", $"linux-{architecture}-musl", "libduckdb.so")
            : ($"linux-{architecture}", $"linux-{architecture}", "libduckdb.so");
    }
}
