namespace Basalt;

/// <summary>What went wrong, as a program decides by it.</summary>
public enum ErrorCode
{
    /// <summary>Something else; the inner exception says what.</summary>
    Unexpected,

    /// <summary>A record or collection that must exist does not.</summary>
    NotFound,

    /// <summary>A record or collection that must not exist does.</summary>
    AlreadyExists,

    /// <summary>The record changed since the version that the caller expected, or a transaction met a concurrent one.</summary>
    Conflict,

    /// <summary>A filter, sort or cursor that cannot be understood or does not fit the schema.</summary>
    InvalidQuery,

    /// <summary>A record that breaks the schema or a limit.</summary>
    InvalidRecord,

    /// <summary>Input data or a specification file that cannot be read as what it claims to be.</summary>
    InvalidData,

    /// <summary>A URI or option that cannot be used.</summary>
    InvalidOptions,

    /// <summary>The backend does not declare what was asked; it saw no I/O.</summary>
    Unsupported,

    /// <summary>Stored data is damaged. The message names the place; nothing was overwritten.</summary>
    Corrupt,

    /// <summary>Another process or handle holds what is needed.</summary>
    Locked,

    /// <summary>The backend refused the credentials or the permission.</summary>
    Unauthorized,

    /// <summary>The backend asks to slow down.</summary>
    Throttled,

    /// <summary>The backend cannot be reached or cannot work at the moment.</summary>
    Unavailable,

    /// <summary>The time limit passed.</summary>
    Timeout,

    /// <summary>There is no space left where the data is kept; nothing was written. Reads go on, and writes are accepted again when there is space.</summary>
    DiskFull,

    /// <summary>What was asked for was there and is no longer kept. Begin anew.</summary>
    Gone,
}

/// <summary>
/// A fault of the world around the program: data, backend, concurrency. Misuse of the API is an ordinary CLR exception, and absence
/// is a value.
/// </summary>
public sealed class BasaltException : Exception
{
    /// <summary>An unexpected fault.</summary>
    public BasaltException()
        : this(ErrorCode.Unexpected, "Something went wrong.")
    {
    }

    /// <summary>An unexpected fault.</summary>
    public BasaltException(string message)
        : this(ErrorCode.Unexpected, message)
    {
    }

    /// <summary>An unexpected fault and its cause.</summary>
    public BasaltException(string message, Exception innerException)
        : this(ErrorCode.Unexpected, message, innerException)
    {
    }

    /// <summary>A fault of the given kind; the message says what, where and what to do.</summary>
    public BasaltException(ErrorCode code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>What went wrong.</summary>
    public ErrorCode Code { get; }

    /// <summary>Whether the same call may succeed later without anything being changed.</summary>
    public bool IsTransient => Code is ErrorCode.Conflict or ErrorCode.Locked or ErrorCode.Throttled or ErrorCode.Unavailable or ErrorCode.Timeout;

    /// <summary>The scheme of the backend, or null when the fault arose in front of one.</summary>
    public string? Backend { get; init; }

    /// <summary>The operation, such as <c>create</c> or <c>query</c>, or null.</summary>
    public string? Operation { get; init; }

    /// <summary>The collection, file or record concerned, or null.</summary>
    public string? Target { get; init; }
}
