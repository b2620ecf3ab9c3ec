using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Basalt.Catalog.Metadata;

/// <summary>
/// Reads the metadata file of a dataset: YAML with <c>name</c>, <c>ts_id</c>, <c>targets</c>, <c>covariates</c> (<c>hist</c>, <c>future</c>, <c>static</c>), <c>tfc_data_store</c>, <c>type</c>,
/// <c>description</c>, <c>source</c> and <c>storage_location</c>. Older shapes are taken, too: <c>target</c> for one target, <c>item_id</c> with its type for the key, covariates as one list (which
/// are historical), <c>tfc_data_store_features</c>, and the last four below <c>metadata</c>.
/// </summary>
public static class MetadataReader
{
    /// <summary>The largest file that is read.</summary>
    public const int MaxBytes = 1 << 20;

    private const int MaxDepth = 32;
    private static readonly string[] Known = ["name", "ts_id", "item_id", "targets", "target", "covariates", "tfc_data_store", "tfc_data_store_features", "metadata", "type", "description", "source", "storage_location"];

    /// <summary>Reads a file.</summary>
    /// <param name="utf8">Its content.</param>
    /// <param name="target">Its key, for messages.</param>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidData"/>: it is not YAML, or not of that shape; the message says where.</exception>
    public static DatasetMetadata Read(ReadOnlyMemory<byte> utf8, string target)
    {
        if (utf8.Length > MaxBytes) throw Invalid(target, $"it has {utf8.Length} bytes; at most {MaxBytes} are read");
        return Load(Decode(utf8, target), target) switch
        {
            [] => throw Invalid(target, "it is empty"),
            [{ RootNode: YamlMappingNode root }] => new Shape(root, target).Read(),
            [var only] => throw Invalid(target, $"it is not a map of names, but a {only.RootNode.NodeType}"),
            _ => throw Invalid(target, "it has several documents"),
        };
    }

    private static IList<YamlDocument> Load(string text, string target)
    {
        try
        {
            RequireShallow(text, target);
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents;
        }
        catch (YamlException e)
        {
            throw Invalid(target, $"line {e.Start.Line}, column {e.Start.Column}: {e.Message}", e);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or OverflowException or IndexOutOfRangeException or NullReferenceException)
        {
            // The parser does not notice by itself that some texts are not YAML, and stumbles.
            throw Invalid(target, "it is not YAML", e);
        }
    }

    private static string Decode(ReadOnlyMemory<byte> utf8, string target)
    {
        try
        {
            var bytes = utf8.Span.StartsWith(Encoding.UTF8.Preamble) ? utf8.Span[Encoding.UTF8.Preamble.Length..] : utf8.Span;
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw Invalid(target, "it is not valid UTF-8", e);
        }
    }

    // The parser that builds nodes calls itself at every level.
    private static void RequireShallow(string text, string target)
    {
        var parser = new Parser(new StringReader(text));
        var depth = 0;
        while (parser.MoveNext())
        {
            if (parser.Current is MappingStart or SequenceStart) depth++;
            else if (parser.Current is MappingEnd or SequenceEnd) depth--;
            if (depth > MaxDepth) throw Invalid(target, $"line {parser.Current!.Start.Line}: it is nested deeper than {MaxDepth} levels");
        }
    }

    private static BasaltException Invalid(string target, string problem, Exception? inner = null) =>
        new(ErrorCode.InvalidData, $"The metadata file '{target}' cannot be used: {problem}.", inner) { Operation = "read", Target = target };

    /// <summary>The nodes of one file.</summary>
    private sealed class Shape(YamlMappingNode root, string target)
    {
        public DatasetMetadata Read()
        {
            var nested = Find(root, "metadata") as YamlMappingNode;
            var covariates = Find(root, "covariates");
            return new DatasetMetadata
            {
                Name = Text(root, "name"),
                Key = Find(root, "ts_id") is { } key ? Columns(key) : LegacyKey(),
                Targets = Columns(Find(root, "targets") ?? Find(root, "target")),
                Historical = covariates is YamlMappingNode map ? Columns(Find(map, "hist") ?? Find(map, "historical")) : Columns(covariates),
                Future = covariates is YamlMappingNode ahead ? Columns(Find(ahead, "future")) : [],
                Static = covariates is YamlMappingNode once ? Columns(Find(once, "static")) : [],
                Derived = [.. Derived(Find(root, "tfc_data_store")), .. Columns(Find(root, "tfc_data_store_features"))],
                Type = Text(root, "type") ?? Text(nested, "type"),
                Description = Text(root, "description") ?? Text(nested, "description"),
                Source = Text(root, "source") ?? Text(nested, "source"),
                StorageLocation = Text(root, "storage_location") ?? Text(nested, "storage_location"),
                Unknown = [.. root.Children.Keys.Select(static k => k is YamlScalarNode { Value: { } name } ? name : k.ToString()).Where(static name => !Known.Contains(name))],
            };
        }

        // item_id: {type: str}
        private IReadOnlyList<ColumnDeclaration> LegacyKey() => Find(root, "item_id") switch
        {
            null => [],
            YamlMappingNode map when Find(map, "name") is null => [new ColumnDeclaration("item_id", KindOf(Text(map, "type")), Text(map, "subtype"))],
            var node => Columns(node),
        };

        // Derived features stand in lists by when they are known; a column is named once.
        private IEnumerable<ColumnDeclaration> Derived(YamlNode? node) => node is YamlMappingNode map
            ? map.Children.Values.SelectMany(list => Columns(list)).DistinctBy(static c => c.Name)
            : Columns(node);

        private IReadOnlyList<ColumnDeclaration> Columns(YamlNode? node) => node switch
        {
            null => [],
            YamlScalarNode { Value: null or "" or "~" or "null" } => [],
            YamlSequenceNode list => [.. list.Children.Select(Column)],
            _ => [Column(node)],
        };

        private ColumnDeclaration Column(YamlNode node) => node switch
        {
            YamlScalarNode { Value: { Length: > 0 } name } => new ColumnDeclaration(name),
            YamlMappingNode map when Text(map, "name") is { Length: > 0 } name => new ColumnDeclaration(name, KindOf(Text(map, "type")), Text(map, "subtype")),
            _ => throw At(node, "a column is a name, or a map with a name"),
        };

        private string? Text(YamlMappingNode? map, string name) => Find(map, name) switch
        {
            null => null,
            YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" } => null,
            YamlScalarNode { Value: { } text } => text.Trim(),
            var node => throw At(node, $"'{name}' is not a text"),
        };

        private static YamlNode? Find(YamlMappingNode? map, string name) => map is not null && map.Children.TryGetValue(new YamlScalarNode(name), out var node) ? node : null;

        private BasaltException At(YamlNode node, string problem) => Invalid(target, $"line {node.Start.Line}, column {node.Start.Column}: {problem}");

        private static ColumnKind KindOf(string? word) => word?.ToLowerInvariant() switch
        {
            "str" or "string" or "text" or "category" or "categorical" or "cat" => ColumnKind.Text,
            "num" or "numeric" or "number" or "int" or "integer" or "float" or "double" => ColumnKind.Number,
            "bool" or "boolean" => ColumnKind.Bool,
            "date" or "datetime" or "time" or "timestamp" => ColumnKind.Time,
            _ => ColumnKind.Unknown,
        };
    }
}
