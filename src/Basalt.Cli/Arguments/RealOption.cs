using System.CommandLine;
using System.Globalization;

namespace Basalt.Cli.Arguments;

/// <summary>An option that takes a number, with a decimal point if need be.</summary>
internal sealed class RealOption : Option<double?>
{
    public RealOption(string name, string description)
        : base(name)
    {
        Description = description;
        HelpName = "X";
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (TryParse(text, out var number)) return number;
            result.AddError($"{name} takes a number, not '{text}'.");
            return null;
        };
    }

    /// <summary>Whether a text is a finite number.</summary>
    internal static bool TryParse(string text, out double number) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
}
