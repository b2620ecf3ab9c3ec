using System.Runtime.InteropServices;
using Basalt.Cli.Output;

namespace Basalt.Cli;

internal static class Program
{
    // Wrappers such as timeout(1) send a signal to the process and to its group: what comes that soon is the same request.
    private static readonly TimeSpan Echo = TimeSpan.FromSeconds(1);

    private static async Task<int> Main(string[] arguments)
    {
        using var cancelling = new CancellationTokenSource();
        var gate = new Lock();
        long? first = null;
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        using var output = StandardOutput.Open();
        return await BasaltTool.RunAsync(arguments, output, Console.Error, Console.In, cancelling.Token).ConfigureAwait(false);

        // The first signal ends the command in order; a later one ends the process as usual.
        void Cancel(PosixSignalContext signal)
        {
            lock (gate)
            {
                first ??= TimeProvider.System.GetTimestamp();
                signal.Cancel = TimeProvider.System.GetElapsedTime(first.Value) < Echo;
            }

            if (signal.Cancel) cancelling.Cancel();
        }
    }
}
