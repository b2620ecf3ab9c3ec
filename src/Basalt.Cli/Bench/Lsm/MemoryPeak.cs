using System.Diagnostics;

namespace Basalt.Cli.Bench.Lsm;

/// <summary>The most physical memory that this process held since it was last asked to forget.</summary>
internal static class MemoryPeak
{
    private const string ClearPath = "/proc/self/clear_refs";

    public static long Bytes
    {
        get
        {
            using var self = Process.GetCurrentProcess();
            return self.PeakWorkingSet64;
        }
    }

    public static long Current
    {
        get
        {
            using var self = Process.GetCurrentProcess();
            return self.WorkingSet64;
        }
    }

    /// <summary>Begins anew where the system can; elsewhere peaks are those of the whole run.</summary>
    public static void Forget()
    {
        if (File.Exists(ClearPath)) File.WriteAllText(ClearPath, "5");
    }
}
