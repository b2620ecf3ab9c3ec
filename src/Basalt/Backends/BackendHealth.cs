namespace Basalt.Backends;

/// <summary>How well a backend can serve.</summary>
public enum HealthLevel
{
    /// <summary>It serves.</summary>
    Healthy,

    /// <summary>It serves, and somebody should look: it is slower than it should be, or soon will not serve.</summary>
    Degraded,

    /// <summary>It does not serve all that it should: writes are refused, or nothing goes.</summary>
    Unhealthy,
}

/// <summary>The health of a backend at a moment.</summary>
/// <param name="Level">The worst of what is found.</param>
/// <param name="Description">What is found, in words, the worst first; or that nothing is.</param>
public sealed record BackendHealth(HealthLevel Level, string Description)
{
    /// <summary>Figures behind it, by name; sizes in bytes.</summary>
    public IReadOnlyDictionary<string, object> Data { get; init; } = new Dictionary<string, object>();
}
