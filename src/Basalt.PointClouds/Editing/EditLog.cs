using System.Globalization;
using Basalt.PointClouds.Runs;
using Basalt.Records;

namespace Basalt.PointClouds.Editing;

/// <summary>
/// The edits that a head names. Each record has an id of its own, so that writers who race never write the same one: the head names the last, and each names those before it, as many as are read at once.
/// </summary>
internal static class EditLog
{
    /// <summary>How many edits before it a record names.</summary>
    private const int Named = 63;

    /// <summary>Stores an edit behind those that a head names. It counts when the head names it.</summary>
    /// <returns>Its mark, for the head.</returns>
    public static async ValueTask<string> StoreAsync(CloudStore store, IReadOnlyList<StoredEdit> before, LabelEdit edit, CancellationToken cancellationToken)
    {
        var mark = Guid.NewGuid().ToString("N")[..12];
        var previous = before.Skip(Math.Max(0, before.Count - Named)).Select(static stored => (Value)stored.Mark);
        await store.Collection.CreateAsync(edit.ToRecord(Id(edit.Number, mark), Value.FromList(previous)), cancellationToken).ConfigureAwait(false);
        return mark;
    }

    /// <summary>All edits that a head names, the first one first.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.Corrupt"/>: a record is missing or damaged.</exception>
    public static async ValueTask<IReadOnlyList<StoredEdit>> ReadAsync(CloudStore store, CloudHead head, CancellationToken cancellationToken)
    {
        var edits = new StoredEdit[head.Edits];
        var marks = new List<string> { head.LastEdit };
        for (var end = head.Edits; end > 0; end -= marks.Count)
        {
            if (end < head.Edits) marks = [.. Previous(store, edits[end])];
            if (marks.Count == 0 || marks.Count > end) throw store.Damaged(CloudHead.Id, new InvalidDataException($"it counts {head.Edits} edits, which are not all there"));
            var first = end - marks.Count;
            var ids = marks.Select((mark, i) => Id(first + i + 1, mark)).ToList();
            var records = await store.Collection.GetManyAsync(ids, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < ids.Count; i++) edits[first + i] = Read(store, ids[i], marks[i], records[i]);
        }

        return edits;
    }

    private static string Id(int number, string mark) => $"e/{number.ToString("x8", CultureInfo.InvariantCulture)}/{mark}";

    private static StoredEdit Read(CloudStore store, string id, string mark, Record? record)
    {
        try
        {
            if (record is null) throw new InvalidDataException("it is not there");
            return new StoredEdit(mark, LabelEdit.Of(record), record);
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException or InvalidOperationException)
        {
            throw store.Damaged(id, e);
        }
    }

    private static IEnumerable<string> Previous(CloudStore store, StoredEdit edit)
    {
        foreach (var mark in Fields.List(edit.Record.Fields, "previous").ToArray())
            yield return mark.Kind == ValueKind.String ? mark.AsString : throw store.Damaged(edit.Record.Id, new InvalidDataException("it does not name those before it"));
    }
}

/// <summary>An edit and the mark of its record.</summary>
internal sealed record StoredEdit(string Mark, LabelEdit Edit, Record Record);
