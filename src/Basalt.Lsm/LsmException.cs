namespace Basalt.Lsm;

/// <summary>What went wrong, as a program decides by it.</summary>
public enum LsmErrorCode
{
    /// <summary>Stored bytes are not what was written. <see cref="LsmException.File"/> and <see cref="LsmException.Offset"/> name the place; nothing was changed.</summary>
    Corrupt,

    /// <summary>Another process or handle has the store open; the message names it.</summary>
    Locked,

    /// <summary>A write to the log or the manifest failed, so what is on disk is not known. Reads go on; writes are refused until the store is opened again.</summary>
    Poisoned,

    /// <summary>A file was written by a newer version of this library.</summary>
    FormatTooNew,

    /// <summary>The store was closed.</summary>
    Closed,

    /// <summary>An option that cannot be used.</summary>
    InvalidOptions,

    /// <summary>A file is encrypted, and its key was not given; the message names the key. Nothing was changed.</summary>
    WrongKey,

    /// <summary>The store was opened for reading only.</summary>
    ReadOnly,

    /// <summary>The store changed faster than it could be opened for reading. Try again.</summary>
    Busy,

    /// <summary>A folder that a backup or a restore was to work with holds something else; the message names it. Nothing was changed.</summary>
    WrongFolder,

    /// <summary>The account of memory has no room for what was asked for; nothing was done.</summary>
    OverBudget,

    /// <summary>The tree was dropped; nothing was done.</summary>
    Dropped,

    /// <summary>
    /// There is no space left on the disk, or the quota is used up; nothing was done. Reads go on; writes are refused at once until there is space again, which the store looks for every second.
    /// </summary>
    DiskFull,
}

/// <summary>
/// A fault of the world around the store. Misuse is an ordinary CLR exception, an absent key is a value, and a failed read of a healthy
/// file is the <see cref="IOException"/> that the file system threw.
/// </summary>
public sealed class LsmException : Exception
{
    /// <summary>Damage of unknown place.</summary>
    public LsmException()
        : this(LsmErrorCode.Corrupt, "The store is damaged.")
    {
    }

    /// <summary>Damage that the message names.</summary>
    public LsmException(string message)
        : this(LsmErrorCode.Corrupt, message)
    {
    }

    /// <summary>Damage that the message names, and its cause.</summary>
    public LsmException(string message, Exception innerException)
        : this(LsmErrorCode.Corrupt, message, innerException)
    {
    }

    /// <summary>A fault of the given kind; the message says what, where and what to do.</summary>
    public LsmException(LsmErrorCode code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>What went wrong.</summary>
    public LsmErrorCode Code { get; }

    /// <summary>The file concerned, where there is one.</summary>
    public string? File { get; private init; }

    /// <summary>Where in the file, in bytes, where that is known.</summary>
    public long? Offset { get; private init; }

    internal static LsmException Corrupt(string file, long offset, string what) =>
        new(LsmErrorCode.Corrupt, $"{file} is damaged at byte {offset}: {what}. Restore it from a backup.") { File = file, Offset = offset };

    internal static LsmException Missing(string file, string what) =>
        new(LsmErrorCode.Corrupt, $"{file} is missing: {what}. Restore it from a backup.") { File = file };

    internal static LsmException TooNew(string file, uint version, uint known) =>
        new(LsmErrorCode.FormatTooNew, $"{file} has format version {version}; this library reads versions up to {known}. Use a newer library.") { File = file };

    internal static LsmException WrongKey(string file, string keyId, string why) =>
        new(LsmErrorCode.WrongKey, $"{file} is encrypted under the key '{keyId}', and {why}. Open the store with the key that it was written under.") { File = file };

    /// <summary>The same once more, for another caller.</summary>
    internal static LsmException Again(LsmException cause) => new(cause.Code, cause.Message, cause) { File = cause.File, Offset = cause.Offset };

    internal static LsmException DamagedBackup(string file, LsmException cause) =>
        new(LsmErrorCode.Corrupt, $"{file} is damaged, and nothing was restored: {cause.Message} Use another backup.", cause) { File = file, Offset = cause.Offset };

    internal static LsmException WrongFolder(string folder, string why) => new(LsmErrorCode.WrongFolder, $"{folder} {why}.") { File = folder };

    internal static LsmException Locked(string folder, string? holder) =>
        new(LsmErrorCode.Locked, $"{folder} is open in {(string.IsNullOrEmpty(holder) ? "another process" : holder)}. Close it there first.") { File = folder };

    internal static LsmException ReadOnly(string folder) => new(LsmErrorCode.ReadOnly, $"{folder} was opened for reading only.");

    internal static LsmException DiskFull(string folder, Exception cause) =>
        new(LsmErrorCode.DiskFull, $"There is no space left for {folder} ({cause.Message}), so the write was not done. Reads go on. Free some space or add some: writes are accepted again within a second or two of that.", cause);

    internal static LsmException Dropped(string tree) => new(LsmErrorCode.Dropped, $"The tree '{tree}' was dropped.");

    internal static LsmException Closed() => new(LsmErrorCode.Closed, "The store is closed.");
}
