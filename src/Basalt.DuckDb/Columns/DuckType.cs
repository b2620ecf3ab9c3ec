using System.Runtime.InteropServices;
using Basalt.DuckDb.Native;

namespace Basalt.DuckDb.Columns;

/// <summary>A type of DuckDB with its parts. Immutable, compared by structure, and made of nothing of the library's.</summary>
internal sealed record DuckType
{
    private DuckType(DuckTypeId id) => Id = id;

    /// <summary>Which type it is.</summary>
    public DuckTypeId Id { get; }

    /// <summary>The name that it goes by instead of its own, as JSON for a VARCHAR; or empty.</summary>
    public string Alias { get; init; } = "";

    /// <summary>Of a decimal: how many digits there are.</summary>
    public byte Width { get; init; }

    /// <summary>Of a decimal: how many of them are behind the point.</summary>
    public byte Scale { get; init; }

    /// <summary>Of an array: how many items each has.</summary>
    public int Size { get; init; }

    /// <summary>The parts: the item of a list or an array, key and value of a map, the members of a struct or a union.</summary>
    public IReadOnlyList<(string Name, DuckType Type)> Parts { get; init; } = [];

    /// <summary>Of an enum: the texts, by number.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    public static DuckType Boolean { get; } = new(DuckTypeId.Boolean);

    public static DuckType BigInt { get; } = new(DuckTypeId.BigInt);

    public static DuckType Double { get; } = new(DuckTypeId.Double);

    public static DuckType Varchar { get; } = new(DuckTypeId.Varchar);

    public static DuckType Blob { get; } = new(DuckTypeId.Blob);

    public static DuckType Uuid { get; } = new(DuckTypeId.Uuid);

    public static DuckType TimestampTz { get; } = new(DuckTypeId.TimestampTz);

    public static DuckType TimestampNanos { get; } = new(DuckTypeId.TimestampNanos);

    public static DuckType Json { get; } = new(DuckTypeId.Varchar) { Alias = "JSON" };

    /// <summary>A type without parts.</summary>
    public static DuckType Of(DuckTypeId id) => new(id);

    public static DuckType Decimal(byte width, byte scale) => new(DuckTypeId.Decimal) { Width = width, Scale = scale };

    public static DuckType List(DuckType item) => new(DuckTypeId.List) { Parts = [("", item)] };

    public static DuckType Array(DuckType item, int size) => new(DuckTypeId.Array) { Parts = [("", item)], Size = size };

    public static DuckType Map(DuckType key, DuckType value) => new(DuckTypeId.Map) { Parts = [("key", key), ("value", value)] };

    public static DuckType Struct(IReadOnlyList<(string Name, DuckType Type)> members) => new(DuckTypeId.Struct) { Parts = members };

    public static DuckType Enum(IReadOnlyList<string> names) => new(DuckTypeId.Enum) { Names = names };

    /// <summary>The type behind a handle, which stays the caller's.</summary>
    public static DuckType Read(TypeHandle handle)
    {
        var id = NativeMethods.TypeId(handle);
        var alias = NativeMethods.TakeText(NativeMethods.TypeAlias(handle));
        var type = new DuckType(id) { Alias = alias };
        return id switch
        {
            DuckTypeId.Decimal => type with { Width = NativeMethods.DecimalWidth(handle), Scale = NativeMethods.DecimalScale(handle) },
            DuckTypeId.Enum => type with { Names = [.. Enumerable.Range(0, (int)NativeMethods.EnumSize(handle)).Select(i => NativeMethods.TakeText(NativeMethods.EnumName(handle, (ulong)i)))] },
            DuckTypeId.List => type with { Parts = [("", ReadPart(NativeMethods.ListChild(handle)))] },
            DuckTypeId.Array => type with { Parts = [("", ReadPart(NativeMethods.ArrayChild(handle)))], Size = (int)NativeMethods.ArraySize(handle) },
            DuckTypeId.Map => type with { Parts = [("key", ReadPart(NativeMethods.MapKey(handle))), ("value", ReadPart(NativeMethods.MapValue(handle)))] },
            DuckTypeId.Struct => type with { Parts = [.. Enumerable.Range(0, (int)NativeMethods.StructCount(handle)).Select(i => (NativeMethods.TakeText(NativeMethods.StructName(handle, (ulong)i)), ReadPart(NativeMethods.StructChild(handle, (ulong)i))))] },
            DuckTypeId.Union => type with { Parts = [.. Enumerable.Range(0, (int)NativeMethods.UnionCount(handle)).Select(i => (NativeMethods.TakeText(NativeMethods.UnionName(handle, (ulong)i)), ReadPart(NativeMethods.UnionMember(handle, (ulong)i))))] },
            _ => type,
        };
    }

