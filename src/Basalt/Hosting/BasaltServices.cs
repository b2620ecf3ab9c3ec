using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Basalt.Hosting;

/// <summary>Registers databases with dependency injection.</summary>
/// <remarks>
/// Each database is a singleton <see cref="DatabaseAccessor"/>, keyed by its name, that opens on first use; the unnamed one is also registered
/// without a key. Databases are closed with the container. Configuration reads <c>Basalt:Uri</c> for the unnamed database and
/// <c>Basalt:Databases:NAME:Uri</c> for named ones.
/// </remarks>
public static class BasaltServices
{
    /// <summary>The section that <see cref="AddBasalt(IServiceCollection, IConfiguration, Action{DatabaseOptionsBuilder}?)"/> reads.</summary>
    public const string Section = "Basalt";

    /// <summary>Registers the unnamed database.</summary>
    /// <example><code>services.AddBasalt("file:./data");</code></example>
    [SuppressMessage("Design", "CA1054", Justification = "System.Uri cannot hold file:./relative/paths.")]
    public static IServiceCollection AddBasalt(this IServiceCollection services, string uri, Action<DatabaseOptionsBuilder>? configure = null)
    {
        services.AddBasalt("", uri, configure);
        return services.AddSingleton(static provider => provider.GetRequiredKeyedService<DatabaseAccessor>(""));
    }

    /// <summary>Registers a named database, to be injected with <c>[FromKeyedServices("name")] DatabaseAccessor</c>.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidOptions"/>: the address is malformed.</exception>
    [SuppressMessage("Design", "CA1054", Justification = "System.Uri cannot hold file:./relative/paths.")]
    public static IServiceCollection AddBasalt(this IServiceCollection services, string name, string uri, Action<DatabaseOptionsBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        // A malformed address fails when the application is composed, not at the first request.
        var address = StoreUri.Parse(uri);
        if (services.Any(s => s.IsKeyedService && s.ServiceType == typeof(DatabaseAccessor) && name.Equals(s.ServiceKey)))
            throw new InvalidOperationException(name.Length == 0 ? "The unnamed database is registered already." : $"A database named '{name}' is registered already.");
        return services.AddKeyedSingleton(name, (provider, _) =>
        {
            var options = new DatabaseOptionsBuilder
            {
                LoggerFactory = provider.GetService<ILoggerFactory>(),
                TimeProvider = provider.GetService<TimeProvider>(),
            };
            configure?.Invoke(options);
            return new DatabaseAccessor(name, address, options.Build());
        });
    }

    /// <summary>Registers the databases that the configuration's <c>Basalt</c> section names.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidOptions"/>: no database is configured, or a setting is unknown or malformed.</exception>
    public static IServiceCollection AddBasalt(this IServiceCollection services, IConfiguration configuration, Action<DatabaseOptionsBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        var section = configuration.GetSection(Section);
        RequireKnown(section, "Uri", "Databases");
        var found = false;
        if (section["Uri"] is { Length: > 0 } uri)
        {
            services.AddBasalt(uri, configure);
            found = true;
        }

        foreach (var database in section.GetSection("Databases").GetChildren())
        {
            RequireKnown(database, "Uri");
            services.AddBasalt(database.Key, database["Uri"] ?? throw Misconfigured($"{database.Path}:Uri is missing"), configure);
            found = true;
        }

        return found ? services : throw Misconfigured($"neither {Section}:Uri nor {Section}:Databases:NAME:Uri is set");
    }

    private static void RequireKnown(IConfigurationSection section, params string[] known)
    {
        foreach (var child in section.GetChildren())
            if (!known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)) throw Misconfigured($"{child.Path} is not a setting ({string.Join(", ", known)})");
    }

    private static BasaltException Misconfigured(string problem) => new(ErrorCode.InvalidOptions, $"The configuration of Basalt cannot be used: {problem}.");
}
