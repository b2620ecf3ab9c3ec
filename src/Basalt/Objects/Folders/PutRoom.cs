using Basalt.Backends.Files;

namespace Basalt.Objects.Folders;

/// <summary>Where puts of a folder are prepared, and wait for each other: one changes the folder at a time, in this process and in others.</summary>
internal sealed class PutRoom(string root, TimeProvider timeProvider) : IDisposable
{
    /// <summary>The room's own folder below the root.</summary>
    public const string FolderName = ".basalt-put";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    // A writer that is slower than that is not there any more.
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    private readonly string _folder = Path.Combine(root, FolderName);
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Lock _gate = new();
    private long _lastTicks;
    private bool _isSwept;

    /// <summary>Whether a key lies in the room.</summary>
    public static bool Holds(string key) => key.StartsWith(FolderName, StringComparison.Ordinal) && (key.Length == FolderName.Length || key[FolderName.Length] == '/');

    /// <summary>A path for a file that is not there yet.</summary>
    public string Draft()
    {
        StableStorage.CreateFolder(_folder);
        lock (_gate)
        {
            if (!_isSwept) Sweep();
            _isSwept = true;
        }

        return Path.Combine(_folder, Guid.NewGuid().ToString("n"));
    }

    /// <summary>The time of a new file: now, and later than any that was given before.</summary>
    public DateTime NextTime()
    {
        lock (_gate)
        {
            _lastTicks = Math.Max(_lastTicks + 1, timeProvider.GetUtcNow().UtcTicks);
            return new DateTime(_lastTicks, DateTimeKind.Utc);
        }
    }

    /// <summary>Waits until nobody else changes the folder.</summary>
    public async ValueTask<IDisposable> LockAsync(CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            StableStorage.CreateFolder(_folder);
            while (true)
            {
                if (TryLock() is { } file) return new Held(file, _turn);
                if (timeProvider.GetElapsedTime(started) > Patience)
                    throw new BasaltException(ErrorCode.Locked, $"{root} is being changed by another process; waited {Patience.TotalSeconds:0} s. Try again when it is done.") { Target = root };
                await Task.Delay(Pause, timeProvider, cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            _turn.Release();
            throw;
        }
    }

    public void Dispose() => _turn.Dispose();

    private FileStream? TryLock()
    {
        try
        {
            return new FileStream(Path.Combine(_folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException))
        {
            return null;
        }
    }

    /// <summary>Removes what writers left that died.</summary>
    private void Sweep()
    {
        var before = timeProvider.GetUtcNow().UtcDateTime - Abandoned;
        foreach (var file in new DirectoryInfo(_folder).EnumerateFiles())
            if (Guid.TryParseExact(file.Name, "n", out _) && file.LastWriteTimeUtc < before) file.Delete();
    }

    private sealed class Held(FileStream file, SemaphoreSlim turn) : IDisposable
    {
        public void Dispose()
        {
            file.Dispose();
            turn.Release();
        }
    }
}