    /// <summary>The type as the library's, to be disposed by the caller.</summary>
    /// <exception cref="NotSupportedException">It is of a kind that is only read: a union.</exception>
    public TypeHandle Create()
    {
        var handle = Id switch
        {
            DuckTypeId.Decimal => NativeMethods.CreateDecimalType(Width, Scale),
            DuckTypeId.List => Around(Parts[0].Type, NativeMethods.CreateListType),
            DuckTypeId.Array => Around(Parts[0].Type, child => NativeMethods.CreateArrayType(child, (ulong)Size)),
            DuckTypeId.Map => Around(Parts[0].Type, key => Around(Parts[1].Type, value => NativeMethods.CreateMapType(key, value))),
            DuckTypeId.Struct => CreateStruct(),
            DuckTypeId.Enum => CreateEnum(),
            DuckTypeId.Union => throw new NotSupportedException("Unions are only read."),
            _ => NativeMethods.CreateLogicalType(Id),
        };
        if (Alias.Length > 0) NativeMethods.SetTypeAlias(handle, Alias);
        return handle;
    }

    /// <summary>The type in SQL.</summary>
    public override string ToString() => Id switch
    {
        _ when Alias.Length > 0 => Alias,
        DuckTypeId.Decimal => $"DECIMAL({Width},{Scale})",
        DuckTypeId.List => $"{Parts[0].Type}[]",
        DuckTypeId.Array => $"{Parts[0].Type}[{Size}]",
        DuckTypeId.Map => $"MAP({Parts[0].Type}, {Parts[1].Type})",
        DuckTypeId.Struct => $"STRUCT({Members()})",
        DuckTypeId.Union => $"UNION({Members()})",
        DuckTypeId.Enum => $"ENUM({string.Join(", ", Names.Select(SqlText.Literal))})",
        DuckTypeId.TimestampTz => "TIMESTAMPTZ",
        DuckTypeId.TimestampNanos => "TIMESTAMP_NS",
        DuckTypeId.TimestampMillis => "TIMESTAMP_MS",
        DuckTypeId.TimestampSeconds => "TIMESTAMP_S",
        DuckTypeId.TimeTz => "TIMETZ",
        DuckTypeId.TimeNanos => "TIME_NS",
        DuckTypeId.SqlNull => "NULL",
        _ => Id.ToString().ToUpperInvariant(),
    };

    public bool Equals(DuckType? other) =>
        other is not null && Id == other.Id && Alias == other.Alias && Width == other.Width && Scale == other.Scale && Size == other.Size && Parts.SequenceEqual(other.Parts) && Names.SequenceEqual(other.Names);

    public override int GetHashCode() => HashCode.Combine(Id, Alias, Width, Scale, Size, Parts.Count, Names.Count);

    private string Members() => string.Join(", ", Parts.Select(static part => $"{SqlText.Name(part.Name)} {part.Type}"));

    private static DuckType ReadPart(TypeHandle handle)
    {
        using (handle) return Read(handle);
    }

    private static TypeHandle Around(DuckType part, Func<TypeHandle, TypeHandle> create)
    {
        using var handle = part.Create();
        return create(handle);
    }

    private unsafe TypeHandle CreateStruct()
    {
        var types = Parts.Select(static part => part.Type.Create()).ToArray();
        using var names = new NativeTexts(Parts.Select(static part => part.Name));
        try
        {
            fixed (nint* first = System.Array.ConvertAll(types, static type => type.DangerousGetHandle()))
            fixed (nint* name = names.Pointers) return NativeMethods.CreateStructType(first, name, (ulong)types.Length);
        }
        finally
        {
            foreach (var type in types) type.Dispose();
        }
    }

    private unsafe TypeHandle CreateEnum()
    {
        using var names = new NativeTexts(Names);
        fixed (nint* name = names.Pointers) return NativeMethods.CreateEnumType(name, (ulong)Names.Count);
    }

    /// <summary>Texts in native memory, as the library takes them.</summary>
    private sealed class NativeTexts(IEnumerable<string> texts) : IDisposable
    {
        public nint[] Pointers { get; } = [.. texts.Select(Marshal.StringToCoTaskMemUTF8)];

        public void Dispose()
        {
            foreach (var pointer in Pointers) Marshal.FreeCoTaskMem(pointer);
        }
    }
}
