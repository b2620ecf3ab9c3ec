using Basalt.Backends;
using Basalt.Migration;

namespace Basalt.Cli.Movement;

/// <summary>
/// Where imports and copies keep their checkpoints: <c>.basalt/moves</c> in the current folder, made when it is needed and removed when it is
/// empty again. A destination that does not outlive the process needs none.
/// </summary>
internal sealed class CheckpointFolder : IDisposable
{
    private const string Outer = ".basalt";
    private static readonly string Inner = Path.Combine(Outer, "moves");
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

    public MoveCheckpoint? Between(string source, StoreUri destination) => _isNeeded ? new MoveCheckpoint(Inner, source, destination.ToString(), _resume) : null;

    public void Dispose()
    {
        foreach (var folder in new[] { Inner, Outer })
        {
            if (!_isNeeded || !Directory.Exists(folder) || Directory.EnumerateFileSystemEntries(folder).Any()) return;
            try
            {
                Directory.Delete(folder);
            }
            catch (IOException)
            {
                // Another run has just put its checkpoint there.
                return;
            }
        }
    }
}
