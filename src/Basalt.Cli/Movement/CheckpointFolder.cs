using Basalt.Backends;
using Basalt.Migration;

namespace Basalt.Cli.Movement;

/// <summary>
/// Where imports and copies keep their checkpoints: <c>.basalt/moves</c> in the current folder, made when it is needed. It stays, because another
/// run may be about to put its checkpoint there. A destination that does not outlive the process needs none.
/// </summary>
internal sealed class CheckpointFolder
{
    private static readonly string Folder = Path.Combine(".basalt", "moves");
    private readonly bool _isNeeded;
    private readonly bool _resume;

    private CheckpointFolder(bool isNeeded, bool resume)
    {
        _isNeeded = isNeeded;
        _resume = resume;
    }

    public static CheckpointFolder For(OpenCollection target, bool resume)
    {
        var isNeeded = target.Database.Capabilities.Durability != Durability.Process;
        if (resume && !isNeeded) throw new UsageException("--resume makes no sense here: the destination ends with the process.");
        return new CheckpointFolder(isNeeded, resume);
    }

    public MoveCheckpoint? Between(string source, StoreUri destination) => _isNeeded ? new MoveCheckpoint(Folder, source, destination.ToString(), _resume) : null;
}
