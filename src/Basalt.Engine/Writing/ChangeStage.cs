using Basalt.Changes;
using Basalt.Engine.Changes;
using Basalt.Lsm;
using Basalt.Lsm.IO;
using Basalt.Records;

namespace Basalt.Engine.Writing;

/// <summary>The changes of one commit for the log of changes, in their order; nothing where none are kept. Used by the one writer, again for every commit.</summary>
internal sealed class ChangeStage(ChangeLog log, TimeProvider clock)
{
    private const int MostKeptBytes = 16 << 20;
    private readonly List<Range> _changes = [];
    private ByteBuffer _bytes = new();

    /// <summary>How many bytes are staged.</summary>
    public int Bytes => _bytes.Length;

    /// <summary>A place to go back to.</summary>
    public int Mark() => _changes.Count;

    public void Undo(int mark)
    {
        if (mark == _changes.Count) return;
        _bytes.Truncate(_changes[mark].Start.Value);
        _changes.RemoveRange(mark, _changes.Count - mark);
    }

    public void Add(ChangeKind kind, string collection, string id = "", long version = 0, Record? record = null)
    {
        if (!log.IsKept) return;
        var start = _bytes.Length;
        ChangeFormat.Write(_bytes, kind, collection, id, version, Now, record);
        _changes.Add(start.._bytes.Length);
    }

    /// <summary>Writes everything into a batch.</summary>
    public void Write(WriteBatch batch) => log.Write(batch, _bytes, _changes, Now);

    /// <summary>The batch is durable.</summary>
    public void Apply() => log.Apply();

    /// <summary>Forgets everything; what was not durable is not.</summary>
    public void Clear()
    {
        log.Abandon();
        _changes.Clear();
        if (_bytes.Length > MostKeptBytes) _bytes = new ByteBuffer();
        else _bytes.Clear();
    }

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();
}
