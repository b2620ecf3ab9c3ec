using System.CommandLine;
using System.Globalization;

namespace Basalt.Cli.Arguments;

/// <summary>An option that takes whole numbers, at least one of them, with commas between: <c>16,32,64</c>.</summary>
internal sealed class NumberListOption : Option<int[]>
{
    public NumberListOption(string name, string description)
        : base(name)
    {
        Description = description;
        HelpName = "N,N";
        CustomParser = result =>
        {
            var texts = result.Tokens[0].Value.Split(',');
            var numbers = new int[texts.Length];
            for (var i = 0; i < texts.Length; i++)
            {
                if (int.TryParse(texts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]) && numbers[i] > 0) continue;
                result.AddError($"{name} takes whole numbers of at least 1 with commas between, not '{result.Tokens[0].Value}'.");
                return [];
            }

            return numbers;
        };
    }
}
