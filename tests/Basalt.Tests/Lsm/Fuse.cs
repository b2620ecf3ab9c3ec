using Basalt.Lsm.IO;

namespace Basalt.Tests.Lsm;

/// <summary>Cancels a token at the n-th operation of a disk from now on.</summary>
internal sealed class Fuse
{
    private CancellationTokenSource? _source;
    private int _length;

    /// <summary>Does something with a token that is cancelled on the way, or not if that is short; true when it was.</summary>
    public bool Light(int operations, Action<CancellationToken> work)
    {
        using var source = new CancellationTokenSource();
        Volatile.Write(ref _length, operations);
        Volatile.Write(ref _source, source);
        try
        {
            work(source.Token);
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
        finally
        {
            Volatile.Write(ref _source, null);
        }
    }

    /// <summary>The disk whose operations count; none fails.</summary>
    public FaultingFileSystem On(IFileSystem disk) => new(disk, _ => Burn());

    private bool Burn()
    {
        if (Volatile.Read(ref _source) is { } source && Interlocked.Decrement(ref _length) == 0) source.Cancel();
        return false;
    }
}
