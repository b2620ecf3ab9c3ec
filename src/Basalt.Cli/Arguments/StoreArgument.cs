using System.CommandLine;
using System.CommandLine.Parsing;

namespace Basalt.Cli.Arguments;

/// <summary>The address of a database or collection, parsed and of a known scheme.</summary>
internal sealed class StoreArgument : Argument<StoreUri>
{
    public StoreArgument(string name, string description, BackendSet backends)
        : base(name)
    {
        Description = description;
        CustomParser = result => Parse(result, result.Tokens[0].Value, backends);
    }

    /// <summary>A collection: <c>file:./data#movies</c>.</summary>
    public static StoreArgument Collection(BackendSet backends) =>
        new("URI", "The collection, such as file:./data#movies; for a file of one collection, file:people.csv", backends);

    /// <summary>A database: <c>file:./data</c>.</summary>
    public static StoreArgument Database(BackendSet backends) => new("URI", "The database, such as file:./data", backends);

    internal static StoreUri? Parse(ArgumentResult result, string text, BackendSet backends)
    {
        try
        {
            var uri = StoreUri.Parse(text);
            if (backends.Schemes.Any(scheme => scheme.Name == uri.Scheme)) return uri;
            result.AddError($"The scheme '{uri.Scheme}:' is not known; known are {string.Join(", ", backends.Schemes.Select(static scheme => scheme.Name + ":"))}.");
        }
        catch (BasaltException e)
        {
            result.AddError(e.Message);
        }

        return null;
    }
}
