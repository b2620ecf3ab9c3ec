using Basalt.Backends;
using Basalt.DuckDb.Connections;
using Basalt.Records;

namespace Basalt.DuckDb.Tables;

/// <summary>One batch within a transaction of the only writer: decides each write by what is there and by the writes before it, then removes and appends what is different in the end.</summary>
internal sealed class BatchWrite(DuckConnection connection, TableCatalogue catalogue, TableLayout layout, WriteBatch batch)
{
    private readonly Dictionary<string, Record> _stored = [];
    private readonly Dictionary<string, Record?> _left = [];

    /// <summary>How each write ended, once the transaction is committed.</summary>
    public WriteOutcome[] Outcomes { get; } = new WriteOutcome[batch.Writes.Count];

    /// <summary>Writes, and gives the layout as it must be now.</summary>
    public TableLayout Run(CancellationToken cancellationToken)
    {
        ReadHeads(cancellationToken);
        if (!Decide()) return layout;
        Remove(cancellationToken);
        var written = Append();
        catalogue.SpeakFor(connection);
        return written;
    }

    private void ReadHeads(CancellationToken cancellationToken)
    {
        var ids = batch.Writes.Select(static write => write.Record.Id).Distinct().ToList();
        if (ids.Count == 0) return;
        using var statement = connection.Prepare(TableSql.Heads(layout, ids.Count == 1));
        statement.Bind(1, ids.Count == 1 ? ids[0] : Parameter.TextList(ids));
        var reader = new RowReader(layout, []);
        using var rows = statement.Stream(cancellationToken);
        while (rows.Next())
            for (var row = 0; row < rows.Count; row++)
            {
                var head = reader.ReadHead(rows, row);
                _stored.Add(head.Id, head);
            }
    }

    /// <summary>Fills the outcomes; false when nothing is to be written.</summary>
    private bool Decide()
    {
        for (var i = 0; i < Outcomes.Length; i++)
        {
            var write = batch.Writes[i];
            var id = write.Record.Id;
            var existing = _left.TryGetValue(id, out var left) ? left : _stored.GetValueOrDefault(id);
            var status = WriteOutcome.Decide(write, existing);
            Outcomes[i] = new WriteOutcome(status);
            if (status == WriteStatus.Done)
            {
                var now = write.Kind == WriteKind.Delete ? null : batch.Stamp(write.Record, existing, catalogue.NextVersion());
                _left[id] = now;
                Outcomes[i] = new WriteOutcome(status, now);
                continue;
            }

            if (!batch.Breaks(status)) continue;
            Outcomes.AsSpan(i + 1).Fill(new WriteOutcome(WriteStatus.NotTried));
            if (batch.OnFailure != OnFailure.Rollback) break;
            Outcomes.AsSpan(0, i).Fill(new WriteOutcome(WriteStatus.NotTried));
            return false;
        }

        return _left.Count > 0;
    }

    private void Remove(CancellationToken cancellationToken)
    {
        var ids = _left.Keys.Where(_stored.ContainsKey).ToList();
        if (ids.Count == 0) return;
        using var statement = connection.Prepare(TableSql.Delete(layout, ids.Count == 1));
        statement.Bind(1, ids.Count == 1 ? ids[0] : Parameter.TextList(ids)).Execute(cancellationToken);
    }

    private TableLayout Append()
    {
        var records = _left.Values.OfType<Record>().ToList();
        if (records.Count == 0) return layout;
        using var writer = new RowWriter(connection, layout);
        foreach (var record in records) writer.Append(record);
        return writer.Complete();
    }
}
