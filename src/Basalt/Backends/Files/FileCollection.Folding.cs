using System.IO.Compression;
using Basalt.Backends.Files.Formats;
using Basalt.Records;

namespace Basalt.Backends.Files;

/// <summary>Folding: the journal's records go into the data file, by an append where that is enough, else by a rewrite.</summary>
internal sealed partial class FileCollection
{
    private void FoldIfWorthwhile(Journal journal, long pending, CancellationToken cancellationToken)
    {
        if (pending >= _options.RewriteThreshold || !_state!.TouchesFile) Fold(journal, cancellationToken);
    }

    /// <summary>Folds the journal. Under the gate and the exclusive lock; on a failure the state is read anew at the next use.</summary>
    private void Fold(Journal journal, CancellationToken cancellationToken)
    {
        var state = _state!;
        if (state.Overlay.Count == 0)
        {
            if (journal.Length == 0) return;
            journal.Truncate(0);
            Reload(journal);
            return;
        }

        var survey = MakeSurvey(state, withIndex: true, cancellationToken);
        var columns = Format.IsCsv ? state.File.Columns!.Covering(Overlaid(state).Where(static r => !FileState.IsTombstone(r))) : null;
        _loaded = false;
        if (CanAppend(state, survey, columns)) AppendAll(journal, state, survey);
        else Rewrite(journal, state, survey, columns, cancellationToken);
        Reload(journal);
        MakeSurvey(_state!, withIndex: true, CancellationToken.None);
    }

    private bool CanAppend(FileState state, Survey survey, CsvColumns? columns)
    {
        if (Format.IsCsv && !ReferenceEquals(columns, state.File.Columns)) return false;
        // An array is continued in front of its bracket, which compression hides.
        if (Format.Layout == FileLayout.Json && (Format.IsGzip || state.Tail.Length == 0 || survey.Records == 0)) return false;
        if (Format.IsGzip && state.Length == 0) return false;
        foreach (var record in Overlaid(state))
            if (FindInFile(state, survey, record.Id, _candidates) is not null) return false;
        return true;
    }

    private void AppendAll(Journal journal, FileState state, Survey survey)
    {
        Append(journal, state.JournalEnd, JournalFrame.Encode(FrameKind.Appending, state.Generation, PrintMark(state.Length, state.Tail.Span)), "append mark");
        long records = survey.Records;
        using (var data = new FileStream(Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 0))
        {
            data.Position = state.Length;
            Step("append: data");
            using (var target = Format.IsGzip ? new GZipStream(data, CompressionLevel.Optimal, leaveOpen: true) : null)
            using (var writer = Writer(target ?? (Stream)data, survey.TextLength, state.File.Columns, continues: true, needsNewLine: !survey.EndsWithNewLine))
            {
                foreach (var record in Overlaid(state))
                {
                    if (FileState.IsTombstone(record)) continue;
                    writer.Write(record);
                    records++;
                    if ((records & 0xFFF) == 0) Step("append: more data");
                }

                writer.Complete();
            }

            if (data.Length > data.Position) data.SetLength(data.Position);
            SyncData(data);
        }

        // A file that another program changed since is another file to those who know the old one.
        var wasChanged = state.Sidecar!.Stamp != state.Stamp;
        var sidecar = Next(state, FileStamp.Of(Path)!.Value, records);
        if (wasChanged) sidecar = sidecar with { Rewritten = sidecar.Generation };
        Step("append: sidecar");
        StableStorage.Replace(SidecarPath, sidecar.Print());
        Step("append: reset journal");
        journal.Truncate(0);
    }

    private void Rewrite(Journal journal, FileState state, Survey survey, CsvColumns? columns, CancellationToken cancellationToken)
    {
        long records = 0;
        using (var data = new FileStream(ReplacementPath, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 0))
        {
            Step("replace: data");
            using (var target = Format.IsGzip ? new GZipStream(data, CompressionLevel.Optimal, leaveOpen: true) : null)
            using (var writer = Writer(target ?? (Stream)data, 0, columns, continues: false, needsNewLine: false))
            {
                foreach (var record in Merged(state, survey.IsAscending, null, cancellationToken))
                {
                    writer.Write(record);
                    records++;
                    if ((records & 0xFFF) == 0) Step("replace: more data");
                }

                writer.Complete();
            }

            SyncData(data);
        }

        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(ReplacementPath, File.GetUnixFileMode(Path));
        StableStorage.SyncFolderOf(Path);
        var sidecar = Next(state, FileStamp.Of(ReplacementPath)!.Value, records) with { IsOwned = true, Columns = columns?.Columns ?? [] };
        sidecar = sidecar with { Rewritten = sidecar.Generation };
        var text = sidecar.Print();
        Append(journal, state.JournalEnd, JournalFrame.Encode(FrameKind.Replacing, state.Generation, text), "replace mark");
        FinishReplacement(journal, text);
    }

    private static Sidecar Next(FileState state, FileStamp stamp, long records) => state.Sidecar! with
    {
        Generation = state.Generation + 1,
        Version = state.Version,
        Stamp = stamp,
        Records = records,
    };

    private void SyncData(FileStream data)
    {
        try
        {
            Step("fold: sync data");
            data.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            _isPoisoned = true;
            throw;
        }
    }

    private RecordWriter Writer(Stream target, long position, CsvColumns? columns, bool continues, bool needsNewLine) => Format.IsCsv
        ? new CsvRecordWriter(target, position, Format.Delimiter, columns!, withHeader: !continues, needsNewLine)
        : new JsonRecordWriter(target, position, Format.Layout == FileLayout.Json, continues, needsNewLine);

    private static IEnumerable<Record> Overlaid(FileState state, string? afterId = null)
    {
        foreach (var run in state.Overlay.Runs(afterId))
            for (var i = 0; i < run.Length; i++)
                yield return run.Span[i];
    }
}
