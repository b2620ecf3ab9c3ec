namespace Basalt.DuckDb;

/// <summary>The faults of the library in the words of the door. The library names the kind in front of each message: <c>Binder Error: …</c>.</summary>
internal static class DuckDbFaults
{
    public const string Scheme = "duckdb";

    private const string Separator = " Error: ";
    private const string Interrupted = "INTERRUPT";

    /// <summary>The fault that a message tells of; a cancellation when the call was cancelled.</summary>
    public static Exception From(string message, string? target = null, CancellationToken cancellationToken = default)
    {
        var at = message.IndexOf(Separator, StringComparison.Ordinal);
        var kind = at < 0 ? "" : message[..at];
        if (kind == Interrupted && cancellationToken.IsCancellationRequested) return new OperationCanceledException(message, cancellationToken);
        return new BasaltException(Code(kind, message), Advice(kind, message)) { Backend = Scheme, Target = target };
    }

    public static BasaltException NoSuchCollection(string collection, string path) =>
        new(ErrorCode.NotFound, $"There is no collection '{collection}' in {path}.") { Backend = Scheme, Target = collection };

    public static BasaltException Corrupt(string target, string problem, Exception? inner = null) =>
        new(ErrorCode.Corrupt, $"{target} is damaged: {problem}", inner) { Backend = Scheme, Target = target };

    /// <summary>A fault of the file system that the library did not meet.</summary>
    public static BasaltException FromIO(Exception e, string path) =>
        new(e is UnauthorizedAccessException ? ErrorCode.Unauthorized : ErrorCode.Unavailable, $"{path}: {e.Message}", e) { Backend = Scheme, Target = path };

    public static BasaltException Invalid(string message) => new(ErrorCode.InvalidOptions, message) { Backend = Scheme };

    public static BasaltException Locked(string path, string by) =>
        new(ErrorCode.Locked, $"{path} is open in {by}. One process at a time can have a database of DuckDB open for writing; several can read it with ?readonly=true.") { Backend = Scheme, Target = path };

    private static ErrorCode Code(string kind, string message) => kind switch
    {
        "IO" when message.Contains("lock on file", StringComparison.Ordinal) => ErrorCode.Locked,
        "IO" when IsDamage(message) => ErrorCode.Corrupt,
        "IO" or "Out of Memory" or "Network" or "HTTP" or "Connection" => ErrorCode.Unavailable,
        "Serialization" => ErrorCode.Corrupt,
        "TransactionContext" => ErrorCode.Conflict,
        "Constraint" => ErrorCode.InvalidRecord,
        // An appender leaves out the kind.
        "" when message.Contains("constraint", StringComparison.OrdinalIgnoreCase) => ErrorCode.InvalidRecord,
        "" when message.Contains("could not be found", StringComparison.Ordinal) => ErrorCode.NotFound,
        // After a failed write to the disk the database takes no more statements.
        "FATAL" => ErrorCode.Unavailable,
        "Permission" => ErrorCode.Unauthorized,
        "Missing Extension" or "Extension Autoloading" => ErrorCode.Unsupported,
        "Invalid Configuration" or "Settings" => ErrorCode.InvalidOptions,
        "Parser" or "Syntax" or "Binder" or "Catalog" or "Conversion" or "Out of Range" or "Decimal" or "Mismatch Type" or "Divide by Zero" or "Unknown Type" or "Invalid type" or "Invalid Input" or "Expression"
            or "Not implemented" or "Parameter Not Resolved" or "Parameter Not Allowed" or "Dependency" or "Sequence" => ErrorCode.InvalidQuery,
        _ => ErrorCode.Unexpected,
    };

    private static string Advice(string kind, string message) => kind switch
    {
        "IO" when message.Contains("lock on file", StringComparison.Ordinal) =>
            $"{message} One process at a time can have a database of DuckDB open for writing; several can read it with ?readonly=true.",
        "Missing Extension" or "Extension Autoloading" => $"{message} Extensions are not loaded by themselves: only parquet, json and icu are part of the library.",
        _ => message,
    };

    private static bool IsDamage(string message) =>
        message.Contains("not a valid DuckDB database", StringComparison.Ordinal) || message.Contains("Corrupt", StringComparison.OrdinalIgnoreCase) || message.Contains("checksum", StringComparison.OrdinalIgnoreCase);
}
