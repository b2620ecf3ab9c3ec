using Basalt.Engine.Collections;
using Basalt.Engine.Records;
using Basalt.Filters;
using Basalt.Lsm.IO;
using Basalt.Records;

namespace Basalt.Fuzz;

/// <summary>Stored records: whatever the bytes are, they are a record or refused, whole and in part.</summary>
public sealed class StoredRecordTarget : FuzzTarget
{
    private static readonly string[] Names = ["title", "year", "deep", "v"];

    protected override IReadOnlyList<byte[]> Seeds
    {
        get
        {
            var names = new NameList(Names);
            var record = new Record { Id = "a", ["title"] = "Alien", ["year"] = 1979.5, ["v"] = new[] { 1f, 2f }, ["deep"] = Value.FromList([1L, "x", Value.Null, new ValueMapBuilder().Set("k", 10m / 3).Build(), Guid.Empty, DateTimeOffset.UnixEpoch, new byte[] { 1 }]) };
            var (one, two) = (new ByteBuffer(), new ByteBuffer());
            RecordWriter.Write(one, record, names);
            RecordWriter.Write(two, new Record { Id = "b", Metadata = record.Fields }, names);
            return [one.Written.ToArray(), two.Written.ToArray()];
        }
    }

    protected override bool IsRefusal(Exception exception) => exception is InvalidDataException;

    protected override void Decode(byte[] input)
    {
        new RecordReader(Names, [FieldPath.Parse("deep.k"), FieldPath.Parse("$meta.year")], isDelivered: false).Read("a", input);
        new RecordReader(Names).Read("a", input);
    }
}

/// <summary>Entries of the catalogue.</summary>
public sealed class CatalogueEntryTarget : FuzzTarget
{
    protected override IReadOnlyList<byte[]> Seeds =>
    [
        System.Text.Encoding.UTF8.GetBytes("""{"number":3,"schema":{"fields":[{"name":"id","type":"guid"}]},"indexes":[{"number":4,"kind":"Scalar","path":"a.b"},{"number":5,"kind":"Vector","path":"v","dimension":3,"metric":"L2","method":"Auto","codes":"Int8","m":16,"efConstruction":200}]}"""),
    ];

    protected override bool IsRefusal(Exception exception) => exception is InvalidDataException;

    protected override void Decode(byte[] input) => CollectionEntry.Decode(input);
}
