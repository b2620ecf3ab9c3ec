using System.Buffers;
using System.Text.Json;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Backends.Files;

/// <summary>Writes: decided under the exclusive lock, acknowledged when their frame is on the disk.</summary>
internal sealed partial class FileCollection
{
    private readonly List<long> _candidates = [];

    public ValueTask<IReadOnlyList<WriteOutcome>> WriteAsync(WriteBatch batch, CancellationToken cancellationToken) =>
        ExclusivelyAsync<IReadOnlyList<WriteOutcome>>(journal =>
        {
            if (_state is not null && PendingBytes(_state) is var pending && pending >= _options.AppendThreshold) FoldIfWorthwhile(journal, pending, cancellationToken);
            if (_state is null) Create(journal, Schema.Any, batch.Now);
            else if (_state.Sidecar is null) Adopt(journal, cancellationToken);
            var state = _state!;
            var survey = MakeSurvey(state, withIndex: true, cancellationToken);
            var outcomes = Apply(batch, state, survey, out var next, out var payload);
            if (payload.WrittenCount > 0) Acknowledge(journal, next, payload.WrittenSpan);
            return outcomes;
        }, surveys: true, cancellationToken);

    public ValueTask<bool> CreateAsync(Schema schema, CancellationToken cancellationToken) =>
        ExclusivelyAsync(journal =>
        {
            if (_state is not null) return false;
            Create(journal, schema, _options.TimeProvider.GetUtcNow());
            return true;
        }, surveys: false, cancellationToken);

