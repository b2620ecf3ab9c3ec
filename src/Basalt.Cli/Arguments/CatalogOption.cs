using System.CommandLine;
using Basalt.Catalog.Storage;

namespace Basalt.Cli.Arguments;

/// <summary>The database that a catalogue of datasets is kept in.</summary>
internal sealed class CatalogOption : Option<StoreUri>
{
    private readonly Session _session;

    public CatalogOption(Session session)
        : base("--catalog")
    {
        _session = session;
        Description = "The database of the catalogue, such as basalt:./catalog or file:./catalog";
        HelpName = "URI";
        Required = true;
        CustomParser = result => StoreArgument.Parse(result, result.Tokens[0].Value, session.Backends);
    }

    /// <summary>Opens a database that has a catalogue.</summary>
    public async ValueTask<Database> OpenAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var uri = arguments.GetRequiredValue(this);
        _session.RequireThere(uri);
        var database = await _session.OpenAsync(uri, cancellationToken).ConfigureAwait(false);
        try
        {
            if (await new CatalogStore(database).ExistsAsync(cancellationToken).ConfigureAwait(false)) return database;
            throw new BasaltException(ErrorCode.NotFound, $"There is no catalogue in {uri}; make one with datasets index.") { Target = uri.ToString() };
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
