using System.Globalization;

namespace Basalt.Lsm.Versions;

/// <summary>What the files of a store are called.</summary>
internal sealed class FileNames(string folder)
{
    public const string Current = "CURRENT";
    public const string Temporary = ".new";
    public const string Lock = "LOCK";
    public const string Backup = "BACKUP";
    public const string Probe = "PROBE";
    private const string TablePrefix = "table-";
    private const string LogPrefix = "wal-";
    private const string ManifestPrefix = "manifest-";
    private const string SidecarPrefix = "sidecar-";

    public string Folder => folder;

    public string CurrentPath => Path.Combine(folder, Current);

    public string LockPath => Path.Combine(folder, Lock);

    /// <summary>What is written, and removed, to see whether there is space.</summary>
    public string ProbePath => Path.Combine(folder, Probe);

    public string BackupPath => Path.Combine(folder, Backup);

    public string Table(ulong number) => Numbered(TablePrefix, number);

    public string Log(ulong number) => Numbered(LogPrefix, number);

    public string Sidecar(ulong number) => Numbered(SidecarPrefix, number);

    public string Manifest(ulong number) => Numbered(ManifestPrefix, number);

    public static bool IsTable(string name, out ulong number) => IsNumbered(name, TablePrefix, out number);

    public static bool IsLog(string name, out ulong number) => IsNumbered(name, LogPrefix, out number);

    public static bool IsSidecar(string name, out ulong number) => IsNumbered(name, SidecarPrefix, out number);

    public static bool IsManifest(string name, out ulong number) => IsNumbered(name, ManifestPrefix, out number);

    private string Numbered(string prefix, ulong number) => Path.Combine(folder, $"{prefix}{number:D10}");

    private static bool IsNumbered(string name, string prefix, out ulong number)
    {
        number = 0;
        return name.StartsWith(prefix, StringComparison.Ordinal) && ulong.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
