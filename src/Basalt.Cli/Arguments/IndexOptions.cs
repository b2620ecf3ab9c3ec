using System.CommandLine;
using Basalt.Filters;
using Basalt.Indexes;

namespace Basalt.Cli.Arguments;

/// <summary>What the commands of indexes share, with one wording.</summary>
internal static class IndexOptions
{
    public static Argument<string> Field() => new("FIELD") { Description = "The field; nested as address.city, odd names in double quotes" };

    public static ChoiceOption<IndexKind> Kind() => new("--kind", "The kind of the index; needed where the field has indexes of several kinds");

    /// <summary>The index of a field that is meant.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.NotFound"/>: there is none.</exception>
    public static async ValueTask<IndexDefinition> FindAsync(Collection collection, FieldPath path, IndexKind? kind, CancellationToken cancellationToken)
    {
        var indexes = await collection.ListIndexesAsync(cancellationToken).ConfigureAwait(false);
        var found = indexes.Select(static index => index.Definition).Where(index => index.Path.Equals(path) && (kind is null || index.Kind == kind)).ToList();
        return found switch
        {
            [var only] => only,
            [] => throw new BasaltException(ErrorCode.NotFound, $"'{collection.Name}' has no {(kind is null ? "" : $"{Word(kind.Value)} ")}index of {path}.") { Target = collection.Name },
            _ => throw new UsageException($"{path} has {found.Count} indexes; add one of {string.Join(", ", found.Select(static index => $"--kind {Word(index.Kind)}"))}."),
        };
    }

    public static string Word<T>(T value)
        where T : struct, Enum
        => value.ToString().ToLowerInvariant();
}
