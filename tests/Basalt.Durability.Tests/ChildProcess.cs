using System.Diagnostics;
using Basalt.Durability.Tests.DuckDb;
using Basalt.Durability.Tests.Engine;
using Basalt.Durability.Tests.Files;
using Basalt.Durability.Tests.Lsm;
using Basalt.Durability.Tests.PointClouds;

namespace Basalt.Durability.Tests;

/// <summary>This program, started once more to be killed.</summary>
internal static class ChildProcess
{
    public const string Argument = "--child";

    /// <summary>What a child can do, by name.</summary>
    private static readonly Dictionary<string, Func<string[], Task<int>>> Roles = new()
    {
        [FileChild.Create] = FileChild.CreateAsync,
        [FileChild.Churn] = FileChild.ChurnAsync,
        [LsmChild.Write] = LsmChild.WriteAsync,
        [LsmChild.BackUp] = LsmChild.BackUpAsync,
        [EngineChild.Write] = EngineChild.WriteAsync,
        [DuckDbChild.Write] = DuckDbChild.WriteAsync,
        [CloudChild.Write] = CloudChild.WriteAsync,
        [EngineChild.BackUp] = EngineChild.BackUpAsync,
        [EngineChild.Restore] = EngineChild.RestoreAsync,
    };

    public static Task<int> RunAsync(string[] args) => Roles[args[0]](args[1..]);

    public static Process Start(params string[] args)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Argument);
        // Killed, it could not remove the pipes of its diagnostics.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        foreach (var arg in args) start.ArgumentList.Add(arg);
        return Process.Start(start) ?? throw new InvalidOperationException("The child did not start.");
    }
}
