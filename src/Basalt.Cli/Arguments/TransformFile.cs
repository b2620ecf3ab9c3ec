using System.Text.Json;
using System.Text.Json.Nodes;
using Basalt.Filters;
using Basalt.Migration;

namespace Basalt.Cli.Arguments;

/// <summary>Reads a transform file; faults name the file. A filter of the command line narrows the transform's own.</summary>
internal static class TransformFile
{
    private const string Where = "where";

    public static async Task<TransformSpec?> ReadAsync(string? path, string? where, CancellationToken cancellationToken)
    {
        var text = path is null ? null : await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false);
        try
        {
            var transform = text is null ? null : TransformSpec.Parse(text);
            return where is null ? transform : TransformSpec.Parse(Narrowed(text ?? "{}", Filter.Parse(where)));
        }
        catch (BasaltException e) when (path is not null && e.Code == ErrorCode.InvalidData)
        {
            throw new BasaltException(e.Code, $"{path}: {e.Message}", e) { Target = path };
        }
    }

    // The text was accepted as a transform: it is an object, and its filter is text.
    private static string Narrowed(string transform, Filter filter)
    {
        var json = JsonNode.Parse(transform, null, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true })!.AsObject();
        if ((string?)json[Where] is { } own) filter = Filter.Parse(own) & filter;
        json[Where] = filter.ToString();
        return json.ToJsonString();
    }
}
