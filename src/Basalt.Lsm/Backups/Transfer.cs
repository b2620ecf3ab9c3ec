using Basalt.Lsm.IO;

namespace Basalt.Lsm.Backups;

/// <summary>
/// Puts files of a store into a folder, each under its name only when it is whole, so that what is found there can be used. The names are not
/// durable until the folder is synced. One thread.
/// </summary>
internal sealed class Transfer(IFileSystem disk, string folder, Placement placement, IProgress<TransferProgress>? progress)
{
    private const int Part = 1 << 20;

    /// <summary>How much of the end is compared: footer and meta, which hold the number and the checksums.</summary>
    private const int Tail = 4096;

    private int _files;
    private int _totalFiles;
    private long _bytes;
    private long _totalBytes;

    public long Linked { get; private set; }

    public long Copied { get; private set; }

    public long Reused { get; private set; }

    /// <summary>The paths that were written.</summary>
    public List<string> Placed { get; } = [];

    /// <summary>Places the files. The caller holds them.</summary>
    public void Place(IReadOnlyList<SharedFile> files, CancellationToken cancellationToken)
    {
        (_totalFiles, _totalBytes) = (files.Count, files.Sum(static file => file.Size));
        var there = disk.List(folder).ToHashSet(StringComparer.Ordinal);
        foreach (var file in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var name = Path.GetFileName(file.Path);
            if (there.Contains(name) && IsSame(file, Path.Combine(folder, name))) Reuse(file);
            else Place(file, Path.Combine(folder, name), cancellationToken);
            _files++;
            Tell();
        }
    }

    private void Reuse(SharedFile file)
    {
        Reused += file.Size;
        _bytes += file.Size;
    }

    private void Place(SharedFile file, string path, CancellationToken cancellationToken)
    {
        var temporary = path + Versions.FileNames.Temporary;
        disk.Delete(temporary);
        Placed.Add(temporary);
        if (placement == Placement.Link && TryLink(file, temporary))
        {
            Linked += file.Size;
            _bytes += file.Size;
        }
        else
        {
            Copy(file, temporary, cancellationToken);
            Copied += file.Size;
        }

        disk.Rename(temporary, path);
        Placed[^1] = path;
    }

    private bool TryLink(SharedFile file, string path)
    {
        try
        {
            disk.Link(file.Path, path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another disk, a file system without links, too many of them: a copy says what is wrong if it is more than that.
            return false;
        }
    }

    private void Copy(SharedFile file, string path, CancellationToken cancellationToken)
    {
        var buffer = new byte[(int)Math.Min(Part, file.Size)];
        using var copy = disk.Create(path);
        for (var at = 0L; at < file.Size; at += Part)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var part = buffer.AsSpan(0, (int)Math.Min(Part, file.Size - at));
            copy.Append(file.ReadExactly(at, part));
            _bytes += part.Length;
            Tell();
        }

        copy.Sync();
    }

    private bool IsSame(SharedFile file, string path)
    {
        using var other = disk.Open(path);
        if (other.Length != file.Size) return false;
        var tail = (int)Math.Min(Tail, file.Size);
        var (here, there) = (new byte[tail], new byte[tail]);
        return other.Read(file.Size - tail, there) == tail && file.ReadExactly(file.Size - tail, here).SequenceEqual(there);
    }

    private void Tell() => progress?.Report(new TransferProgress(_files, _totalFiles, _bytes, _totalBytes));
}
