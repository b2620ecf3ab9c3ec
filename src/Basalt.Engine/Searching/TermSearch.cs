using Basalt.Engine.Indexes;
using Basalt.Engine.Terms;
using Basalt.Records;
using Basalt.Search;
using Basalt.Vectors;

namespace Basalt.Engine.Searching;

/// <summary>
/// The records of a view that fit a text best, by the sections of an index and, where these are not there yet, by reading the texts. Scores are by the statistics of the records that are
/// there, those with them that the filter leaves out; what was replaced or deleted does not count.
/// </summary>
internal sealed class TermSearch
{
    private readonly SearchView _view;
    private readonly string? _leftOut;
    private readonly string _field;
    private readonly List<TextSection> _sections = [];
    private readonly List<int> _parts = [];
    private readonly List<OrdinalSet?> _allowed = [];
    private readonly List<TextOf> _late = [];
    private readonly TextSearch _search;

    /// <param name="view">What is searched.</param>
    /// <param name="held">The sections of its tables.</param>
    /// <param name="matching">What may match the filter.</param>
    /// <param name="dead">What does not count.</param>
    /// <param name="index">The text index.</param>
    /// <param name="request">What is searched for.</param>
    public TermSearch(SearchView view, HeldSections held, Matching matching, DeadEntries dead, IndexEntry index, SearchRequest request)
    {
        (_view, _leftOut, _field) = (view, request.Like, index.Definition.Path.ToString());
        var query = TextQuery.Parse(request.Text!, new TextQueryOptions { MostTypos = request.Typos });
        _late.AddRange(view.TailTexts(index.Definition.Path));
        var gone = new List<OrdinalSet?>();
        for (var part = 0; part < view.Tables.Count; part++)
        {
            if (held.Of(part, index)?.Terms is not { } section)
            {
                _late.AddRange(view.EntryTexts(part, index.Definition.Path));
                continue;
            }

            _sections.Add(section);
            _parts.Add(part);
            gone.Add(dead.Of(part));
            _allowed.Add(Without(matching.ForSearch(part), gone[^1]));
        }

        if (_late.Count > 0)
        {
            _late.Sort(static (left, right) => Text.Compare(left.Id, right.Id));
            var (builder, matches) = (new TextBuilder(), new OrdinalSet(_late.Count));
            for (var i = 0; i < _late.Count; i++)
            {
                TermsSidecar.Add(builder, i, _late[i].Value);
                if (_late[i].Match is not null) matches.Add(i);
            }

            _sections.Add(TextSection.Of(builder, _late.Count));
            _allowed.Add(matches);
            gone.Add(null);
        }

        _search = new TextSearch(query, _sections, null, gone, view.CancellationToken);
    }

    /// <summary>The k that fit best, of equals by id.</summary>
    /// <param name="k">How many.</param>
    /// <param name="steps">Takes what was done, in words.</param>
    public List<Found> Run(int k, SearchSteps steps)
    {
        // Where a filter is not in indexes, entries that do not match take places: then more are asked for.
        for (var asked = k; ; asked = (int)Math.Min(int.MaxValue / 2, asked * 4L))
        {
            var answer = _search.Top(asked, _allowed, Compare, _view.CancellationToken);
            var found = new List<Found>();
            foreach (var hit in answer.Hits)
            {
                var record = hit.Section == _parts.Count ? _late[hit.Ordinal].Match : _view.Read(_parts[hit.Section], hit.Ordinal);
                if (record is not null && record.Id != _leftOut) found.Add(new Found(record, hit.Score));
            }

            if (found.Count < k && answer.Hits.Count == asked) continue;
            steps.Add(() => $"text {_field}: {answer.Matches} entries of {_parts.Count} tables{(_late.Count > 0 ? $" and {_late.Count} records not in an index" : "")} match");
            foreach (var word in _search.Cut) steps.Add(() => $"text {_field}: '{word}' means more terms than were looked for");
            return found.Count > k ? found.GetRange(0, k) : found;
        }
    }

    /// <summary>By id, so that the answer does not depend on which table a record is in.</summary>
    private int Compare(TextHit left, TextHit right) => left.Section == right.Section ? left.Ordinal.CompareTo(right.Ordinal) : Text.Compare(Id(left), Id(right));

    private string Id(TextHit hit) => hit.Section == _parts.Count ? _late[hit.Ordinal].Id : _view.Id(_parts[hit.Section], hit.Ordinal);

    private static OrdinalSet? Without(OrdinalSet? allowed, OrdinalSet? dead)
    {
        if (dead is null) return allowed;
        var left = new OrdinalSet(dead);
        left.Complement();
        if (allowed is not null) left.IntersectWith(allowed);
        return left;
    }
}

/// <summary>A record that is in no section of a text index yet.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Value">What is at the path of the index.</param>
/// <param name="Match">The record, if it matches the filter.</param>
internal readonly record struct TextOf(string Id, Value Value, Record? Match);
