using Basalt.PointClouds.Columns;
using Basalt.Records;

namespace Basalt.PointClouds.Runs;

/// <summary>A run that is on its way, or that was replaced and is still read by some.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Since">Since when.</param>
internal sealed record LooseRun(string Id, DateTimeOffset Since);

/// <summary>
/// The record <c>cloud</c>, which says what a cloud consists of. It is the only one that is ever changed, by its version: so what it names becomes visible together, on every backend,
/// however many write at once. Who reads holds a head, and all that it names stays as it is.
/// </summary>
internal sealed record CloudHead
{
    public const string Id = "cloud";
    private const int Format = 1;

    public required PointSchema Schema { get; init; }

    public IReadOnlyList<RunSummary> Runs { get; init; } = [];

    /// <summary>Runs whose writers have not ended; what is left of those whose writer died is removed after a time.</summary>
    public IReadOnlyList<LooseRun> Pending { get; init; } = [];

    /// <summary>Runs that were replaced; they are removed after a time, when nobody reads them any more.</summary>
    public IReadOnlyList<LooseRun> Retired { get; init; } = [];

    /// <summary>How many edits of labels there are.</summary>
    public int Edits { get; init; }

    /// <summary>The mark of the last one: its record is <c>e/N/MARK</c>, with N in eight hexadecimal digits. Empty when there is none.</summary>
    public string LastEdit { get; init; } = "";

    /// <summary>The version of the record; 0 before it is stored.</summary>
    public long Version { get; init; }

    public long Points => Runs.Sum(static run => run.Points);

    public Record ToRecord() => new()
    {
        Id = Id,
        ["kind"] = "cloud",
        ["format"] = Format,
        ["axes"] = Value.FromList(Schema.Axes.Select(static axis => (Value)axis)),
        ["coordinates"] = Schema.CoordinateType.Word(),
        ["attributes"] = Value.FromList(Schema.Attributes.Select(static a => (Value)new ValueMapBuilder().Set("name", a.Name).Set("type", a.Type.Word()).Build())),
        ["points"] = Points,
        ["edits"] = Edits,
        ["last_edit"] = LastEdit,
        ["runs"] = Value.FromList(Runs.Select(static run => run.ToValue())),
        ["pending"] = Value.FromList(Pending.Select(ToValue)),
        ["retired"] = Value.FromList(Retired.Select(ToValue)),
    };

    /// <exception cref="InvalidDataException">The record is no head, or of a newer format.</exception>
    public static CloudHead Of(Record record)
    {
        var map = record.Fields;
        if (map["kind"] != "cloud") throw new InvalidDataException("it is no head of a point cloud");
        if (Fields.Number(map, "format") is var format and not Format) throw new InvalidDataException($"it has format {format}, and this library reads {Format}");
        var schema = new PointSchema
        {
            Axes = [.. Fields.List(map, "axes").ToArray().Select(static axis => axis.Kind == ValueKind.String ? axis.AsString : throw new InvalidDataException("an axis has no name"))],
            CoordinateType = TypeOf(Fields.Text(map, "coordinates")),
            Attributes = [.. Fields.List(map, "attributes").ToArray().Select(static a => a.Kind == ValueKind.Map ? new PointAttribute(Fields.Text(a.AsMap, "name"), TypeOf(Fields.Text(a.AsMap, "type"))) : throw new InvalidDataException("an attribute is no map"))],
        };
        try
        {
            schema.Validate();
        }
        catch (BasaltException e)
        {
            throw new InvalidDataException(e.Message, e);
        }

        return new CloudHead
        {
            Schema = schema,
            Version = record.Version,
            Edits = Fields.Count(map, "edits"),
            LastEdit = Fields.Text(map, "last_edit"),
            Runs = [.. Fields.List(map, "runs").ToArray().Select(RunSummary.Of)],
            Pending = [.. Fields.List(map, "pending").ToArray().Select(LooseOf)],
            Retired = [.. Fields.List(map, "retired").ToArray().Select(LooseOf)],
        };
    }

    private static Value ToValue(LooseRun run) => new ValueMapBuilder().Set("id", run.Id).Set("since", run.Since).Build();

    private static LooseRun LooseOf(Value value) =>
        value.Kind == ValueKind.Map && value.AsMap["since"] is { Kind: ValueKind.DateTime } since ? new LooseRun(Fields.Text(value.AsMap, "id"), since.AsDateTime) : throw new InvalidDataException("a run is no map");

    private static ColumnType TypeOf(string word) => ColumnTypes.Of(word) ?? throw new InvalidDataException($"it has a type '{word}', which is not known");
}
