using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Basalt.Backends.Files;
using Basalt.Backends.Files.Formats;
using Basalt.Records;

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
    private const string DefaultVectorField = "vector";
    private readonly SourceOptions _options;
    private readonly FileFormat _format;
    private string? _file;
    private string? _spool;
    private FileStamp? _stamp;
    private (ColumnTypes Types, CsvColumns Columns)? _columns;

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
    public long? TotalBytes => _file is null ? null : Stamp(_file).Length;

    /// <summary>Whether the rows of a file are vectors and nothing else.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidOptions"/>: the format is unknown.</exception>
    public static bool IsOfVectors(string path, RecordFormat? format)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return FileFormat.Of(path, format, null).IsOfVectors;
    }

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
        var opened = new RecordSource(path, FileFormat.Of(path, format, options.IsGzip), options);
        options.Validate(opened._format);
        if (opened._file is not null && Directory.Exists(path)) throw new BasaltException(ErrorCode.InvalidData, $"'{path}' is a folder, not a file of records.") { Target = path };
        if (opened._file is not null && !File.Exists(path)) throw new BasaltException(ErrorCode.NotFound, $"There is no file '{path}'.") { Target = path };
        return opened;
    }

    /// <summary>The records from the beginning, in order. Columns of CSV and TSV get the types that all of their values have.</summary>
    /// <exception cref="BasaltException">
    /// <see cref="ErrorCode.InvalidData"/>: the file is not what it claims to be; the message says where. <see cref="ErrorCode.Conflict"/>: it changed since
    /// it was first read.
    /// </exception>
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
        RequireUnchanged(file);
        using var bytes = OpenBytes(file);
        using var reader = OpenReader(bytes, file, types, cancellationToken);
        for (long row = 1; Read(reader, types) is { } record; row++)
        {
            yield return new SourceRecord(record, row, reader.Place.Line, bytes.Position);
            cancellationToken.ThrowIfCancellationRequested();
        }

        RequireUnchanged(file);
    }

    /// <summary>What the file was like when it was first looked at: it is read several times and must stay the same.</summary>
    private FileStamp Stamp(string file) => _stamp ??= FileStamp.Of(file) ?? throw new BasaltException(ErrorCode.NotFound, $"There is no file '{file}'.") { Target = Name };

    private void RequireUnchanged(string file)
    {
        if (Stamp(file) == FileStamp.Of(file)) return;
        throw new BasaltException(ErrorCode.Conflict, $"{Name} was changed while it was read; do it again when nobody writes to it.") { Target = Name };
    }

    private Record? Read(RecordReader reader, ColumnTypes types)
    {
        try
        {
            return reader.MoveNext() ? types.Convert(reader.Read()) : null;
        }
        catch (FormatException e)
        {
            throw Broken(e, reader.Place.Line);
        }
    }

    private RecordReader OpenReader(Stream bytes, string file, ColumnTypes types, CancellationToken cancellationToken) => Format switch
    {
        RecordFormat.Fvecs or RecordFormat.Bvecs => new VecsRecordReader(bytes, Stamp(file).Length, Format, VectorField, _options.IdPrefix ?? ""),
        RecordFormat.JsonLines => new JsonLinesReader(Content(bytes), RecordPlace.Start),
        RecordFormat.Json => new JsonArrayReader(Content(bytes), RecordPlace.Start),
        _ => new CsvRecordReader(Content(bytes), Delimiter, Columns(file, types, cancellationToken), RecordPlace.Start),
    };

    private CsvColumns Columns(string file, ColumnTypes types, CancellationToken cancellationToken)
    {
        if (_columns is { } known && known.Types == types) return known.Columns;
        try
        {
            var columns = CsvColumns.Discover(() => Content(OpenBytes(file)), Delimiter, types.Declared, hasNulls: false, cancellationToken);
            _columns = (types, columns);
            return columns;
        }
        catch (FormatException e)
        {
            throw Broken(e, 1);
        }
    }

    /// <summary>Where a record stands, for messages.</summary>
    internal string Place(SourceRecord item) => _format.IsOfVectors ? $"row {item.Row}" : $"line {item.Line}";

    /// <summary>Format and options that decide what the records are: what ties a checkpoint to the way of reading.</summary>
    internal string Reading => _format.IsOfVectors ? $"{Format} {VectorField} {_options.IdPrefix}" : Format.ToString();

    private string VectorField => _options.VectorField ?? DefaultVectorField;

    internal byte Delimiter => (byte)(_options.Delimiter ?? (Format == RecordFormat.Tsv ? '\t' : ','));

    private Stream Content(Stream bytes) => _format.IsGzip ? new GzipText(seal => new ContinuedStream(bytes, seal)) : bytes;

    /// <summary>The fault of a reader, which knows the place, with the name of the file.</summary>
    private BasaltException Broken(FormatException e, long line)
    {
        var (place, problem) = e is MalformedException malformed
            ? (malformed.Line > 0 ? $"line {malformed.Line}, column {malformed.Column}" : $"byte {malformed.Offset}", malformed.Problem)
            : ($"line {line}", e.Message);
        return new BasaltException(ErrorCode.InvalidData, $"{Name}, {place}: {problem.TrimEnd('.')}.", e) { Target = Name };
    }

    /// <summary>The SHA-256 of the bytes: what ties a checkpoint to the content.</summary>
    internal async ValueTask<string> ContentHashAsync(CancellationToken cancellationToken)
    {
        var stream = OpenBytes(await LocalFileAsync(cancellationToken).ConfigureAwait(false));
        await using (stream.ConfigureAwait(false)) return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false));
    }

    private FileStream OpenBytes(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 0, System.IO.FileOptions.SequentialScan);
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
