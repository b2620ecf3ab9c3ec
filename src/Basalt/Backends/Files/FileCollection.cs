using Basalt.Backends.Files.Formats;

namespace Basalt.Backends.Files;

/// <summary>
/// One collection: a data file, and beside it the sidecar and the journal. This part keeps the current <see cref="FileState"/>: what this process
/// knows, and how it learns what other processes wrote.
/// </summary>
/// <remarks>
/// <para>Changes happen under the exclusive lock of the journal, one process at a time, and inside the process under the gate. Readers take the
/// state without a lock when nothing changed since, and else catch up under the shared lock.</para>
/// <para>Catching up never changes a file. What a killed process left half-done is understood by readers and repaired by the next writer.</para>
/// </remarks>
internal sealed partial class FileCollection : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly FileOptions _options;
    private FileState? _state;
    private bool _loaded;
    private volatile bool _isExclusive;
    private volatile bool _isPoisoned;
    private volatile bool _disposed;

    public FileCollection(string name, string path, FileFormat format, FileOptions options)
    {
        Name = name;
        Path = path;
        Format = format;
        _options = options;
        SidecarPath = path + ".basalt";
        JournalPath = path + ".journal";
        ReplacementPath = path + ".new";
    }

    public string Name { get; }

    public string Path { get; }

    public FileFormat Format { get; }

    private string SidecarPath { get; }

    private string JournalPath { get; }

    private string ReplacementPath { get; }

    /// <summary>The current state, or null when the collection does not exist. The caller releases its file.</summary>
    public async ValueTask<FileState?> AcquireAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var state = await CurrentAsync(cancellationToken).ConfigureAwait(false);
            if (state is null || state.File.TryAcquire()) return state;
        }
    }

    /// <summary>What a pass over the data file finds; made on first use, and extended when the file grew.</summary>
    public async ValueTask<Survey> SurveyAsync(FileState state, bool withIndex, CancellationToken cancellationToken)
    {
        if (state.File.Survey is { } ready && Covers(ready, state, withIndex)) return ready;
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return MakeSurvey(state, withIndex, cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Closes the file when what is under way is done. What waits for its turn, or comes later, finds the collection disposed.</summary>
    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            _disposed = true;
            Publish(null);
            _loaded = false;
        }
        finally
        {
            _gate.Release();
        }
    }

    private static bool Covers(Survey survey, FileState state, bool withIndex) => survey.Covered >= state.Length && (!withIndex || survey.Index is not null);

    /// <summary>Under the gate.</summary>
    private Survey MakeSurvey(FileState state, bool withIndex, CancellationToken cancellationToken)
    {
        var survey = state.File.Survey;
        if (survey is not null && Covers(survey, state, withIndex)) return survey;
        if (survey is null || (withIndex && survey.Index is null)) survey = new Survey(withIndex);
        // A pass that fails or is cancelled half-way is dropped, because it cannot be taken up again.
        state.File.Survey = null;
        Guarded(() => survey.Extend(state, cancellationToken));
        return state.File.Survey = survey;
    }

    private async ValueTask<FileState?> CurrentAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposed, this);
        // Under this process's own exclusive lock nobody else can have changed anything.
        if (_isExclusive || IsCurrent()) return Volatile.Read(ref _state);
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!IsCurrent()) await CatchUpAsync(cancellationToken).ConfigureAwait(false);
            return _state;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>
    /// Whether nobody changed anything since the state was loaded. Needs no lock: the journal only grows until a new sidecar is there, so the
    /// same length and then the same sidecar mean the same journal. A repair resets the journal without a new sidecar, so what a killed process left
    /// is told by its time too.
    /// </summary>
    private bool IsCurrent()
    {
        var state = Volatile.Read(ref _state);
        if (!Volatile.Read(ref _loaded)) return false;
        if (state is null) return FileStamp.Of(Path) is null;
        var journal = FileStamp.Of(JournalPath)?.Length ?? 0;
        return journal == state.JournalLength
            && (state.IsClean || FileStamp.Of(JournalPath) == state.JournalStamp)
            && FileStamp.Of(Path) == state.Stamp
            && (ReadSidecar() is { } text ? state.SidecarText is not null && text.AsSpan().SequenceEqual(state.SidecarText) : state.SidecarText is null);
    }

    /// <summary>Loads what other processes wrote, under the shared lock of the journal. Under the gate.</summary>
    private async ValueTask CatchUpAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var journal = File.Exists(JournalPath) ? await LockAsync(exclusive: false, cancellationToken).ConfigureAwait(false) : null;
            Load(journal);
            // Without a journal nothing locks; a writer makes one before it touches anything else.
            if (journal is not null || !File.Exists(JournalPath)) return;
        }
    }

    /// <summary>The locked journal; of a shared lock null when there is no journal any more.</summary>
    private async ValueTask<Journal?> LockAsync(bool exclusive, CancellationToken cancellationToken)
    {
        var clock = _options.TimeProvider;
        var started = clock.GetTimestamp();
        var delay = 0.5;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if (Journal.TryOpen(JournalPath, exclusive) is { } journal) return journal;
            }
            catch (FileNotFoundException) when (!exclusive)
            {
                return null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw exclusive && e is UnauthorizedAccessException
                    ? FileFaults.ReadOnly(Path, $"the journal {JournalPath} cannot be opened for writing ({e.Message})")
                    : FileFaults.FromIO(JournalPath, e);
            }

            var waited = clock.GetElapsedTime(started);
            if (waited >= _options.LockTimeout) throw FileFaults.Locked(JournalPath, waited);
            // Jittered, so that those who wait do not step in time.
            await Task.Delay(TimeSpan.FromMilliseconds(delay * (0.5 + Random.Shared.NextDouble())), clock, cancellationToken).ConfigureAwait(false);
            delay = Math.Min(delay * 1.5, 10);
        }
    }

    private byte[]? ReadSidecar()
    {
        try
        {
            return File.ReadAllBytes(SidecarPath);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileFaults.FromIO(SidecarPath, e);
        }
    }

    private void Step(string step) => _options.OnStep?.Invoke(step);

    /// <summary>Runs what reads the file, and reports its faults with the file's name.</summary>
    private void Guarded(Action read)
    {
        try
        {
            read();
        }
        catch (MalformedException e)
        {
            throw FileFaults.Malformed(Path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileFaults.FromIO(Path, e);
        }
    }

    private void Publish(FileState? state)
    {
        var old = _state;
        Volatile.Write(ref _state, state);
        Volatile.Write(ref _loaded, true);
        if (old is not null && !ReferenceEquals(old.File, state?.File)) old.File.Release();
    }
}
