using System.CommandLine;
using Basalt.Cli.Commands;
using Basalt.Cli.Output;
using Basalt.DuckDb;
using Basalt.Engine;

namespace Basalt.Cli;

/// <summary>The tool as a function: parses a command line, runs the command, and turns every way to fail into an exit code and one line.</summary>
internal static class BasaltTool
{
    // A name after @ is a file to put, not more arguments; and -desc is a value, not a bundle of options.
    internal static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null, EnablePosixBundling = false };

    // EPIPE, on Linux and macOS alike.
    private const int BrokenPipe = 32;

    /// <summary>Every scheme that the tool opens.</summary>
    internal static BackendSet Backends { get; } = BackendSet.Default.With(EngineBackend.Scheme).With(DuckDbBackend.Scheme);

    /// <summary>Runs a command line with all backends.</summary>
    public static Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error, TextReader input, CancellationToken cancellationToken) =>
        RunAsync(arguments, new Session(output, error, input, Backends) { IsInteractive = ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected }, cancellationToken);

    /// <summary>Runs a command line in a session.</summary>
    public static async Task<int> RunAsync(string[] arguments, Session session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var root = new BasaltCommand(session);
        var parsed = root.Parse(arguments, Parsing);
        var debug = parsed.Errors.Count == 0 && parsed.GetValue(root.Debug);
        try
        {
            if (parsed.Errors.Count > 0) throw new UsageException(Complaint(parsed));
            var invocation = new InvocationConfiguration { Output = session.Output, Error = session.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            var exitCode = await parsed.InvokeAsync(invocation, cancellationToken).ConfigureAwait(false);
            await session.Output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            return exitCode;
        }
        catch (Exception e)
        {
            if (e is IOException { HResult: BrokenPipe }) return ExitCode.Done;
            await KeepOutputAsync(session.Output).ConfigureAwait(false);
            if (debug) session.Error.WriteLine(e);
            return Report(e, session.Error, PathOf(parsed.CommandResult.Command), cancellationToken);
        }
    }

    // A misspelt word is told before what is missing because of it.
    private static string Complaint(ParseResult parsed) =>
        parsed.UnmatchedTokens is [var unknown, ..] ? $"'{unknown}' is not a command, option or argument here." : parsed.Errors[0].Message;

    /// <summary>What was printed before the failure is still the result so far; a failure to print it is not the one to report.</summary>
    private static async Task KeepOutputAsync(TextWriter output)
    {
        try
        {
            await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The command's own failure is reported.
        }
    }

    private static int Report(Exception fault, TextWriter error, string command, CancellationToken cancellationToken)
    {
        switch (fault)
        {
            case OperationCanceledException when cancellationToken.IsCancellationRequested:
                error.WriteLine("cancelled");
                return ExitCode.Cancelled;
            case UsageException:
                error.WriteLine($"usage: {Visible.Line(fault.Message)}");
                error.WriteLine($"See '{command} --help'.");
                return ExitCode.WrongUsage;
            default:
                error.WriteLine($"error: {CodeOf(fault)}: {Visible.Line(fault.Message)}");
                return ExitCode.Failed;
        }
    }

    private static ErrorCode CodeOf(Exception fault) => fault switch
    {
        BasaltException basalt => basalt.Code,
        FileNotFoundException or DirectoryNotFoundException => ErrorCode.NotFound,
        UnauthorizedAccessException => ErrorCode.Unauthorized,
        TimeoutException => ErrorCode.Timeout,
        IOException => ErrorCode.Unavailable,
        _ => ErrorCode.Unexpected,
    };

    /// <summary>The words that name a command: <c>./basalt bench records</c>.</summary>
    internal static string PathOf(Command command)
    {
        var names = new Stack<string>();
        for (var at = command; at is not RootCommand; at = at.Parents.OfType<Command>().First()) names.Push(at.Name);
        return string.Join(' ', names.Prepend("./basalt"));
    }
}
