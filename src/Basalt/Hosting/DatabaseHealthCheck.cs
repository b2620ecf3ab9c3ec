using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Basalt.Hosting;

/// <summary>Healthy while the database opens and answers a ping; else it has the failure status of its registration.</summary>
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
            await database.PingAsync(cancellationToken).ConfigureAwait(false);
            return HealthCheckResult.Healthy($"{database.Capabilities.Scheme}: answers");
        }
        catch (BasaltException e)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, e.Message, e);
        }
    }
}
