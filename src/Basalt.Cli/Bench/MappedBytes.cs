using System.IO.MemoryMappedFiles;

namespace Basalt.Cli.Bench;

/// <summary>A file's bytes where they lie on the disk's cache, read only. The file is deleted with it.</summary>
internal sealed unsafe class MappedBytes : IDisposable
{
    private readonly string _path;
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;

    /// <summary>Writes a file beside the system's temporary files and maps it.</summary>
    public MappedBytes(Action<Stream> write)
    {
        _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            using (var stream = new FileStream(_path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 20)) write(stream);
            Length = new FileInfo(_path).Length;
            // No map can be empty.
            if (Length == 0) return;
            _file = MemoryMappedFile.CreateFromFile(_path, FileMode.Open, mapName: null, 0, MemoryMappedFileAccess.Read);
            _view = _file.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
            byte* start = null;
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            Start = start + _view.PointerOffset;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public byte* Start { get; }

    public long Length { get; }

    public void Dispose()
    {
        if (Start is not null) _view!.SafeMemoryMappedViewHandle.ReleasePointer();
        _view?.Dispose();
        _file?.Dispose();
        File.Delete(_path);
    }
}
