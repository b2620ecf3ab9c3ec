using System.IO.Compression;
using Basalt.Queries;
using Basalt.Records;

namespace Basalt.Migration;

/// <summary>Exports collections to files.</summary>
public static class Exporter
{
    /// <summary>
    /// Writes the answer to a query to a file: to a temporary file beside it, which is fsynced and then renamed, so that there is never half a file.
    /// </summary>
    /// <remarks>
    /// The columns of CSV and TSV are the id as <c>$id</c>, then the fields asked for or those of a closed schema, else all fields in the order in which
    /// they first appear, found by a first pass over the answer; a field that only appears between the passes is an error. They lose
    /// the types (a reader infers them), the difference between null and missing, metadata, version and timestamps; lists, maps and vectors are JSON text.
    /// Plain JSON loses metadata, version, timestamps and the types that JSON does not have; exact JSON loses nothing.
    /// </remarks>
    /// <param name="source">The collection.</param>
    /// <param name="query">Which records, fields and order.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">How to export.</param>
    /// <param name="progress">Told how far it is, or null.</param>
    /// <param name="cancellationToken">Stops; there is then no file.</param>
    /// <returns>What was written; an export has no hash and is not verified.</returns>
    /// <exception cref="BasaltException">
    /// <see cref="ErrorCode.AlreadyExists"/>: the file exists. <see cref="ErrorCode.InvalidOptions"/>: the format is unknown, or has no exact form.
    /// <see cref="ErrorCode.Conflict"/>: a field appeared between the two passes.
    /// </exception>
    public static async Task<MoveReport> RunAsync(
        Collection source, Query query, string path, ExportOptions? options = null, IProgress<MoveProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new ExportOptions();
        options.Validate();
        var format = FileFormat.Of(path, options.Format, options.IsGzip);
        options = options with { Format = format.Format, IsGzip = format.IsGzip };
        RequireForm(options);
        var replacing = new ReplacedFile(path, options.Overwrite);
        await using (replacing.ConfigureAwait(false))
        {
            var report = await WriteAsync(source, query, replacing.Stream, options, progress, cancellationToken).ConfigureAwait(false);
            replacing.Commit();
            return report;
        }
    }

    /// <summary>Writes the answer to a query to a stream, which is not closed; the options must name the format.</summary>
    /// <inheritdoc cref="RunAsync"/>
    public static async Task<MoveReport> WriteAsync(
        Collection source, Query query, Stream output, ExportOptions options, IProgress<MoveProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (options.Format is null) throw new BasaltException(ErrorCode.InvalidOptions, "An export to a stream needs a format.") { Operation = "export" };
        RequireForm(options);
        var time = source.Database.Options.TimeProvider;
        var started = time.GetTimestamp();
        long written;
        if (options.IsGzip == true)
        {
            var gzip = new GZipStream(output, CompressionLevel.Optimal, leaveOpen: true);
            await using (gzip.ConfigureAwait(false)) written = await WriteContentAsync(source, query, gzip, options, progress, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            written = await WriteContentAsync(source, query, output, options, progress, cancellationToken).ConfigureAwait(false);
        }

        return new MoveReport(written, written, 0, 0, 0, time.GetElapsedTime(started), false, false);
    }

    private static ValueTask<long> WriteContentAsync(Collection source, Query query, Stream output, ExportOptions options, IProgress<MoveProgress>? progress, CancellationToken cancellationToken) =>
        options.Format is RecordFormat.Csv or RecordFormat.Tsv
            ? WriteCsvAsync(source, query, output, options, progress, cancellationToken)
            : WriteJsonAsync(source, query, output, options, progress, cancellationToken);

    private static async ValueTask<long> WriteJsonAsync(Collection source, Query query, Stream output, ExportOptions options, IProgress<MoveProgress>? progress, CancellationToken cancellationToken)
    {
        var clock = new ProgressClock(progress, source.Database.Options.TimeProvider, MovePhase.Writing);
        using var records = new JsonRecords(output, isArray: options.Format == RecordFormat.Json, options.Form);
        long written = 0;
        await foreach (var record in source.StreamAsync(query, cancellationToken).ConfigureAwait(false))
        {
            await records.WriteAsync(record, cancellationToken).ConfigureAwait(false);
            clock.Report(++written, 0, null, null);
        }

        await records.EndAsync(cancellationToken).ConfigureAwait(false);
        clock.Report(written, 0, written, null, isLast: true);
        return written;
    }

    private static async ValueTask<long> WriteCsvAsync(Collection source, Query query, Stream output, ExportOptions options, IProgress<MoveProgress>? progress, CancellationToken cancellationToken)
    {
        var (fields, total) = await FieldsAsync(source, query, progress, cancellationToken).ConfigureAwait(false);
        var known = fields.ToHashSet();
        var clock = new ProgressClock(progress, source.Database.Options.TimeProvider, MovePhase.Writing);
        var records = new CsvRecords(output, options.Format == RecordFormat.Tsv ? (byte)'\t' : (byte)',', fields);
        long written = 0;
        await foreach (var record in source.StreamAsync(query, cancellationToken).ConfigureAwait(false))
        {
            if (record.Fields.Keys.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
                throw new BasaltException(ErrorCode.Conflict, $"The record '{record.Id}' has a field '{unknown}' that appeared while '{source.Name}' was exported; export it again.") { Operation = "export", Target = source.Name };
            await records.WriteAsync(record, cancellationToken).ConfigureAwait(false);
            clock.Report(++written, 0, total, null);
        }

        await records.EndAsync(cancellationToken).ConfigureAwait(false);
        clock.Report(written, 0, written, null, isLast: true);
        return written;
    }

    /// <summary>The columns, and how many records there are when they had to be looked at.</summary>
    private static async ValueTask<(List<string> Fields, long? Records)> FieldsAsync(Collection source, Query query, IProgress<MoveProgress>? progress, CancellationToken cancellationToken)
    {
        if (query.Fields is { } asked) return ([.. asked.Where(static p => p.Part == Filters.RecordPart.Fields).Select(static p => p.Segments[0]).Distinct()], null);
        var schema = await source.SchemaAsync(cancellationToken).ConfigureAwait(false);
        var fields = schema.Fields.Select(static f => f.Name).ToList();
        if (!schema.IsOpen) return (fields, null);

        var clock = new ProgressClock(progress, source.Database.Options.TimeProvider, MovePhase.Checking);
        var known = fields.ToHashSet();
        long records = 0;
        Shape? last = null;
        await foreach (var record in source.StreamAsync(query, cancellationToken).ConfigureAwait(false))
        {
            clock.Report(++records, 0, null, null);
            // Neighbours mostly have the same names.
            if (ReferenceEquals(last, record.Fields.Shape)) continue;
            last = record.Fields.Shape;
            foreach (var name in last.Names)
                if (known.Add(name)) fields.Add(name);
        }

        clock.Report(records, 0, records, null, isLast: true);
        return (fields, records);
    }

    private static void RequireForm(ExportOptions options)
    {
        if (options.Format is RecordFormat.Fvecs or RecordFormat.Bvecs)
            throw new BasaltException(ErrorCode.InvalidOptions, $"{options.Format} holds vectors alone; export to JSON, JSON Lines, CSV or TSV.") { Operation = "export" };
        if (options is { Form: JsonForm.Exact, Format: RecordFormat.Csv or RecordFormat.Tsv })
            throw new BasaltException(ErrorCode.InvalidOptions, $"{options.Format} has no exact form; export to JSON or JSON Lines.") { Operation = "export" };
    }
}
