using System.CommandLine;
using System.Globalization;

namespace Basalt.Cli.Arguments;

/// <summary>An option that takes a whole number of at least a minimum.</summary>
internal sealed class NumberOption : Option<long?>
{
    public NumberOption(string name, string description, long minimum = 0)
        : base(name)
    {
        Description = description;
        HelpName = "N";
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= minimum) return number;
            result.AddError($"{name} takes a whole number of at least {minimum}, not '{text}'.");
            return null;
        };
    }
}
