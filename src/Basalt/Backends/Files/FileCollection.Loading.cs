using System.Buffers.Binary;
using Basalt.Backends.Files.Formats;
using Basalt.Records;

namespace Basalt.Backends.Files;

/// <summary>How the three files become a state.</summary>
internal sealed partial class FileCollection
{
    private const int LongestTail = 4096;

    /// <summary>Loads the state. Under the gate, and under a lock of the journal when there is one.</summary>
    private void Load(Journal? journal)
    {
        try
        {
            if (TryLoadGrowth(journal)) return;
            Publish(LoadWhole(journal));
        }
        catch (MalformedException e)
        {
            throw FileFaults.Malformed(Path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileFaults.FromIO(Path, e);
        }
    }

    /// <summary>The common case: the journal of the same generation grew.</summary>
    private bool TryLoadGrowth(Journal? journal)
    {
        if (journal is null || !_loaded || _state is not { Sidecar: not null, IsClean: true } state) return false;
        if (FileStamp.Of(Path) != state.Stamp || journal.Length < state.JournalEnd) return false;
        if (ReadSidecar() is not { } text || !text.AsSpan().SequenceEqual(state.SidecarText)) return false;
        var frames = journal.ReadFrom(state.JournalEnd, out var end);
        if (frames.Exists(f => f.Kind != FrameKind.Batch || f.Generation != state.Generation)) return false;
        Publish(Replay(state, frames) with { JournalEnd = end, JournalLength = journal.Length, JournalStamp = FileStamp.Of(JournalPath), IsClean = end == journal.Length });
        return true;
    }

    private FileState? LoadWhole(Journal? journal)
    {
        var end = 0L;
        var frames = journal?.ReadFrom(0, out end) ?? [];
        if (frames.Exists(static f => f.Kind == FrameKind.Dropped)) return null;
        var path = Path;
        var text = ReadSidecar();
        if (text is null && frames.Count > 0) throw FileFaults.Corrupt(SidecarPath, $"it is missing, but {JournalPath} holds writes that need it.");
        var sidecar = text is null ? null : Sidecar.Parse(text, SidecarPath);
        if (frames.Count > 0 && frames[^1].Generation > sidecar!.Generation) throw FileFaults.Corrupt(SidecarPath, $"it is older than {JournalPath} (generation {sidecar.Generation} and {frames[^1].Generation}).");
        var live = frames.FindAll(f => f.Generation == sidecar!.Generation);
        if (live.Count != frames.Count && live.Count > 0) throw FileFaults.Corrupt(JournalPath, "it mixes generations.");
        if (live.FindLast(static f => f.Kind == FrameKind.Replacing) is { Kind: FrameKind.Replacing } replacing)
        {
            // Committed by the frame; a killed process did not come to the renames.
            sidecar = Sidecar.Parse(replacing.Payload, JournalPath);
            if (File.Exists(ReplacementPath)) path = ReplacementPath;
            live = [];
        }

        if (FileStamp.Of(path) is not { } stamp) return null;
        var file = OpenOrReuse(path, sidecar, stamp);
        try
        {
            var appending = live.FindLast(static f => f.Kind == FrameKind.Appending);
            var (length, tail) = appending.Kind == FrameKind.Appending ? ReadMark(appending) : (stamp.Length, Format is { Layout: FileLayout.Json, IsGzip: false } ? FindTail(file, stamp.Length) : default);
            var state = new FileState
            {
                File = file,
                Format = Format,
                Length = length - (appending.Kind == FrameKind.Appending ? 0 : tail.Length),
                Tail = tail,
                Stamp = FileStamp.Of(Path) ?? stamp,
                Sidecar = sidecar,
                SidecarText = text,
                Version = sidecar?.Version ?? 0,
                JournalEnd = end,
                JournalLength = journal?.Length ?? 0,
                JournalStamp = FileStamp.Of(JournalPath),
                IsClean = live.Count == frames.Count && live.TrueForAll(static f => f.Kind == FrameKind.Batch) && end == (journal?.Length ?? 0),
            };
            if (Format.IsCsv) file.Columns ??= CsvColumns.Discover(() => state.OpenText(), Format.Delimiter, sidecar?.Columns ?? [], sidecar?.IsOwned ?? false, CancellationToken.None);
            return Replay(state, live);
        }
        catch
        {
            if (!ReferenceEquals(file, _state?.File)) file.Release();
            throw;
        }
    }

    /// <summary>The file that is open already when it only grew since; then what was learned of it stays true.</summary>
    private DataFile OpenOrReuse(string path, Sidecar? sidecar, FileStamp stamp)
    {
        var onlyGrew = _state is { } old && path == Path
            && (old.Sidecar?.Rewritten ?? 0) == (sidecar?.Rewritten ?? 0) && (old.Sidecar?.IsOwned ?? false) == (sidecar?.IsOwned ?? false)
            && (stamp == old.Stamp || (sidecar is not null && sidecar.Generation != old.Generation && stamp == sidecar.Stamp && stamp.Length >= old.Length));
        return onlyGrew ? _state!.File : DataFile.Open(path, Path);
    }

    private static FileState Replay(FileState state, List<JournalFrame> frames)
    {
        if (frames.Count == 0) return state;
        var overlay = state.Overlay.Edit();
        var version = state.Version;
        var json = new RecordJsonReader();
        foreach (var frame in frames)
        {
            if (frame.Kind != FrameKind.Batch) continue;
            foreach (var range in frame.Payload.Span.Split((byte)'\n'))
            {
                var line = frame.Payload.Span[range];
                if (line.Length == 0) continue;
                if (line[0] == '-')
                {
                    overlay.Put(FileState.Tombstone(RecordJsonReader.ReadValue(line[1..]).AsString));
                    continue;
                }

                var record = json.ReadRecord(line[1..]);
                version = Math.Max(version, record.Version);
                overlay.Put(record);
            }
        }

        return state with { Overlay = overlay.Commit(), Version = version };
    }

    /// <summary>The white space and the bracket that end a JSON array, or nothing when the file does not end so.</summary>
    private static ReadOnlyMemory<byte> FindTail(DataFile file, long length)
    {
        var bytes = new byte[Math.Min(length, LongestTail)];
        var count = RandomAccess.Read(file.Handle, bytes, length - bytes.Length);
        var text = bytes.AsSpan(0, count).TrimEnd(" \t\r\n"u8);
        if (count < bytes.Length || text.Length == 0 || text[^1] != ']') return default;
        var body = text[..^1].TrimEnd(" \t\r\n"u8).Length;
        return body == 0 && length > bytes.Length ? default : bytes.AsMemory(body);
    }

    private static byte[] PrintMark(long length, ReadOnlySpan<byte> tail)
    {
        var mark = new byte[sizeof(long) + tail.Length];
        BinaryPrimitives.WriteInt64LittleEndian(mark, length);
        tail.CopyTo(mark.AsSpan(sizeof(long)));
        return mark;
    }

    private static (long Length, ReadOnlyMemory<byte> Tail) ReadMark(JournalFrame frame) =>
        (BinaryPrimitives.ReadInt64LittleEndian(frame.Payload.Span), frame.Payload[sizeof(long)..]);

    /// <summary>
    /// Brings the files in order before a write: finishes a replacement or a drop, takes back an append, cuts a torn end. Under the gate and the
    /// exclusive lock. False when the journal itself is gone and another one must be locked.
    /// </summary>
    private bool Recover(Journal journal)
    {
        var frames = journal.ReadFrom(0, out var end);
        if (frames.Exists(static f => f.Kind == FrameKind.Dropped))
        {
            FinishDrop();
            return false;
        }

        Load(journal);
        if (_state is not { } state) return true;
        var live = frames.FindAll(f => f.Generation == state.Generation);
        if (frames.FindLast(static f => f.Kind == FrameKind.Replacing) is { Kind: FrameKind.Replacing } replacing && replacing.Generation == state.Generation - 1 && !IsInstalled(state))
        {
            FinishReplacement(journal, replacing.Payload);
            Reload(journal);
            return true;
        }

        if (File.Exists(ReplacementPath)) File.Delete(ReplacementPath);
        if (live.FindLast(static f => f.Kind == FrameKind.Appending) is { Kind: FrameKind.Appending } appending)
        {
            TakeBackAppend(ReadMark(appending));
            Reload(journal);
            Fold(journal, CancellationToken.None);
            return true;
        }

        if (live.Count == 0 && journal.Length > 0) journal.Truncate(0);
        else if (end < journal.Length) journal.Truncate(end);
        else return true;
        journal.Sync();
        Reload(journal);
        return true;
    }

    private bool IsInstalled(FileState state) => ReadSidecar() is { } text && Sidecar.Parse(text, SidecarPath).Generation == state.Generation;

    private void Reload(Journal journal)
    {
        _loaded = false;
        Load(journal);
    }

    private void FinishReplacement(Journal journal, ReadOnlyMemory<byte> sidecar)
    {
        Step("replace: rename");
        if (File.Exists(ReplacementPath)) File.Move(ReplacementPath, Path, overwrite: true);
        StableStorage.SyncFolderOf(Path);
        Step("replace: sidecar");
        StableStorage.Replace(SidecarPath, sidecar.Span);
        Step("replace: reset journal");
        journal.Truncate(0);
    }

    private void TakeBackAppend((long Length, ReadOnlyMemory<byte> Tail) mark)
    {
        using var data = File.OpenHandle(Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        Step("recover: truncate");
        RandomAccess.SetLength(data, mark.Length);
        if (mark.Tail.Length > 0) RandomAccess.Write(data, mark.Tail.Span, mark.Length);
        RandomAccess.FlushToDisk(data);
    }
}
