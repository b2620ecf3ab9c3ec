using Basalt.Backends;
using Basalt.Backends.Memory;

namespace Basalt;

/// <summary>A scheme of store addresses and how to open it.</summary>
/// <param name="Name">The scheme, in lower case and without the colon.</param>
/// <param name="Example">An address, for help texts.</param>
/// <param name="Description">What it is, in a few words.</param>
/// <param name="Open">Opens the backend at an address; refuses unknown options.</param>
public sealed record BackendScheme(
    string Name,
    string Example,
    string Description,
    Func<StoreUri, DatabaseOptions, CancellationToken, ValueTask<IBackend>> Open);

/// <summary>The schemes that an application can open: its own list, so that nothing is found by scanning assemblies. Immutable.</summary>
public sealed class BackendSet
{
    private readonly Dictionary<string, BackendScheme> _schemes;

    private BackendSet(IEnumerable<BackendScheme> schemes) => _schemes = schemes.ToDictionary(static s => s.Name);

    /// <summary>The backends of this library: <c>memory:</c> and <c>file:</c>.</summary>
    public static BackendSet Default { get; } = new(
    [
        new BackendScheme("memory", "memory:#movies", "in this process, gone with it", static (uri, options, _) => ValueTask.FromResult<IBackend>(OpenMemory(uri, options))),
        new BackendScheme("file", "file:movies.csv", "JSON, JSON Lines, CSV and TSV files, each also with .gz; or a folder of them", Basalt.Backends.Files.FileOptions.OpenAsync),
    ]);

    /// <summary>The schemes, in the order in which they were added.</summary>
    public IReadOnlyCollection<BackendScheme> Schemes => _schemes.Values;

    /// <summary>This set and one more scheme, which replaces one of the same name.</summary>
    public BackendSet With(BackendScheme scheme)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        return new BackendSet(_schemes.Values.Where(s => s.Name != scheme.Name).Append(scheme));
    }

    internal BackendScheme Find(StoreUri uri) => _schemes.TryGetValue(uri.Scheme, out var scheme)
        ? scheme
        : throw new BasaltException(ErrorCode.InvalidOptions, $"The scheme '{uri.Scheme}:' is not known here; known are {string.Join(", ", _schemes.Keys.Select(static k => k + ":"))}.");

    private static MemoryBackend OpenMemory(StoreUri uri, DatabaseOptions options)
    {
        uri.RequireOptions();
        return uri.Path.Length == 0
            ? new MemoryBackend(options.TimeProvider)
            : throw new BasaltException(ErrorCode.InvalidOptions, $"memory: has no path; write memory:#{uri.Path} for a collection of that name.");
    }
}
