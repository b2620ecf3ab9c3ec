using System.CommandLine;
using Basalt.Engine;

namespace Basalt.Cli.Arguments;

/// <summary>A database of the engine: its folder, or its address where options are needed.</summary>
internal sealed class EngineArgument : Argument<StoreUri>
{
    public EngineArgument(Session session, string name = "DIR", string description = "The folder of a basalt: database, or its address, such as basalt:./data?memory=2gb")
        : base(name)
    {
        Description = description;
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (StoreArgument.Parse(result, AddressOf(text, session), session.Backends) is not { } uri) return null;
            if (uri.Scheme != EngineBackend.Scheme.Name) result.AddError($"'{text}' is no database of basalt:.");
            else if (uri.Collection is not null) result.AddError($"'{text}' is a collection; leave out #{uri.Collection}.");
            else return uri;
            return null;
        };
    }

    // A folder may have any name; what would mean something in an address is escaped.
    private static string AddressOf(string text, Session session) =>
        session.Backends.Schemes.Any(scheme => text.StartsWith(scheme.Name + ":", StringComparison.OrdinalIgnoreCase))
            ? text
            : $"{EngineBackend.Scheme.Name}:{text.Replace("%", "%25", StringComparison.Ordinal).Replace("?", "%3F", StringComparison.Ordinal).Replace("#", "%23", StringComparison.Ordinal)}";
}
