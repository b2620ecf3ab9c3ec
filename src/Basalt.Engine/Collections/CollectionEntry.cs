using System.Text.Json;
using System.Text.Json.Nodes;
using Basalt.Engine.Indexes;
using Basalt.Schemas;

namespace Basalt.Engine.Collections;

/// <summary>What the catalogue says of a collection.</summary>
internal sealed record CollectionEntry(uint Number, Schema Schema)
{
    /// <summary>In the order of their names.</summary>
    public IReadOnlyList<IndexEntry> Indexes { get; init; } = [];

    /// <summary>The tree that holds its records.</summary>
    public string Tree => $"records-{Number}";

    /// <summary>The tree that says how many of them expire when; there only when any ever did.</summary>
    public string InstantsTree => $"expiry-{Number}";

    public byte[] Encode()
    {
        var json = new JsonObject { ["number"] = Number, ["schema"] = JsonNode.Parse(SchemaJson.Print(Schema)), ["indexes"] = new JsonArray([.. Indexes.Select(static index => (JsonNode)index.ToJson())]) };
        return JsonSerializer.SerializeToUtf8Bytes(json);
    }

    /// <exception cref="InvalidDataException">The bytes are not an entry.</exception>
    public static CollectionEntry Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var json = JsonNode.Parse(bytes)!.AsObject();
            return new CollectionEntry(json["number"]!.GetValue<uint>(), SchemaJson.Parse(json["schema"]!.ToJsonString()))
            {
                Indexes = [.. json["indexes"]!.AsArray().Select(static index => IndexEntry.Of(index!.AsObject()))],
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or FormatException or ArgumentException or BasaltException)
        {
            throw new InvalidDataException($"an entry of the catalogue cannot be read: {e.Message}", e);
        }
    }
}
