using Basalt.S3;

namespace Basalt.Tests.Objects;

public sealed class S3OptionsTests
{
    private static readonly S3Options Good = new() { Bucket = "bucket" };

    [Fact]
    public void An_address_is_taken_apart()
    {
        var address = S3Address.Of(StoreUri.Parse("s3://my-bucket/some/pre fix/?endpoint=http://127.0.0.1:9000&region=eu-west-3&anonymous=true&path-style=false&checksums=when-supported"));
        Assert.Equal("some/pre fix/", address.Prefix);
        var options = address.Options;
        Assert.Equal(("my-bucket", new Uri("http://127.0.0.1:9000"), "eu-west-3", true, false, S3Checksums.WhenSupported), (options.Bucket, options.Endpoint, options.Region, options.IsAnonymous, options.PathStyle, options.Checksums));
        Assert.Equal(("b-1", ""), (S3Address.Of(StoreUri.Parse("s3://b-1")).Options.Bucket, S3Address.Of(StoreUri.Parse("s3://b-1")).Prefix));
    }

    [Theory]
    [InlineData("s3:bucket")]
    [InlineData("s3://")]
    [InlineData("s3://UPPER/x")]
    [InlineData("s3://ab")]
    [InlineData("s3://127.0.0.1/x")]
    [InlineData("s3://bucket/x#t")]
    [InlineData("s3://key:secret@bucket/x")]
    [InlineData("s3://bucket?secret_key=secret")]
    [InlineData("s3://bucket?endpoint=nowhere")]
    [InlineData("s3://bucket?endpoint=http://user:secret@host:1")]
    [InlineData("s3://bucket?endpoint=http://host:1/path")]
    [InlineData("s3://bucket?endpoint=ftp://host")]
    [InlineData("s3://bucket?anonymous=yes")]
    [InlineData("s3://bucket?checksums=never")]
    [InlineData("s3://bucket?region=eu west")]
    [InlineData("file:bucket")]
    public void What_is_no_address_is_refused_without_telling_secrets(string uri)
    {
        var fault = Assert.Throws<BasaltException>(() => S3Address.Of(StoreUri.Parse(uri)));
        Assert.Equal(ErrorCode.InvalidOptions, fault.Code);
        Assert.DoesNotContain("secret", fault.Message.Replace("secret_key", ""));
    }

    public static TheoryData<S3Options> Bad =>
    [
        Good with { PartBytes = S3Options.LeastPartBytes - 1 }, Good with { PartsAtOnce = 0 }, Good with { MaxAttempts = 0 }, Good with { MaxAttempts = 21 }, Good with { FirstPause = TimeSpan.FromSeconds(11) },
        Good with { FirstPause = TimeSpan.FromSeconds(-1) }, Good with { AttemptTimeout = TimeSpan.Zero }, Good with { Checksums = (S3Checksums)9 }, Good with { IsAnonymous = true, Credentials = CephServer.Credentials },
        Good with { TimeProvider = null! }, Good with { Bucket = "" },
    ];

    [Theory]
    [MemberData(nameof(Bad))]
    public void Options_that_cannot_be_used_are_refused(S3Options options) => Assert.Equal(ErrorCode.InvalidOptions, Assert.Throws<BasaltException>(() => S3ObjectStore.Open(options)).Code);

    [Fact]
    public void Credentials_and_options_print_without_the_secret()
    {
        var options = Good with { Credentials = CephServer.Credentials };
        Assert.DoesNotContain(CephServer.SecretKey, options.ToString());
        Assert.Contains("basalt-test:***", options.ToString());
    }
}
