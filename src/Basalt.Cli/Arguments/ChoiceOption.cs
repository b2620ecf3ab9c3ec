using System.CommandLine;

namespace Basalt.Cli.Arguments;

/// <summary>An option that takes one of a few words: the members of an enum in lower case.</summary>
internal sealed class ChoiceOption<T> : Option<T>
    where T : struct, Enum
{
    public ChoiceOption(string name, string description, T defaultValue)
        : base(name)
    {
        var words = Enum.GetValues<T>().ToDictionary(static value => value.ToString().ToLowerInvariant());
        Description = $"{description} ({defaultValue.ToString().ToLowerInvariant()} unless given)";
        HelpName = string.Join('|', words.Keys);
        DefaultValueFactory = _ => defaultValue;
        CustomParser = result =>
        {
            if (words.TryGetValue(result.Tokens[0].Value, out var value)) return value;
            result.AddError($"{name} takes {string.Join(", ", words.Keys)}, not '{result.Tokens[0].Value}'.");
            return default;
        };
    }
}
