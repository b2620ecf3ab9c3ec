namespace Basalt.Lsm.Backups;

/// <summary>How a file comes into a backup or a restored store.</summary>
public enum Placement
{
    /// <summary>
    /// A second name of the same file where the disk can do that (a hard link: no space, no time), a copy where it cannot. Both names stand for the
    /// same bytes, so a failing sector harms both: what must survive the disk is copied.
    /// </summary>
    Link,

    /// <summary>A copy of its own.</summary>
    Copy,
}

/// <summary>How a backup or a restore is made.</summary>
public sealed record TransferOptions
{
    /// <summary>How files are placed. Default: a backup links, a restore copies. What is there already stays as it is.</summary>
    public Placement? Placement { get; init; }

    /// <summary>Is told, on the calling thread, after each file and each mebibyte. Default: nobody.</summary>
    public IProgress<TransferProgress>? Progress { get; init; }
}

/// <summary>How far a backup or restore is: files and bytes that are in place, of those that will be.</summary>
public readonly record struct TransferProgress(int Files, int TotalFiles, long Bytes, long TotalBytes);

/// <summary>What a backup or restore did. Bytes are those of tables and their sidecars.</summary>
public sealed record TransferReport
{
    /// <summary>The last operation that it includes.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>How many files the result consists of, without the few that name it.</summary>
    public required int Files { get; init; }

    /// <summary>Bytes that got a second name.</summary>
    public required long LinkedBytes { get; init; }

    /// <summary>Bytes that were copied.</summary>
    public required long CopiedBytes { get; init; }

    /// <summary>Bytes that were there already.</summary>
    public required long ReusedBytes { get; init; }

    /// <summary>Files of earlier backups that could not be removed, as somebody has them open; the next backup tries again.</summary>
    public required int FilesLeft { get; init; }
}
