using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.ComponentModel.DataAnnotations.Schema;
using System.Diagnostics;
using Basalt.Records;
using Basalt.Schemas;
using Xunit;

namespace Basalt.Tests.Schemas;

public sealed class MapperTests
{
    public enum Colour : byte
    {
        Red = 3,
        Green = 7,
    }

    [Flags]
    public enum Rights
    {
        None = 0,
        Read = 1,
        Write = 2,
    }

    public sealed record Point(double X, double Y = 2.5);

    public sealed class Everything
    {
        public bool Bool { get; set; }
        public sbyte SByte { get; set; }
        public byte Byte { get; set; }
        public short Short { get; set; }
        public ushort UShort { get; set; }
        public int Int { get; set; }
        public uint UInt { get; set; }
        public long Long { get; set; }
        public ulong ULong { get; set; }
        public float Float { get; set; }
        public double Double { get; set; }
        public decimal Decimal { get; set; }
        public char Char { get; set; } = 'x';
        public string Text { get; set; } = "";
        public string? MaybeText { get; set; }
        public int? MaybeInt { get; set; }
        public Colour? MaybeColour { get; set; }
        public Uri? Link { get; set; }
        public Guid Guid { get; set; }
        public DateTime Time { get; set; }
        public DateTimeOffset Instant { get; init; }
        public DateOnly Date { get; set; }
        public TimeOnly Clock { get; set; }
        public TimeSpan Span { get; set; }
        public Colour Colour { get; set; } = Colour.Red;
        public Rights Rights { get; set; }
        public byte[] Bytes { get; set; } = [];
        public ReadOnlyMemory<byte> Memory { get; set; }
        public float[] Vector { get; set; } = [1];
        public ReadOnlyMemory<float> VectorMemory { get; set; } = new float[] { 1 };
        public int[] Numbers { get; set; } = [];
        public List<string?> Texts { get; set; } = [];
        public IReadOnlyList<Colour> Colours { get; set; } = [];
        public IEnumerable<int?> Gaps { get; set; } = [];
        public Dictionary<string, decimal> Prices { get; set; } = [];
        public IReadOnlyDictionary<string, Point> Points { get; set; } = new Dictionary<string, Point>();
        public Point Point { get; set; } = new(1);
        public List<Point> Path { get; set; } = [];
        public Point? NoPoint { get; set; }
        public Value Anything { get; set; }
        public ValueMap Map { get; set; } = ValueMap.Empty;
    }

    [Fact]
    public void Every_type_round_trips_and_satisfies_its_schema()
    {
        var mapper = Mapper<Everything>.Default;
        foreach (var item in new[] { new Everything(), Extremes() })
        {
            var record = mapper.ToRecord(item);
            Assert.Empty(mapper.Schema.Validate(record));
            var reread = mapper.FromRecord(RecordJson.Parse(RecordJson.ToText(record)));
            Assert.True(record.HasSameContent(mapper.ToRecord(reread)), record.ToString());
        }

        var back = mapper.FromRecord(mapper.ToRecord(Extremes()));
        Assert.Equal((sbyte.MinValue, ulong.MaxValue, float.MaxValue, decimal.MinValue), (back.SByte, back.ULong, back.Float, back.Decimal));
        Assert.Equal((Colour.Green, Rights.Read | Rights.Write, Colour.Red), (back.Colour, back.Rights, back.MaybeColour));
        Assert.Equal([Colour.Red, Colour.Green], back.Colours);
        Assert.Equal((Rights)12, mapper.FromRecord(mapper.ToRecord(new Everything { Rights = (Rights)12 })).Rights);
        Assert.Equal("oneOf", Assert.Single(mapper.Schema.Validate(mapper.ToRecord(new Everything { Colour = (Colour)9 }))).Rule);
        Assert.Equal(["a", null], back.Texts);
        Assert.Equal([1, null], back.Gaps);
        Assert.Equal(new Point(5, 6), back.Points["p"]);
        Assert.Equal([new Point(1), new Point(2, 3)], back.Path);
        Assert.Equal(new TimeOnly(23, 59, 59).Add(TimeSpan.FromTicks(1)), back.Clock);
        Assert.Equal(DateTimeKind.Utc, back.Time.Kind);
        Assert.Equal("../a b?c", back.Link!.OriginalString);
        Assert.Equal(5, back.Anything.AsInt64);
        Assert.Null(back.NoPoint);
    }

