namespace Basalt.Tests.Engine.Terms;

/// <summary>A seed for a run, which failures print: <c>BASALT_SEED</c> repeats one.</summary>
internal static class Seeds
{
    public static int Next() => int.TryParse(Environment.GetEnvironmentVariable("BASALT_SEED"), out var chosen) ? chosen : Environment.TickCount;
}
