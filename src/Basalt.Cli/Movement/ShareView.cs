using Spectre.Console;

namespace Basalt.Cli.Movement;

/// <summary>
/// Shows which share of a long work is done, on standard error: a live bar on a terminal, else a line a second at most, and none for what is done within
/// the first second. Reports may come from any thread.
/// </summary>
internal static class ShareView
{
    /// <summary>Does the work, which may take a processor for long, away from the caller's thread.</summary>
    public static async Task<T> ShowAsync<T>(Session session, string verb, Func<IProgress<double>, Task<T>> work)
    {
        if (!session.IsInteractive) return await Task.Run(() => work(new Lines(session, verb))).ConfigureAwait(false);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(session.Error) });
        var columns = new ProgressColumn[] { new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn() };
        return await console.Progress().AutoClear(true).Columns(columns).StartAsync(context => Task.Run(() => work(new Bar(context, verb)))).ConfigureAwait(false);
    }

    /// <inheritdoc cref="ShowAsync{T}(Session, string, Func{IProgress{double}, Task{T}})"/>
    public static Task<T> ShowAsync<T>(Session session, string verb, Func<IProgress<double>, T> work) => ShowAsync(session, verb, progress => Task.FromResult(work(progress)));

    private sealed class Lines(Session session, string verb) : IProgress<double>
    {
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
        private readonly Lock _gate = new();
        private long _last = session.TimeProvider.GetTimestamp();

        public void Report(double value)
        {
            lock (_gate)
            {
                if (session.TimeProvider.GetElapsedTime(_last) < Interval) return;
                _last = session.TimeProvider.GetTimestamp();
                session.Error.WriteLine($"{verb} {value:P0}");
            }
        }
    }

    private sealed class Bar : IProgress<double>
    {
        private readonly ProgressTask _task;

        public Bar(ProgressContext context, string verb)
        {
            _task = context.AddTask(Markup.Escape(verb), maxValue: 1);
            // Nothing is known until the first report.
            _task.IsIndeterminate = true;
        }

        public void Report(double value)
        {
            _task.IsIndeterminate = false;
            _task.Value = value;
        }
    }
}
