using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Basalt;

/// <summary>
/// The address of a database or of a collection in it: <c>scheme:path?option=value#collection</c>, such as <c>file:./data</c>,
/// <c>file:people.csv</c> or <c>memory:#movies</c>. Percent-encoding is decoded in every part, so that any name can be written. Printing it
/// leaves out passwords.
/// </summary>
public sealed class StoreUri
{
    private StoreUri(string scheme, string path, FrozenDictionary<string, string> options, string? collection, string display)
    {
        Scheme = scheme;
        Path = path;
        Options = options;
        Collection = collection;
        _display = display;
    }

    private static readonly Regex SecretOption = new("(?<name>[^?&=#]*(password|pwd|secret|token|key)[^?&=#]*)=[^&#]*", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);
    private readonly string _display;

    /// <summary>What stands before the first colon, in lower case.</summary>
    public string Scheme { get; }

    /// <summary>What stands between the scheme and the options: a path for files, an authority and a path for servers.</summary>
    public string Path { get; }

    /// <summary>The options after the question mark. A backend refuses the ones that it does not know.</summary>
    public IReadOnlyDictionary<string, string> Options { get; }

    /// <summary>The collection named after the <c>#</c>, or null.</summary>
    public string? Collection { get; }

    /// <summary>Reads an address.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidOptions"/>: it is not of that form.</exception>
    [SuppressMessage("Design", "CA1054", Justification = "System.Uri cannot hold file:./relative/paths.")]
    public static StoreUri Parse(string uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        var colon = uri.IndexOf(':');
        if (colon < 1 || !uri.AsSpan(0, colon).ContainsOnly(static c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '.'))
            throw Invalid($"'{Redact(uri)}' is not a store: expected SCHEME:PATH#COLLECTION, such as file:people.csv or memory:#movies.");
        var rest = uri[(colon + 1)..];
        var (body, fragment) = Cut(rest, '#');
        var (path, query) = Cut(body, '?');
        var options = new Dictionary<string, string>();
        foreach (var pair in (query ?? "").Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = Cut(pair, '=');
            if (value is null) throw Invalid($"The option '{name}' in '{Redact(uri)}' has no value; write {name}=VALUE.");
            if (!options.TryAdd(Uri.UnescapeDataString(name), Uri.UnescapeDataString(value))) throw Invalid($"The option '{name}' is there twice in '{Redact(uri)}'.");
        }

        return new StoreUri(uri[..colon].ToLowerInvariant(), Uri.UnescapeDataString(path), options.ToFrozenDictionary(),
            string.IsNullOrEmpty(fragment) ? null : Uri.UnescapeDataString(fragment), Redact(uri));
    }

    /// <summary>Refuses options that a backend does not know.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidOptions"/>: an option is not among the known ones.</exception>
    public void RequireOptions(params IReadOnlyCollection<string> known)
    {
        foreach (var option in Options.Keys)
        {
            if (known.Contains(option)) continue;
            throw Invalid($"The option '{option}' is not one of {Scheme}: ({(known.Count == 0 ? "it has none" : string.Join(", ", known))}).");
        }
    }

    /// <summary>The address as it was written, without the password.</summary>
    public override string ToString() => _display;

    private static (string Before, string? After) Cut(string text, char separator)
    {
        var at = text.IndexOf(separator);
        return at < 0 ? (text, null) : (text[..at], text[(at + 1)..]);
    }

    // Everything between a colon and the last @ in front of the options may be a password, also in a mistyped address; so may an option of such a name.
    private static string Redact(string uri)
    {
        var end = uri.AsSpan().IndexOfAny('?', '#');
        var body = end < 0 ? uri : uri[..end];
        var at = body.LastIndexOf('@');
        var colon = at < 0 ? -1 : body.IndexOf(':', body.IndexOf(':') + 1);
        if (colon >= 0 && colon < at) body = string.Concat(body.AsSpan(0, colon + 1), "***", body.AsSpan(at));
        return end < 0 ? body : body + SecretOption.Replace(uri[end..], "${name}=***");
    }

    private static BasaltException Invalid(string message) => new(ErrorCode.InvalidOptions, message);
}

file static class Spans
{
    public static bool ContainsOnly(this ReadOnlySpan<char> span, Func<char, bool> allowed)
    {
        foreach (var c in span)
            if (!allowed(c)) return false;
        return true;
    }
}
