using Basalt.Backends;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Basalt.Hosting;

/// <summary>
/// Healthy while the database opens and serves; degraded while it serves and somebody should look; else it has the failure status of its registration. It comes with figures: space, memory, work that waits.
/// </summary>
/// <example><code>services.AddHealthChecks().AddCheck&lt;DatabaseHealthCheck&gt;("basalt");</code></example>
/// <param name="accessor">The registered database.</param>
public sealed class DatabaseHealthCheck(DatabaseAccessor accessor) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            var database = await accessor.GetAsync(cancellationToken).ConfigureAwait(false);
            var health = await database.CheckAsync(cancellationToken).ConfigureAwait(false);
            var status = health.Level switch { HealthLevel.Healthy => HealthStatus.Healthy, HealthLevel.Degraded => HealthStatus.Degraded, _ => context.Registration.FailureStatus };
            return new HealthCheckResult(status, health.Description, null, health.Data);
        }
        catch (BasaltException e)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, e.Message, e);
        }
    }
}