    public async ValueTask<bool> DropAsync(CancellationToken cancellationToken)
    {
        // Looked at first, so that the journal of a collection that never was is not made for nothing.
        if (await CurrentAsync(cancellationToken).ConfigureAwait(false) is null && !File.Exists(JournalPath)) return false;
        return await ExclusivelyAsync(journal =>
        {
            var existed = _state is not null;
            Step("drop: mark");
            journal.Write(journal.Length, JournalFrame.Encode(FrameKind.Dropped, _state?.Generation ?? 0, []));
            journal.Sync();
            FinishDrop();
            return existed;
        }, surveys: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Moves what the journal holds into the data file, so that other programs see it.</summary>
    public async ValueTask FoldAsync(CancellationToken cancellationToken)
    {
        if (_options.ReadOnly || _isPoisoned || !_loaded || _state is not { Overlay.Count: > 0 }) return;
        await ExclusivelyAsync(journal =>
        {
            if (_state is not null) Fold(journal, cancellationToken);
            return true;
        }, surveys: true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a change under the gate and the exclusive lock, on a state that nobody else can change meanwhile.</summary>
    private async ValueTask<T> ExclusivelyAsync<T>(Func<Journal, T> change, bool surveys, CancellationToken cancellationToken)
    {
        if (_options.ReadOnly) throw FileFaults.ReadOnly(Path, "the store was opened as read-only");
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_isPoisoned) throw FileFaults.Poisoned(Path);
            if (!IsCurrent()) await CatchUpAsync(cancellationToken).ConfigureAwait(false);
            // The long pass over the file comes before the lock that others wait for.
            if (surveys && _state is not null) MakeSurvey(_state, withIndex: true, cancellationToken);
            MakeFolder();
            while (true)
            {
                using var journal = (await LockAsync(exclusive: true, cancellationToken).ConfigureAwait(false))!;
                try
                {
                    if (!(IsCurrent() && _state is { IsClean: true }) && !Recover(journal)) continue;
                    _isExclusive = true;
                    return change(journal);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    _loaded = false;
                    throw FileFaults.FromIO(Path, e);
                }
                catch (Formats.MalformedException e)
                {
                    throw FileFaults.Malformed(Path, e);
                }
                finally
                {
                    _isExclusive = false;
                }
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private WriteOutcome[] Apply(WriteBatch batch, FileState state, Survey survey, out FileState next, out ArrayBufferWriter<byte> payload)
    {
        payload = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(payload, RecordJson.WriterOptions);
        var overlay = state.Overlay.Edit();
        var outcomes = new WriteOutcome[batch.Writes.Count];
        var version = Math.Max(Math.Max(state.Version, survey.Version), survey.Records > 0 ? 1 : 0);
        var touches = state.TouchesFile;
        next = state;
        for (var i = 0; i < outcomes.Length; i++)
        {
            var write = batch.Writes[i];
            var existing = overlay.Find(write.Record.Id);
            if (existing is null) touches |= (existing = FindInFile(state, survey, write.Record.Id, _candidates)) is not null;
            else if (FileState.IsTombstone(existing)) existing = null;
            var status = WriteOutcome.Decide(write, existing);
            outcomes[i] = new WriteOutcome(status);
            if (status == WriteStatus.Done)
            {
                if (write.Kind == WriteKind.Delete)
                {
                    Put(payload, json, FileState.Tombstone(write.Record.Id), overlay);
                    continue;
                }

                var stored = batch.Stamp(write.Record, existing, ++version);
                Put(payload, json, stored, overlay);
                outcomes[i] = new WriteOutcome(status, stored);
                continue;
            }

            if (!batch.Breaks(status)) continue;
            outcomes.AsSpan(i + 1).Fill(new WriteOutcome(WriteStatus.NotTried));
            if (batch.OnFailure == OnFailure.Rollback)
            {
                outcomes.AsSpan(0, i).Fill(new WriteOutcome(WriteStatus.NotTried));
                payload.ResetWrittenCount();
                return outcomes;
            }

            break;
        }

        next = state with { Overlay = overlay.Commit(), Version = version, TouchesFile = touches };
        return outcomes;
    }

    private static void Put(ArrayBufferWriter<byte> payload, Utf8JsonWriter json, Record record, RecordTree.Editor overlay)
    {
        overlay.Put(record);
        json.Reset();
        if (FileState.IsTombstone(record))
        {
            payload.Write("-"u8);
            json.WriteStringValue(record.Id);
        }
        else
        {
            payload.Write("+"u8);
            RecordJson.Write(json, record, JsonForm.Exact);
        }

        json.Flush();
        payload.Write("\n"u8);
    }

    private static Record? FindInFile(FileState state, Survey survey, string id, List<long> candidates)
    {
        survey.Index!.Find(id, candidates);
        foreach (var at in candidates)
            if (survey.ReadAt(state, at) is { } found && found.Record.Id == id) return found.Record;
        return null;
    }

    /// <summary>Writes the frame, syncs it, and makes it the state.</summary>
    private void Acknowledge(Journal journal, FileState next, ReadOnlySpan<byte> payload)
    {
        var frame = JournalFrame.Encode(FrameKind.Batch, next.Generation, payload);
        Append(journal, next.JournalEnd, frame, "write");
        var end = next.JournalEnd + frame.Length;
        Publish(next with { JournalEnd = end, JournalLength = end });
    }

    private void Append(Journal journal, long offset, byte[] frame, string step)
    {
        try
        {
            Step(step + ": frame");
            journal.Write(offset, frame);
        }
        catch (IOException e)
        {
            // Nothing was acknowledged: take the part of a frame away, and if even that fails, stop.
            try
            {
                journal.Truncate(offset);
            }
            catch (IOException)
            {
                _isPoisoned = true;
            }

            throw FileFaults.FromIO(JournalPath, e);
        }

        try
        {
            Step(step + ": sync");
            journal.Sync();
            // The first frame may be in a new journal, whose name must last too.
            if (offset == 0) StableStorage.SyncFolderOf(JournalPath);
        }
        catch (IOException e)
        {
            // After a failed fsync the system may have dropped the pages: what is on the disk is not known any more.
            _isPoisoned = true;
            throw FileFaults.FromIO(JournalPath, e);
        }
    }

    private void MakeFolder()
    {
        var folder = System.IO.Path.GetDirectoryName(Path);
        try
        {
            if (!string.IsNullOrEmpty(folder)) StableStorage.CreateFolder(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileFaults.FromIO(folder!, e);
        }
    }

    private void Create(Journal journal, Schema schema, DateTimeOffset now)
    {
        // A sidecar or journal without data file is left over from a file that someone removed.
        var generation = (ReadSidecar() is { } text ? Sidecar.Parse(text, SidecarPath).Generation : 0) + 1;
        journal.Truncate(0);
        journal.Sync();
        byte[] content = Format.Layout == FileLayout.Json ? "[]\n"u8.ToArray() : [];
        if (Format.IsGzip) content = GzipText.Compress(content);
        var sidecar = new Sidecar { Generation = generation, Rewritten = generation, IsOwned = true, Adopted = now, Schema = schema };
        Step("create: sidecar");
        StableStorage.Replace(SidecarPath, sidecar.Print());
        Step("create: data");
        StableStorage.Replace(Path, content);
        Reload(journal);
    }

    /// <summary>Makes the sidecar of a file of another program, at the first write to it.</summary>
    private void Adopt(Journal journal, CancellationToken cancellationToken)
    {
        var state = _state!;
        var survey = MakeSurvey(state, withIndex: true, cancellationToken);
        var sidecar = new Sidecar
        {
            Generation = 1,
            Rewritten = 0,
            Version = Math.Max(survey.Version, 1),
            Adopted = new DateTimeOffset(state.Stamp.ModifiedTicks, TimeSpan.Zero),
            Stamp = state.Stamp,
            Records = survey.Records,
            Columns = state.File.Columns?.Columns ?? [],
        };
        Step("adopt: sidecar");
        StableStorage.Replace(SidecarPath, sidecar.Print());
        Reload(journal);
    }

    /// <summary>Removes the files of a dropped collection; the mark in the journal goes last.</summary>
    private void FinishDrop()
    {
        foreach (var path in (string[])[Path, ReplacementPath, SidecarPath, JournalPath])
        {
            Step("drop: remove " + System.IO.Path.GetExtension(path));
            File.Delete(path);
            StableStorage.SyncFolderOf(Path);
        }

        Publish(null);
    }

    private static long PendingBytes(FileState state) => state.JournalEnd;
}
