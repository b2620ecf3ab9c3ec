using System.CommandLine;
using Basalt.Records;

namespace Basalt.Cli.Arguments;

/// <summary>An option that takes a length of time, such as <c>30s</c> or <c>7d</c>.</summary>
internal sealed class DurationOption : Option<TimeSpan?>
{
    public DurationOption(string name, string description)
        : base(name)
    {
        Description = description;
        HelpName = "TIME";
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (DurationText.TryParse(text, out var duration)) return duration;
            result.AddError($"{name} takes {DurationText.Form}, not '{text}'.");
            return null;
        };
    }
}
