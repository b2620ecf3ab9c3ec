using Basalt.Schemas;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Basalt.Hosting;

/// <summary>The options of a registered database; clock and logging come from the container unless set here.</summary>
public sealed class DatabaseOptionsBuilder
{
    /// <summary>The schemes that can be opened.</summary>
    public BackendSet Backends { get; set; } = BackendSet.Default;

    /// <summary>The clock; the container's, else the system's.</summary>
    public TimeProvider? TimeProvider { get; set; }

    /// <summary>Where to log; the container's, else nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>How records are made to fit a schema.</summary>
    public Validation Validation { get; set; } = Validation.Strict;

    internal DatabaseOptions Build() => new()
    {
        Backends = Backends,
        TimeProvider = TimeProvider ?? TimeProvider.System,
        LoggerFactory = LoggerFactory ?? NullLoggerFactory.Instance,
        Validation = Validation,
    };
}
