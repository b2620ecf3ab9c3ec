using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Basalt.Cli.Diagnosis;

/// <summary>What a store needs of a machine: the runtime, the processor, memory, and a disk that keeps what it acknowledged.</summary>
internal sealed class MachineChecks(string directory, TimeProvider time)
{
    private const int SyncedWrites = 31;
    private const int PageSize = 4096;
    private const long LittleMemory = 1L << 30;
    private const int NeededVersion = 10;
    private static readonly TimeSpan SlowSync = TimeSpan.FromMilliseconds(10);

    // No disk or flash answers a flush faster than this: the write was kept in memory.
    private static readonly TimeSpan UnbelievableSync = TimeSpan.FromMicroseconds(15);

    public IEnumerable<Finding> Run()
    {
        yield return Runtime();
        yield return Processor();
        yield return Vectors();
        yield return Memory();
        yield return Attempt("temp", Temporary);
        yield return Attempt("fsync", Syncing);
        yield return Attempt("locking", Locking);
    }

    private static Finding Runtime() => Environment.Version.Major >= NeededVersion
        ? new(Verdict.Ok, ".NET", RuntimeInformation.FrameworkDescription)
        : new(Verdict.Fail, ".NET", $"{RuntimeInformation.FrameworkDescription} is too old; install .NET {NeededVersion} or later");

    private static Finding Processor() => new(Verdict.Ok, "processor", $"{ProcessorName()}, {Environment.ProcessorCount} usable cores, {RuntimeInformation.ProcessArchitecture}");

    private static string ProcessorName()
    {
        const string List = "/proc/cpuinfo";
        var line = File.Exists(List) ? File.ReadLines(List).FirstOrDefault(static l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?[(line.IndexOf(':') + 1)..].Trim() ?? "unnamed";
    }

    private static Finding Vectors() => true switch
    {
        _ when Vector512.IsHardwareAccelerated => new(Verdict.Ok, "SIMD", "512 bits"),
        _ when Vector256.IsHardwareAccelerated => new(Verdict.Ok, "SIMD", "256 bits"),
        _ when Vector128.IsHardwareAccelerated => new(Verdict.Warn, "SIMD", "128 bits only: scans and vector searches take about twice as long as with AVX2"),
        _ => new(Verdict.Warn, "SIMD", "none: scans and vector searches are slow; is DOTNET_EnableHWIntrinsic=0 set?"),
    };

    private static Finding Memory()
    {
        var info = GC.GetGCMemoryInfo();
        var text = $"{info.TotalAvailableMemoryBytes / (double)(1 << 30):N1} GiB usable by this process";
        return info.TotalAvailableMemoryBytes < LittleMemory ? new(Verdict.Warn, "memory", $"{text}: large sorts spill to disk; raise the limit of the container") : new(Verdict.Ok, "memory", text);
    }

    private static Finding Temporary()
    {
        using var file = Scratch(Path.GetTempPath());
        file.Write(new byte[PageSize]);
        return new(Verdict.Ok, "temp", $"{Path.GetTempPath()} is writable");
    }

    private Finding Syncing()
    {
        using var file = Scratch(directory);
        var page = new byte[PageSize];
        var times = new TimeSpan[SyncedWrites];
        for (var i = 0; i < times.Length; i++)
        {
            var started = time.GetTimestamp();
            file.Write(page);
            file.Flush(flushToDisk: true);
            times[i] = time.GetElapsedTime(started);
        }

        Array.Sort(times);
        var median = times[times.Length / 2];
        var text = $"{median.TotalMilliseconds:N3} ms for 4 KiB in {directory} (median of {times.Length})";
        if (median < UnbelievableSync) return new(Verdict.Warn, "fsync", $"{text}: too fast for a disk, so acknowledged writes would not survive a power cut; use a folder on a disk");
        return median > SlowSync ? new(Verdict.Warn, "fsync", $"{text}: slow; write in batches, or use a faster disk") : new(Verdict.Ok, "fsync", text);
    }

    private Finding Locking()
    {
        using var file = Scratch(directory);
        try
        {
            using var second = new FileStream(file.Name, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return new(Verdict.Fail, "locking", $"{directory} lets two writers open one file; use a file system with locks (not NFS without lockd)");
        }
        catch (IOException)
        {
            return new(Verdict.Ok, "locking", $"a second writer is refused in {directory}");
        }
    }

    private static FileStream Scratch(string folder) =>
        new(Path.Combine(folder, $".basalt-doctor-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);

    private static Finding Attempt(string subject, Func<Finding> check)
    {
        try
        {
            return check();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Finding(Verdict.Fail, subject, $"{e.Message} Choose a folder that can be written to.");
        }
    }
}
