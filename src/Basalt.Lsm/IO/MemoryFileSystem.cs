namespace Basalt.Lsm.IO;

/// <summary>
/// A disk in memory that knows what a power cut would leave: <see cref="CrashClone"/>. For tests, and for stores that nobody keeps.
/// Files are limited to 2 GiB.
/// </summary>
public sealed class MemoryFileSystem : IFileSystem
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, MemoryFile> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MemoryFile> _syncedNames = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _locks = new(StringComparer.Ordinal);

    /// <summary>
    /// The disk as a power cut at this moment would leave it: synced bytes and names are there; every other change is kept with the given
    /// probability, name by name and sector by sector, so that writes may be torn. Equal seeds give equal disks. Nobody holds a lock.
    /// </summary>
    public MemoryFileSystem CrashClone(int seed, double keepProbability)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(keepProbability);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keepProbability, 1);
        lock (_gate)
        {
            var random = new Random(seed);
            var clone = new MemoryFileSystem();
            var copies = new Dictionary<MemoryFile, MemoryFile>();
            foreach (var name in _names.Keys.Union(_syncedNames.Keys).Order(StringComparer.Ordinal))
            {
                var (now, synced) = (_names.GetValueOrDefault(name), _syncedNames.GetValueOrDefault(name));
                var kept = now == synced || random.NextDouble() < keepProbability ? now : synced;
                if (kept is null) continue;
                if (!copies.TryGetValue(kept, out var copy)) copies.Add(kept, copy = kept.AfterCrash(random, keepProbability));
                clone._names.Add(name, copy);
                clone._syncedNames.Add(name, copy);
            }

            return clone;
        }
    }

    /// <summary>Flips the bits of the mask in one byte of a file, as a failing disk does.</summary>
    public void Damage(string path, long offset, byte mask)
    {
        lock (_gate) Find(path).Damage(offset, mask);
    }

    /// <inheritdoc/>
    public IWritableFile Create(string path)
    {
        lock (_gate)
        {
            var file = new MemoryFile();
            _names[path] = file;
            return new Writable(this, file);
        }
    }

    /// <inheritdoc/>
    public IWritableFile Append(string path, long length)
    {
        lock (_gate)
        {
            var file = Find(path);
            file.Cut(length);
            return new Writable(this, file);
        }
    }

    /// <inheritdoc/>
    public IReadableFile Open(string path)
    {
        lock (_gate) return new Readable(this, Find(path));
    }

    /// <inheritdoc/>
    public void Rename(string path, string newPath)
    {
        lock (_gate)
        {
            var file = Find(path);
            _names.Remove(path);
            _names[newPath] = file;
        }
    }

    /// <inheritdoc/>
    public void Delete(string path)
    {
        lock (_gate) _names.Remove(path);
    }

    /// <inheritdoc/>
    public void Link(string path, string newPath)
    {
        lock (_gate)
            if (!_names.TryAdd(newPath, Find(path))) throw new IOException($"{newPath} exists.");
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string folder)
    {
        lock (_gate) return [.. _names.Keys.Where(name => IsIn(folder, name)).Select(static name => Path.GetFileName(name))];
    }

    /// <inheritdoc/>
    public void CreateFolder(string folder)
    {
        // Folders exist by their files.
    }

    /// <inheritdoc/>
    public void SyncFolder(string folder)
    {
        lock (_gate)
        {
            foreach (var name in _syncedNames.Keys.Where(name => IsIn(folder, name)).ToList()) _syncedNames.Remove(name);
            foreach (var (name, file) in _names.Where(entry => IsIn(folder, entry.Key))) _syncedNames.Add(name, file);
        }
    }

    /// <summary>What <see cref="FreeBytes"/> says; nothing is limited by it.</summary>
    public long? Free { get; set; }

    /// <inheritdoc/>
    public long? FreeBytes(string folder) => Free;

    /// <inheritdoc/>
    public IDisposable? TryLock(string path, string holder, out string? other)
    {
        lock (_gate)
        {
            if (_locks.TryGetValue(path, out other)) return null;
            _locks.Add(path, holder);
            if (!_names.ContainsKey(path)) _names.Add(path, new MemoryFile());
            return new Held(this, path);
        }
    }

    private static bool IsIn(string folder, string path) => string.Equals(Path.GetDirectoryName(path), folder, StringComparison.Ordinal);

    private MemoryFile Find(string path) => _names.TryGetValue(path, out var file) ? file : throw new FileNotFoundException($"{path} does not exist.", path);

    private sealed class Writable(MemoryFileSystem disk, MemoryFile file) : IWritableFile
    {
        public void Append(ReadOnlySpan<byte> bytes)
        {
            lock (disk._gate) file.Append(bytes);
        }

        public void Sync()
        {
            lock (disk._gate) file.Sync();
        }

        public void Dispose()
        {
            // Nothing is held: closing does not make durable.
        }
    }

    private sealed class Readable(MemoryFileSystem disk, MemoryFile file) : IReadableFile
    {
        public long Length
        {
            get { lock (disk._gate) return file.Length; }
        }

        public int Read(long offset, Span<byte> buffer)
        {
            lock (disk._gate) return file.Read(offset, buffer);
        }

        public FileRegion Map(long offset, long length)
        {
            var copy = new PinnedCopy(checked((int)length));
            if (Read(offset, copy.Bytes) != length) throw new IOException("A region to be mapped must lie within its file.");
            return new FileRegion(copy.Address, length, copy);
        }

        public void Dispose()
        {
            // Nothing is held.
        }
    }

    /// <summary>Bytes that do not move as long as a region refers to them, and begin where a mapped file would: at a page.</summary>
    private sealed class PinnedCopy : IDisposable
    {
        private const int Page = 4096;
        private readonly int _start;
        private readonly int _length;
        private byte[] _bytes;

        public PinnedCopy(int length)
        {
            _bytes = GC.AllocateUninitializedArray<byte>(checked(length + Page), pinned: true);
            (_start, _length) = ((int)((Page - System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(_bytes, 0) % Page) % Page), length);
        }

        public Span<byte> Bytes => _bytes.AsSpan(_start, _length);

        public nint Address => _length == 0 ? 0 : System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(_bytes, _start);

        public void Dispose() => _bytes = [];
    }

    private sealed class Held(MemoryFileSystem disk, string path) : IDisposable
    {
        public void Dispose()
        {
            lock (disk._gate) disk._locks.Remove(path);
        }
    }
}
