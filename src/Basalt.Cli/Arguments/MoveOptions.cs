using System.CommandLine;
using Basalt.Migration;

namespace Basalt.Cli.Arguments;

/// <summary>Options that import and copy share, with one wording.</summary>
internal static class MoveOptions
{
    private const int DefaultBatch = 1000;

    public static Option<string?> Transform() => new("--transform") { Description = "A transform file: rename, convert, compute, filter and more on the way", HelpName = "FILE" };

    public static NumberOption Batch() => new("--batch", $"Write so many records at once ({DefaultBatch} unless given)", minimum: 1);

    public static Option<bool> Resume() => new("--resume") { Description = "Go on where an interrupted run of the same command stopped" };

    public static Option<bool> NoVerify() => new("--no-verify") { Description = "Do not read back and compare what was written" };

    public static int BatchSizeOf(this ParseResult arguments, NumberOption batch)
    {
        var size = arguments.GetValue(batch) ?? DefaultBatch;
        return size <= ImportOptions.MaxBatchSize ? (int)size : throw new UsageException($"--batch takes at most {ImportOptions.MaxBatchSize}, not {size}.");
    }
}