    [Theory]
    [InlineData("Bool", FieldType.Bool, true)]
    [InlineData("UShort", FieldType.Int64, true)]
    [InlineData("ULong", FieldType.Decimal, true)]
    [InlineData("Float", FieldType.Double, true)]
    [InlineData("Text", FieldType.String, true)]
    [InlineData("MaybeText", FieldType.String, false)]
    [InlineData("MaybeInt", FieldType.Int64, false)]
    [InlineData("Date", FieldType.DateTime, true)]
    [InlineData("Clock", FieldType.String, true)]
    [InlineData("Span", FieldType.Int64, true)]
    [InlineData("Memory", FieldType.Bytes, true)]
    [InlineData("VectorMemory", FieldType.Vector, true)]
    [InlineData("Gaps", FieldType.List, true)]
    [InlineData("Prices", FieldType.Map, true)]
    [InlineData("NoPoint", FieldType.Map, false)]
    [InlineData("Anything", FieldType.Any, false)]
    public void Schema_has_the_types_and_what_is_required(string name, FieldType type, bool required)
    {
        var field = Mapper<Everything>.Default.Schema[name]!;
        Assert.Equal((type, required), (field.Type, field.IsRequired));
    }

    [Fact]
    public void Schema_reaches_into_elements_nested_types_and_enums()
    {
        var schema = Mapper<Everything>.Default.Schema;
        Assert.Equal(FieldType.Double, schema.Resolve("Point.X")!.Type);
        Assert.Equal(FieldType.Map, schema["Path"]!.Element!.Type);
        Assert.True(schema["Numbers"]!.Element!.IsRequired);
        Assert.False(schema["Gaps"]!.Element!.IsRequired);
        Assert.Equal(["Red", "Green"], schema["Colour"]!.OneOf!.Select(v => v.AsString));
        Assert.Null(schema["Rights"]!.OneOf);
    }

    public static TheoryData<string, Value> Misfits => new()
    {
        { "SByte", 128 }, { "Byte", -1 }, { "Int", 1L << 31 }, { "UInt", -1 }, { "ULong", -1 }, { "Int", 1.5 }, { "Int", "1" }, { "Float", 1e39 }, { "Double", (1L << 53) + 1 },
        { "Decimal", 1e30 }, { "Char", "ab" }, { "Text", 5 }, { "Guid", "x" }, { "Time", "2024-01-01T00:00:00Z" }, { "Date", new DateTimeOffset(2024, 1, 1, 1, 0, 0, TimeSpan.Zero) },
        { "Clock", "25:00:00.0000000" }, { "Colour", "Blue" }, { "Colour", "3" }, { "Bool", 1 }, { "Int", Value.Null }, { "Text", Value.Null }, { "Vector", new Value[] { 1 } },
        { "Numbers", new Value[] { 1, 1L << 40 } }, { "Numbers", new Value[] { Value.Null } }, { "Numbers", 5 }, { "Prices", ValueMap.From([new("a", "b")]) },
        { "Point", ValueMap.Empty }, { "Point", ValueMap.From([new("X", "a")]) }, { "Point", 1 },
    };

    [Theory]
    [MemberData(nameof(Misfits), DisableDiscoveryEnumeration = true)]
    public void Value_that_does_not_fit_names_field_and_record(string name, Value value)
    {
        var error = Assert.Throws<BasaltException>(() => Mapper<Everything>.Default.FromRecord(new Record { Id = "r7", [name] = value }));
        Assert.Equal((ErrorCode.InvalidRecord, "r7"), (error.Code, error.Target));
        Assert.Contains(name, error.Message);
        Assert.Contains("'r7'", error.Message);
    }

