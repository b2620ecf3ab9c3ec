using Basalt.Schemas;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Basalt;

/// <summary>How a database is opened.</summary>
public sealed record DatabaseOptions
{
    /// <summary>The schemes that can be opened; <see cref="BackendSet.Default"/> unless given.</summary>
    public BackendSet Backends { get; init; } = BackendSet.Default;

    /// <summary>The clock of timestamps and minted ids.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where to log; nowhere unless given. Never holds secrets or field values.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>How records are made to fit a collection's schema; <see cref="Schemas.Validation.Strict"/> unless given.</summary>
    public Validation Validation { get; init; } = Validation.Strict;

    internal void Validate()
    {
        if (Backends is null || TimeProvider is null || LoggerFactory is null)
            throw new BasaltException(ErrorCode.InvalidOptions, "Backends, TimeProvider and LoggerFactory of the database options must not be null.");
        if (!Enum.IsDefined(Validation)) throw new BasaltException(ErrorCode.InvalidOptions, $"There is no validation mode {Validation}.");
    }
}
