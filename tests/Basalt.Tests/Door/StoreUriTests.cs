namespace Basalt.Tests.Door;

public sealed class StoreUriTests
{
    [Theory]
    [InlineData("memory:", "memory", "", null)]
    [InlineData("memory:#movies", "memory", "", "movies")]
    [InlineData("FILE:./Data#A", "file", "./Data", "A")]
    [InlineData("file:people.csv#", "file", "people.csv", null)]
    [InlineData("file:/tmp/a%23b%3Fc%25.csv#x%20y%2Fz%23", "file", "/tmp/a#b?c%.csv", "x y/z#")]
    [InlineData("file:/tmp/ä b#日本", "file", "/tmp/ä b", "日本")]
    [InlineData("postgres://user:pw@host:5432/db#public.t", "postgres", "//user:pw@host:5432/db", "public.t")]
    [InlineData("s3://bucket/prefix/a+b#t", "s3", "//bucket/prefix/a+b", "t")]
    [InlineData("file:a#b#c", "file", "a", "b#c")]
    public void Address_is_taken_apart(string text, string scheme, string path, string? collection)
    {
        var uri = StoreUri.Parse(text);
        Assert.Equal((scheme, path, collection), (uri.Scheme, uri.Path, uri.Collection));
        Assert.Empty(uri.Options);
    }

    [Fact]
    public void Options_are_decoded_and_unknown_ones_refused()
    {
        var uri = StoreUri.Parse("file:./data?format=csv&a%26b=1%3D2&empty=#t");
        Assert.Equal(new Dictionary<string, string> { ["format"] = "csv", ["a&b"] = "1=2", ["empty"] = "" }, uri.Options);
        uri.RequireOptions("format", "a&b", "empty");
        var fault = Assert.Throws<BasaltException>(() => uri.RequireOptions("format", "empty"));
        Assert.Equal(ErrorCode.InvalidOptions, fault.Code);
        Assert.Contains("'a&b'", fault.Message);
        Assert.Contains("format", fault.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("memory")]
    [InlineData(":x")]
    [InlineData("my scheme:x")]
    [InlineData("./data:x")]
    [InlineData("file:a?b")]
    [InlineData("file:a?b=1&b=2")]
    public void Malformed_address_is_refused(string text) => Assert.Equal(ErrorCode.InvalidOptions, Assert.Throws<BasaltException>(() => StoreUri.Parse(text)).Code);

    [Theory]
    [InlineData("postgres://user:secret@host:5432/db#t", "postgres://user:***@host:5432/db#t")]
    [InlineData("postgres://user:secret@host", "postgres://user:***@host")]
    [InlineData("postgres://user:se/cret@host/db", "postgres://user:***@host/db")]
    [InlineData("postgres://user:se:cret@host/db", "postgres://user:***@host/db")]
    [InlineData("postgres://user:se@cret@host/db", "postgres://user:***@host/db")]
    [InlineData("postgres://user@host:5432/db", "postgres://user@host:5432/db")]
    [InlineData("file:/home/me@work/data#t", "file:/home/me@work/data#t")]
    public void Printed_address_has_no_password(string text, string printed) => Assert.Equal(printed, StoreUri.Parse(text).ToString());

    [Theory]
    [InlineData("postgres://host/db?password=secret&x=1#t")]
    [InlineData("elasticsearch://host?api_key=secret")]
    [InlineData("s3://bucket?access_key=a&secret_key=secret")]
    [InlineData("x://host?token=secret&y=2")]
    public void Printed_address_has_no_secret_option(string text)
    {
        var uri = StoreUri.Parse(text);
        Assert.DoesNotContain("=secret", uri.ToString());
        Assert.Contains("secret", uri.Options.Values);
    }

    [Theory]
    [InlineData("post gres://user:secret@host/db")]
    [InlineData("://user:secret@host/db")]
    [InlineData("postgres://user:secret@host/db?x")]
    [InlineData("postgres://user:secret@host/db?x=1&x=2")]
    [InlineData("post gres://host/db?password=secret")]
    public void Error_messages_have_no_password(string text) => Assert.DoesNotContain("secret", Assert.Throws<BasaltException>(() => StoreUri.Parse(text)).Message.Replace("secret_", ""));
}
