using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Basalt.Migration;

/// <summary>
/// A file of records that can be read from its beginning as often as needed, in memory bounded by its longest record. Standard input is first
/// copied to a temporary file, which is deleted with this source. Not thread-safe.
/// </summary>
public sealed class RecordSource : IAsyncDisposable
{
    /// <summary>The path that stands for standard input.</summary>
    public const string StandardInput = "-";

    private const int BufferBytes = 1 << 17;
    private readonly SourceOptions _options;
    private readonly FileFormat _format;
    private string? _file;
    private string? _spool;

    private RecordSource(string path, FileFormat format, SourceOptions options)
    {
        Name = path == StandardInput ? "standard input" : path;
        _file = path == StandardInput ? null : path;
        _format = format;
        _options = options;
    }

    /// <summary>The path, or "standard input": for messages.</summary>
    public string Name { get; }

    /// <summary>The format.</summary>
    public RecordFormat Format => _format.Format;

    /// <summary>The size on disk in bytes; null of standard input until it was read.</summary>
    public long? TotalBytes => _file is null ? null : new FileInfo(_file).Length;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The path, or <c>-</c> for standard input, which needs a format.</param>
    /// <param name="format">The format; null to go by the name.</param>
    /// <param name="options">How to open it.</param>
    /// <exception cref="BasaltException">
    /// <see cref="ErrorCode.NotFound"/>: there is no such file. <see cref="ErrorCode.InvalidOptions"/>: the format is unknown.
    /// </exception>
    public static RecordSource Open(string path, RecordFormat? format = null, SourceOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new SourceOptions();
        options.Validate();
        var opened = new RecordSource(path, FileFormat.Of(path, format, options.IsGzip), options);
        if (opened._file is not null && !File.Exists(path)) throw new BasaltException(ErrorCode.NotFound, $"There is no file '{path}'.") { Target = path };
        return opened;
    }

    /// <summary>The records from the beginning, in order. Columns of CSV and TSV get the types that all of their values have.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidData"/>: the file is not what it claims to be; the message says where.</exception>
    public IAsyncEnumerable<SourceRecord> ReadAsync(CancellationToken cancellationToken = default) => ReadAsync(ColumnTypes.Inferred, cancellationToken);

    /// <summary>Deletes the copy of standard input.</summary>
    public ValueTask DisposeAsync()
    {
        if (_spool is not null) File.Delete(_spool);
        _spool = null;
        return ValueTask.CompletedTask;
    }

    internal async IAsyncEnumerable<SourceRecord> ReadAsync(ColumnTypes types, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var file = await LocalFileAsync(cancellationToken).ConfigureAwait(false);
        var records = Format switch
        {
            RecordFormat.JsonLines => JsonLinesRecords.ReadAsync(this, file, cancellationToken),
            _ => throw new NotSupportedException($"{Format} comes next."),
        };
        _ = types;
        await foreach (var record in records.ConfigureAwait(false)) yield return record;
    }

    internal int MaxRecordBytes => _options.MaxRecordBytes;

    /// <summary>The SHA-256 of the bytes: what ties a checkpoint to the content.</summary>
    internal async ValueTask<string> ContentHashAsync(CancellationToken cancellationToken)
    {
        var stream = OpenBytes(await LocalFileAsync(cancellationToken).ConfigureAwait(false));
        await using (stream.ConfigureAwait(false)) return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The decompressed bytes, and the stream below them, whose position tells the progress.</summary>
    internal (Stream Content, Stream Bytes) OpenContent(string file)
    {
        var bytes = OpenBytes(file);
        return (_format.IsGzip ? new GZipStream(bytes, CompressionMode.Decompress) : bytes, bytes);
    }

    internal BasaltException Broken(string place, string problem, Exception? inner = null) =>
        new(ErrorCode.InvalidData, $"{Name}, {place}: {problem}.", inner) { Target = Name };

    private FileStream OpenBytes(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new BasaltException(ErrorCode.Unauthorized, $"'{Name}' cannot be read: {e.Message}", e) { Target = Name };
        }
        catch (IOException e)
        {
            throw new BasaltException(e is FileNotFoundException or DirectoryNotFoundException ? ErrorCode.NotFound : ErrorCode.Unavailable, $"'{Name}' cannot be read: {e.Message}", e) { Target = Name };
        }
    }

    private async ValueTask<string> LocalFileAsync(CancellationToken cancellationToken)
    {
        if (_file is not null) return _file;
        _spool = Path.Combine(Path.GetTempPath(), "basalt-input-" + Guid.NewGuid().ToString("N"));
        var spool = new FileStream(_spool, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes);
        await using (spool.ConfigureAwait(false))
            await (_options.Input ?? Console.OpenStandardInput()).CopyToAsync(spool, BufferBytes, cancellationToken).ConfigureAwait(false);
        return _file = _spool;
    }
}
