namespace Basalt.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public virtual async Task Deep_nesting_is_refused_before_io_and_what_is_allowed_reads_back()
    {
        // 60 levels are the limit: a value that is tagged in JSON, within them, within the record.
        await SeedAsync(new Record { Id = "maps", ["v"] = Nested(60, static inner => Map("x", inner)) }, new Record { Id = "lists", ["v"] = Nested(60, static inner => new[] { inner }) });
        Assert.True(Oracle.AreSame(Nested(60, static inner => Map("x", inner)), (await Things.GetRequiredAsync("maps", Cancel))["v"]));
        Assert.Equal(2, (await Things.QueryAsync(Query.All.OrderBy("v"), Cancel)).Records.Count);
        Assert.Equal(2, (await WalkAsync(Query.All.OrderBy("v").Take(1))).Count);

        var calls = Backend.DataCalls;
        foreach (var depth in (int[])[61, 10_000])
        {
            await FailsAsync(ErrorCode.InvalidRecord, () => Things.CreateAsync(new Record { Id = "x", ["v"] = Nested(depth, static inner => Map("x", inner)) }, Cancel));
            await FailsAsync(ErrorCode.InvalidRecord, () => Things.CreateAsync(new Record { Id = "x", ["v"] = Nested(depth, static inner => new[] { inner }) }, Cancel));
            await FailsAsync(ErrorCode.InvalidRecord, () => Things.CreateAsync(new Record { Id = "x", Metadata = Map("v", Nested(depth, static inner => Map("x", inner))) }, Cancel));
        }

        Assert.Equal(calls, Backend.DataCalls);
    }

    [Fact]
    public virtual async Task Long_ids_and_bad_names_are_misuse()
    {
        var calls = Backend.Calls;
        Assert.Throws<ArgumentException>(static () => new Record { Id = new string('x', Record.MaxIdBytes + 1) });
        Assert.Throws<ArgumentException>(static () => new Record { Id = new string('ä', Record.MaxIdBytes / 2 + 1) });
        Assert.Throws<ArgumentException>(static () => new Record { Id = "\uD800" });
        Assert.Throws<ArgumentException>(static () => new Record { ["\uD800"] = 1 });
        foreach (var name in (string[])["", "new\nline", "nul\0", "\uD800", new string('c', Database.MaxNameLength + 1)]) Assert.ThrowsAny<ArgumentException>(() => Database.Collection(name));
        Assert.Equal(calls, Backend.Calls);

        await Database.CreateCollectionAsync(CollectionName, new Schema([new Field("key", FieldType.String)], idField: "key"), Cancel);
        var batch = await Things.CreateManyAsync([new Record { ["key"] = "fine" }, new Record { ["key"] = new string('x', Record.MaxIdBytes + 1) }], cancellationToken: Cancel);
        Assert.Equal([ItemStatus.Done, ItemStatus.Failed], batch.Select(static item => item.Status));
        Assert.Equal(ErrorCode.InvalidRecord, batch[1].Error);
    }

    [Fact]
    public virtual async Task Large_values_read_back_and_are_found()
    {
        if (Capabilities.MaxRecordBytes is { } limit)
        {
            await SeedAsync(new Record { Id = "fits", ["v"] = new string('x', limit / 2) });
            var calls = Backend.DataCalls;
            await FailsAsync(ErrorCode.InvalidRecord, () => Things.CreateAsync(new Record { Id = "ascii", ["v"] = new string('x', limit) }, Cancel));
            await FailsAsync(ErrorCode.InvalidRecord, () => Things.CreateAsync(new Record { Id = "bytes", ["v"] = new string('日', limit / 2) }, Cancel));
            Assert.Equal(calls, Backend.DataCalls);
            if (limit < 4 << 20) return;
            await Things.DeleteAsync("fits", cancellationToken: Cancel);
        }

        var text = string.Concat(Enumerable.Repeat("0123456789 äöü 日本 😀\n", 50_000));
        var vector = Enumerable.Range(0, 20_000).Select(static i => i / 3f).ToArray();
        var stored = await SeedAsync(new Record { Id = "text", ["v"] = text }, new Record { Id = "vector", ["v"] = vector }, new Record { Id = "wide", Fields = ValueMap.From(Enumerable.Range(0, 2000).Select(static i => KeyValuePair.Create($"f{i}", (Value)i))) });
        Assert.Equal(text, stored[0]["v"].AsString);
        AssertSame(stored, await StreamAsync(Query.All), "large");
        Assert.Equal("text", await IdsAsync(Query.Where(Filter.Field("v") == text)));
        Assert.Equal("wide", await IdsAsync(Query.Where("f1999 = 1999")));
        Assert.Equal("text", await IdsAsync(Query.Where("v like '%日本%😀%' and v not like '%zzz'")));
    }

    private static Value Nested(int depth, Func<Value, Value> wrap)
    {
        // The innermost value is one that JSON must tag.
        Value value = 1.50m;
        for (var i = 0; i < depth; i++) value = wrap(value);
        return value;
    }
}
