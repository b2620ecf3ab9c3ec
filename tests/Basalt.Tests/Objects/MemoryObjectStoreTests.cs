using Basalt.Objects;
using Basalt.Objects.Memory;

namespace Basalt.Tests.Objects;

public sealed class MemoryObjectStoreTests : ObjectStoreContract
{
    private protected override ValueTask<IObjectStore> OpenAsync() => ValueTask.FromResult<IObjectStore>(new MemoryObjectStore());
}
