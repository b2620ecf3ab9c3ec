using Basalt.Migration;
using Basalt.Records;

namespace Basalt.Tests.Migration;

public sealed class TransformTests
{
    private static readonly Record Film = RecordJson.Parse("""{"$id":"f1","title":"Alien","year":1979,"votes":null,"maker":{"first":"Ridley","last":"Scott"},"price":{"$decimal":"1.50"}}""");

    [Theory]
    [InlineData("""{}""", """{"$id":"f1","title":"Alien","year":1979,"votes":null,"maker":{"first":"Ridley","last":"Scott"},"price":{"$decimal":"1.50"}}""")]
    [InlineData("""{"rename":{"title":"name"},"keep":["name","year"]}""", """{"$id":"f1","name":"Alien","year":1979}""")]
    [InlineData("""{"rename":{"maker.last":"director"},"keep":["maker","director"]}""", """{"$id":"f1","maker":{"first":"Ridley"},"director":"Scott"}""")]
    [InlineData("""{"rename":{"missing":"x"},"keep":["title"]}""", """{"$id":"f1","title":"Alien"}""")]
    [InlineData("""{"default":{"votes":0,"lang":"en","year":1},"keep":["votes","lang","year"]}""", """{"$id":"f1","votes":0,"lang":"en","year":1979}""")]
    [InlineData("""{"set":{"source":"imdb","maker.born":1937,"$meta.by":"me"},"keep":["source","maker.born"]}""", """{"$id":"f1","$meta":{"by":"me"},"source":"imdb","maker":{"born":1937}}""")]
    [InlineData("""{"convert":{"year":"double","price":"string","votes":"int64"},"keep":["year","price","votes"]}""", """{"$id":"f1","year":1979.0,"price":"1.50","votes":null}""")]
    [InlineData("""{"compute":{"full":"maker.first || ' ' || maker.last","n":"length(full)"},"keep":["full","n"]}""", """{"$id":"f1","full":"Ridley Scott","n":12}""")]
    [InlineData("""{"drop":["maker.first","price","votes","nothing"]}""", """{"$id":"f1","title":"Alien","year":1979,"maker":{"last":"Scott"}}""")]
    public void Transform_changes_a_record(string spec, string expected) => Assert.Equal(expected, TransformSpec.Parse(spec).Apply(Film)!.ToString());

    [Fact]
    public void Steps_run_in_their_order_whatever_the_order_of_the_text()
    {
        var spec = TransformSpec.Parse("""
            {"keep":["n","c"],"drop":["d"],"compute":{"c":"n + d"},"convert":{"n":"int64","d":"int64"},"set":{"d":"2"},"default":{"n":"1"},"rename":{"m":"n"},"where":"m is null"}
            """);
        Assert.Equal("""{"n":1,"c":3}""", spec.Apply(new Record { ["m"] = default })!.ToString());
        Assert.Null(spec.Apply(new Record { ["m"] = "5" }));
    }

    [Fact]
    public void Transform_never_changes_the_given_record()
    {
        var before = Film.ToString();
        TransformSpec.Parse("""{"set":{"maker.last":"x"},"drop":["title"],"compute":{"year":"year + 1"}}""").Apply(Film);
        Assert.Equal(before, Film.ToString());
    }

    [Theory]
    [InlineData("""{"rename":{"title":"year"}}""", "record 'f1', rename title: the record has a field year already.")]
    [InlineData("""{"convert":{"title":"int64"}}""", "record 'f1', convert title: 'Alien' (String) cannot become int64 without loss.")]
    [InlineData("""{"convert":{"price":"int64"}}""", "record 'f1', convert price: 1.50m (Decimal) cannot become int64 without loss.")]
    [InlineData("""{"compute":{"r":"year / (year - 1979)"}}""", "record 'f1', compute r: 1979 / 0 divides by zero.")]
    [InlineData("""{"set":{"title.x":1}}""", "record 'f1', set title.x: Cannot set title.x: 'title' is a String, not a map.")]
    public void Step_that_does_not_fit_names_record_and_field(string spec, string message)
    {
        var error = Assert.Throws<BasaltException>(() => TransformSpec.Parse(spec).Apply(Film));
        Assert.Equal(ErrorCode.InvalidRecord, error.Code);
        Assert.Equal(message, error.Message);
    }

    [Theory]
    [InlineData("[]", "The transform must be a JSON object, not List.")]
    [InlineData("{", "The transform is not valid: not valid JSON at byte 1")]
    [InlineData("""{"wher":"a = 1"}""", "The transform has no property 'wher'; did you mean 'where'?")]
    [InlineData("""{"frobnicate":1}""", "The transform has no property 'frobnicate'; its properties are where, rename, default, set, convert, compute, drop, keep.")]
    [InlineData("""{"where":5}""", "The transform has at where Int64 5, not text.")]
    [InlineData("""{"where":"a ="}""", "The transform is wrong at where: expected a value, found the end of the text at column 4: a =<here>")]
    [InlineData("""{"rename":["a"]}""", "The transform has a 'rename' that is List, not an object of fields.")]
    [InlineData("""{"rename":{"a":"c","b":"c"}}""", "The transform renames two fields to c.")]
    [InlineData("""{"convert":{"a":"integer"}}""", "The transform cannot convert a to 'integer'; the types are bool, int64, double, decimal, string, date-time, guid, bytes, vector, list, map.")]
    [InlineData("""{"compute":{"a":"1 +"}}""", "The transform is wrong at compute.a: expected a value, found the end of the text at column 4: 1 +<here>")]
    [InlineData("""{"set":{"$id":"x"}}""", "The transform cannot set $id: the store sets it.")]
    [InlineData("""{"keep":[]}""", "The transform keeps nothing: 'keep' is an empty list.")]
    [InlineData("""{"keep":["$meta.x"]}""", "The transform keeps fields only; metadata always stays.")]
    [InlineData("""{"drop":"a"}""", "The transform has a 'drop' that is String, not a list of fields.")]
    [InlineData("""{"set":{"a b":1}}""", "The transform is wrong at set, 'a b'")]
    public void Malformed_transform_is_refused(string spec, string message)
    {
        var error = Assert.Throws<BasaltException>(() => TransformSpec.Parse(spec));
        Assert.Equal(ErrorCode.InvalidData, error.Code);
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }
}