    [Fact]
    public void Fault_deep_inside_has_its_whole_path()
    {
        var record = new Record { ["Path"] = new Value[] { ValueMap.From([new("X", 1)]), ValueMap.From([new("X", "no")]) } };
        Assert.Contains("Path[1].X", Assert.Throws<BasaltException>(() => Mapper<Everything>.Default.FromRecord(record)).Message);
    }

    [Fact]
    public void Missing_fields_keep_initial_values_and_parameter_defaults()
    {
        var item = Mapper<Everything>.Default.FromRecord(new Record { ["Int"] = 5.0, ["Point"] = ValueMap.From([new("X", 4)]), ["unknown"] = 1 });
        Assert.Equal((5, 'x', Colour.Red), (item.Int, item.Char, item.Colour));
        Assert.Equal(new Point(4, 2.5), item.Point);
    }

    [Fact]
    public void Time_of_unspecified_kind_is_utc_and_local_time_keeps_its_instant()
    {
        var mapper = Mapper<Everything>.Default;
        var record = mapper.ToRecord(new Everything { Time = new DateTime(2024, 5, 1, 12, 0, 0) });
        Assert.Equal(new DateTimeOffset(2024, 5, 1, 12, 0, 0, TimeSpan.Zero), record["Time"].AsDateTime);
        var local = new DateTime(2024, 5, 1, 12, 0, 0, DateTimeKind.Local);
        Assert.Equal(local.ToUniversalTime(), mapper.FromRecord(mapper.ToRecord(new Everything { Time = local })).Time);
    }

    public sealed record TextKeyed(string Id, int N);

    public sealed class GuidKeyed
    {
        [Key, Column("code")]
        public Guid Code { get; set; }

        public int Id { get; set; }
    }

    public sealed record NumberKeyed(int Id);

    [Fact]
    public void Key_is_the_id_and_empty_means_mint()
    {
        var texts = Mapper<TextKeyed>.Default;
        Assert.Equal("Id", texts.Schema.IdField);
        Assert.Equal("a", texts.ToRecord(new TextKeyed("a", 1)).Id);
        var unset = texts.ToRecord(new TextKeyed("", 1));
        Assert.Equal("", unset.Id);
        Assert.False(unset.Fields.ContainsKey("Id"));
        Assert.Empty(texts.Schema.Validate(unset));
        Assert.Equal(new TextKeyed("minted", 1), texts.FromRecord(unset with { Id = "minted" }));

        var guids = Mapper<GuidKeyed>.Default;
        var guid = Guid.Parse("0123abcd-0000-4000-8000-00000000ffff");
        Assert.Equal("code", guids.Schema.IdField);
        Assert.Equal("", guids.ToRecord(new GuidKeyed { Id = 3 }).Id);
        Assert.Equal(guid, guids.FromRecord(new Record { Id = guid.ToString("D") }).Code);
        Assert.Contains("$id", Assert.Throws<BasaltException>(() => guids.FromRecord(new Record { Id = "x" })).Message);

        Assert.Equal("0", Mapper<NumberKeyed>.Default.ToRecord(new NumberKeyed(0)).Id);
        Assert.Equal(-7, Mapper<NumberKeyed>.Default.FromRecord(new Record { Id = "-7" }).Id);
        Assert.Throws<BasaltException>(() => Mapper<NumberKeyed>.Default.FromRecord(new Record { Id = "9999999999" }));
    }

