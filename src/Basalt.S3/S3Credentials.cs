namespace Basalt.S3;

/// <summary>Who asks. It prints without the secrets.</summary>
/// <param name="accessKey">The name of the key.</param>
/// <param name="secretKey">The key.</param>
/// <param name="sessionToken">What temporary credentials come with; null for lasting ones.</param>
public sealed class S3Credentials(string accessKey, string secretKey, string? sessionToken = null)
{
    /// <summary>The name of the key.</summary>
    public string AccessKey { get; } = NotEmpty(accessKey, nameof(accessKey));

    internal string SecretKey { get; } = NotEmpty(secretKey, nameof(secretKey));

    internal string? SessionToken { get; } = sessionToken;

    /// <summary>The name of the key alone.</summary>
    public override string ToString() => $"{AccessKey}:***";

    private static string NotEmpty(string value, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(value, name);
        return value;
    }
}
