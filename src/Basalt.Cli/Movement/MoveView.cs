using Basalt.Migration;
using Spectre.Console;

namespace Basalt.Cli.Movement;

/// <summary>
/// Shows how far a move of records is, on standard error: a live bar on a terminal, else a line a second at most, and none for what is
/// done within the first second.
/// </summary>
internal static class MoveView
{
    public static async Task<MoveReport> ShowAsync(Session session, Func<IProgress<MoveProgress>, Task<MoveReport>> move)
    {
        if (!session.IsInteractive) return await move(new Lines(session.Error)).ConfigureAwait(false);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(session.Error) });
        var columns = new ProgressColumn[] { new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn() };
        return await console.Progress().AutoClear(true).Columns(columns).StartAsync(context => move(new Bar(context))).ConfigureAwait(false);
    }

    /// <summary>What was done, in a line.</summary>
    public static string Summary(string done, MoveReport report, string where)
    {
        var notes = new List<string>();
        if (report.Skipped > 0) notes.Add($"{report.Skipped:N0} skipped");
        if (report.Filtered > 0) notes.Add($"{report.Filtered:N0} filtered out");
        if (report.IsResumed) notes.Add("resumed");
        if (report.IsVerified) notes.Add("verified");
        return $"{done} {Records(report.Written)} {where} in {report.Elapsed.TotalSeconds:N1} s{string.Concat(notes.Select(static note => ", " + note))}";
    }

    private static string Records(long count) => count == 1 ? "1 record" : $"{count:N0} records";

    private static string Verb(MovePhase phase) => phase switch
    {
        MovePhase.Checking => "checking",
        MovePhase.Writing => "writing",
        _ => "verifying",
    };

    private static string Pace(MoveProgress progress)
    {
        var left = progress.Remaining is { } remaining ? $", {Duration(remaining)} left" : "";
        return $"{Records(progress.Records)}, {progress.RecordsPerSecond:N0}/s{left}";
    }

    private static string Duration(TimeSpan time) => time.TotalSeconds < 60 ? $"{Math.Ceiling(time.TotalSeconds):N0} s" : $"{(long)time.TotalMinutes:N0} min {time.Seconds} s";

    private sealed class Lines(TextWriter error) : IProgress<MoveProgress>
    {
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
        private MovePhase _phase;
        private TimeSpan _last;

        public void Report(MoveProgress value)
        {
            if (value.Phase != _phase) (_phase, _last) = (value.Phase, TimeSpan.Zero);
            if (value.Elapsed - _last < Interval) return;
            _last = value.Elapsed;
            var part = value.Fraction is { } fraction ? $"{fraction:P0} " : "";
            error.WriteLine($"{Verb(value.Phase)} {part}{Pace(value)}");
        }
    }

    private sealed class Bar(ProgressContext context) : IProgress<MoveProgress>
    {
        private readonly Dictionary<MovePhase, ProgressTask> _tasks = [];

        public void Report(MoveProgress value)
        {
            if (!_tasks.TryGetValue(value.Phase, out var task)) _tasks[value.Phase] = task = context.AddTask(Verb(value.Phase), maxValue: 1);
            task.IsIndeterminate = value.Fraction is null;
            task.Value = value.Fraction ?? 0;
            task.Description = Markup.Escape($"{Verb(value.Phase)} {Pace(value)}");
        }
    }
}