    [AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
    public sealed class EvenAttribute : ValidationAttribute
    {
        public override bool IsValid(object? value) => value is int number && number % 2 == 0;
    }

    public sealed record Annotated(
        [property: Column("name"), Description("what it is called")] [StringLength(5, MinimumLength = 2)] string Name,
        [Range(1, 10.5)] int Stars,
        [Range(0, double.MaxValue)] decimal Price,
        [Range(typeof(decimal), "0.1", "0.9")] decimal Share,
        [RegularExpression("[a-z]+")] string Word,
        [EmailAddress] string? Mail,
        [AllowedValues("x", "y")] string Letter,
        [Length(3, 3)] float[] Face,
        [MinLength(1), MaxLength(2)] int[] List,
        [Even] int Even,
        [Range(0.0, 1.0, MaximumIsExclusive = true)] double Fraction)
    {
        [DefaultValue(7)]
        public long Lucky { get; init; }

        [Required]
        public string? Needed { get; set; }

        [NotMapped]
        public object? Ignored { get; set; }

        public string Computed => Name + "!";
    }

    [Theory]
    [InlineData("name", "abc", "a", "minLength")]
    [InlineData("name", "abc", "abcdef", "maxLength")]
    [InlineData("Stars", 10, 11, "max")]
    [InlineData("Stars", 1, 0, "min")]
    [InlineData("Price", 5, -1, "min")]
    [InlineData("Word", "abc", "Abc", "pattern")]
    [InlineData("Mail", "a@b", "a", "email")]
    [InlineData("Letter", "x", "z", "oneOf")]
    [InlineData("Even", 2, 3, "check")]
    [InlineData("Fraction", 0.99, 1.0, "check")]
    [InlineData("Needed", "x", "", "minLength")]
    public void Annotation_becomes_a_constraint(string name, object good, object bad, string rule)
    {
        var field = Mapper<Annotated>.Default.Schema[name]!;
        var schema = new Schema([field]);
        Assert.Empty(schema.Validate(new Record { [name] = Codec.Literal(good) }));
        Assert.Equal(rule, Assert.Single(schema.Validate(new Record { [name] = Codec.Literal(bad) })).Rule);
    }

    [Fact]
    public void Annotations_give_names_dimensions_defaults_and_descriptions()
    {
        var schema = Mapper<Annotated>.Default.Schema;
        Assert.Null(schema["Name"] ?? schema["Ignored"] ?? schema["Computed"]);
        Assert.Equal("what it is called", schema["name"]!.Description);
        Assert.Equal(3, schema["Face"]!.Dimension);
        Assert.Equal((1, 2), (schema["List"]!.MinLength, schema["List"]!.MaxLength));
        Assert.Equal(7, schema["Lucky"]!.Default!.Value.AsInt64);
        Assert.Equal((0.1m, 0.9m), (schema["Share"]!.Min!.Value.AsDecimal, schema["Share"]!.Max!.Value.AsDecimal));
        Assert.True(schema["Needed"]!.IsRequired && !schema["Mail"]!.IsRequired);
        Assert.Null(schema["Price"]!.Max);
    }

    public sealed class Unmappable
    {
        public object? Anything { get; set; }
    }

    public sealed class Endless
    {
        public List<Endless> Children { get; set; } = [];
    }

    public sealed class TwoKeys
    {
        [Key]
        public int A { get; set; }

        [Key]
        public int B { get; set; }
    }

    public sealed class BadKey
    {
        [Key]
        public double A { get; set; }
    }

    public sealed class Grid
    {
        public int[,] Cells { get; set; } = new int[0, 0];
    }

    public sealed class Compared
    {
        [Compare("Other")]
        public int A { get; set; }

        public int Other { get; set; }
    }

    public sealed class BadRange
    {
        [Range(5, 1)]
        public int Stars { get; set; }
    }

    public sealed class Closed(int hidden)
    {
        public int Shown => hidden;
    }

    public sealed class NeedsPart
    {
        public required string Part { get; set; }
    }

    public readonly record struct Pair(int A, string B);

    [Fact]
    public void What_cannot_be_mapped_is_refused_by_name()
    {
        Assert.Contains("Unmappable.Anything", Assert.Throws<NotSupportedException>(() => Mapper<Unmappable>.Default).Message);
        Assert.Contains("Endless.Children", Assert.Throws<NotSupportedException>(() => Mapper<Endless>.Default).Message);
        Assert.Contains("2 keys", Assert.Throws<NotSupportedException>(() => Mapper<TwoKeys>.Default).Message);
        Assert.Contains("BadKey.A", Assert.Throws<NotSupportedException>(() => Mapper<BadKey>.Default).Message);
        Assert.Contains("Grid.Cells", Assert.Throws<NotSupportedException>(() => Mapper<Grid>.Default).Message);
        Assert.Contains("Compared.A", Assert.Throws<NotSupportedException>(() => Mapper<Compared>.Default).Message);
        Assert.Contains("Closed", Assert.Throws<NotSupportedException>(() => Mapper<Closed>.Default).Message);
        Assert.Contains("String", Assert.Throws<NotSupportedException>(() => Mapper<string>.Default).Message);
        Assert.Contains("Stars", Assert.ThrowsAny<Exception>(() => Mapper<BadRange>.Default).Message);
    }

    [Fact]
    public void Required_members_and_structs_are_honoured()
    {
        Assert.Contains("Part", Assert.Throws<BasaltException>(() => Mapper<NeedsPart>.Default.FromRecord(new Record { Id = "1" })).Message);
        var mapper = Mapper<Pair>.Default;
        Assert.Equal(new Pair(1, "b"), mapper.FromRecord(mapper.ToRecord(new Pair(1, "b"))));
        Assert.Throws<BasaltException>(() => mapper.FromRecord(new Record { ["A"] = 1 }));
    }

    public sealed record Small(string Id, string Title, int Year, double Score, bool IsOut, DateTimeOffset At);

    [Fact]
    public void Small_object_maps_in_about_a_microsecond()
    {
        var mapper = Mapper<Small>.Default;
        var item = new Small("7", "Alien", 1979, 8.5, true, DateTimeOffset.UnixEpoch);
        var best = double.MaxValue;
        for (var round = 0; round < 30; round++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < 2_000; i++) Assert.Equal(1979, mapper.FromRecord(mapper.ToRecord(item)).Year);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds / 2_000);
        }

