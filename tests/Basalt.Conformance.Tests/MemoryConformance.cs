using Basalt.Backends;
using Basalt.Backends.Memory;

namespace Basalt.Conformance.Tests;

public sealed class MemoryConformance : BackendConformance
{
    protected override ValueTask<IBackend> OpenEmptyAsync() => ValueTask.FromResult<IBackend>(new MemoryBackend(Clock));
}
