namespace Basalt.Cli;

/// <summary>What the process tells its caller.</summary>
internal static class ExitCode
{
    public const int Done = 0, Failed = 1, WrongUsage = 2;

    /// <summary>128 and the number of SIGINT, as shells have it.</summary>
    public const int Cancelled = 130;
}
