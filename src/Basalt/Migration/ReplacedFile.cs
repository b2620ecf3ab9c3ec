using Basalt.Backends.Files;

namespace Basalt.Migration;

/// <summary>A file that comes into being, or replaces another one, whole: written beside its place, fsynced and renamed.</summary>
internal sealed class ReplacedFile : IAsyncDisposable
{
    private readonly string _path;
    private readonly string _next;
    private readonly bool _overwrite;
    private bool _committed;

    public ReplacedFile(string path, bool overwrite)
    {
        _path = Path.GetFullPath(path);
        _overwrite = overwrite;
        if (!overwrite && File.Exists(_path)) throw Exists(null);
        _next = $"{_path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Stream = new FileStream(_next, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 17);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var code = e is DirectoryNotFoundException ? ErrorCode.NotFound : e is UnauthorizedAccessException ? ErrorCode.Unauthorized : ErrorCode.Unavailable;
            throw new BasaltException(code, $"'{path}' cannot be written: {e.Message}", e) { Target = path };
        }
    }

    public FileStream Stream { get; }

    public void Commit()
    {
        Stream.Flush(flushToDisk: true);
        Stream.Dispose();
        try
        {
            File.Move(_next, _path, _overwrite);
        }
        catch (IOException e) when (!_overwrite && File.Exists(_path))
        {
            throw Exists(e);
        }

        _committed = true;
        StableStorage.SyncFolderOf(_path);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Stream.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            if (!_committed) File.Delete(_next);
        }
    }

    private BasaltException Exists(Exception? cause) => new(ErrorCode.AlreadyExists, $"The file '{_path}' exists; say so to overwrite it.", cause) { Target = _path };
}
