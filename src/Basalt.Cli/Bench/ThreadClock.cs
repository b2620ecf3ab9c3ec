using System.Runtime.InteropServices;

namespace Basalt.Cli.Bench;

/// <summary>The processor time of the calling thread: what a search costs, however busy the machine is.</summary>
internal static partial class ThreadClock
{
    private const int LinuxThreadClock = 3;
    private const int AppleThreadClock = 16;

    /// <summary>Whether the system has such a clock that is known here.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux() || OperatingSystem.IsMacOS();

    public static TimeSpan Now
    {
        get
        {
            if (!IsSupported) throw new PlatformNotSupportedException("The processor time of a thread is known on Linux and macOS.");
            if (ReadClock(OperatingSystem.IsLinux() ? LinuxThreadClock : AppleThreadClock, out var time) != 0) throw new InvalidOperationException($"The clock of the thread cannot be read (error {Marshal.GetLastPInvokeError()}).");
            return TimeSpan.FromTicks(time.Seconds * TimeSpan.TicksPerSecond + time.Nanoseconds / TimeSpan.NanosecondsPerTick);
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int ReadClock(int clock, out Time time);

    private struct Time
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
