using Basalt.Engine.Collections;
using Basalt.Engine.Records;
using Basalt.Records;

namespace Basalt.Engine.Writing;

/// <summary>What a transaction wrote to one record: what it saw there at its begin, and what it leaves; null for nothing.</summary>
internal readonly record struct Written(RecordHead? Seen, Record? Left);

/// <summary>The writes of a transaction, by collection and id. They are done when nobody else wrote one of the records since the transaction began.</summary>
internal sealed class CommitRequest(IReadOnlyDictionary<string, Dictionary<string, Written>> written, Func<string, EngineCollection?> begun, CancellationToken cancellationToken)
    : Request<bool>(cancellationToken)
{
    protected override bool Result => true;

    public override bool Stage(Stage stage)
    {
        foreach (var (name, records) in written) Check(stage, name, records);
        foreach (var (name, records) in written)
        {
            var target = stage.CollectionToWrite(name);
            foreach (var (id, record) in records)
            {
                var existing = stage.Find(target, id);
                if (record.Left is { } left) stage.Put(target, left, existing);
                else if (existing is not null) stage.Delete(target, id, existing);
            }
        }

        return true;
    }

    private void Check(Stage stage, string name, Dictionary<string, Written> records)
    {
        var current = stage.Collection(name);
        var isOther = current != begun(name);
        foreach (var (id, record) in records)
        {
            var version = current is null ? null : stage.Find(current, id)?.Version;
            // In a collection that was dropped and created anew, what was seen is gone even if the version is none in both.
            if (version == record.Seen?.Version && !(isOther && record.Seen is not null)) continue;
            throw new BasaltException(ErrorCode.Conflict, $"The record '{id}' in '{name}' was written by another transaction, or has expired; begin again.") { Backend = EngineFaults.Scheme, Operation = "commit", Target = name };
        }
    }
}
