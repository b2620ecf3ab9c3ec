using System.Runtime.InteropServices;
using Basalt.Cli.Output;

namespace Basalt.Cli;

internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        using var cancelling = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        using var output = StandardOutput.Open();
        var exitCode = await BasaltTool.RunAsync(arguments, output, Console.Error, Console.In, cancelling.Token).ConfigureAwait(false);
        return exitCode;

        void Cancel(PosixSignalContext signal)
        {
            // The first signal ends the command in order; a second one ends the process as usual.
            signal.Cancel = !cancelling.IsCancellationRequested;
            cancelling.Cancel();
        }
    }
}
