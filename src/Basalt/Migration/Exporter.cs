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
    /// <param name="source">The collection.</param>
    /// <param name="query">Which records, fields and order.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">How to export.</param>
    /// <param name="progress">Told how far it is, or null.</param>
    /// <param name="cancellationToken">Stops; there is then no file.</param>
    /// <returns>What was written; an export has no hash and is not verified.</returns>
    /// <exception cref="BasaltException"><see cref="ErrorCode.AlreadyExists"/>: the file exists. <see cref="ErrorCode.InvalidOptions"/>: the format is unknown.</exception>
    public static async Task<MoveReport> RunAsync(
        Collection source, Query query, string path, ExportOptions? options = null, IProgress<MoveProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new ExportOptions();
        options.Validate();
        var format = FileFormat.Of(path, options.Format, options.IsGzip);
        var replacing = new ReplacedFile(path, options.Overwrite);
        await using (replacing.ConfigureAwait(false))
        {
            var report = await WriteAsync(source, query, replacing.Stream, options with { Format = format.Format, IsGzip = format.IsGzip }, progress, cancellationToken).ConfigureAwait(false);
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
        if (options.Format is not { } format) throw new BasaltException(ErrorCode.InvalidOptions, "An export to a stream needs a format.");
        var time = source.Database.Options.TimeProvider;
        var started = time.GetTimestamp();
        var clock = new ProgressClock(progress, time, MovePhase.Writing);
        long written;
        if (options.IsGzip == true)
        {
            var gzip = new GZipStream(output, CompressionLevel.Optimal, leaveOpen: true);
            await using (gzip.ConfigureAwait(false)) written = await WriteAllAsync(source, query, gzip, format, options.Form, clock, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            written = await WriteAllAsync(source, query, output, format, options.Form, clock, cancellationToken).ConfigureAwait(false);
        }

        return new MoveReport(written, written, 0, 0, 0, time.GetElapsedTime(started), false, false);
    }

    private static async ValueTask<long> WriteAllAsync(
        Collection source, Query query, Stream output, RecordFormat format, JsonForm form, ProgressClock clock, CancellationToken cancellationToken)
    {
        long written = 0;
        using var records = new JsonRecords(output, isArray: format == RecordFormat.Json, form);
        await foreach (var record in source.StreamAsync(query, cancellationToken).ConfigureAwait(false))
        {
            await records.WriteAsync(record, cancellationToken).ConfigureAwait(false);
            clock.Report(++written, 0, null, null);
        }

        await records.EndAsync(cancellationToken).ConfigureAwait(false);
        clock.Report(written, 0, written, null, isLast: true);
        return written;
    }
}
