using Basalt.Backends.Files.Formats;

namespace Basalt.Backends.Files;

/// <summary>The faults of this backend in the words of the door.</summary>
internal static class FileFaults
{
    public static BasaltException Corrupt(string path, string problem, Exception? inner = null) =>
        new(ErrorCode.Corrupt, $"{path} is damaged: {problem}", inner) { Backend = "file", Target = path };

    public static BasaltException Malformed(string path, MalformedException e) =>
        new(ErrorCode.Corrupt, e.Line > 0
            ? $"{path} cannot be read: {e.Problem} at line {e.Line}, column {e.Column} (byte {e.Offset}). Nothing was changed; correct the file."
            : $"{path} cannot be read: {e.Problem} (byte {e.Offset}). Nothing was changed; correct the file.", e) { Backend = "file", Target = path };

    public static BasaltException NotFound(string collection, string path) =>
        new(ErrorCode.NotFound, $"There is no collection '{collection}': {path} does not exist.") { Backend = "file", Target = path };

    public static BasaltException ReadOnly(string path, string why) =>
        new(ErrorCode.Unauthorized, $"{path} cannot be written: {why}.") { Backend = "file", Target = path };

    public static BasaltException Locked(string path, TimeSpan waited) =>
        new(ErrorCode.Locked, $"{path} is locked by another process or handle; waited {waited.TotalSeconds:0.#} s. Try again when it is done.") { Backend = "file", Target = path };

    public static BasaltException Poisoned(string path) =>
        new(ErrorCode.Unavailable, $"An earlier write to {path} failed to reach the disk, so its state is uncertain: no more writes are taken. Open the store again to recover.") { Backend = "file", Target = path };

    public static BasaltException FromIO(string path, Exception e) => e switch
    {
        UnauthorizedAccessException => new BasaltException(ErrorCode.Unauthorized, $"{path}: permission denied, or it is a folder ({e.Message})", e) { Backend = "file", Target = path },
        PathTooLongException => new BasaltException(ErrorCode.InvalidOptions, $"{path} is too long a path for this system.", e) { Backend = "file", Target = path },
        FileNotFoundException or DirectoryNotFoundException => new BasaltException(ErrorCode.NotFound, $"{path} does not exist.", e) { Backend = "file", Target = path },
        _ => new BasaltException(ErrorCode.Unavailable, $"{path}: {e.Message}", e) { Backend = "file", Target = path },
    };
}
