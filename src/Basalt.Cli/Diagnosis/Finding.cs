using Basalt.Cli.Output;

namespace Basalt.Cli.Diagnosis;

/// <summary>How a check ended.</summary>
internal enum Verdict
{
    /// <summary>Fit.</summary>
    Ok,

    /// <summary>It works, but not as well as it could.</summary>
    Warn,

    /// <summary>It does not work.</summary>
    Fail,
}

/// <summary>What a check found: a line that says what, and for anything but ok what to do.</summary>
internal sealed record Finding(Verdict Verdict, string Subject, string Text)
{
    public override string ToString() => $"{Verdict.ToString().ToLowerInvariant(),-5} {Subject,-10} {Visible.Line(Text)}";
}
