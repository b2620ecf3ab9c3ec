using Basalt.Backends;
using Basalt.Engine.Collections;

namespace Basalt.Engine.Writing;

/// <summary>A batch of writes to one collection.</summary>
internal sealed class BatchRequest(string collection, WriteBatch batch, CancellationToken cancellationToken) : Request<IReadOnlyList<WriteOutcome>>(cancellationToken)
{
    /// <summary>A batch that need not be atomic is committed in parts of about so many bytes.</summary>
    private const int PartBytes = 64 << 20;

    /// <summary>What one commit can hold, with room for keys.</summary>
    private const int MostAtomicBytes = 400 << 20;
    private readonly WriteOutcome[] _outcomes = new WriteOutcome[batch.Writes.Count];
    private int _next;

    protected override IReadOnlyList<WriteOutcome> Result => _outcomes;

    public override bool Stage(Stage stage)
    {
        var mark = stage.Mark();
        var before = stage.Bytes;
        var target = stage.CollectionToWrite(collection);
        for (; _next < _outcomes.Length; _next++)
        {
            var staged = stage.Bytes - before;
            if (staged > PartBytes && batch.OnFailure != OnFailure.Rollback) return false;
            if (staged > MostAtomicBytes) throw TooLarge();
            var status = Stage(stage, target, _next);
            if (!batch.Breaks(status)) continue;
            _outcomes.AsSpan(_next + 1).Fill(new WriteOutcome(WriteStatus.NotTried));
            if (batch.OnFailure == OnFailure.Rollback)
            {
                _outcomes.AsSpan(0, _next).Fill(new WriteOutcome(WriteStatus.NotTried));
                stage.Undo(mark);
            }

            _next = _outcomes.Length;
            break;
        }

        return true;
    }

    private WriteStatus Stage(Stage stage, EngineCollection target, int at)
    {
        var write = batch.Writes[at];
        var id = write.Record.Id;
        var existing = stage.Find(target, id);
        var previous = existing?.AsRecord();
        var status = WriteOutcome.Decide(write, previous);
        _outcomes[at] = new WriteOutcome(status);
        if (status != WriteStatus.Done) return status;
        if (write.Kind == WriteKind.Delete)
        {
            stage.Delete(target, id, existing);
            return status;
        }

        var stored = batch.Stamp(write.Record, previous, stage.NextVersion());
        stage.Put(target, stored, existing);
        _outcomes[at] = new WriteOutcome(status, stored);
        return status;
    }

    private BasaltException TooLarge() =>
        new(ErrorCode.InvalidRecord, $"A batch that is all or nothing takes at most {MostAtomicBytes} bytes of records; this one for '{collection}' is larger. Write it in parts.") { Backend = EngineFaults.Scheme, Target = collection };
}
