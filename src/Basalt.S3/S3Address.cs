namespace Basalt.S3;

/// <summary>An address such as <c>s3://bucket/some/prefix?region=eu-west-3</c>, taken apart.</summary>
/// <param name="Options">The bucket and how to reach it.</param>
/// <param name="Prefix">What keys begin with: as written, without the first slash; empty for the whole bucket.</param>
public sealed record S3Address(S3Options Options, string Prefix)
{
    /// <summary>
    /// Reads an address. Options: <c>endpoint</c>, <c>region</c>, <c>path-style</c> and <c>anonymous</c> (<c>true</c> or <c>false</c>), <c>checksums</c> (<c>when-required</c> or
    /// <c>when-supported</c>). Credentials have no place in it: they come from the environment, a profile, or the program.
    /// </summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidOptions"/>: it is not of that form.</exception>
    public static S3Address Of(StoreUri uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        if (uri.Scheme != S3Faults.Scheme) throw S3Options.Invalid($"{uri} is not an address of s3:.");
        if (!uri.Path.StartsWith("//", StringComparison.Ordinal)) throw S3Options.Invalid($"{uri} is not of the form s3://bucket/prefix.");
        if (uri.Path.Contains('@')) throw S3Options.Invalid($"{uri} has an @: credentials come from the environment or a profile, never from an address.");
        if (uri.Collection is not null) throw S3Options.Invalid($"{uri} names a collection; an object root has none.");
        uri.RequireOptions("endpoint", "region", "path-style", "anonymous", "checksums");
        var path = uri.Path[2..];
        var slash = path.IndexOf('/');
        var options = new S3Options { Bucket = slash < 0 ? path : path[..slash] };
        foreach (var (name, value) in uri.Options)
        {
            options = name switch
            {
                "endpoint" => options with { Endpoint = Uri.TryCreate(value, UriKind.Absolute, out var endpoint) ? endpoint : throw S3Options.Invalid("The endpoint of s3: is not of the form http://HOST:PORT or https://HOST:PORT.") },
                "region" => options with { Region = value },
                "path-style" => options with { PathStyle = Flag(name, value) },
                "anonymous" => options with { IsAnonymous = Flag(name, value) },
                _ => options with { Checksums = value switch { "when-required" => S3Checksums.WhenRequired, "when-supported" => S3Checksums.WhenSupported, _ => throw S3Options.Invalid($"checksums must be when-required or when-supported, not '{value}'.") } },
            };
        }

        options.Validate();
        return new S3Address(options, slash < 0 ? "" : path[(slash + 1)..]);
    }

    private static bool Flag(string name, string value) => value switch { "true" => true, "false" => false, _ => throw S3Options.Invalid($"{name} must be true or false, not '{value}'.") };
}
