using System.Text.Json.Nodes;
using Basalt.Engine.Nearest;
using Basalt.Filters;
using Basalt.Indexes;
using Basalt.Vectors;
using Basalt.Vectors.Hnsw;

namespace Basalt.Engine.Indexes;

/// <summary>An index of a collection with the number that names its sections, so that one that is dropped and created anew takes nothing over.</summary>
internal sealed record IndexEntry(uint Number, IndexDefinition Definition)
{
    public IndexKind Kind => Definition.Kind;

    /// <summary>The section that every table has as soon as it is written: postings, terms or rows of vectors.</summary>
    public string Section => $"index-{Number}";

    /// <summary>The section that is built later: the graph over the rows.</summary>
    public string GraphSection => $"graph-{Number}";

    public bool HasGraph => Kind == IndexKind.Vector && Definition.Method != VectorMethod.Flat;

    public Metric Metric => Definition.Metric switch
    {
        VectorMetric.L2 => Metric.L2,
        VectorMetric.Dot => Metric.Dot,
        VectorMetric.L1 => Metric.L1,
        _ => Metric.Cosine,
    };

    public GraphOptions Graph => new()
    {
        Kind = Definition.Method switch { VectorMethod.Flat => GraphKind.Flat, VectorMethod.Hnsw => GraphKind.Hnsw, _ => GraphKind.Auto },
        M = Definition.M,
        EfConstruction = Definition.EfConstruction,
        Codes = Definition.Codes == VectorCodes.None ? HnswCodes.None : null,
    };

    public bool IsOf(IndexKind kind, FieldPath path) => Kind == kind && Definition.Path.Equals(path);

    public JsonObject ToJson()
    {
        var json = new JsonObject { ["number"] = Number, ["kind"] = Kind.ToString(), ["path"] = Definition.Path.ToString() };
        if (Kind != IndexKind.Vector) return json;
        (json["dimension"], json["metric"], json["method"], json["codes"]) = (Definition.Dimension, Definition.Metric.ToString(), Definition.Method.ToString(), Definition.Codes.ToString());
        (json["m"], json["efConstruction"]) = (Definition.M, Definition.EfConstruction);
        return json;
    }

    public static IndexEntry Of(JsonObject json)
    {
        var definition = new IndexDefinition(Enum.Parse<IndexKind>(json["kind"]!.GetValue<string>()), FieldPath.Parse(json["path"]!.GetValue<string>()));
        if (definition.Kind == IndexKind.Vector)
        {
            definition = definition with
            {
                Dimension = json["dimension"]!.GetValue<int>(),
                Metric = Enum.Parse<VectorMetric>(json["metric"]!.GetValue<string>()),
                Method = Enum.Parse<VectorMethod>(json["method"]!.GetValue<string>()),
                Codes = Enum.Parse<VectorCodes>(json["codes"]!.GetValue<string>()),
                M = json["m"]!.GetValue<int>(),
                EfConstruction = json["efConstruction"]!.GetValue<int>(),
            };
        }

        definition.Validate();
        return new IndexEntry(json["number"]!.GetValue<uint>(), definition);
    }
}
