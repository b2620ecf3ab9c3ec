using Basalt.Schemas;

namespace Basalt.Cli.Arguments;

/// <summary>Reads a schema file; faults name the file.</summary>
internal static class SchemaFile
{
    public static async Task<Schema?> ReadAsync(string? path, CancellationToken cancellationToken)
    {
        if (path is null) return null;
        try
        {
            return SchemaJson.Parse(await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false));
        }
        catch (BasaltException e)
        {
            throw new BasaltException(e.Code, $"{path}: {e.Message}", e) { Target = path };
        }
    }
}
