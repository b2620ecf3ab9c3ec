using System.CommandLine;

namespace Basalt.Cli.Arguments;

/// <summary>An option that takes one of a few words: the members of an enum in lower case.</summary>
internal sealed class ChoiceOption<T> : Option<T>
    where T : struct, Enum
{
    /// <summary>One that has a value always.</summary>
    public ChoiceOption(string name, string description, T defaultValue)
        : this(name, $"{description} ({defaultValue.ToString().ToLowerInvariant()} unless given)") => DefaultValueFactory = _ => defaultValue;

    /// <summary>One whose absence means something: <see cref="GivenIn"/> tells.</summary>
    public ChoiceOption(string name, string description)
        : base(name)
    {
        var words = Enum.GetValues<T>().ToDictionary(static value => value.ToString().ToLowerInvariant());
        Description = description;
        HelpName = string.Join('|', words.Keys);
        CustomParser = result =>
        {
            if (words.TryGetValue(result.Tokens[0].Value, out var value)) return value;
            result.AddError($"{name} takes {string.Join(", ", words.Keys)}, not '{result.Tokens[0].Value}'.");
            return default;
        };
    }

    /// <summary>The value on the command line; null when there is none.</summary>
    public T? GivenIn(ParseResult arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return arguments.GetResult(this) is { Implicit: false } ? arguments.GetValue(this) : null;
    }
}
