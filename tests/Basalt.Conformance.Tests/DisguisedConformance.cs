using Basalt.Backends;
using Basalt.Backends.Memory;

namespace Basalt.Conformance.Tests;

/// <summary>The memory backend behind a disguise: whatever a backend declares, the door gives the same answers.</summary>
public abstract class DisguisedConformance : BackendConformance
{
    protected abstract Disguise Disguise { get; }

    protected override ValueTask<IBackend> OpenEmptyAsync() => ValueTask.FromResult<IBackend>(new DisguisedBackend(new MemoryBackend(Clock), Disguise));
}

/// <summary>A backend that can do nothing but store, and not too much: the door filters and sorts.</summary>
public sealed class WeakenedMemoryConformance : DisguisedConformance
{
    protected override Disguise Disguise { get; } = new(Generator.SeedOfRun) { MaxRecordBytes = 200_000 };
}

/// <summary>Every leaf lets other records through.</summary>
public sealed class InexactMemoryConformance : DisguisedConformance
{
    protected override Disguise Disguise { get; } = new(Generator.SeedOfRun) { Supports = [FilterSupport.Inexact] };
}

/// <summary>Some leaves are exact, some inexact, some unknown, at random.</summary>
public sealed class MixedMemoryConformance : DisguisedConformance
{
    protected override Disguise Disguise { get; } = new(Generator.SeedOfRun) { Supports = [FilterSupport.None, FilterSupport.Inexact, FilterSupport.Exact], KeepsAtomicity = true };
}

/// <summary>The backend sorts and supports some leaves: limits are pushed where they may be.</summary>
public sealed class SortingMemoryConformance : DisguisedConformance
{
    protected override Disguise Disguise { get; } = new(Generator.SeedOfRun) { Supports = [FilterSupport.None, FilterSupport.Inexact, FilterSupport.Exact, FilterSupport.Exact], Sorts = true };
}
