using System.Text;
using Basalt.Engine.Terms;

namespace Basalt.Tests.Engine.Terms;

/// <summary>The answer by the definition: every text is read for every query, every term of the collection is compared, and nothing is an index.</summary>
internal sealed class TextOracle
{
    private readonly List<List<(string Term, int Position)>> _documents = [];
    private readonly Dictionary<string, long> _frequencies;
    private readonly int _count;
    private readonly double _average;

    public TextOracle(IEnumerable<string[]> documents)
    {
        foreach (var texts in documents)
        {
            var (words, first) = (new List<(string, int)>(), 0);
            foreach (var text in texts)
            {
                var found = Words(text);
                words.AddRange(found.Select((term, i) => (term, first + i)));
                first += found.Count + TextAnalysis.PositionGap;
            }

            _documents.Add(words);
        }

        _frequencies = _documents.SelectMany(static d => d.Select(static w => w.Term).Distinct()).GroupBy(static t => t).ToDictionary(static g => g.Key, static g => (long)g.Count());
        _count = _documents.Count(static d => d.Count > 0);
        _average = _count == 0 ? 0 : _documents.Sum(static d => (double)d.Count) / _count;
    }

    public static List<string> Words(string text)
    {
        var words = new List<string>();
        var tokens = new TextTokens(text, new byte[TextAnalysis.MostTermBytes]);
        while (tokens.MoveNext()) words.Add(Encoding.UTF8.GetString(tokens.Term));
        return words;
    }

    /// <summary>All matches, best first.</summary>
    public List<(int Document, double Score)> Search(TextQuery query, int most)
    {
        var parts = query.Clauses.Select(clause => (clause.Demand, Words: clause.Words.Select(word => Meant(word, most)).ToList(), clause)).ToList();
        var found = new List<(int, double)>();
        for (var i = 0; i < _documents.Count; i++)
        {
            var scores = parts.ConvertAll(part => Score(part.clause, part.Words, i));
            var has = scores.ConvertAll(static score => score > 0);
            if (parts.Where((part, j) => part.Demand == TextDemand.Excluded && has[j] || part.Demand == TextDemand.Required && !has[j]).Any()) continue;
            if (!parts.Exists(static part => part.Demand == TextDemand.Required) && !parts.Where((part, j) => part.Demand == TextDemand.Counts && has[j]).Any()) continue;
            found.Add((i, parts.Select((part, j) => part.Demand == TextDemand.Excluded ? 0 : scores[j]).Sum()));
        }

        return [.. found.OrderByDescending(static f => f.Item2).ThenBy(static f => f.Item1)];
    }

    public List<(string Term, int Edits)> Meant(TextWord word, int most)
    {
        var text = Encoding.UTF8.GetString(word.Term);
        return [.. _frequencies
            .Select(f => (Term: f.Key, Documents: f.Value, Edits: word.IsPrefix ? f.Key.StartsWith(text, StringComparison.Ordinal) ? 0 : 9 : Distance(text, f.Key)))
            .Where(f => f.Edits <= word.Edits)
            .OrderByDescending(f => f.Term == text).ThenBy(static f => f.Edits).ThenByDescending(static f => f.Documents).ThenBy(static f => f.Term, Comparer<string>.Create(static (a, b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b))))
            .Take(most).Select(static f => (f.Term, f.Edits))];
    }

    /// <summary>The textbook's table over code points.</summary>
    public static int Distance(string left, string right)
    {
        var (a, b) = (left.EnumerateRunes().ToArray(), right.EnumerateRunes().ToArray());
        var table = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        for (var j = 0; j <= b.Length; j++)
        {
            if (i == 0 || j == 0)
            {
                table[i, j] = i + j;
                continue;
            }

            table[i, j] = Math.Min(Math.Min(table[i - 1, j], table[i, j - 1]) + 1, table[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) table[i, j] = Math.Min(table[i, j], table[i - 2, j - 2] + 1);
        }

        return table[a.Length, b.Length];
    }

    // 0: it does not match.
    private double Score(TextClause clause, List<List<(string Term, int Edits)>> meant, int document)
    {
        if (meant.Exists(static word => word.Count == 0)) return 0;
        var words = _documents[document];
        var weight = meant.Sum(word => Rarity(word.Max(m => _frequencies[m.Term])));
        if (meant.Count == 1) return meant[0].Select(m => weight / (1 + m.Edits) * Share(words.Count(w => w.Term == m.Term), words.Count)).Max();
        var at = words.ToDictionary(static w => w.Position, static w => w.Term);
        var frequency = words.Count(w => meant.Select((word, i) => at.TryGetValue(w.Position + clause.Words[i].Offset, out var term) && word.Exists(m => m.Term == term)).All(static isThere => isThere));
        return weight * Share(frequency, words.Count);
    }

    private double Rarity(long documents) => Math.Log(1 + (_count - documents + 0.5) / (documents + 0.5));

    private double Share(int frequency, int length) => frequency * 2.2 / (frequency + 1.2 * (1 - 0.75 + 0.75 * length / _average));
}