        // There and back; ten times the aim, so that a busy machine does not fail it and a quadratic mistake does.
        Assert.True(best < 20, $"{best} µs");
        TestContext.Current.TestOutputHelper?.WriteLine($"{best:F2} µs there and back");
    }

    private static Everything Extremes() => new()
    {
        Bool = true, SByte = sbyte.MinValue, Byte = byte.MaxValue, Short = short.MinValue, UShort = ushort.MaxValue, Int = int.MinValue, UInt = uint.MaxValue,
        Long = long.MinValue, ULong = ulong.MaxValue, Float = float.MaxValue, Double = double.Epsilon, Decimal = decimal.MinValue, Char = 'é', Text = "😀\n", MaybeText = "",
        MaybeInt = 0, MaybeColour = Colour.Red, Link = new Uri("../a b?c", UriKind.Relative), Guid = Guid.Parse("0123abcd-0000-4000-8000-00000000ffff"),
        Time = DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc), Instant = new DateTimeOffset(1, 1, 2, 3, 4, 5, TimeSpan.FromMinutes(-90)), Date = new DateOnly(9999, 12, 31),
        Clock = new TimeOnly(23, 59, 59).Add(TimeSpan.FromTicks(1)), Span = TimeSpan.MinValue, Colour = Colour.Green, Rights = Rights.Read | Rights.Write, Bytes = [0, 255],
        Memory = new byte[] { 1 }, Vector = [0.1f, -0f], VectorMemory = new[] { float.MaxValue }, Numbers = [1, 2], Texts = ["a", null], Colours = [Colour.Red, Colour.Green],
        Gaps = [1, null], Prices = new() { ["a.b"] = 1.50m }, Points = new Dictionary<string, Point> { ["p"] = new(5, 6) }, Point = new Point(3, 4),
        Path = [new(1), new(2, 3)], Anything = 5, Map = ValueMap.From([new("k", "v")]),
    };
}
