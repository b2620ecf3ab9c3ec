using Basalt.Engine.Indexes;
using Basalt.Engine.Terms;
using Basalt.Records;
using Basalt.Vectors;

namespace Basalt.Engine.Searching;

/// <summary>The records of a view that fit a text best, by the sections of an index and, where these are not there yet, by reading the texts.</summary>
internal static class TermSearch
{
    public static List<Found> Run(SearchView view, HeldSections held, Matching matching, IndexEntry index, string text, int k, string? leftOut, SearchSteps steps)
    {
        var query = TextQuery.Parse(text);
        var (sections, parts, allowed, late) = (new List<TextSection>(), new List<int>(), new List<OrdinalSet?>(), new List<Record>(view.Tail));
        for (var part = 0; part < view.Tables.Count; part++)
        {
            if (held.Of(part, index)?.Terms is { } section)
            {
                sections.Add(section);
                parts.Add(part);
                allowed.Add(matching.ForSearch(part));
            }
            else late.AddRange(view.Entries(part));
        }

        if (late.Count > 0)
        {
            var builder = new TextBuilder();
            for (var i = 0; i < late.Count; i++) TermsSidecar.Add(builder, i, index.Definition.Path.Resolve(late[i]));
            sections.Add(TextSection.Of(builder, late.Count));
            allowed.Add(null);
        }

        var search = new TextSearch(query, sections, null, view.CancellationToken);
        // Entries that do not count any more take places: then more are asked for.
        for (var asked = k; ; asked = (int)Math.Min(int.MaxValue / 2, asked * 4L))
        {
            var answer = search.Top(asked, allowed, view.CancellationToken);
            var found = new List<Found>();
            foreach (var hit in answer.Hits)
            {
                var record = hit.Section == parts.Count ? late[hit.Ordinal] : view.Read(parts[hit.Section], hit.Ordinal);
                if (record is not null && record.Id != leftOut) found.Add(new Found(record, hit.Score));
            }

            if (found.Count < k && answer.Hits.Count == asked) continue;
            steps.Add(() => $"text {index.Definition.Path}: {answer.Matches} entries of {parts.Count} tables{(late.Count > 0 ? $" and {late.Count} records not in an index" : "")} match");
            foreach (var word in search.Cut) steps.Add(() => $"text {index.Definition.Path}: '{word}' means more terms than were looked for");
            // Of equal scores by id, so that the answer does not depend on which table a record is in.
            found.Sort(static (left, right) => left.Score != right.Score ? right.Score.CompareTo(left.Score) : Text.Compare(left.Record.Id, right.Record.Id));
            return found.Count > k ? found.GetRange(0, k) : found;
        }
    }
}
